"""Reference regions: their volumes in closed form, and where they are proposed on the phantom's whole body."""

import math

import numpy as np
import pytest

from tests.imaging.given import axial, given
from workstation.errors import Refused
from workstation.imaging.geometry import Grid
from workstation.imaging.hot_reference import Region, propose_liver, region_mask

FINE = axial((60, 60, 60), (0.9, 1.0, 0.8))
CORONAL = Grid((0.0, 0.0, 0.0), ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0)), (0.9, 0.8, 1.0), (60, 60, 60))


@pytest.mark.parametrize("grid", [FINE, CORONAL])
@pytest.mark.parametrize(
    ("region", "ml", "across"),
    [
        (Region.LIVER, 4 / 3 * math.pi * 1.5**3, (30.0, 30.0, 30.0)),
        (Region.BLOOD_POOL, math.pi * 0.5**2 * 2.0, (10.0, 10.0, 20.0)),
        (Region.MEDIASTINUM, 4 / 3 * math.pi * 1.0**3, (20.0, 20.0, 20.0)),
    ],
)
def test_regions_have_their_volume_and_lie_along_the_body(
    grid: Grid, region: Region, ml: float, across: tuple[float, ...]
) -> None:
    mask = region_mask(grid, region, grid.middle_lps)
    assert mask.volume_ml == pytest.approx(ml, rel=0.08)
    index = np.argwhere(mask.array())[:, ::-1]
    points = index @ grid.lps_from_index[:3, :3].T
    assert np.ptp(points, axis=0) == pytest.approx(across, abs=2.1)


def test_a_region_beyond_the_image_is_refused() -> None:
    with pytest.raises(Refused):
        region_mask(FINE, Region.LIVER, (-200.0, 0.0, 0.0))


def test_what_shows_no_liver_gets_no_proposal() -> None:
    grid = axial((20, 20, 20), (8.0, 8.5, 7.0))
    for values in (np.full((20, 20, 20), 0.6), np.zeros((20, 20, 20))):
        with pytest.raises(Refused):
            propose_liver(given(values, grid, "SUVbw"))
