"""The wheel carries what the program ships and starts far from its checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command, cwd=cwd, env=os.environ | environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, CHECKOUT, cwd=folder)
    (built,) = folder.glob("hounsfield-*.whl")
    return built


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder the wheel is installed into, without its dependencies."""
    folder = tmp_path_factory.mktemp("elsewhere")
    pip = (sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-compile")
    run(*pip, "--disable-pip-version-check", "--target", folder, wheel, cwd=folder)
    return folder


def shipped(folder: str) -> set[str]:
    """The files below `folder` of the checkout."""
    return {
        file.relative_to(CHECKOUT / folder).as_posix()
        for file in (CHECKOUT / folder).rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


@pytest.mark.parametrize("folder", ["resources", "hanging_protocols"])
def test_the_wheel_holds_every_shipped_file(wheel, folder):
    prefix = f"workstation/{folder}/"
    held = {name.removeprefix(prefix) for name in zipfile.ZipFile(wheel).namelist() if name.startswith(prefix)}
    assert held == shipped(folder)
    assert held


def test_the_wheel_holds_the_licence_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "packaging/"))]


@pytest.mark.parametrize(("function", "folder"), [("resources", "resources"), ("protocols", "hanging_protocols")])
def test_installed_elsewhere_it_finds_what_it_ships(elsewhere, tmp_path, function, folder):
    code = f"import workstation.paths as p; print(p.{function}())"
    found = Path(run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(elsewhere)).strip())
    assert found == elsewhere / "workstation" / folder
    assert {file.relative_to(found).as_posix() for file in found.rglob("*") if file.is_file()} == shipped(folder)


def test_installed_elsewhere_it_starts_from_another_folder(elsewhere, tmp_path):
    version = run(elsewhere / "bin/hounsfield", "--version", cwd=tmp_path, PYTHONPATH=str(elsewhere))
    code = "import workstation; print(workstation.__version__, workstation.__file__)"
    number, file = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(elsewhere)).split()
    assert number in version
    assert Path(file).is_relative_to(elsewhere)
