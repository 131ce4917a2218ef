"""Rule 7: rescale is per frame and in float; padding is never windowed, measured or averaged.

Incident: cornerstone3D#1925 (a slope of 0.01 became 0).
"""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray

from tests.loading.opened import imported, loaded, studies
from workstation.findings.statistics import Sphere, sphere_statistics
from workstation.imaging.volume import Voxels
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries

SHAPE = (6, 24, 20)
GRID = Grid(SHAPE, (0.0, 0.0, 0.0), (0.9, 0.7), 2.0)
SLOPES = (0.01, 0.37, 2.5, 0.0125, 1.0, 13.7)
PADDING = -777


def voxels_with(
    folder: Path, slopes: tuple[float, ...], padding: int | None = None
) -> tuple[NDArray[np.int16], Voxels]:
    """Stored values and what was loaded of them, under a slope for each slice and intercepts of their own."""
    stored = np.random.default_rng(1).integers(100, 1000, SHAPE).astype(np.int16)
    if padding is not None:
        stored[:, :, :7] = padding
    series = PhantomSeries(stored, GRID, rescale_intercept=0.0, pixel_padding_value=padding)
    for path, slope, number in zip(write_series(series, folder / "in"), slopes, range(len(slopes)), strict=True):
        dataset = pydicom.dcmread(path)
        dataset.RescaleSlope, dataset.RescaleIntercept = str(slope), str(-3 * number)
        dataset.save_as(path)
    home = imported(folder, folder / "in")
    (voxels,) = loaded(home, *studies(home))
    return stored, voxels


def test_each_image_has_its_own_slope(tmp_path: Path) -> None:
    stored, voxels = voxels_with(tmp_path, SLOPES)
    for image, slope in enumerate(SLOPES):
        wanted = stored[image] * slope - 3 * image
        assert voxels.values(image) == pytest.approx(wanted, rel=1e-6, abs=1e-4)
        assert np.ptp(voxels.values(image)) > 0


@pytest.mark.parametrize("slopes", [(1.0,) * 6, SLOPES], ids=["one slope", "a slope for each image"])
def test_padding_is_not_measured_whatever_the_slopes(slopes: tuple[float, ...], tmp_path: Path) -> None:
    stored, voxels = voxels_with(tmp_path, slopes, PADDING)
    sphere = Sphere((7 * 0.7, 10.0, 5.0), 4.5)
    points = np.stack([GRID.points_lps(k) for k in range(SHAPE[0])])
    inside = np.linalg.norm(points - np.array(sphere.center_lps), axis=-1) <= sphere.radius_mm
    values = stored * np.array(slopes)[:, None, None] - 3.0 * np.arange(SHAPE[0])[:, None, None]
    measured = values[inside & (stored != PADDING)]
    assert 0 < measured.size < inside.sum(), "the sphere must reach over the padding"
    found = sphere_statistics(voxels, sphere)
    assert found.count == measured.size
    assert found.mean == pytest.approx(measured.mean(), rel=1e-6)
    assert (found.min, found.max) == pytest.approx((measured.min(), measured.max()), rel=1e-6)


def test_padding_is_nan_among_values(tmp_path: Path) -> None:
    _, voxels = voxels_with(tmp_path, SLOPES, PADDING)
    for image in range(SHAPE[0]):
        nan = np.isnan(voxels.values(image))
        assert nan[:, :7].all() and not nan[:, 7:].any()
