"""Voxels of an array as they are, without files: for what takes volumes and asks nothing of headers."""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid
from workstation.imaging.greyscale import Rescale
from workstation.imaging.volume import Voxels


@dataclass(frozen=True)
class _Placed:
    grid: Grid


def given(values: NDArray[Any], grid: Grid, unit: str = "HU", padding: tuple[float, float] | None = None) -> Voxels:
    """A whole volume [k, j, i] on a grid."""
    filled = np.ones(len(values), dtype=np.bool_)
    return Voxels(cast(DisplaySet, _Placed(grid)), values, filled, Rescale(1.0, 0.0), padding, unit)


def axial(shape: tuple[int, int, int], spacing: tuple[float, float, float]) -> Grid:
    """A grid of (k, j, i) voxels along the axes of the patient; spacing (i, j, k), the first voxel at 0."""
    return Grid(
        (0.0, 0.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), spacing, (shape[2], shape[1], shape[0])
    )
