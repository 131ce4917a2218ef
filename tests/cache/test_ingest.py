"""From bytes to a committed row, and what happens on the way."""

import errno
import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct
from workstation.cache import files, ingest
from workstation.cache.index import Index
from workstation.cache.ingest import Ingest, Outcome
from workstation.errors import Reason, Refused
from workstation.paths import Home


def never(stored_digest: str, arrival: object) -> bool:
    raise AssertionError("nothing to compare")


def visible(home: Home) -> dict[str, bytes]:
    """SOP Instance UIDs of everything that is visible, with bytes that verify."""
    with Index(home) as index:
        return {
            stored.instance.SOPInstanceUID: files.read(home, stored.digest)
            for row in index.studies()
            for stored in index.instances(row.study_instance_uid)
        }


def ingested(home: Home, *objects: bytes) -> list[Outcome]:
    with Ingest(home, never) as into:
        outcomes = [outcome for data in objects for outcome in into.add(ingest.receive(home, data, "x"))]
        return outcomes + into.flush()


def test_what_is_flushed_is_visible_and_nothing_before(home: Home) -> None:
    with Ingest(home, never) as into:
        assert into.add(ingest.receive(home, ct(1), "one")) == []
        assert visible(home) == {}
        assert [(outcome.arrival.label, outcome.stored) for outcome in into.flush()] == [("one", True)]
        assert visible(home) == {f"{STUDY}.1.1.1": ct(1)}


def test_groups_are_flushed_by_themselves(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "GROUP", 3)
    with Ingest(home, never) as into:
        settled = [len(into.add(ingest.receive(home, ct(number), "x"))) for number in range(7)]
    assert settled == [0, 0, 3, 0, 0, 3, 0]
    assert len(visible(home)) == 6
    assert list(home.incoming.iterdir()) == []


def test_the_same_bytes_twice_in_one_group_are_stored_once(home: Home) -> None:
    assert [outcome.stored for outcome in ingested(home, ct(1), ct(1))] == [True, False]


def test_a_start_after_a_crash_removes_what_was_left(home: Home) -> None:
    with Index(home, writer=True) as index:
        arrival = ingest.receive(home, ct(1), "x")
        index.announce([arrival.digest])
        files.place(home, [(arrival.temporary, arrival.digest)])
        ingest.receive(home, ct(2), "left in incoming")
    with Ingest(home, never):
        pass
    assert [path for path in home.files.rglob("*") if path.is_file()] == []
    assert list(home.incoming.iterdir()) == []
    with Index(home) as index:
        assert index.unfinished() == ()


def test_a_second_ingest_of_one_program_leaves_the_first_its_files(home: Home) -> None:
    with Ingest(home, never) as first:
        first.add(ingest.receive(home, ct(1), "x"))
        with Ingest(home, never) as second:
            second.add(ingest.receive(home, ct(2), "y"))
            second.flush()
        first.flush()
    assert len(visible(home)) == 2


