"""Statistics inside drawn regions against SimpleITK's label statistics on masks made here from the standard's axes."""

import math

import numpy as np
import pytest
import SimpleITK
from numpy.typing import NDArray

from tests.findings.made import finding
from tests.loading.opened import imported, loaded, studies
from workstation.errors import Reason, Refused
from workstation.findings.finding import Finding, Kind, Source
from workstation.findings.regions import as_values, percentiles, region_statistics
from workstation.findings.statistics import Statistics
from workstation.imaging.volume import Voxels
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import CORONAL, Grid
from workstation.phantom.series import PhantomSeries

SHAPE = (24, 60, 70)
GRID = Grid(SHAPE, (-30.0, 12.0, 50.0), (0.9, 0.7), 1.5, CORONAL)
"""Rows 0.9 mm, columns 0.7 mm, slices 1.5 mm apart, from front to back."""
PADDED = 6
VALUES = np.random.default_rng(8).integers(-900, 1200, SHAPE).astype(np.int16)
VALUES[:, :PADDED] = -3024


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Voxels:
    folder = tmp_path_factory.mktemp("regions")
    write_series(PhantomSeries(VALUES, GRID, pixel_padding_value=-2000), folder / "in")
    home = imported(folder, folder / "in")
    (voxels,) = loaded(home, *studies(home))
    return voxels


def points_lps() -> NDArray[np.float64]:
    return np.stack([GRID.points_lps(k) for k in range(SHAPE[0])])


def judged(mask: NDArray[np.bool_]) -> SimpleITK.LabelStatisticsImageFilter:
    judge = SimpleITK.LabelStatisticsImageFilter()
    counted = (mask & (VALUES != -3024)).astype(np.uint8)
    judge.Execute(SimpleITK.GetImageFromArray(VALUES.astype(np.float64)), SimpleITK.GetImageFromArray(counted))
    return judge


def agrees(found: Statistics | None, mask: NDArray[np.bool_]) -> None:
    assert found is not None
    judge = judged(mask)
    assert judge.GetCount(1) > 20
    assert (found.count, found.min, found.max) == (judge.GetCount(1), judge.GetMinimum(1), judge.GetMaximum(1))
    assert found.mean == pytest.approx(judge.GetMean(1), rel=1e-9)
    assert found.sd == pytest.approx(judge.GetSigma(1), rel=1e-9)
    assert found.unit == "HU"
    assert found.volume_ml == pytest.approx(found.count * 0.9 * 0.7 * 1.5 / 1000, rel=1e-9)


