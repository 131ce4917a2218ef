"""The shared voxel block: written by the loader, read by all, never copied.

On Linux a block is an anonymous memory file (`memfd_create`): no name that could be left behind by a kill, no
limit by the size of /dev/shm, and another process of ours opens it through /proc. Elsewhere it is a private file
in the home that is unlinked when the block closes.

A block of more than a quarter of the memory may lie in a file on the disk instead, which has no name from its first
moment on: the system then keeps in memory what is looked at. What is written there is not sealed as the cache is, so
it happens only where somebody has said that the disk is encrypted as a whole (`map_large`).

A set that is still coming has room for more images before and after its own: the file is longer than what is in it,
which takes no memory until it is written, so that a block that grows stays where it is.
"""

import math
import mmap
import os
import sys
import tempfile
import weakref
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.shared import BlockHandle
from workstation.paths import Home

__all__ = ["Block", "BlockHandle", "attach", "create", "image_of", "map_large", "take_at_most"]

ROOM_BYTES: Final = 1 << 30
"""How much further than its images a block with room reaches, at either end: address space, not memory."""

_largest_share = 0.8
"""A block may take this much of the memory that is free now; more would swap or be killed."""


LARGE_SHARE: Final = 0.25
"""Of the machine's memory: blocks above it lie on the disk where that is allowed."""

_may_map = False


def map_large(allowed: bool) -> None:
    """From now on keep blocks of more than a quarter of the memory on the disk, or refuse those that do not fit."""
    global _may_map
    _may_map = allowed


def take_at_most(share: float) -> None:
    """From now on refuse blocks larger than this share of the memory that is free."""
    global _largest_share
    _largest_share = share


class _Memory:
    """A file that is mapped, for as long as a block on it is there."""

    def __init__(self, array: NDArray[Any], descriptor: int, path: str, owned: bool, on_disk: bool = False) -> None:
        self.array = array
        self.path = path
        self.on_disk = on_disk
        self.descriptor = descriptor
        self.inode = os.fstat(descriptor).st_ino
        named = owned and not path.startswith("/proc/")
        self.give_up = weakref.finalize(self, _give_up, descriptor, path if named else "")


class Block:
    """Voxels of one display set. `array` (slices, rows, columns) stays valid as long as anybody holds it."""

    def __init__(self, memory: _Memory, first: int, count: int) -> None:
        self.array = memory.array[first : first + count]
        self._memory = memory
        self._first = first

    @property
    def on_disk(self) -> bool:
        """Whether it lies in a file of the home, unsealed, and not in memory."""
        return self._memory.on_disk

    @property
    def handle(self) -> BlockHandle:
        memory = self._memory
        return BlockHandle(memory.path, self.array.shape, self.array.dtype.str, memory.inode, self._first)

    def grown(self, before: int, count: int) -> "Block | None":
        """A block of `count` images on the same memory, `before` of them before those of this one.

        None without room for that, or where the machine does not have so much memory.
        """
        first, more = self._first - before, count - len(self.array)
        if first < 0 or first + count > len(self._memory.array):
            return None
        image = self.array[:1].nbytes
        if self.on_disk:
            try:
                os.posix_fallocate(self._memory.descriptor, first * image, count * image)
            except OSError:
                return None
        elif not _fits(more * image):
            return None
        return Block(self._memory, first, count)

    def close(self) -> None:
        """Give the block up; its memory goes when the last array on it does."""
        self._memory.give_up()


def _give_up(descriptor: int, path: str) -> None:
    os.close(descriptor)
    if path:
        Path(path).unlink(missing_ok=True)


def create(shape: tuple[int, ...], dtype: np.dtype[Any], home: Home, growing: bool = False) -> Block:
    """A new block of zeros, with room where it is `growing`.

    Raises `Refused(MEMORY)` when the machine does not have that much.
    """
    size = max(1, math.prod(shape) * dtype.itemsize)
    on_disk = _goes_to_disk(size)
    if not on_disk and not _fits(size):
        raise Refused(Reason.MEMORY, detail=f"{size >> 20} MiB wanted, {(_free_memory() or 0) >> 20} MiB free")
    room = ROOM_BYTES * shape[0] // size if growing and sys.platform == "linux" else 0
    descriptor, path = _file(home, on_disk)
    try:
        whole = (shape[0] + 2 * room, *shape[1:])
        length = max(1, math.prod(whole) * dtype.itemsize)
        os.ftruncate(descriptor, length)
        if on_disk:  # a page that the disk has no room for when it is written ends the program
            os.posix_fallocate(descriptor, room * (size // shape[0]), size)
        memory = _Memory(_mapped(descriptor, length, whole, dtype), descriptor, path, owned=True, on_disk=on_disk)
        return Block(memory, room, shape[0])
    except OSError as error:
        os.close(descriptor)
        raise Refused(Reason.MEMORY, detail=str(error)) from error


def _file(home: Home, on_disk: bool) -> tuple[int, str]:
    """An empty file for a block, and where other processes open it."""
    if sys.platform != "linux":
        return tempfile.mkstemp(dir=home.blocks)
    if on_disk:
        descriptor, name = tempfile.mkstemp(dir=home.blocks)
        Path(name).unlink()
    else:
        descriptor = os.memfd_create("voxels", os.MFD_CLOEXEC)
    return descriptor, f"/proc/{os.getpid()}/fd/{descriptor}"


def _goes_to_disk(size: int) -> bool:
    total = _of_memory("MemTotal")
    return _may_map and sys.platform == "linux" and total is not None and size > LARGE_SHARE * total


def _fits(size: int) -> bool:
    free = _free_memory()
    return free is None or size <= free * _largest_share


def attach(handle: BlockHandle) -> Block:
    """Open another process's block."""
    dtype, count = np.dtype(handle.dtype), handle.shape[0]
    whole = (handle.first + count, *handle.shape[1:])
    size = max(1, math.prod(whole) * dtype.itemsize)
    descriptor = os.open(handle.path, os.O_RDWR)
    memory = _Memory(_mapped(descriptor, size, whole, dtype), descriptor, handle.path, owned=False)
    return Block(memory, handle.first, count)


def image_of(handle: BlockHandle, image: int) -> NDArray[Any]:
    """Image `image` of another process's block, alone: nothing else of it is mapped. Raises OSError when it is gone."""
    dtype, shape = np.dtype(handle.dtype), handle.shape[1:]
    size = max(1, math.prod(shape) * dtype.itemsize)
    first = (handle.first + image) * size
    before = first % mmap.ALLOCATIONGRANULARITY
    descriptor = os.open(handle.path, os.O_RDWR)
    try:
        if os.fstat(descriptor).st_ino != handle.inode:
            raise FileNotFoundError("the block is gone")
        memory = mmap.mmap(descriptor, before + size, offset=first - before)
    finally:
        os.close(descriptor)
    return np.frombuffer(memory, dtype=dtype, count=math.prod(shape), offset=before).reshape(shape)


def _mapped(descriptor: int, size: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    memory = mmap.mmap(descriptor, size)
    return np.frombuffer(memory, dtype=dtype, count=math.prod(shape)).reshape(shape)


def _free_memory() -> int | None:
    """Bytes the system can hand out now; None where that is not to be had."""
    return _of_memory("MemAvailable")


def _of_memory(name: str) -> int | None:
    """A line of /proc/meminfo, bytes."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    found = [int(line.split()[1]) for line in lines if line.startswith(f"{name}:")]
    return found[0] * 1024 if found else None
