"""Volumes, axes and statistics of segments: closed forms, and SimpleITK on made and on real voxels."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from tests.findings.test_statistics import NOISE_GRID, PADDED_ROWS, SHAPE, noise
from tests.loading.opened import imported, loaded, studies
from workstation.errors import Reason, Refused
from workstation.findings.segment import Segment
from workstation.findings.segment_values import axes, diameter_mm, measured, of_layer, statistics
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask
from workstation.imaging.volume import Voxels

__all__ = ["noise"]

C, S = np.cos(0.4), np.sin(0.4)
GRID = Grid((7.0, -9.0, 4.0), ((C, S, 0.0), (-S, C, 0.0), (0.0, 0.0, -1.0)), (0.5, 0.8, 1.5), (150, 110, 60))
PIXEL = 0.8


def places() -> np.ndarray:
    """mm along the grid's own axes from its middle, [k, j, i, 3]."""
    k, j, i = np.indices(GRID.size[::-1])
    middle = (np.array(GRID.size) - 1) / 2
    return (np.stack([i, j, k], axis=-1) - middle) * GRID.spacing


def ellipsoid(a: float, b: float, c: float, turn: float = 0.0) -> Mask:
    x, y, z = np.moveaxis(places(), -1, 0)
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    return Mask.of(GRID, (u / a) ** 2 + (v / b) ** 2 + (z / c) ** 2 <= 1)


@pytest.mark.parametrize("radius", [18.0, 25.5])
def test_the_volume_of_a_sphere(radius: float) -> None:
    assert ellipsoid(radius, radius, radius).volume_ml == pytest.approx(4 / 3 * np.pi * radius**3 / 1000, rel=1e-3)


def test_the_volume_of_a_box_is_exact() -> None:
    array = np.zeros(GRID.size[::-1], dtype=bool)
    array[5:25, 10:35, 20:60] = True
    assert Mask.of(GRID, array).volume_ml == pytest.approx(20 * 25 * 40 * 0.5 * 0.8 * 1.5 / 1000, rel=1e-12)


@pytest.mark.parametrize("turn", [0.0, 0.5, 1.2, 2.6])
def test_axes_are_those_of_an_ellipse_at_any_angle(turn: float) -> None:
    found = axes(ellipsoid(28.0, 15.0, 12.0, turn))
    assert found is not None
    assert found.long_mm == pytest.approx(56.0, abs=PIXEL) and found.short_mm == pytest.approx(30.0, abs=PIXEL)
    assert found.image in (29, 30)
    long, short = (np.subtract(*each) for each in (found.long, found.short))
    assert float(long @ short) == pytest.approx(0.0, abs=1e-6)
    direction = np.array(GRID.axes[0]) * np.cos(turn) + np.array(GRID.axes[1]) * np.sin(turn)
    assert abs(long @ direction) / found.long_mm == pytest.approx(1.0, abs=5e-3)
    assert all(abs(GRID.index(point)[2] - found.image) < 1e-9 for point in (*found.long, *found.short))


def test_the_short_axis_lies_inside_the_segment() -> None:
    """Of a ring it is no wider than its wall; of an L it does not cross the gap."""
    x, y, _ = np.moveaxis(places(), -1, 0)
    away = np.hypot(x, y)
    ring = axes(Mask.of(GRID, (away <= 25) & (away >= 19)))
    assert ring is not None and ring.long_mm == pytest.approx(50, abs=PIXEL)
    assert ring.short_mm < 2 * np.sqrt(25**2 - 19**2) + PIXEL


@pytest.mark.parametrize(("a", "b", "c"), [(20.0, 20.0, 20.0), (10.0, 12.0, 33.0)])
def test_the_largest_diameter_in_space(a: float, b: float, c: float) -> None:
    assert diameter_mm(ellipsoid(a, b, c)) == pytest.approx(2 * max(a, b, c), abs=1.5)
    assert diameter_mm(Mask.empty(GRID)) == 0.0


def test_one_voxel_has_axes_of_its_own_size() -> None:
    array = np.zeros(GRID.size[::-1], dtype=bool)
    array[3, 4, 5] = True
    found = axes(Mask.of(GRID, array))
    assert found is not None and found.long_mm == pytest.approx(0.8) and found.short_mm == pytest.approx(0.5)
    assert diameter_mm(Mask.of(GRID, array)) == pytest.approx(1.5)
    assert axes(Mask.empty(GRID)) is None


def _judged(values: np.ndarray, mask: np.ndarray) -> SimpleITK.LabelStatisticsImageFilter:
    judge = SimpleITK.LabelStatisticsImageFilter()
    judge.Execute(SimpleITK.GetImageFromArray(values), SimpleITK.GetImageFromArray(mask.astype(np.uint8)))
    return judge


