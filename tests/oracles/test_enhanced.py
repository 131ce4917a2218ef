"""Multi-frame objects are the volumes of their single-frame twins and of other programs' NIfTI and NRRD, all voxels."""

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest

from tests.loading.opened import imported, loaded, studies
from workstation.imaging.geometry import Grid
from workstation.imaging.volume import Voxels

LEGACY = "enhanced_multiframe/legacy_converted_ct_24x38x3"
MOSAIC = "enhanced_multiframe/siemens_mosaic_axasc35"
FMRI = "enhanced_multiframe/ge_fmri_4d"


def volumes(folder: Path, *paths: Path) -> tuple[Voxels, ...]:
    home = imported(folder, *paths)
    (study,) = studies(home)
    return loaded(home, study)


def same_grid(a: Grid | None, b: Grid | None) -> None:
    assert a is not None and b is not None
    assert a.size == b.size
    np.testing.assert_allclose(a.lps_from_index, b.lps_from_index, atol=1e-6)


def test_legacy_converted_and_single_frames_are_one_volume(data_dir: Path, tmp_path: Path) -> None:
    (single,) = volumes(tmp_path / "a", data_dir / LEGACY / "image")
    (enhanced,) = volumes(tmp_path / "b", data_dir / LEGACY / "multiframe")
    same_grid(single.display_set.grid, enhanced.display_set.grid)
    np.testing.assert_array_equal(single.stored, enhanced.stored)
    assert single.rescale == enhanced.rescale


def test_a_segmentation_lies_on_its_images_and_is_its_nrrd(data_dir: Path, tmp_path: Path) -> None:
    import SimpleITK

    (ct,) = volumes(tmp_path / "a", data_dir / LEGACY / "image")
    (segmentation,) = volumes(tmp_path / "b", data_dir / LEGACY / "seg")
    same_grid(ct.display_set.grid, segmentation.display_set.grid)
    truth = SimpleITK.ReadImage(str(data_dir / LEGACY / "nrrd/label.nrrd"))
    grid = segmentation.display_set.grid
    assert grid is not None
    for k, j, i in np.ndindex(segmentation.stored.shape):
        there = truth.TransformPhysicalPointToIndex(grid.point((i, j, k)))
        assert bool(truth[there]) == bool(segmentation.stored[k, j, i])


@pytest.mark.parametrize("which", [0, 1])
def test_a_mosaic_is_the_volume_of_its_nifti(data_dir: Path, tmp_path: Path, which: int) -> None:
    found = volumes(tmp_path, data_dir / MOSAIC)
    assert [each.stored.shape for each in found] == [(35, 64, 64)] * 2
    equals_nifti(found[which], nifti(data_dir / MOSAIC / "6_ax_asc_35sl.nii"), which)


@pytest.mark.parametrize("which", [0, 1])
def test_time_points_of_a_functional_series_are_the_volumes_of_its_nifti(
    data_dir: Path, tmp_path: Path, which: int
) -> None:
    found = volumes(tmp_path, data_dir / FMRI)
    assert [each.stored.shape for each in found] == [(4, 64, 64)] * 2
    path = tmp_path / "truth.nii"
    path.write_bytes(gzip.decompress((data_dir / FMRI / "001_ground_truth.nii.gz").read_bytes()))
    equals_nifti(found[which], nifti(path), which)


def nifti(path: Path) -> Any:
    import nibabel

    return nibabel.load(path)


def equals_nifti(ours: Voxels, truth: Any, time: int) -> None:
    """Each of our voxels is the one that lies there, not only its number: NIfTI counts to the left and front (RAS)."""
    grid = ours.display_set.grid
    assert grid is not None
    ras_from_index = np.diag([-1.0, -1.0, 1.0, 1.0]) @ grid.lps_from_index
    k, j, i = np.indices(ours.stored.shape).reshape(3, -1)
    there = np.linalg.inv(truth.affine) @ ras_from_index @ np.stack([i, j, k, np.ones_like(i)])
    nearest = np.rint(there[:3]).astype(int)
    np.testing.assert_allclose(there[:3], nearest, atol=2e-3)
    values = np.asarray(truth.dataobj)[..., time][tuple(nearest)]
    np.testing.assert_array_equal(ours.stored.reshape(-1), values)


def test_frames_of_one_place_come_in_the_order_of_time(data_dir: Path, tmp_path: Path) -> None:
    path = data_dir / "enhanced_multiframe/MOVEKNEE.dcm"
    (knee,) = volumes(tmp_path, path)
    np.testing.assert_array_equal(knee.stored, pydicom.dcmread(path).pixel_array)
    times = knee.display_set.times_ms
    assert len(times) == 19 and times[1] == 4 * 60 * 1000.0


def test_enhanced_mr_made_of_real_slices_is_their_volume(data_dir: Path, tmp_path: Path) -> None:
    """highdicom converts; what it wrote is read by us, and both are the same block in the same place."""
    from highdicom.legacy import LegacyConvertedEnhancedMRImage

    slices = [pydicom.dcmread(path) for path in sorted((data_dir / "mr_brain_nist").rglob("MR_*.dcm"))]
    uid = slices[0].SeriesInstanceUID
    slices = [each for each in slices if each.SeriesInstanceUID == uid]
    for each in slices:
        each.remove_private_tags()
    enhanced = LegacyConvertedEnhancedMRImage(
        legacy_datasets=slices,
        series_instance_uid=pydicom.uid.generate_uid(entropy_srcs=[uid]),
        series_number=99,
        sop_instance_uid=pydicom.uid.generate_uid(entropy_srcs=[uid, "1"]),
        instance_number=1,
    )
    folder = tmp_path / "in"
    folder.mkdir()
    enhanced.save_as(folder / "enhanced.dcm")
    for number, each in enumerate(slices):
        each.save_as(folder / f"{number}.dcm")
    single, many = volumes(tmp_path, folder)
    assert [voxels.display_set.first.images for voxels in (single, many)] == [1, len(slices)]
    a, b = single.display_set.grid, many.display_set.grid
    assert a is not None and b is not None
    if np.dot(a.axes[2], b.axes[2]) < 0:
        assert a.origin_lps == pytest.approx(b.point((0, 0, b.size[2] - 1)))
        np.testing.assert_array_equal(single.stored, many.stored[::-1])
    else:
        same_grid(a, b)
        np.testing.assert_array_equal(single.stored, many.stored)
