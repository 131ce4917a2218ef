"""Sphere statistics against SimpleITK's label statistics on a mask made here, and against closed forms."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK

from tests.loading.opened import imported, loaded, studies
from workstation.errors import Reason, Refused
from workstation.findings.statistics import Sphere, sphere_statistics
from workstation.imaging.volume import Voxels
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import CORONAL, Grid
from workstation.phantom.series import PhantomSeries
from workstation.phantom.shapes import DEFAULT_INSERTS, shapes_phantom

SHAPE = (40, 90, 80)
NOISE_GRID = Grid(SHAPE, (-30.0, 12.0, 50.0), (0.9, 0.7), 1.5, CORONAL)
PADDED_ROWS = 10
SPHERES = [
    Sphere((0.0, 40.0, 20.0), 3.0),
    Sphere((-4.3, 33.7, 11.1), 8.25),
    Sphere((5.1, 50.2, 15.9), 1.05),
    Sphere((1.0, 38.0, 18.0), 16.0),
]


def voxels_of(series: PhantomSeries, folder: Path) -> Voxels:
    write_series(series, folder / "in")
    home = imported(folder, folder / "in")
    (voxels,) = loaded(home, *studies(home))
    return voxels


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Voxels:
    """Noise with padding in the first rows, sliced from front to back with unequal spacings."""
    values = np.random.default_rng(3).integers(-900, 1200, SHAPE).astype(np.int16)
    values[:, :PADDED_ROWS] = -3024
    series = PhantomSeries(values, NOISE_GRID, pixel_padding_value=-2000)
    return voxels_of(series, tmp_path_factory.mktemp("noise"))


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Voxels:
    return voxels_of(shapes_phantom()[0], tmp_path_factory.mktemp("shapes"))


def itk_statistics(series: np.ndarray, grid: Grid, sphere: Sphere) -> SimpleITK.LabelStatisticsImageFilter:
    """ITK's own statistics over the voxels whose centre lies in the sphere and that are no padding."""
    points = np.stack([grid.points_lps(k) for k in range(grid.shape[0])])
    mask = np.linalg.norm(points - np.array(sphere.center_lps), axis=-1) <= sphere.radius_mm
    mask &= series != -3024
    judge = SimpleITK.LabelStatisticsImageFilter()
    judge.Execute(
        SimpleITK.GetImageFromArray(series.astype(np.float64)), SimpleITK.GetImageFromArray(mask.astype(np.uint8))
    )
    return judge


@pytest.mark.parametrize("sphere", SPHERES)
def test_statistics_equal_those_of_itk(sphere: Sphere, noise: Voxels) -> None:
    values = np.random.default_rng(3).integers(-900, 1200, SHAPE).astype(np.int16)
    values[:, :PADDED_ROWS] = -3024
    judge = itk_statistics(values, NOISE_GRID, sphere)
    found = sphere_statistics(noise, sphere)
    assert found.count == judge.GetCount(1)
    assert (found.min, found.max) == (judge.GetMinimum(1), judge.GetMaximum(1))
    assert found.mean == pytest.approx(judge.GetMean(1), rel=1e-9)
    assert found.sd == pytest.approx(judge.GetSigma(1), rel=1e-9)
    assert found.volume_ml == pytest.approx(found.count * 0.9 * 0.7 * 1.5 / 1000, rel=1e-9)
    assert found.unit == "HU"


@pytest.mark.parametrize("insert", [each for each in DEFAULT_INSERTS if hasattr(each, "volume_ml")][:3])
def test_a_sphere_over_a_ball_reads_its_value_and_its_volume(insert: object, shapes: Voxels) -> None:
    sphere = Sphere(insert.center_lps, insert.radius_mm)
    found = sphere_statistics(shapes, sphere)
    assert found.mean == found.min == found.max == found.median == insert.value_hu
    assert found.sd == 0
    assert found.volume_ml == pytest.approx(4 / 3 * np.pi * insert.radius_mm**3 / 1000, rel=0.02)
    assert found.notices == ()


def test_padding_is_not_measured(noise: Voxels) -> None:
    """A sphere that reaches into the padded rows counts only what was measured."""
    found = sphere_statistics(noise, Sphere((0.0, 40.0, 50.0 - 0.9 * (PADDED_ROWS - 0.5)), 6.0))
    assert found.min >= -900
    assert found.volume_ml == pytest.approx(4 / 3 * np.pi * 6**3 / 2000, rel=0.05)


def test_only_padding_is_refused(noise: Voxels) -> None:
    with pytest.raises(Refused) as refused:
        sphere_statistics(noise, Sphere((0.0, 40.0, 48.0), 1.5))
    assert refused.value.reason is Reason.PAST_EDGE


@pytest.mark.parametrize(
    "center", [(-30.0, 40.0, 20.0), (0.0, 12.0, 20.0), (0.0, 12.0 + 39 * 1.5, 20.0), (0.0, 40.0, -29.0)]
)
def test_a_sphere_over_the_edge_says_so(center: tuple[float, float, float], noise: Voxels) -> None:
    found = sphere_statistics(noise, Sphere(center, 5.0))
    assert any("beyond" in notice for notice in found.notices)


def test_a_sphere_away_from_the_voxels_is_refused(noise: Voxels) -> None:
    with pytest.raises(Refused) as refused:
        sphere_statistics(noise, Sphere((500.0, 500.0, 500.0), 5.0))
    assert refused.value.reason is Reason.PAST_EDGE
