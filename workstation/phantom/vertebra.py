"""A vertebral body with a vessel full of contrast medium lying on it: what taking bones away is measured by."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries, PhantomStudy, Window
from workstation.phantom.shapes import Rod, voxelise

SOFT_HU, VESSEL_HU, CORTEX_HU, SPONGY_HU, SPONGY_SPREAD_HU, NOISE_HU = 50.0, 300.0, 1000.0, 300.0, 100.0, 20.0
UP = (0.0, 0.0, 1.0)
CORTEX = Rod((0.0, 0.0, 0.0), UP, 18.0, 30.0, CORTEX_HU)
SPONGY = Rod((0.0, 0.0, 0.0), UP, 15.5, 25.0, SPONGY_HU)
VESSEL = Rod((18.4, -18.4, 0.0), UP, 8.0, 80.0, VESSEL_HU)
"""Its wall touches the cortex along a line: the axes are 26 mm apart."""

GRID = Grid((50, 100, 120), (-36.0, -42.0, -24.5), (0.8, 0.7), 1.0)


@dataclass(frozen=True, eq=False)
class VertebraTruth:
    """Which voxels [k, j, i] are bone or vessel for the larger part of them."""

    bone: NDArray[np.bool_]
    vessel: NDArray[np.bool_]


def vertebra_phantom(seed: int = 1) -> tuple[PhantomSeries, VertebraTruth]:
    """A CT with partial volume and noise: spongy bone of 200 to 400 HU in its cortex, blood of 300 HU beside it."""
    rng = np.random.default_rng(seed)
    values = voxelise((CORTEX, SPONGY, VESSEL), GRID, SOFT_HU, supersample=3)
    spongy = voxelise((Rod(SPONGY.center_lps, UP, SPONGY.radius_mm, SPONGY.length_mm, 1.0),), GRID, 0.0, supersample=3)
    values += spongy * rng.uniform(-SPONGY_SPREAD_HU, SPONGY_SPREAD_HU, GRID.shape)
    values += rng.normal(0.0, NOISE_HU, GRID.shape)
    series = PhantomSeries(
        voxels=np.rint(values).astype(np.int16),
        grid=GRID,
        study=PhantomStudy("Phantom^Vertebra", "PHANTOM-VERTEBRA", study_description="Vertebra and vessel", seed=seed),
        series_description="A vessel touches bone",
        windows=(Window(300, 1500, "BONE"),),
    )
    return series, VertebraTruth(_mostly(CORTEX), _mostly(VESSEL) & ~_mostly(CORTEX))


def _mostly(rod: Rod) -> NDArray[np.bool_]:
    one = Rod(rod.center_lps, rod.axis_lps, rod.radius_mm, rod.length_mm, 1.0)
    return voxelise((one,), GRID, 0.0, supersample=3) > 0.5
