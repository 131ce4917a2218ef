"""IBSI-2 digital phantoms: every voxel equals its NIfTI twin at the same place in the patient, in planes too."""

import math
from pathlib import Path
from typing import Any

import nibabel
import numpy as np
import pytest
import SimpleITK

from tests.loading.opened import imported, loaded, studies
from workstation.imaging.geometry import vec
from workstation.imaging.view import Framing, Interpolation, Orientation, ScreenPlane, orthogonal_plane, screen_plane
from workstation.imaging.volume import Voxels
from workstation.render.planar import sample

PHANTOMS = ("orientation", "sphere", "impulse")
TWIN_FROM_LPS = np.diag([-1.0, -1.0, -1.0, 1.0])
"""RAS from LPS, and the opposite z of these twins."""

STRAY = 0.001
"""Of the range of values: what positions in decimal strings and in float32 differ by, times the steepest edge."""


@pytest.fixture(scope="module", params=PHANTOMS)
def pair(
    request: pytest.FixtureRequest, data_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Voxels, Any]:
    """Our voxels and the NIfTI image of one phantom."""
    folder = data_dir / "ibsi2_digital_phantoms"
    home = imported(tmp_path_factory.mktemp("ibsi"), folder / "dicom" / request.param)
    (study,) = studies(home)
    (voxels,) = loaded(home, study)
    (twin,) = (folder / "nifti" / request.param / "image").rglob("*.nii*")
    return voxels, nibabel.load(twin)


def test_every_voxel_equals_its_twin_at_the_same_place(pair: tuple[Voxels, nibabel.Nifti1Image]) -> None:
    """Slice k of the NIfTI is at z = +2k mm, the same slice of the DICOM files at z = -2k mm: so they were written."""
    voxels, twin = pair
    grid = voxels.display_set.grid
    assert grid is not None and voxels.whole
    assert grid.size == twin.shape
    columns, rows, slices = grid.size
    k, j, i = np.indices((slices, rows, columns))
    index = np.stack([i, j, k, np.ones_like(i)], axis=-1).reshape(-1, 4)
    in_twin = index @ (np.linalg.inv(twin.affine) @ TWIN_FROM_LPS @ grid.lps_from_index).T
    nearest = np.rint(in_twin[:, :3]).astype(int)
    # Positions in the DICOM headers are decimal strings, in NIfTI float32: a hundredth of a voxel is neither's fault.
    assert np.abs(in_twin[:, :3] - nearest).max() < 0.01
    assert len(np.unique(nearest, axis=0)) == columns * rows * slices
    theirs = np.asarray(twin.dataobj)[tuple(nearest.T)]
    ours = np.concatenate([voxels.values(image) for image in range(slices)]).reshape(-1)
    assert np.array_equal(ours, theirs)
    assert np.unique(ours).size > 1


def in_twin(twin: nibabel.Nifti1Image, points_lps: np.ndarray) -> np.ndarray:
    """Indices (n, 3) of the NIfTI array at points (n, 3)."""
    index = np.c_[points_lps, np.ones(len(points_lps))] @ (np.linalg.inv(twin.affine) @ TWIN_FROM_LPS).T
    return np.asarray(index[:, :3])


def points_of(screen: ScreenPlane) -> np.ndarray:
    """The points (n, 3) of all pixels, row by row."""
    y, x = np.indices((screen.height, screen.width)).reshape(2, -1, 1)
    return np.asarray(np.array(screen.origin_lps) + x * np.array(screen.step_right) + y * np.array(screen.step_down))


@pytest.mark.parametrize("orientation", Orientation)
def test_planes_along_the_voxels_show_the_twins_values(
    pair: tuple[Voxels, nibabel.Nifti1Image], orientation: Orientation
) -> None:
    """Through every layer of voxels, a pixel of the screen to a voxel: no value is made up, none is lost."""
    voxels, twin = pair
    grid = voxels.display_set.grid
    assert grid is not None
    theirs = np.asarray(twin.dataobj)
    shown = np.zeros(theirs.shape, bool)
    for layer in range(max(grid.size)):
        i, j, k = (min(layer, size - 1) for size in grid.size)
        plane = orthogonal_plane(grid, orientation, grid.point((i, j, k)))
        width, height = (round(size / pixel) for size, pixel in zip(plane.size_mm, plane.pixel_mm, strict=True))
        screen = screen_plane(plane, Framing(), width, height)
        found = sample(voxels.stored, grid, screen, Interpolation.LINEAR, voxels.padding, voxels.filled)
        assert found.nothing is None and found.missing is None
        at = tuple(np.rint(in_twin(twin, points_of(screen))).astype(int).T)
        shown[at] = True
        assert np.array_equal(voxels.rescale.apply(found.values).ravel(), theirs[at])
    assert shown.all()


@pytest.mark.parametrize("about", range(3))
def test_a_plane_at_45_degrees_is_what_simpleitk_makes_of_the_twin(
    pair: tuple[Voxels, nibabel.Nifti1Image], about: int
) -> None:
    """Within the rounding to a stored value, wherever all eight voxels are there."""
    voxels, twin = pair
    grid = voxels.display_set.grid
    assert grid is not None
    middle, mm = np.array(grid.center_lps), 1.3
    right, along = np.eye(3)[(about + 1) % 3], np.eye(3)[about]
    down = (along + np.eye(3)[(about + 2) % 3]) / math.sqrt(2)
    corner = middle - (right + down) * mm * 40
    screen = ScreenPlane(vec(corner), vec(right * mm), vec(down * mm), 81, 81)
    found = sample(voxels.stored, grid, screen, Interpolation.LINEAR, voxels.padding, voxels.filled)
    judge: Any = SimpleITK.GetImageFromArray(np.asarray(twin.dataobj).T.astype(np.float64))
    at = in_twin(twin, points_of(screen))
    inside = np.all((at >= 0.001) & (at <= np.array(grid.size) - 1.001), axis=1)
    judged = [judge.EvaluateAtContinuousIndex(place, SimpleITK.sitkLinear) for place in at[inside].tolist()]
    assert inside.sum() > 2000
    ours = voxels.rescale.apply(found.values).ravel()[inside]
    assert np.abs(ours - judged).max() <= 0.5 * abs(voxels.rescale.slope) + STRAY * np.ptp(np.asarray(twin.dataobj))
