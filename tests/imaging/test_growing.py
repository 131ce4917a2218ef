"""Thresholds, regions grown from a seed and isocontours on made volumes whose truth is known voxel by voxel."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from tests.findings.test_statistics import voxels_of
from workstation.errors import Reason, Refused
from workstation.imaging.growing import (
    Range,
    fixed_isocontour,
    grown_from,
    isocontour,
    seed_range,
    thresholded,
)
from workstation.imaging.swept import ball
from workstation.imaging.volume import Voxels
from workstation.phantom.grid import AXIAL, Grid
from workstation.phantom.series import PhantomSeries

SHAPE = (26, 60, 70)
MADE = Grid(SHAPE, (-30.0, 12.0, 50.0), (0.9, 0.7), 2.0, AXIAL)


def _values() -> np.ndarray:
    """Two balls of 100 and 104 in 0, joined by a bridge two voxels wide; noise of 3; padding in the first rows."""
    k, j, i = np.indices(SHAPE)
    place = np.stack([i * 0.7, j * 0.9, k * 2.0], axis=-1)
    values = np.random.default_rng(7).normal(0, 3, SHAPE)
    values[np.linalg.norm(place - (16, 27, 24), axis=-1) <= 8] += 100
    values[np.linalg.norm(place - (36, 27, 24), axis=-1) <= 7] += 104
    values[12:14, 29:31, 30:45] = 100
    values[:, :4] = -3024
    return np.round(values).astype(np.int16)


VALUES = _values()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Voxels:
    return voxels_of(PhantomSeries(VALUES, MADE, pixel_padding_value=-2000), tmp_path_factory.mktemp("balls"))


def stored(voxels: Voxels) -> np.ndarray:
    return np.stack([voxels.values(k) for k in range(len(voxels.filled))])


def test_a_threshold_takes_what_lies_in_the_range_and_no_padding(made: Voxels) -> None:
    values = stored(made)
    found = thresholded(made, Range(-5000, 10)).array()
    assert np.array_equal(found, (values >= -5000) & (values <= 10)) and found.any()
    assert np.count_nonzero(np.isnan(values)) == 26 * 4 * 70
    grid = made.display_set.grid
    assert grid is not None
    near = ball(grid, grid.point((23.0, 30.0, 12.0)), 6.0)
    assert near is not None
    inner = np.zeros(values.shape, dtype=bool)
    inner[near.box] = near.voxels
    assert np.array_equal(thresholded(made, Range(50, 200), near).array(), inner & (values >= 50))


@pytest.mark.parametrize("connectivity", [6, 26])
def test_a_region_equals_itks_connected_threshold(connectivity: int, made: Voxels) -> None:
    grid = made.display_set.grid
    assert grid is not None
    values, seed = stored(made), (23, 30, 12)
    found = grown_from(made, grid.point(seed), Range(60, 140), connectivity)
    image = SimpleITK.GetImageFromArray(np.nan_to_num(values, nan=-3024))
    full = SimpleITK.ConnectedThresholdImageFilter.FullConnectivity
    face = SimpleITK.ConnectedThresholdImageFilter.FaceConnectivity
    judge = SimpleITK.ConnectedThreshold(image, [seed], 60, 140, connectivity=full if connectivity == 26 else face)
    assert np.array_equal(found.mask.array(), SimpleITK.GetArrayFromImage(judge).astype(bool))
    assert not found.leaked and found.mask.has((51, 30, 12))


def test_a_leak_is_stopped_at_the_limit_and_said(made: Voxels) -> None:
    grid = made.display_set.grid
    assert grid is not None
    seed = grid.point((23, 30, 12))
    found = grown_from(made, seed, Range(60, 140), limit_mm=12.0)
    assert found.leaked and not found.mask.has((51, 30, 12)) and found.mask.count > 700
    everything = grown_from(made, seed, Range(-50, 140), limit_mm=10.0)
    assert everything.leaked
    near = ball(grid, seed, 10.0)
    assert near is not None and everything.mask.count == np.count_nonzero(near.voxels)


def test_noise_leads_out_of_a_region_unless_it_is_calmed(tmp_path: Path) -> None:
    """A ball of 60 in 160, both with a noise of 50: some voxels around it look like its own."""
    k, j, i = np.indices(SHAPE)
    inside = np.linalg.norm(np.stack([i * 0.7, j * 0.9, k * 2.0], axis=-1) - (24, 27, 24), axis=-1) <= 11
    noisy = np.random.default_rng(1).normal(0, 50, SHAPE) + np.where(inside, 60, 160)
    voxels = voxels_of(PhantomSeries(np.round(noisy).astype(np.int16), MADE), tmp_path)
    grid = voxels.display_set.grid
    assert grid is not None
    seed = grid.point((34, 30, 12))
    raw = grown_from(voxels, seed, Range(0, 138), limit_mm=18)
    calm = grown_from(voxels, seed, Range(0, 138), limit_mm=18, calmed=True)
    assert raw.leaked and not calm.leaked
    found = calm.mask.array()
    assert 2 * (found & inside).sum() / (found.sum() + inside.sum()) > 0.8


def test_the_range_round_a_seed_follows_what_is_near(made: Voxels) -> None:
    grid = made.display_set.grid
    assert grid is not None
    found = seed_range(made, grid.point((23, 30, 12)), 20.0)
    assert (found.low + found.high) / 2 == pytest.approx(100, abs=2) and found.high - found.low == 40
    for outside in (grid.point((23, 1, 12)), grid.point((-9, 1, 12))):
        with pytest.raises(Refused) as refused:
            seed_range(made, outside, 20.0)
        assert refused.value.reason is Reason.PAST_EDGE


def test_an_isocontour_is_a_share_of_the_largest_value_in_its_sphere(made: Voxels) -> None:
    grid, values = made.display_set.grid, stored(made)
    assert grid is not None
    center = grid.point((51, 30, 12))
    near = ball(grid, center, 9.0)
    assert near is not None
    inside = np.zeros(values.shape, dtype=bool)
    inside[near.box] = near.voxels
    most = np.nanmax(np.where(inside, values, np.nan))
    found = isocontour(made, center, 9.0, 0.41)
    labels = SimpleITK.ConnectedComponent(
        SimpleITK.GetImageFromArray((inside & (values >= 0.41 * most)).astype(np.uint8)), True
    )
    array = SimpleITK.GetArrayFromImage(labels)
    assert np.array_equal(found.mask.array(), array == array[12, 30, 51])
    assert found.range.low == pytest.approx(0.41 * most, rel=1e-12)
    assert fixed_isocontour(made, center, 9.0, 0.41 * most).mask == found.mask
    assert not fixed_isocontour(made, center, 9.0, 500.0).mask
    with pytest.raises(Refused) as refused:
        isocontour(made, grid.point((10, 1, 3)), 1.0, 0.41)
    assert refused.value.reason is Reason.PAST_EDGE
