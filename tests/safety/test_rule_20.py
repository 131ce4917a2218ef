"""Safety rule 20: visible only if whole, committed and equal; nothing acknowledged is lost, wherever it is cut.

SIGKILLs under load are in tests/journeys/test_kill_import.py.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct
from tests.guards import required
from tests.safety.disk import CALLS, Call, Disk, Lost, recorded
from workstation.cache import files, ingest
from workstation.cache.index import Index
from workstation.cache.ingest import Ingest
from workstation.errors import HounsfieldError
from workstation.paths import Home

COUNT = 6
ORIGINALS = {f"{STUDY}.1.1.{number}": ct(number) for number in range(1, COUNT + 1)}

PROGRAM = """
import os, sys
from pathlib import Path
from tests.cache.made import ct
from workstation.cache import files, ingest
from workstation.paths import Home

BROKEN = sys.argv[2]
if BROKEN == "no fsync of files":
    fsync = os.fsync
    files.os.fsync = lambda handle: None if os.path.isfile(f"/proc/self/fd/{handle}") else fsync(handle)
if BROKEN == "no fsync of folders":
    files.sync_folder = lambda folder: None
if BROKEN in ("together", "no sync together"):
    files.SYNCED_TOGETHER = 2
if BROKEN == "no sync together":
    files._sync_all = lambda folder: None
ingest.GROUP = 2
home = Home(Path(sys.argv[1]))
with ingest.Ingest(home, lambda *_: False) as into:
    for number in range(1, int(sys.argv[3]) + 1):
        soon = into.announce if BROKEN == "told early" else lambda digest: None
        for outcome in into.add(ingest.receive(home, ct(number), "x", soon=soon)):
            os.write(1, b"stored " + outcome.arrival.instance.SOPInstanceUID.encode())
"""


def trace(tool: Callable[[str], Path], tmp_path: Path, root: Path, broken: str = "") -> list[Call]:
    """Record an import of COUNT objects into `root`, which is empty."""
    root.mkdir()
    program, output = tmp_path / "program.py", tmp_path / "trace"
    program.write_text(PROGRAM)
    strace = [str(tool("strace")), "-f", "-xx", "-s", "1000000", "-e", f"trace={CALLS}", "-o", str(output)]
    done = subprocess.run(
        [*strace, sys.executable, str(program), str(root), broken, str(COUNT)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
    )
    if "ptrace" in done.stderr:
        required.missing("strace", "this machine lets no program be traced")
    assert done.returncode == 0, done.stderr
    return recorded(output)


def acknowledged(call: Call) -> str | None:
    if call.name == "write" and call.descriptor == 1 and call.texts[0].startswith(b"stored "):
        return call.texts[0][7:].decode()
    return None


def states(calls: list[Call], root: Path) -> list[tuple[str, set[str], dict[str, bytes | None]]]:
    """Every different state a power cut can leave: where it was cut, what was acknowledged by then, the files."""
    disk, promised = Disk(root), set[str]()
    seen, found = set(), []
    for number, call in enumerate(calls):
        if uid := acknowledged(call):
            promised = promised | {uid}
        elif not disk.apply(call):
            continue
        for lost in Lost:
            content = disk.after_power_cut(lost, seed=number)
            key = (len(promised), tuple(sorted(content.items())))
            if key not in seen:
                seen.add(key)
                found.append((f"after call {number} ({call.name}), lost {lost.name}", promised, content))
    return found


def laid_out(content: dict[str, bytes | None], root: Path) -> Home:
    root.mkdir()
    for name, data in content.items():
        path = root / name
        if data is None:
            path.mkdir(parents=True, exist_ok=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return Home(root)


def wrong_with(home: Home, promised: set[str]) -> str:
    """What a person would find wrong; empty when all is well."""
    try:
        with Index(home) as index:
            shown = {
                each.instance.SOPInstanceUID: files.read(home, each.digest)
                for row in index.studies()
                for each in index.instances(row.study_instance_uid)
            }
        if any(ORIGINALS.get(uid) != data for uid, data in shown.items()):
            return "something visible is not what was received"
        if promised - shown.keys():
            return f"{len(promised - shown.keys())} acknowledged objects are lost"
        with Ingest(home, lambda *_: False) as into:
            placed = [path for path in home.files.rglob("*") if path.is_file()]
            if len(placed) != len(shown) or list(home.incoming.iterdir()):
                return "the next start left something half-done"
            for data in ORIGINALS.values():
                into.add(ingest.receive(home, data, "again"))
            into.flush()
            rows = into.index.studies()
        return "" if rows[0].images == COUNT else "a second import did not store the rest"
    except HounsfieldError as error:
        return f"{error.sentence} [{error.detail}]"


def first_wrong(calls: list[Call], root: Path, tmp_path: Path) -> tuple[str, int]:
    everything = states(calls, root)
    for number, (where, promised, content) in enumerate(everything):
        wrong = wrong_with(laid_out(content, tmp_path / f"state{number}"), promised)
        if wrong:
            return f"{where}: {wrong}", len(everything)
    return "", len(everything)


@pytest.mark.parametrize("way", ["one by one", "together", "told early"])
def test_wherever_the_power_is_cut_nothing_wrong_is_visible_and_nothing_promised_is_lost(
    tool: Callable[[str], Path], tmp_path: Path, way: str
) -> None:
    root = tmp_path / "home"
    calls = trace(tool, tmp_path, root, way)
    assert any(call.name == "syncfs" for call in calls) == (way == "together")
    assert sum(acknowledged(call) is not None for call in calls) == COUNT
    wrong, count = first_wrong(calls, root, tmp_path)
    assert wrong == ""
    assert count > 100


@pytest.mark.parametrize("broken", ["no fsync of files", "no fsync of folders", "no sync together"])
def test_the_replay_notices_a_program_that_does_not_sync(
    tool: Callable[[str], Path], tmp_path: Path, broken: str
) -> None:
    root = tmp_path / "home"
    wrong, _ = first_wrong(trace(tool, tmp_path, root, broken), root, tmp_path)
    assert wrong != ""


def test_a_committed_row_whose_file_changed_is_not_shown(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with Ingest(home, lambda *_: False) as into:
        into.add(ingest.receive(home, ct(1), "x"))
        into.flush()
    (path,) = [path for path in home.files.rglob("*") if path.is_file()]
    *kept, last = path.read_bytes()
    path.write_bytes(bytes((*kept, last ^ 0xFF)))
    assert wrong_with(home, set()) != ""
