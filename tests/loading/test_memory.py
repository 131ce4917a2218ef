"""The shared voxel block: another process sees the same voxels, and its memory ends with its last reader."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import astuple
from pathlib import Path

import numpy as np
import pytest

from workstation.errors import Reason, Refused
from workstation.loading import memory
from workstation.paths import Home

READER = """
import sys
from workstation.loading.memory import BlockHandle, attach
path, shape, dtype, inode, first = eval(sys.argv[1])
block = attach(BlockHandle(path, shape, dtype, inode, first))
print(int(block.array.sum()), block.array.shape, block.array.dtype)
block.array[1, 2, 3] = -77
"""


def test_another_process_reads_and_writes_the_same_voxels(tmp_path: Path) -> None:
    block = memory.create((3, 5, 7), np.dtype(np.int16), Home(tmp_path).create())
    block.array[:] = np.arange(105).reshape(3, 5, 7)
    done = subprocess.run(
        [sys.executable, "-c", READER, repr(astuple(block.handle))], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split("\n")[0] == f"{sum(range(105))} (3, 5, 7) int16", done.stderr
    assert block.array[1, 2, 3] == -77
    block.close()


def test_an_array_outlives_its_block(tmp_path: Path) -> None:
    block = memory.create((2, 3, 4), np.dtype(np.uint16), Home(tmp_path).create())
    array = block.array
    array[:] = 41
    block.close()
    del block
    assert int(array.sum()) == 41 * 24


def test_more_than_the_machine_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        memory.create((1 << 20, 1 << 12, 1 << 12), np.dtype(np.int16), Home(tmp_path).create())
    assert refused.value.reason is Reason.MEMORY


def test_a_block_with_room_grows_at_both_ends_until_the_room_is_used_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "ROOM_BYTES", 4 * 5 * 7 * 2)
    block = memory.create((3, 5, 7), np.dtype(np.int16), Home(tmp_path).create(), growing=True)
    block.array[:] = 7
    grown = block.grown(2, 6)
    assert grown is not None
    grown.array[0] = 1
    memory.image_of(grown.handle, 5)[:] = 2
    assert grown.array[:, 4, 6].tolist() == [1, 0, 7, 7, 7, 2]
    assert memory.attach(grown.handle).array[:, 4, 6].tolist() == [1, 0, 7, 7, 7, 2]
    assert grown.grown(3, 9) is None
    assert grown.grown(0, 10) is None
    assert block.array.shape == (3, 5, 7) and (block.array == 7).all()


def test_a_block_without_room_and_one_without_memory_do_not_grow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Home(tmp_path).create()
    assert memory.create((3, 5, 7), np.dtype(np.int16), home).grown(0, 4) is None
    block = memory.create((3, 5, 7), np.dtype(np.int16), home, growing=True)
    monkeypatch.setattr(memory, "_free_memory", lambda: 80)
    assert block.grown(0, 4) is None


def test_room_takes_no_memory(tmp_path: Path) -> None:
    block = memory.create((3, 5, 7), np.dtype(np.int16), Home(tmp_path).create(), growing=True)
    descriptor = os.open(block.handle.path, os.O_RDONLY)
    try:
        facts = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    assert facts.st_size > 2 * memory.ROOM_BYTES - 1000
    assert facts.st_blocks == 0


def file_of(block: memory.Block) -> os.stat_result:
    return Path(block.handle.path).stat()


@pytest.fixture
def small_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine of 400 bytes with 90 free that may keep what is large on the disk."""
    monkeypatch.setattr(memory, "_of_memory", {"MemTotal": 400, "MemAvailable": 90}.get)
    memory.map_large(True)
    yield
    memory.map_large(False)


@pytest.mark.usefixtures("small_machine")
def test_more_than_a_quarter_of_the_memory_lies_on_the_disk_without_a_name(tmp_path: Path) -> None:
    home = Home(tmp_path).create()
    block = memory.create((3, 5, 7), np.dtype(np.int16), home)
    assert block.on_disk and file_of(block).st_dev == home.blocks.stat().st_dev
    assert file_of(block).st_nlink == 0 and not list(home.blocks.iterdir())
    assert stat.S_IMODE(file_of(block).st_mode) == 0o600
    block.array[:] = np.arange(105).reshape(3, 5, 7)
    done = subprocess.run(
        [sys.executable, "-c", READER, repr(astuple(block.handle))], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split("\n")[0] == f"{sum(range(105))} (3, 5, 7) int16", done.stderr
    assert block.array[1, 2, 3] == -77
    assert not memory.create((1, 5, 7), np.dtype(np.int16), home).on_disk


@pytest.mark.usefixtures("small_machine")
def test_the_disk_has_room_for_a_block_before_it_is_written_to(tmp_path: Path) -> None:
    home = Home(tmp_path).create()
    block = memory.create((3, 5, 7), np.dtype(np.int16), home, growing=True)
    there = file_of(block).st_blocks * 512
    assert there >= block.array.nbytes
    assert file_of(block).st_size > 1000 * there  # the room for more takes none
    grown = block.grown(1, 5000)
    assert grown is not None and file_of(block).st_blocks * 512 >= grown.array.nbytes
    with pytest.raises(Refused) as refused:
        memory.create((1 << 20, 1 << 14, 1 << 14), np.dtype(np.int16), home)
    assert refused.value.reason is Reason.MEMORY and not list(home.blocks.iterdir())


def test_without_leave_nothing_lies_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_of_memory", {"MemTotal": 400, "MemAvailable": 300}.get)
    home = Home(tmp_path).create()
    assert not memory.create((3, 5, 7), np.dtype(np.int16), home).on_disk
    with pytest.raises(Refused):
        memory.create((3, 5, 17), np.dtype(np.int16), home)
