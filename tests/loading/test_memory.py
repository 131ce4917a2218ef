"""The shared voxel block: another process sees the same voxels, and its memory ends with its last reader."""

import subprocess
import sys
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
path, shape, dtype, inode = eval(sys.argv[1])
block = attach(BlockHandle(path, shape, dtype, inode))
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
