"""The shared voxel block: written by the loader, read by all, never copied.

On Linux a block is an anonymous memory file (`memfd_create`): no name that could be left behind by a kill, no
limit by the size of /dev/shm, and another process of ours opens it through /proc. Elsewhere it is a private file
in the home that is unlinked when the block closes.
"""

import math
import mmap
import os
import sys
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.paths import Home

_largest_share = 0.8
"""A block may take this much of the memory that is free now; more would swap or be killed."""


def take_at_most(share: float) -> None:
    """From now on refuse blocks larger than this share of the memory that is free."""
    global _largest_share
    _largest_share = share


@dataclass(frozen=True)
class BlockHandle:
    """What another process needs to open a block: a path, and the shape and type of its voxels.

    A path may come to mean another block once this one is gone; `inode` tells.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    inode: int


class Block:
    """Voxels of one display set. `array` (slices, rows, columns) stays valid as long as anybody holds it."""

    def __init__(self, array: NDArray[Any], descriptor: int, path: str, owned: bool) -> None:
        self.array = array
        self._path = path
        self._inode = os.fstat(descriptor).st_ino
        named = owned and not path.startswith("/proc/")
        self._finalizer = weakref.finalize(self, _give_up, descriptor, path if named else "")

    @property
    def handle(self) -> BlockHandle:
        return BlockHandle(self._path, self.array.shape, self.array.dtype.str, self._inode)

    def close(self) -> None:
        """Give the block up; its memory goes when the last array on it does."""
        self._finalizer()


def _give_up(descriptor: int, path: str) -> None:
    os.close(descriptor)
    if path:
        Path(path).unlink(missing_ok=True)


def create(shape: tuple[int, ...], dtype: np.dtype[Any], home: Home) -> Block:
    """A new block of zeros. Raises `Refused(MEMORY)` when the machine does not have that much."""
    size = max(1, math.prod(shape) * dtype.itemsize)
    free = _free_memory()
    if free is not None and size > free * _largest_share:
        raise Refused(Reason.MEMORY, detail=f"{size >> 20} MiB wanted, {free >> 20} MiB free")
    if sys.platform == "linux":
        descriptor = os.memfd_create("voxels", os.MFD_CLOEXEC)
        path = f"/proc/{os.getpid()}/fd/{descriptor}"
    else:
        descriptor, path = tempfile.mkstemp(dir=home.blocks)
    try:
        os.ftruncate(descriptor, size)
        return Block(_mapped(descriptor, size, shape, dtype), descriptor, path, owned=True)
    except OSError as error:
        os.close(descriptor)
        raise Refused(Reason.MEMORY, detail=str(error)) from error


def attach(handle: BlockHandle) -> Block:
    """Open another process's block."""
    dtype = np.dtype(handle.dtype)
    size = max(1, math.prod(handle.shape) * dtype.itemsize)
    descriptor = os.open(handle.path, os.O_RDWR)
    return Block(_mapped(descriptor, size, handle.shape, dtype), descriptor, handle.path, owned=False)


def image_of(handle: BlockHandle, image: int) -> NDArray[Any]:
    """Image `image` of another process's block, alone: nothing else of it is mapped. Raises OSError when it is gone."""
    dtype, shape = np.dtype(handle.dtype), handle.shape[1:]
    size = max(1, math.prod(shape) * dtype.itemsize)
    first = image * size
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
    """Bytes the system can hand out now, by /proc/meminfo; None where that is not to be had."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    available = [int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")]
    return available[0] * 1024 if available else None
