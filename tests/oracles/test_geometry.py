"""Volumes of real data against SimpleITK's GDCM series reader: the same voxels at the same places in the patient."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK

from tests.loading.opened import imported, loaded, studies

VOLUMES = {
    "lidc": ("ct_chest_lidc0001/LIDC-IDRI-0001.zip", "CT", 133),
    "catphan": ("ct_phantom_catphan504/Low_dose_thorax.zip", "CT", 64),
    "brain axial": ("mr_brain_nist/IDS-DEPT002-a", "MR", 20),
    "brain sagittal": ("mr_brain_nist/IDS-DEPT002-a", "MR", 16),
    "prone": ("mr_longitudinal_decubitus/HFDL_t1_fl2d_sag.zip", "MR", 35),
    "supine": ("mr_longitudinal_decubitus/HFS_t1_fl2d_sag.zip", "MR", 35),
}


@pytest.fixture(scope="module", params=VOLUMES)
def volume(request: pytest.FixtureRequest, data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple:
    """Our voxels and ITK's image of one series."""
    source, modality, images = VOLUMES[request.param]
    folder = tmp_path_factory.mktemp("volume")
    one = folder / "one"
    _unpacked(data_dir / source, one, modality, images)
    home = imported(folder, one)
    (study,) = studies(home)
    (voxels,) = loaded(home, study)
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(one)))
    return voxels, reader.Execute()


def _unpacked(source: Path, target: Path, modality: str, images: int) -> None:
    """The one series of `source` that has so many images, flat in a folder."""
    whole = target.parent / "whole"
    if source.is_dir():
        shutil.copytree(source, whole)
    else:
        with zipfile.ZipFile(source) as archive:
            archive.extractall(whole)
    series: dict[str, list[Path]] = {}
    for path in sorted(each for each in whole.rglob("*") if each.is_file()):
        header = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        if header.get("Modality") == modality:
            series.setdefault(header.SeriesInstanceUID, []).append(path)
    (files,) = [each for each in series.values() if len(each) == images]
    target.mkdir()
    for number, path in enumerate(files):
        shutil.copy(path, target / f"{number:04d}.dcm")


def test_size_spacing_and_place_of_all_corners_agree(volume: tuple) -> None:
    voxels, image = volume
    grid = voxels.display_set.grid
    assert grid is not None
    assert grid.size == image.GetSize()
    assert grid.spacing == pytest.approx(image.GetSpacing(), abs=1e-4)
    theirs = np.array(image.GetDirection()).reshape(3, 3).T
    assert np.abs(np.asarray(grid.axes)[:2]) == pytest.approx(np.abs(theirs[:2]), abs=1e-5)
    assert abs(float(np.dot(grid.axes[2], theirs[2]))) == pytest.approx(1, abs=1e-6)
    last = np.subtract(grid.size, 1)
    ours = sorted(grid.point(tuple((last * corner).tolist())) for corner in np.ndindex(2, 2, 2))
    itk = sorted(image.TransformIndexToPhysicalPoint((last * c).tolist()) for c in np.ndindex(2, 2, 2))
    assert np.array(ours) == pytest.approx(np.array(itk), abs=0.02)


def test_every_voxel_has_the_same_value_at_the_same_place(volume: tuple) -> None:
    voxels, image = volume
    array = SimpleITK.GetArrayFromImage(image)
    seen = set()
    for k in range(len(voxels.stored)):
        i, j, slice_index = image.TransformPhysicalPointToIndex(voxels.display_set.image_grid(k).point((0, 0, 0)))
        assert (i, j) == (0, 0)
        seen.add(slice_index)
        assert np.array_equal(voxels.rescale.apply(voxels.stored[k]), array[slice_index])
    assert len(seen) == len(voxels.stored)
