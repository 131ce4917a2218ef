"""The index again from the files: nothing that was visible is lost, nothing that was not becomes visible."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct, folder_of, raw_index
from workstation.cache import files
from workstation.cache.entries import ReadingStatus
from workstation.cache.importer import import_paths
from workstation.cache.index import Index, IndexDamaged
from workstation.cache.rebuild import rebuild
from workstation.cache.schema import VERSION
from workstation.errors import Cancelled
from workstation.paths import Home

ONE, TWO = f"{STUDY}.1", f"{STUDY}.2"


@pytest.fixture
def filled(home: Home, tmp_path: Path) -> Home:
    """Two studies, one object in quarantine, one study read and pinned."""
    objects = {str(number): ct(number) for number in range(1, 6)} | {"6": ct(1, study=2), "7": ct(1, PatientID="OTHER")}
    import_paths(home, [folder_of(tmp_path / "source", objects)])
    with Index(home, writer=True) as index:
        index.set_status(ONE, ReadingStatus.READ)
        index.claim(ONE, "somebody")
        index.park(TWO, '{"stage": 2}')
        index.pin(TWO, True)
    return home


def everything(home: Home) -> object:
    with Index(home) as index:
        rows = index.studies()
        stored = [each for row in rows for each in index.instances(row.study_instance_uid)]
        assert all(files.is_whole(home, each.digest) for each in stored)
        rows = tuple(replace(row, received="", used="") for row in rows)  # by the second, of the file or of its commit
        return rows, stored, [each.digest for each in index.quarantined()], index.reading(), index.parked(TWO)


def gone(home: Home) -> None:
    for path in home.root.glob("index.sqlite*"):
        path.unlink()


def garbage(home: Home) -> None:
    for path in home.root.glob("index.sqlite-*"):
        path.unlink()
    home.index.write_bytes(b"once upon a time" * 4096)


def one_page(home: Home) -> None:
    """Somewhere inside: only what reads that page finds out."""
    with Index(home, writer=True) as index:
        index._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(home.index.read_bytes())
    for place in range(16384 + 100, len(data), 16384):
        data[place] ^= 1
    home.index.write_bytes(data)


@pytest.mark.parametrize("spoil", [gone, garbage, one_page])
def test_an_index_that_is_gone_or_spoiled_is_never_taken_for_an_empty_one(filled: Home, spoil: object) -> None:
    spoil(filled)  # type: ignore[operator]
    for writer in (False, True):
        with pytest.raises(IndexDamaged), Index(filled, writer=writer) as index:
            index.studies()


@pytest.mark.parametrize("spoil", [gone, garbage, one_page])
def test_it_is_made_again_from_the_files(filled: Home, spoil: object) -> None:
    before = everything(filled)
    spoil(filled)  # type: ignore[operator]
    told: list[tuple[int, int]] = []
    found = rebuild(filled, lambda done, total: told.append((done, total)))
    assert (found.objects, found.quarantined, found.damaged) == (7, 1, ())
    assert told[-1] == (7, 7) and [done for done, _ in told] == sorted(done for done, _ in told)
    assert everything(filled) == before  # read, claimed, parked and pinned too: they lie beside the index as well
    assert found.marks == 2


@pytest.mark.expects_log("a mark beside the index cannot be read")
def test_what_lies_beside_the_index_names_nobody_and_one_that_is_spoiled_costs_itself(filled: Home) -> None:
    paths = sorted(filled.readings.iterdir())
    assert len(paths) == 2 and not any(STUDY in path.name or STUDY.encode() in path.read_bytes() for path in paths)
    paths[0].write_bytes(b"")
    gone(filled)
    assert rebuild(filled).marks == 1


def test_what_an_earlier_program_kept_in_its_index_alone_is_kept_beside_it_at_the_first_change(filled: Home) -> None:
    for path in filled.readings.iterdir():
        path.unlink()
    filled.readings.rmdir()
    with Index(filled, writer=True) as index:
        index.set_status(TWO, ReadingStatus.READ)
    assert len(list(filled.readings.iterdir())) == 2


def test_a_whole_index_made_again_keeps_what_readers_did(filled: Home) -> None:
    before = everything(filled)
    assert rebuild(filled).marks == 2
    assert everything(filled) == before


def test_a_damaged_file_is_named_and_not_shown(filled: Home) -> None:
    with Index(filled) as index:
        lost = index.instances(ONE)[2]
    path = files.place_of(filled, lost.digest)
    path.write_bytes(path.read_bytes()[:-1])
    gone(filled)
    found = rebuild(filled)
    assert (found.objects, found.damaged) == (6, (path.name,))
    with Index(filled) as index:
        assert lost.digest not in {each.digest for each in index.instances(ONE)}


def test_a_rebuild_that_is_stopped_is_not_taken_for_whole_and_loses_no_mark(filled: Home) -> None:
    before = everything(filled)

    def stop(done: int, total: int) -> None:
        if done == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        rebuild(filled, stop)
    for writer in (False, True):
        with pytest.raises(IndexDamaged):
            Index(filled, writer=writer)
    rebuild(filled)
    assert everything(filled) == before
    assert sorted(path.name for path in filled.root.iterdir() if "rebuild" in path.name or path.name == "marks") == []


def test_an_index_whose_key_is_another_is_refused_and_not_made_anew(
    filled: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workstation.security import keys

    monkeypatch.setenv("HOUNSFIELD_KEY_FILE", str(tmp_path / "other"))
    (tmp_path / "other").write_text("11" * 32)
    (tmp_path / "other").chmod(0o600)
    monkeypatch.delitem(keys._found, filled.root)
    size = filled.index.stat().st_size
    for work in (lambda: Index(filled), lambda: Index(filled, writer=True), lambda: rebuild(filled)):
        with pytest.raises(keys.KeyFault, match="not the key of this home"):
            work()
    assert filled.index.stat().st_size == size


def test_a_home_of_a_program_that_did_not_seal_is_read_and_sealed(home: Home, tmp_path: Path) -> None:
    """Plain files and a plain index, as they were written before: read at once, sealed by a rebuild."""
    import hashlib
    import sqlite3
    from contextlib import closing

    objects = {str(number): ct(number) for number in range(1, 4)} | {"9": ct(1, PatientID="OTHER")}
    import_paths(home, [folder_of(tmp_path / "source", objects)])
    with closing(raw_index(home)) as sealed:
        sealed.execute("ATTACH DATABASE ? AS plain KEY ''", (str(tmp_path / "plain"),))
        sealed.execute("SELECT sqlcipher_export('plain')")
        sealed.execute(f"PRAGMA plain.user_version = {VERSION}")
    for path, apart in list(files.stored(home)):
        digest, data, _ = files.read_stored(home, path)
        place = home.quarantine / digest if apart else home.files / digest[:2] / digest
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(b"\x01" + data)
        path.unlink()
    gone(home)
    (home.root / "key.json").unlink()
    (tmp_path / "plain").replace(home.index)
    with closing(sqlite3.connect(home.index)) as plain:  # the system's own reads it
        plain.execute("PRAGMA journal_mode = WAL")
        assert plain.execute("SELECT count(*) FROM instances").fetchone() == (3,)
    from workstation.security import keys

    keys._found.pop(home.root)
    with Index(home) as index:
        stored = index.instances(ONE)
        (apart_row,) = index.quarantined()
    assert [files.read(home, each.digest) for each in stored] == [ct(number) for number in range(1, 4)]
    assert files.read_quarantined(home, apart_row.digest) == objects["9"]
    assert not home.index.read_bytes().startswith(b"SQLite")
    assert (home.files / stored[0].digest[:2] / stored[0].digest).exists()
    (home.thumbnails / "ab").mkdir(parents=True)
    (home.thumbnails / "ab" / ("ab" * 32)).write_bytes(b"\x01" + bytes(32) + b"a picture")
    (home.root / "worklist.json").write_text('{"search": "a name"}')
    assert rebuild(home).sealed == 4
    assert list(home.thumbnails.glob("*/*")) == []
    assert b"a name" not in (home.root / "worklist.json").read_bytes()
    assert files.unseal_document(home, home.root / "worklist.json") == b'{"search": "a name"}'
    assert [files.read(home, each.digest) for each in stored] == [ct(number) for number in range(1, 4)]
    assert files.read_quarantined(home, apart_row.digest) == objects["9"]
    names = {path.name for path, _ in files.stored(home)}
    assert len(names) == 4 and not names & {hashlib.sha256(data).hexdigest() for data in objects.values()}