def _equal(voxels: Voxels, mask: Mask, judge: SimpleITK.LabelStatisticsImageFilter) -> None:
    found = statistics(voxels, mask)
    assert found is not None
    assert (found.count, found.min, found.max) == (judge.GetCount(1), judge.GetMinimum(1), judge.GetMaximum(1))
    assert found.mean == pytest.approx(judge.GetMean(1), rel=1e-9)
    assert found.sd == pytest.approx(judge.GetSigma(1), rel=1e-9)


def test_statistics_equal_those_of_itk_and_padding_does_not_count(noise: Voxels) -> None:
    values = np.random.default_rng(3).integers(-900, 1200, SHAPE).astype(np.float64)
    chosen = np.random.default_rng(5).random(SHAPE) < 0.2
    grid = noise.display_set.grid
    assert grid is not None and grid.size == SHAPE[::-1]
    stored = np.stack([noise.values(k) for k in range(SHAPE[0])])
    kept = chosen & ~np.isnan(stored)
    assert np.count_nonzero(np.isnan(stored)) == PADDED_ROWS * SHAPE[0] * SHAPE[2] and NOISE_GRID.shape == SHAPE
    same = stored if np.array_equal(stored[:, PADDED_ROWS:], values[:, PADDED_ROWS:]) else stored[::-1]
    assert np.array_equal(same[:, PADDED_ROWS:], values[:, PADDED_ROWS:])
    mask = Mask.of(grid, chosen)
    _equal(noise, mask, _judged(np.nan_to_num(stored), kept))
    told = {each.name: each.value for each in measured(mask, noise)}
    shares = np.percentile(stored[kept], (5, 95))
    assert (told["5th percentile"], told["95th percentile"]) == pytest.approx(tuple(shares), rel=1e-12)
    assert told["Voxels"] == np.count_nonzero(kept) and told["Volume"] == pytest.approx(mask.volume_ml)
    assert np.isfinite(list(told.values())).all()


def test_statistics_equal_those_of_itk_on_a_real_pet(data_dir: Path, tmp_path: Path) -> None:
    """Its slices are farther apart than its pixels, and each has a slope of its own."""
    home = imported(tmp_path, data_dir / "petctmr_sts_006" / "dicom" / "STS_006" / "PET")
    voxels = next(each for study in studies(home) for each in loaded(home, study) if each.display_set.grid)
    grid = voxels.display_set.grid
    assert grid is not None and len({round(each, 3) for each in grid.spacing}) > 1
    values = np.stack([voxels.values(k) for k in range(grid.size[2])])
    chosen = values > 0.3 * np.nanmax(values)
    _equal(voxels, Mask.of(grid, chosen), _judged(values, chosen))


def test_a_mask_of_another_grid_is_refused(noise: Voxels) -> None:
    with pytest.raises(Refused) as refused:
        statistics(noise, Mask.empty(GRID))
    assert refused.value.reason is Reason.NO_GEOMETRY
    own = noise.display_set.grid
    assert own is not None
    with pytest.raises(Refused) as refused:
        statistics(noise, Mask.empty(own))
    assert refused.value.reason is Reason.PAST_EDGE


def test_another_series_counts_where_its_centres_lie_in_the_segment(noise: Voxels) -> None:
    """A segment of blocks twice as deep and three times as wide as the voxels of the series it is measured in."""
    grid, first = noise.display_set.grid, noise.display_set.first
    assert grid is not None
    wide = (3 * grid.spacing[0], grid.spacing[1], 2 * grid.spacing[2])
    blocks = Grid(grid.point((1.0, 0.0, 0.5)), grid.axes, wide, (grid.size[0] // 3, grid.size[1], grid.size[2] // 2))
    mask = Mask.part(blocks, np.ones((2, 9, 3), np.bool_), (1, PADDED_ROWS + 2, 2))
    frame = first.FrameOfReferenceUID or ""
    found = {each.name: each for each in of_layer(noise, Segment("2.25.1", 1, mask, "1", "2", frame), "PT")}
    rows = slice(PADDED_ROWS + 2, PADDED_ROWS + 11)
    inside = np.stack([noise.values(k)[rows, 6:15] for k in range(2, 6)])
    assert found["Mean of PT"].value == pytest.approx(inside.mean(), rel=1e-12)
    assert (found["Min of PT"].value, found["Max of PT"].value) == (inside.min(), inside.max())
    assert f"{inside.size} stored voxels" in found["SD of PT"].how
    assert of_layer(noise, Segment("2.25.1", 1, mask, "1", "2", "1.2.3"), "PT") == ()
