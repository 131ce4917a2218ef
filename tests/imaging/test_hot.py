"""Peaks and spots against closed forms: a single voxel, a slope, balls of even uptake."""

import math

import numpy as np
import pytest

from tests.imaging.given import axial, given
from workstation.errors import Refused
from workstation.imaging.geometry import Grid
from workstation.imaging.hot import all_spots, hottest_near, spot_round
from workstation.imaging.hot_peak import RADIUS_MM, best_peak, peak_round_max, sphere_shares
from workstation.imaging.mask_work import voxel_ml
from workstation.imaging.masks import Mask

SPACING = (4.0, 3.5, 3.0)
SHAPE = (22, 20, 18)
GRID = axial(SHAPE, SPACING)
TURNED = Grid((5.0, -3.0, 2.0), ((0.8, 0.6, 0.0), (-0.6, 0.8, 0.0), (0.0, 0.0, -1.0)), (4.07, 4.07, 5.0), (18, 20, 22))
CENTER = (10, 9, 8)


def _points(grid: Grid) -> np.ndarray:
    k, j, i = np.indices(grid.size[::-1])
    return np.stack([i, j, k], axis=-1) @ grid.lps_from_index[:3, :3].T + grid.lps_from_index[:3, 3]


def _ball(grid: Grid, middle: tuple[float, ...], radius_mm: float) -> np.ndarray:
    return np.linalg.norm(_points(grid) - np.asarray(middle), axis=-1) <= radius_mm


def test_the_sphere_is_one_millilitre() -> None:
    assert pytest.approx(6.2035, abs=5e-5) == RADIUS_MM


@pytest.mark.parametrize("grid", [GRID, TURNED, axial((9, 9, 9), (2.0, 1.3, 6.5)), axial((9, 9, 9), (13.0, 9.0, 20.0))])
def test_the_shares_of_its_voxels_make_up_its_volume(grid: Grid) -> None:
    offsets, shares = sphere_shares(grid)
    assert (shares > 0).all() and (shares <= 1).all()
    assert float(shares.sum()) * voxel_ml(grid) == pytest.approx(1.0, rel=1e-3)
    assert np.allclose(shares @ offsets, 0, atol=1e-9), "it is the same to all sides"


@pytest.mark.parametrize("grid", [GRID, TURNED])
def test_one_hot_voxel_has_its_share_of_a_millilitre(grid: Grid) -> None:
    values = np.zeros(SHAPE, np.float32)
    values[CENTER] = 50.0
    found = best_peak(given(values, grid, "SUVbw"), Mask.of(grid, values > 0))
    assert found is not None and found.whole
    assert found.value == pytest.approx(50.0 * voxel_ml(grid), rel=2e-3)
    assert found.center_lps == pytest.approx(grid.point(CENTER[::-1]))


def test_on_a_slope_the_peak_is_the_value_in_the_middle_of_the_best_whole_sphere() -> None:
    slope = _points(GRID) @ (0.02, 0.03, 0.01) + 1.0
    voxels = given(slope, GRID, "SUVbw")
    whole = best_peak(voxels, Mask.of(GRID, np.ones(SHAPE, np.bool_)))
    # The last voxels whose sphere stays within the image: 6.2 mm less half a voxel are 2 voxels on each axis.
    assert whole is not None and whole.whole
    i, j, k = (size - 3 for size in GRID.size)
    assert whole.center_lps == pytest.approx(GRID.point((i, j, k)))
    assert whole.value == pytest.approx(float(np.dot(whole.center_lps, (0.02, 0.03, 0.01))) + 1.0)


def test_both_places_of_the_peak_are_told_apart() -> None:
    values = np.ones(SHAPE)
    values[_ball(GRID, GRID.point((8, 12, 11)), 9.0)] = 10.0
    values[4, 4, 4] = 12.0  # a single noisy voxel is the maximum, but nobody's peak
    voxels, whole = given(values, GRID, "SUVbw"), Mask.of(GRID, np.ones(SHAPE, np.bool_))
    best, round_max = best_peak(voxels, whole), peak_round_max(voxels, whole)
    assert best is not None and best.value == pytest.approx(10.0)
    assert math.dist(best.center_lps, GRID.point((8, 12, 11))) < 9.0
    expected = 1.0 + 11.0 * voxel_ml(GRID)
    assert round_max is not None and round_max.value == pytest.approx(expected, rel=2e-3)
    assert round_max.center_lps == pytest.approx(GRID.point((4, 4, 4)))


