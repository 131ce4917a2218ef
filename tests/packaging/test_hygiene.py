"""What is shipped names no machine, and what is installed is known by its digest and nothing else."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
LOCKS = sorted((CHECKOUT / "packaging").glob("requirements*.lock"))

# Homes, temporary folders and mounts of one machine. Written in pieces, so that this file does not match itself.
MACHINE = re.compile(
    rb"(?<![\w.])/(?:" + rb"|".join([rb"work/", rb"home/\w", rb"Users/\w", rb"tmp/\w", rb"opt/\w"]) + rb")[\w./-]*"
)
REGISTRY = re.compile(rb"p[y]pi\.|pythonhoste[d]\.|index[-_]ur[l]\s*=|deb\.debia[n]\.", re.IGNORECASE)
TEXT = {".py", ".toml", ".md", ".txt", ".sh", ".cfg", ".ini", ".json", ".lock", ".yml", ".yaml", ""}


def project_files() -> Iterator[Path]:
    """Every text file under version control, or every one outside .venv where there is no git."""
    git = shutil.which("git")
    if git and (CHECKOUT / ".git").exists():
        command = [git, "-c", f"safe.directory={CHECKOUT}", "ls-files", "-z"]
        listed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, check=True).stdout
        names = [name.decode() for name in listed.split(b"\0") if name]
    else:
        names = [str(file.relative_to(CHECKOUT)) for file in CHECKOUT.rglob("*") if ".venv" not in file.parts]
    yield from (CHECKOUT / name for name in names if Path(name).suffix in TEXT and (CHECKOUT / name).is_file())


def machine_paths(text: bytes) -> list[str]:
    return [match.group().decode(errors="replace") for match in MACHINE.finditer(text)]


def test_no_file_names_a_machine():
    found = {str(file.relative_to(CHECKOUT)): machine_paths(file.read_bytes()) for file in project_files()}
    assert {name: paths for name, paths in found.items() if paths} == {}


def test_a_machine_path_is_found():
    path = b"/ho" + b"me/someone/x.dcm"
    assert machine_paths(b"see " + path + b" or a/" + b"tmp/b") == [path.decode()]


def test_no_file_names_a_registry():
    found = [str(file.relative_to(CHECKOUT)) for file in project_files() if REGISTRY.search(file.read_bytes())]
    assert found == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_the_lock_is_exact_and_holds_no_address(lock):
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"://|index|find-links|trusted-host|@ |-e ", text)
    requirements = re.split(r"\n(?=\S)", text.strip())
    assert requirements
    for requirement in requirements:
        assert re.match(r"[\w.-]+==[\w.]+( ; [^\\]+)? \\\n", requirement), requirement[:80]
        assert re.findall(r"--hash=sha256:[0-9a-f]{64}(?![0-9a-f])", requirement), requirement[:80]


def test_the_test_lock_agrees_with_the_runtime_lock():
    def pins(name: str) -> set[str]:
        return set(re.findall(r"(?m)^[\w.-]+==\S+", (CHECKOUT / "packaging" / name).read_text(encoding="utf-8")))

    assert pins("requirements.lock") <= pins("requirements-test.lock")
    assert pins("requirements.lock")
