"""A stolen copy of the home shows neither a name nor a pixel, and opens for nobody who has not the key."""

import hashlib
import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct, folder_of
from workstation.cache import files, in_use, ingest, thumbnails
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.cache.outbox import Outbox
from workstation.errors import HounsfieldError
from workstation.paths import Home
from workstation.security import keys
from workstation.security.keys import KeyFault
from workstation.ui import log_file
from workstation.worklist import kept
from workstation.worklist.filters import BUILT_IN, Filter, Tab
from workstation.worklist.kept import Kept

NAME, PATIENT_ID, WORDS = "Grausam^Ottilie", "ZQ-4711-PAT", "Verlaufskontrolle Rundherd"
ROW = bytes(range(60, 220, 5)) * 4
PIXELS = ROW * 16
WHO = {"PatientName": NAME, "PatientID": PATIENT_ID, "StudyDescription": WORDS, "Rows": 16, "Columns": 64}
UID = f"{STUDY}.1"

pytestmark = pytest.mark.expects_log("Invalid value for PN")


def made(number: int, **more: object) -> bytes:
    return ct(number, PixelData=PIXELS, PatientBirthDate="19231117", **WHO, **more)


@pytest.fixture
def lived_in(home: Path, tmp_path: Path) -> Iterator[Home]:
    """A home as it lies there while somebody works: with a journal, something on its way in, and everything else."""
    here = Home(home)
    objects = {"1": made(1), "2": made(2), "3": made(1, StudyID="another")}
    import_paths(here, [folder_of(tmp_path / "source", objects)])
    stop_log = log_file.start(here)
    logging.getLogger("elsewhere").warning("Invalid value for PN: %s", NAME)
    stop_log()
    with Index(here, writer=True) as index:
        index.park(UID, json.dumps({"study": UID, "patient": NAME}))
        thumbnails.keep(here, thumbnails.name_of("1", ["a"], 96), PIXELS)
        kept.write(here, replace(Kept(), tabs=(Tab("tab-1", "Mine", Filter(NAME)), *BUILT_IN)))
        files.seal_document(here, here.root / "drafts" / "1", json.dumps({"of": UID, "who": NAME}).encode())
        Outbox(here).put(UID, [f"{UID}.1.1"], "archive")
        ingest.receive(here, made(4), "x")
        in_use.opened(here, [UID])
        yield here


def as_it_may_be_written(text: str) -> tuple[bytes, ...]:
    return text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be"), text.encode().hex().encode()


def test_no_file_of_it_holds_a_name_a_uid_or_a_row_of_pixels(lived_in: Home) -> None:
    secrets = [ROW, PIXELS[:64], b"ISO_IR 192", b"MONOCHROME2", *as_it_may_be_written(UID)]
    for text in (NAME, "Grausam", "Ottilie", PATIENT_ID, WORDS, "19231117"):
        secrets += as_it_may_be_written(text)
    paths = [path for path in lived_in.root.rglob("*") if path.is_file()]
    assert {"index.sqlite", "index.sqlite-wal", "key.json", "worklist.json"} <= {path.name for path in paths}
    assert {"files", "incoming", "quarantine", "thumbnails", "drafts", "outbox", "logs"} <= {
        path.relative_to(lived_in.root).parts[0] for path in paths
    }
    for path in paths:
        data = path.read_bytes()
        assert [secret for secret in secrets if secret in data] == [], path.name
    names = "\n".join(str(path) for path in lived_in.root.rglob("*"))
    assert "Grausam" not in names and UID not in names


def test_nor_does_it_tell_whether_a_known_file_is_in_it(lived_in: Home) -> None:
    digest = hashlib.sha256(made(1))
    names = {path.name for path in lived_in.root.rglob("*")}
    assert digest.hexdigest() not in names
    for path in (path for path in lived_in.root.rglob("*") if path.is_file()):
        assert digest.digest() not in path.read_bytes() and digest.hexdigest().encode() not in path.read_bytes()


def test_the_search_would_find_what_is_not_sealed(lived_in: Home, tmp_path: Path) -> None:
    """What this test greps for is what the objects hold."""
    assert all(secret in made(1) for secret in (ROW, NAME.encode(), UID.encode(), b"MONOCHROME2", b"19231117"))


@pytest.fixture
def stolen(lived_in: Home, tmp_path: Path) -> Home:
    """A copy of the home alone, on the thief's machine."""
    return Home(Path(shutil.copytree(lived_in.root, tmp_path / "stolen", ignore=shutil.ignore_patterns("desk"))))


def test_without_the_key_it_opens_for_nobody(stolen: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "thief"))
    digest = hashlib.sha256(made(1)).hexdigest()
    before = {path: path.read_bytes() for path in stolen.root.rglob("*") if path.is_file()}
    for work in (
        lambda: Index(stolen),
        lambda: Index(stolen, writer=True),
        lambda: files.read(stolen, digest),
        lambda: files.unseal_document(stolen, stolen.root / "drafts" / "1"),
        lambda: files.read_thumbnail(stolen, "a" * 64),
    ):
        with pytest.raises(KeyFault, match="the key of this home is not there"):
            work()
    (stolen.root / "key.json").unlink()
    for work in (lambda: Index(stolen, writer=True), lambda: files.read(stolen, digest)):
        with pytest.raises(HounsfieldError):
            work()
    assert not keys.exists(stolen.root)
    assert all(
        path.read_bytes() == data for path, data in before.items() if path.name not in ("key.json", "writer.lock")
    )


def test_the_command_line_says_so_in_a_sentence(stolen: Home, tmp_path: Path) -> None:
    environment = os.environ | {"HOUNSFIELD_HOME": str(stolen.root), "XDG_CONFIG_HOME": str(tmp_path / "thief")}
    program = "import sys; from workstation.cli import main; sys.exit(main())"
    for command in (["studies", "--json"], ["cache", "verify", "--json"], ["cache", "rebuild", "--json"]):
        done = subprocess.run(
            [sys.executable, "-c", program, *command],
            env=environment | {"PYTHONPATH": str(Path(__file__).parents[2])},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1 and "Traceback" not in done.stderr
        assert "the key of this home is not there" in json.loads(done.stdout)["error"]


def test_the_owner_reads_the_copy_with_the_key(stolen: Home) -> None:
    with Index(stolen) as index:
        stored = index.instances(UID)
        assert json.loads(index.parked(UID) or "")["patient"] == NAME
    assert [files.read(stolen, each.digest) for each in stored] == [made(1), made(2)]
    assert kept.read(stolen).tabs[0].filter.search == NAME
