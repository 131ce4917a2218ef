"""The key of a home where it is used: made once, handed to our own processes, asked of nobody twice."""

import threading
from pathlib import Path

import pytest

from tests.cache.made import ct, folder_of
from workstation.cache import files, vault
from workstation.cache.importer import FEW, import_paths
from workstation.cache.index import Index
from workstation.cache.lock import WriterLock
from workstation.errors import HounsfieldError
from workstation.paths import Home
from workstation.security import keys
from workstation.security.keys import KeyFault, Origin


def test_worker_processes_are_handed_the_key_and_ask_for_no_passphrase(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOUNSFIELD_KEY", "passphrase")
    monkeypatch.setenv("HOUNSFIELD_PASSPHRASE", "correct horse")
    vault.key_for_writing(home)
    monkeypatch.delenv("HOUNSFIELD_PASSPHRASE")
    source = folder_of(tmp_path / "source", {str(number): ct(number) for number in range(FEW + 4)})
    report = import_paths(home, [source])
    assert (report.stored, report.refused) == (FEW + 4, ())
    assert keys.origin_of(home.root) is Origin.PASSPHRASE
    monkeypatch.delitem(keys._found, home.root)  # the next start
    with pytest.raises(KeyFault, match="locked with a passphrase"):
        Index(home)


def test_many_at_once_make_one_key(home: Home) -> None:
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(vault.key_for_writing(home).secret)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(found)) == 1


def test_who_waits_too_long_for_the_one_that_writes_is_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vault, "PATIENCE_S", 0.0)
    handle = WriterLock(home.lock)
    try:
        from workstation.cache import lock as lock_module

        monkeypatch.setattr(lock_module, "_held", {})  # as another process sees it
        with pytest.raises(HounsfieldError, match="another Hounsfield program"):
            vault.key_for_writing(home)
    finally:
        monkeypatch.undo()
        handle.release()


def test_a_home_that_lost_its_description_gets_no_second_key(home: Home, tmp_path: Path) -> None:
    import_paths(home, [folder_of(tmp_path / "source", {"1": ct(1)})])
    description = home.root / keys.DESCRIPTION
    kept = description.read_bytes()
    description.unlink()
    secret = keys._found.pop(home.root).secret
    for work in (lambda: Index(home, writer=True), lambda: vault.key_for_writing(home)):
        with pytest.raises(KeyFault, match="bring it back from a copy"):
            work()
    assert not description.exists()
    description.write_bytes(kept)
    assert vault.key_for_writing(home).secret == secret


def test_a_document_opens_under_its_own_path_alone(home: Home) -> None:
    one, two = home.root / "drafts" / "one", home.root / "drafts" / "two"
    files.seal_document(home, one, b"a finding of 12 mm")
    assert files.unseal_document(home, one) == b"a finding of 12 mm"
    assert b"12 mm" not in one.read_bytes()
    one.replace(two)
    with pytest.raises(HounsfieldError):
        files.unseal_document(home, two)
    one.write_bytes(b'{"of": "an earlier program"}')
    assert files.unseal_document(home, one) == b'{"of": "an earlier program"}'
