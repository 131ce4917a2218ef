"""A segment brought to the voxels of another series: those count whose centre lies in one of its voxels, no others."""

import numpy as np
import pytest

from workstation.findings.roi import moved
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.masks import Mask

STRAIGHT = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
TURNED = ((0.8, 0.6, 0.0), (-0.6, 0.8, 0.0), (0.0, 0.0, 1.0))
CORONAL = ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0), (0.0, 1.0, 0.0))
SOURCE = Grid((-20.0, -15.0, 5.0), STRAIGHT, (4.1, 3.7, 5.3), (12, 10, 8))


@pytest.mark.parametrize("axes", [STRAIGHT, TURNED, CORONAL])
@pytest.mark.parametrize("origin", [(-25.0317, -22.0119, 2.0231), (1.0713, 3.0331, 20.0113), (90.0371, 0.0119, 0.0231)])
def test_voxels_count_whose_centre_lies_inside(origin: Vec3, axes: tuple[Vec3, Vec3, Vec3]) -> None:
    voxels = np.zeros((8, 10, 12), np.bool_)
    voxels[2:6, 3:8, 4:9] = True
    voxels[3, 4, 5] = False  # a hole
    grid = Grid(origin, axes, (1.3, 1.7, 2.3), (30, 26, 18))
    k, j, i = np.meshgrid(*(np.arange(each) for each in grid.size[::-1]), indexing="ij")
    steps = np.asarray(axes) * np.asarray(grid.spacing)[:, None]
    places = np.asarray(origin) + np.stack([i, j, k], axis=-1) @ steps
    exact = (places - np.asarray(SOURCE.origin_lps)) / np.asarray(SOURCE.spacing)
    at = np.rint(exact).astype(int)
    assert np.abs(np.abs(exact - at) - 0.5).min() > 1e-5, "no centre lies on a border"
    there = ((at >= 0) & (at < SOURCE.size)).all(axis=-1)
    wanted = np.zeros(there.shape, np.bool_)
    wanted[there] = voxels[tuple(at[there][:, ::-1].T)]
    found = moved(Mask.part(SOURCE, voxels, (0, 0, 0)), grid)
    assert [found.plane(image).tolist() for image in range(18)] == wanted.tolist()
    assert bool(found) == (origin[0] < 90.0)
