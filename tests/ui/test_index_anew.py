"""A window over a home whose index is gone: it is made anew, said, and the studies are listed."""

from pathlib import Path

import pytest

from tests.cache.made import ct, folder_of
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.paths import Home
from workstation.ui.worklist_store import WorklistStore
from workstation.worklist.kept import Kept


@pytest.mark.parametrize("garbage", [None, b"once upon a time" * 1000])
def test_a_list_over_a_lost_index_comes_after_a_sentence(
    qapp: object, home: Path, tmp_path: Path, garbage: bytes
) -> None:
    here = Home(home)
    import_paths(here, [folder_of(tmp_path / "source", {str(number): ct(number) for number in (1, 2)})])
    for path in home.glob("index.sqlite*"):
        path.unlink()
    if garbage is not None:
        here.index.write_bytes(garbage)
    found: list[int] = []
    said: list[str] = []
    store = WorklistStore(here, Kept)
    store.found.connect(lambda listed: found.append(sum(item.row.images for item in listed.items)))
    store.failed.connect(said.append)
    store.refresh()
    while not found and len(said) < 4:
        jobs.drain(20)
    assert found == [2]
    assert "it is made anew from the files" in said[0]
    assert said[1].startswith("The index was rebuilt from the files: 2 objects")
    assert len(said) == 2
    jobs.shutdown()
