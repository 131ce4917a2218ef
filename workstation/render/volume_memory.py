"""Blocks of voxels in a process that only reads them: mapped privately, never copied, never written back."""

import math
import mmap
import os
import weakref
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.shared import BlockHandle


def mapped(handle: BlockHandle) -> NDArray[Any]:
    """The voxels of another process's block. What is written into the array stays in this process alone.

    Raises OSError when the block is gone.
    """
    dtype, count = np.dtype(handle.dtype), math.prod(handle.shape)
    before = handle.first * math.prod(handle.shape[1:]) * dtype.itemsize
    descriptor = os.open(handle.path, os.O_RDONLY)
    try:
        if os.fstat(descriptor).st_ino != handle.inode:
            raise FileNotFoundError("the block is gone")
        memory = mmap.mmap(descriptor, before + count * dtype.itemsize, access=mmap.ACCESS_COPY)
    finally:
        os.close(descriptor)
    return np.frombuffer(memory, dtype=dtype, count=count, offset=before).reshape(handle.shape)


class SharedArray:
    """An array of ours that the render process may open; its memory goes with this object.

    For masks, and for voxels that no loader has put into a block.
    """

    def __init__(self, array: NDArray[Any]) -> None:
        whole = np.ascontiguousarray(array)
        descriptor = os.memfd_create("shared", os.MFD_CLOEXEC)
        weakref.finalize(self, os.close, descriptor)
        view = whole.view(np.uint8).reshape(-1).data
        while view:
            view = view[os.write(descriptor, view) :]
        path = f"/proc/{os.getpid()}/fd/{descriptor}"
        self.handle = BlockHandle(path, whole.shape, whole.dtype.str, os.fstat(descriptor).st_ino)
