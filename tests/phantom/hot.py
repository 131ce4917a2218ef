"""A small PET whose hot voxels are known: even, with three hot voxels of different height, none hiding another."""

from typing import Final

import numpy as np

from workstation.phantom.acquisition import PetAcquisition
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries, PhantomStudy

SHAPE: Final = (24, 30, 36)
SPACING_MM: Final = (5.0, 4.0)
SLICE_MM: Final = 6.0
ORIGIN_LPS: Final = (-70.0, -72.0, -60.0)
HOT: Final = {(6, 9, 5): 20_000.0, (28, 20, 12): 30_000.0, (18, 4, 19): 40_000.0}
"""(column, row, slice) to Bq/ml, of which 20000 are SUV 7.5; the rest has 1000 to 2000."""


def place_lps(index: tuple[int, int, int]) -> tuple[float, float, float]:
    """Of a voxel (column, row, slice)."""
    return (
        ORIGIN_LPS[0] + index[0] * SPACING_MM[1],
        ORIGIN_LPS[1] + index[1] * SPACING_MM[0],
        ORIGIN_LPS[2] + index[2] * SLICE_MM,
    )


def hot_pet(number: int = 1) -> PhantomSeries:
    """The series, by a number of its own."""
    voxels = np.random.default_rng(number).uniform(1000, 2000, SHAPE).astype(np.float32)
    for (i, j, k), value in HOT.items():
        voxels[k, j, i] = value
    return PhantomSeries(
        voxels,
        Grid(SHAPE, ORIGIN_LPS, SPACING_MM, SLICE_MM),
        modality="PT",
        study=PhantomStudy(patient_weight_kg=70.0),
        series_number=number,
        series_description="Hot voxels",
        windows=(),
        acquisition=PetAcquisition((0.0,) * SHAPE[0]),
    )
