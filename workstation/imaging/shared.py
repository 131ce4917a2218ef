"""How another process of ours opens a block of voxels: a value, without the memory itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class BlockHandle:
    """What another process needs to open a block: a path, and the shape and type of its voxels.

    A path may come to mean another block once this one is gone; `inode` tells. `first` images of room lie before it.
    """

    path: str
    shape: tuple[int, ...]
    dtype: str
    inode: int
    first: int = 0
