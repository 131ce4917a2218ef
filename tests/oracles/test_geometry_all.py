"""Size, spacing, origin and direction of every volume of single frames, as SimpleITK's GDCM reader has them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.loading.opened import imported, studies
from workstation.cache import files
from workstation.case.open import study_sets
from workstation.imaging.displaysets import DisplaySet
from workstation.paths import Home

VOLUMES = {
    "ct_chest_lidc0001": 1,
    "ct_phantom_catphan504": 1,
    "derived_objects": 1,
    "dicomdir_media": 1,
    "enhanced_multiframe": 3,
    "ibsi2_digital_phantoms": 3,
    "mr_brain_nist": 2,
    "mr_longitudinal_decubitus": 2,
    "pet_suv": 1,
    "pet_suv_dro": 9,
    "petctmr_sts_006": 3,
}
"""Folder -> volumes of single-frame objects in it."""


def volumes(home: Home) -> Iterator[tuple[DisplaySet, dict[str, str]]]:
    for study in studies(home):
        sets, digests = study_sets(home, study)
        for each in sets:
            if each.grid is not None and all(ref.instance.images == 1 for ref in each.images):
                yield each, digests


@pytest.mark.parametrize("name", VOLUMES)
def test_volumes_lie_where_simpleitk_puts_them(data_dir: Path, tmp_path: Path, name: str) -> None:
    home = imported(tmp_path, data_dir / name)
    compared = 0
    for number, (each, digests) in enumerate(volumes(home)):
        folder = tmp_path / str(number)
        folder.mkdir()
        compare(each, [files.read(home, digests[ref.instance.SOPInstanceUID]) for ref in each.images], folder)
        compared += 1
    assert compared == VOLUMES[name]


def compare(display_set: DisplaySet, slices: list[bytes], folder: Path) -> None:
    """SimpleITK reads the slices along their normal; ours may be in the other order."""
    import SimpleITK

    grid = display_set.grid
    assert grid is not None
    along = float(np.dot(np.cross(grid.axes[0], grid.axes[1]), grid.axes[2]))
    assert abs(along) == pytest.approx(1, abs=1e-6), "the tilted volume is in nasty/"
    names = [folder / f"{number:05}.dcm" for number in range(len(slices))]
    for path, data in zip(names, slices if along > 0 else reversed(slices), strict=True):
        path.write_bytes(data)
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames([str(path) for path in names])
    image = reader.Execute()
    last = (0, 0, grid.size[2] - 1)
    axes = np.array([*grid.axes[:2], np.array(grid.axes[2]) * np.sign(along)])
    assert image.GetSize() == grid.size
    assert image.GetSpacing() == pytest.approx(grid.spacing, rel=1e-4)
    assert image.GetOrigin() == pytest.approx(grid.origin_lps if along > 0 else grid.point(last), abs=1e-3)
    np.testing.assert_allclose(np.array(image.GetDirection()).reshape(3, 3).T, axes, atol=1e-5)


def test_dose_planes_lie_where_simpleitk_puts_them(data_dir: Path, tmp_path: Path) -> None:
    import SimpleITK

    path = data_dir / "rt_dicompyler/rtdose.dcm"
    home = imported(tmp_path, path)
    sets, _ = study_sets(home, studies(home)[0])
    grid, image = sets[0].grid, SimpleITK.ReadImage(str(path))
    assert grid is not None
    assert (image.GetSize(), image.GetSpacing()) == (grid.size, pytest.approx(grid.spacing))
    assert image.GetOrigin() == pytest.approx(grid.origin_lps)
    np.testing.assert_allclose(np.array(image.GetDirection()).reshape(3, 3).T, grid.axes)