def ellipse(
    middle: tuple[float, float, float], axes: tuple[int, int], half: tuple[float, float], degrees: float
) -> Finding:
    """In the plane of two patient axes, turned in it."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    one, other = np.zeros(3), np.zeros(3)
    one[list(axes)] = c, s
    other[list(axes)] = -s, c
    center = np.array(middle)
    ends = [center - one * half[0], center + one * half[0], center - other * half[1], center + other * half[1]]
    return finding(Kind.ELLIPSE, [tuple(each) for each in ends])


@pytest.mark.parametrize("degrees", [0.0, 31.0, 90.0])
@pytest.mark.parametrize("slice_", [0, 9, SHAPE[0] - 1])
def test_an_ellipse_on_an_image_takes_that_images_voxels(degrees: float, slice_: int, noise: Voxels) -> None:
    middle = (-9.0, 12.0 + 1.5 * slice_, 22.0)
    found = region_statistics(noise, ellipse(middle, (0, 2), (8.3, 4.1), degrees))
    away = points_lps() - np.array(middle)
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    across, down = away[..., 0] * c + away[..., 2] * s, -away[..., 0] * s + away[..., 2] * c
    mask = (across / 8.3) ** 2 + (down / 4.1) ** 2 <= 1
    mask &= np.arange(SHAPE[0])[:, None, None] == slice_
    agrees(found, mask)


@pytest.mark.parametrize("away_mm", [-0.7, 0.0, 0.7])
def test_a_plane_between_images_takes_the_nearest_one(away_mm: float, noise: Voxels) -> None:
    found = region_statistics(noise, ellipse((-9.0, 12.0 + 1.5 * 7 + away_mm, 22.0), (0, 2), (8.0, 8.0), 0))
    exact = region_statistics(noise, ellipse((-9.0, 12.0 + 1.5 * 7, 22.0), (0, 2), (8.0, 8.0), 0))
    assert found == exact


@pytest.mark.parametrize(("axes", "across"), [((0, 1), 2), ((1, 2), 0)])
def test_a_region_on_a_plane_across_the_images(axes: tuple[int, int], across: int, noise: Voxels) -> None:
    middle = [-9.2, 28.1, 21.1]
    found = region_statistics(noise, ellipse(tuple(middle), axes, (9.0, 6.0), 20))
    away = points_lps() - np.array(middle)
    c, s = math.cos(math.radians(20)), math.sin(math.radians(20))
    one, other = away[..., axes[0]] * c + away[..., axes[1]] * s, -away[..., axes[0]] * s + away[..., axes[1]] * c
    size = (0.7, 1.5, 0.9)[across]
    mask = ((one / 9) ** 2 + (other / 6) ** 2 <= 1) & (np.abs(away[..., across]) <= size / 2)
    agrees(found, mask)


def test_a_polygon_counts_centres_on_its_edge(noise: Voxels) -> None:
    """Corners on voxel centres of image 5: a block of 11 rows and 21 columns, edges included."""
    corners = [GRID.points_lps(5)[row, column] for row, column in ((20, 10), (20, 30), (30, 30), (30, 10))]
    for kind in (Kind.FREEHAND, Kind.RECTANGLE):
        found = region_statistics(noise, finding(kind, [tuple(each) for each in corners]))
        mask = np.zeros(SHAPE, np.bool_)
        mask[5, 20:31, 10:31] = True
        agrees(found, mask)
        assert found is not None
        assert found.count == 11 * 21


def test_a_hollow_polygon(noise: Voxels) -> None:
    """A U of voxel blocks whose hollow is not inside; its edges run between centres."""
    rows = [
        (19.5, 9.5),
        (19.5, 15.5),
        (25.5, 15.5),
        (25.5, 20.5),
        (19.5, 20.5),
        (19.5, 30.5),
        (30.5, 30.5),
        (30.5, 9.5),
    ]
    corners = [GRID.points_lps(5)[0, 0] + np.array([0.7 * column, 0, -0.9 * row]) for row, column in rows]
    found = region_statistics(noise, finding(Kind.POLYLINE, [tuple(each) for each in corners], closed=True))
    mask = np.zeros(SHAPE, np.bool_)
    mask[5, 20:31, 10:31] = True
    mask[5, 20:26, 16:21] = False
    agrees(found, mask)


def test_padding_is_left_out_and_an_edge_is_said(noise: Voxels) -> None:
    middle = (-9.0, 12.0 + 1.5 * 3, 50.0)
    found = region_statistics(noise, ellipse(middle, (0, 2), (9.0, 9.0), 0))
    assert found is not None
    assert found.min >= -900
    assert any("beyond" in notice for notice in found.notices)


def test_nothing_stored_inside_is_refused(noise: Voxels) -> None:
    with pytest.raises(Refused) as refused:
        region_statistics(noise, ellipse((500.0, 12.0, 22.0), (0, 2), (8.0, 8.0), 0))
    assert refused.value.reason is Reason.PAST_EDGE


def test_a_probe_reads_the_voxel_it_lies_in(noise: Voxels) -> None:
    place = GRID.points_lps(4)[33, 21] + np.array([0.3, 0.6, 0.4])
    found = region_statistics(noise, finding(Kind.PROBE, [tuple(place)]))
    assert found is not None
    (value,) = as_values(found, Kind.PROBE)
    assert (value.value, value.unit) == (float(VALUES[4, 33, 21]), "HU")


def test_percentiles_are_those_of_the_voxels(noise: Voxels) -> None:
    region = ellipse((-9.0, 12.0 + 1.5 * 9, 22.0), (0, 2), (8.3, 4.1), 31)
    away = points_lps()[9] - np.array((-9.0, 12.0 + 1.5 * 9, 22.0))
    c, s = math.cos(math.radians(31)), math.sin(math.radians(31))
    across, down = away[..., 0] * c + away[..., 2] * s, -away[..., 0] * s + away[..., 2] * c
    expected = np.percentile(VALUES[9][(across / 8.3) ** 2 + (down / 4.1) ** 2 <= 1], [5, 95])
    found = percentiles(noise, region)
    assert (found[5], found[95]) == pytest.approx(tuple(expected))


def test_what_has_not_arrived_is_not_told(noise: Voxels) -> None:
    filled = noise.filled.copy()
    filled[9] = False
    waiting = Voxels(noise.display_set, noise.stored, filled, noise.rescale, noise.padding, noise.unit)
    assert region_statistics(waiting, ellipse((-9.0, 12.0 + 1.5 * 9, 22.0), (0, 2), (8.3, 4.1), 0)) is None


def test_colours_have_no_statistics(noise: Voxels) -> None:
    colour = Voxels(noise.display_set, np.zeros((*SHAPE, 3), np.uint8), noise.filled, noise.rescale, None, "")
    with pytest.raises(Refused) as refused:
        region_statistics(colour, ellipse((-9.0, 20.0, 22.0), (0, 2), (8.3, 4.1), 0))
    assert refused.value.reason is Reason.NO_NUMBERS


def test_pixels_of_one_image(noise: Voxels) -> None:
    """A region in pixels belongs to its own image alone, and reads that one."""
    ref = noise.display_set.images[6]
    corners = [(9.5, 19.5), (30.5, 19.5), (30.5, 30.5), (9.5, 30.5)]
    region = finding(
        Kind.FREEHAND, corners, image=ref.instance.SOPInstanceUID, sources=(Source(ref.instance.SOPInstanceUID),)
    )
    found = region_statistics(noise, region)
    assert found is not None
    assert found.mean == pytest.approx(noise.values(6)[20:31, 10:31].mean())
    assert found.volume_ml == 0.0


def test_a_region_of_padding_alone_says_that_it_is_padding(noise: Voxels) -> None:
    corners = [GRID.points_lps(5)[row][column] for row, column in ((1, 10), (1, 20), (4, 20), (4, 10))]
    with pytest.raises(Refused) as refused:
        region_statistics(noise, finding(Kind.RECTANGLE, corners))
    assert refused.value.reason is Reason.ONLY_PADDING
