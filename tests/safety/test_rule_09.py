"""Statistics read stored voxels, not resampled ones: the hottest voxel is the maximum in every plane (safety.md 9)."""

import numpy as np
import pytest

from tests.findings.made import finding
from tests.loading.opened import imported, loaded, studies
from workstation.findings.finding import Finding, Kind
from workstation.findings.regions import region_statistics
from workstation.imaging.volume import Voxels
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import AXIAL, Grid
from workstation.phantom.series import PhantomSeries

SHAPE = (12, 30, 40)
GRID = Grid(SHAPE, (-20.0, -15.0, 5.0), (0.9, 0.7), 2.5, AXIAL)
HOT, VALUE, AROUND = (6, 14, 19), 2777, 10


@pytest.fixture(scope="module")
def hot(tmp_path_factory: pytest.TempPathFactory) -> Voxels:
    values = np.full(SHAPE, AROUND, np.int16)
    values[HOT] = VALUE
    folder = tmp_path_factory.mktemp("hot")
    write_series(PhantomSeries(values, GRID), folder / "in")
    home = imported(folder, folder / "in")
    (voxels,) = loaded(home, *studies(home))
    return voxels


def around(axes: tuple[int, int], off_mm: float) -> Finding:
    """A square about the hot voxel in the plane of two patient axes, `off_mm` beside its centre."""
    middle = GRID.points_lps(HOT[0])[HOT[1], HOT[2]].astype(float)
    middle[({0, 1, 2} - set(axes)).pop()] += off_mm
    corners = []
    for right, down in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        corner = middle.copy()
        corner[axes[0]] += 4.3 * right
        corner[axes[1]] += 4.3 * down
        corners.append(tuple(corner))
    return finding(Kind.RECTANGLE, corners)


@pytest.mark.parametrize("off_mm", [-0.3, 0.0, 0.3])
@pytest.mark.parametrize("axes", [(0, 1), (0, 2), (1, 2)])
def test_the_maximum_is_the_stored_one_in_every_plane(axes: tuple[int, int], off_mm: float, hot: Voxels) -> None:
    found = region_statistics(hot, around(axes, off_mm))
    assert found is not None
    assert (found.max, found.min) == (VALUE, AROUND)
    assert found.mean == pytest.approx((VALUE + AROUND * (found.count - 1)) / found.count)