def test_padding_and_what_lies_beyond_the_image_are_not_averaged() -> None:
    values = np.full(SHAPE, 5.0)
    values[:, :, :9] = -1.0
    mask = Mask.of(GRID, values > 0)
    padded = best_peak(given(values, GRID, "SUVbw", padding=(-1.0, -1.0)), mask)
    assert padded is not None and padded.value == pytest.approx(5.0) and padded.whole
    corner = np.zeros(SHAPE, np.bool_)
    corner[0, 0, -1] = True
    cut = best_peak(given(values, GRID, "SUVbw", padding=(-1.0, -1.0)), Mask.of(GRID, corner))
    assert cut is not None and cut.value == pytest.approx(5.0) and not cut.whole
    nothing = best_peak(given(values, GRID, padding=(-1.0, -1.0)), Mask.of(GRID, values < 0))
    assert nothing is None and best_peak(given(values, GRID), Mask.empty(GRID)) is None


def _two_balls() -> tuple[np.ndarray, tuple[float, float, float], tuple[float, float, float]]:
    """A ball of 8 and one of 20 on 1, in the middle of each a voxel of half as much again."""
    values = np.ones(SHAPE)
    one, other = GRID.point((5, 6, 6)), GRID.point((11, 13, 15))
    for middle, radius, uptake in ((one, 10.0, 8.0), (other, 9.0, 20.0)):
        values[_ball(GRID, middle, radius)] = uptake
        i, j, k = (round(each) for each in GRID.index(middle))
        values[k, j, i] = uptake * 1.5
    return values, one, other


@pytest.mark.parametrize(("share", "least"), [(0.41, None), (0.5, None), (0.41, 4.0), (0.41, 2.5)])
def test_a_click_takes_the_isocontour_of_its_spot(share: float, least: float | None) -> None:
    values, one, _ = _two_balls()
    voxels = given(values, GRID, "SUVbw")
    beside = (one[0] + 4.0, one[1] - 3.0, one[2] + 2.0)
    assert hottest_near(voxels, beside) == ((5, 6, 6), 12.0)
    found = spot_round(voxels, beside, share, least)
    assert not found.leaked
    assert (found.mask.array() == _ball(GRID, one, 10.0)).all()


def test_a_contour_that_runs_into_something_hotter_says_so() -> None:
    values, one, other = _two_balls()
    between = np.linspace(one, other, 60)
    for point in between:
        values[_ball(GRID, tuple(point), 4.0) & (values < 6)] = 6.0
    voxels = given(values, GRID, "SUVbw")
    assert spot_round(voxels, one, 0.41).leaked
    assert not spot_round(voxels, other, 0.41).leaked
    assert not spot_round(voxels, one, 0.6).leaked


def test_a_click_on_nothing_takes_nothing() -> None:
    values, _, _ = _two_balls()
    voxels = given(values, GRID, "SUVbw")
    assert not spot_round(voxels, GRID.point((2, 17, 3)), 0.41, least=4.0).mask
    with pytest.raises(Refused):
        spot_round(voxels, (-500.0, 0.0, 0.0), 0.41)
    with pytest.raises(Refused):
        spot_round(given(np.zeros(SHAPE), GRID), GRID.point((2, 17, 3)), 0.41)


def test_a_threshold_finds_all_spots_with_what_they_measure() -> None:
    values, one, other = _two_balls()
    values[20, 2, 2] = 9.0
    found = all_spots(given(values, GRID, "SUVbw"), 4.0, smallest_ml=0.1)
    assert [each.max for each in found.spots] == [30.0, 12.0] and found.left_out == 1 and found.unit == "SUVbw"
    for spot, middle, radius, uptake in zip(found.spots, (other, one), (9.0, 10.0), (20.0, 8.0), strict=True):
        inside = _ball(GRID, middle, radius)
        assert (spot.mask.array() == inside).all()
        count = int(inside.sum())
        assert spot.volume_ml == pytest.approx(count * 0.042)
        assert spot.mean == pytest.approx(uptake * (count + 0.5) / count)
        assert spot.at_lps == pytest.approx(middle)
        assert spot.peak is not None and spot.peak.value == pytest.approx(uptake * (1 + 0.5 * 0.042), rel=2e-3)
    assert len(all_spots(given(values, GRID, "SUVbw"), 4.0).spots) == 3
    assert not all_spots(given(values, GRID, "SUVbw"), 40.0).spots