@pytest.mark.parametrize("step", ["announce", "place", "commit"])
def test_a_full_disk_is_an_answer_and_what_was_there_stays(
    home: Home, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    ingested(home, ct(1))
    before = visible(home)

    def full(*_: object) -> None:
        raise Refused(Reason.DISK_FULL)

    with Ingest(home, never) as into, monkeypatch.context() as broken:
        into.add(ingest.receive(home, ct(2), "x"))
        broken.setattr(files if step == "place" else Index, step, full)
        assert [outcome.reason for outcome in into.flush()] == [Reason.DISK_FULL]
    assert visible(home) == before
    assert len([path for path in home.files.rglob("*") if path.is_file()]) == 1
    assert len(ingested(home, ct(2))) == 1 and len(visible(home)) == 2


LIMITED = """
import resource, sys
from pathlib import Path
import signal
from workstation.cache import ingest
from workstation.errors import Refused
from workstation.paths import Home
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    ingest.receive(Home(Path(sys.argv[1])), sys.stdin.buffer.read(), "x")
except Refused as refused:
    print(refused.reason.name)
"""


def test_a_disk_that_is_full_while_writing_leaves_nothing(home: Home) -> None:
    if os.name == "nt":
        pytest.skip("no file size limit to stand for a full disk")
    data = ct(1, PixelData=bytes(20_000), Rows=100, Columns=100)
    answer = subprocess.run(
        [sys.executable, "-c", LIMITED, str(home.root)], input=data, capture_output=True, check=True
    )
    assert answer.stdout.decode().strip() == "DISK_FULL"
    assert list(home.incoming.iterdir()) == []


@pytest.mark.parametrize(("code", "reason"), [(errno.ENOSPC, Reason.DISK_FULL), (errno.EIO, Reason.IO_ERROR)])
def test_what_the_disk_says_becomes_a_reason(code: int, reason: Reason) -> None:
    with pytest.raises(Refused) as refused, files.disk_errors():
        raise OSError(code, "…")
    assert refused.value.reason is reason


@pytest.mark.parametrize("preamble", [b"MZ\x90\0", b"\x7fELF", b"#!/bin/sh\n", b"\xca\xfe\xba\xbe", b"<html>"])
def test_a_preamble_that_may_be_a_program_is_zeroed(home: Home, preamble: bytes) -> None:
    data = preamble.ljust(128, b"x") + ct(1)[128:]
    arrival = ingest.receive(home, data, "x")
    assert arrival.source_digest == hashlib.sha256(data).hexdigest()
    assert arrival.digest == hashlib.sha256(ct(1)).hexdigest()
    assert files.read_incoming(home, arrival.temporary, arrival.digest) == ct(1)


@pytest.mark.parametrize("preamble", [b"", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08"])
def test_zeros_and_tiff_headers_stay(preamble: bytes) -> None:
    data = preamble.ljust(128, b"\0") + ct(1)[128:]
    assert ingest.without_program(data) is data


def test_a_bare_dataset_with_dicm_in_it_is_not_touched() -> None:
    bare = bytearray(ct(1)[ct(1).index(b"\x08\0\x05\0") :])
    bare[128:132] = b"DICM"
    assert ingest.without_program(bytes(bare)) == bytes(bare)


def test_other_programs_cannot_write_meanwhile(home: Home) -> None:
    script = "import sys\nfrom pathlib import Path\nfrom workstation.paths import Home\n"
    script += "from workstation.cache.index import Index\nIndex(Home(Path(sys.argv[1])), writer=True)"
    with Ingest(home, never):
        other = subprocess.run([sys.executable, "-c", script, str(home.root)], capture_output=True, text=True)
    assert other.returncode == 1 and "another Hounsfield program is writing" in other.stderr


def test_receive_refuses_and_writes_nothing(home: Home) -> None:
    for data in (b"text" * 100, ct(1)[:300], ct(1, SOPInstanceUID="1.2", StudyInstanceUID=None, PixelData=None)):
        with pytest.raises(Refused):
            ingest.receive(home, data, "x")
    assert list(home.incoming.iterdir()) == []


def test_folders_are_made_durable_at_the_first_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(files, "sync_folder", synced.append)
    home = Home(tmp_path / "home")
    with Ingest(home, never):
        pass
    assert {home.root, home.files} <= set(synced)


def test_what_is_announced_before_it_comes_is_not_announced_again(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ingest(home, lambda *_: False) as into:
        announced: list[Sequence[str]] = []
        before = into.index.announce

        def announce(digests: Sequence[str]) -> None:
            announced.append(digests)
            before(digests)

        monkeypatch.setattr(into.index, "announce", announce)
        first = ingest.receive(home, ct(1), "x", soon=into.announce)
        assert into.index.unfinished() == (first.digest,)
        into.add(first)
        into.add(ingest.receive(home, ct(2), "x", soon=into.announce))
        assert [each.stored for each in into.flush()] == [True, True]
        assert [len(each) for each in announced] == [1, 1]
        into.add(ingest.receive(home, ct(1), "again", soon=into.announce))
        assert [each.stored for each in into.flush()] == [False]
        ingest.receive(home, ct(3), "it never comes", soon=into.announce)
        pending = into.index._db.execute("SELECT count(*) FROM pending").fetchone()[0]
        assert pending == 1
    with Ingest(home, lambda *_: False) as into:
        assert into.index.unfinished() == () and list(home.incoming.iterdir()) == []
