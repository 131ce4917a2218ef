"""IBSI-2 digital phantoms: every voxel equals its NIfTI twin, at the same place in the patient."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from tests.loading.opened import imported, loaded, studies
from workstation.imaging.volume import Voxels

PHANTOMS = ("orientation", "sphere", "impulse")
TWIN_FROM_LPS = np.diag([-1.0, -1.0, -1.0, 1.0])
"""RAS from LPS, and the opposite z of these twins."""


@pytest.fixture(scope="module", params=PHANTOMS)
def pair(request: pytest.FixtureRequest, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple:
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
