"""Forty places of a real chest CT that were labelled by eye before there was a program to judge: bone goes, all else
stays."""

import io
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from scipy import ndimage

from tests.imaging.given import given
from workstation.imaging.bed import body
from workstation.imaging.bones import bones
from workstation.imaging.geometry import Grid
from workstation.imaging.volume import Voxels

PLACES = Path(__file__).parent / "lidc_bones.toml"
PADDING = (-4000.0, -2000.0)


@pytest.fixture(scope="module")
def chest(data_dir: Path) -> Voxels:
    """The CT as pydicom reads it, in HU, from head to feet."""
    with zipfile.ZipFile(data_dir / "ct_chest_lidc0001" / "LIDC-IDRI-0001.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".dcm")]
        images: list[Any] = [pydicom.dcmread(io.BytesIO(archive.read(name))) for name in names]
    images.sort(key=lambda image: -float(image.ImagePositionPatient[2]))
    first = images[0]
    x, y, z = (float(each) for each in first.ImagePositionPatient)
    values = np.stack([image.pixel_array.astype(np.int16) + int(image.RescaleIntercept) for image in images])
    step = float(first.PixelSpacing[0])
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0))
    grid = Grid((x, y, z), axes, (step, step, 2.5), (512, 512, len(images)))
    return given(values, grid, padding=PADDING)


def test_bones_go_and_all_else_stays_as_labelled(chest: Voxels) -> None:
    grid = chest.display_set.grid
    assert grid is not None
    found = bones(chest, lambda done, total: None)
    labelled = tomllib.loads(PLACES.read_text())
    assert len(labelled["bone"]) == len(labelled["keep"]) == 20
    for kind in ("bone", "keep"):
        for place in labelled[kind]:
            i, j, k = (round(each) for each in grid.index(tuple(place["lps"])))
            assert found.has((i, j, k)) == (kind == "bone"), place["name"]


def test_the_table_goes_and_no_voxel_of_the_body(chest: Voxels) -> None:
    """ITK's largest connected part above -300 HU is the patient on the cover of the mattress, the second the table.

    The cover is thin and the patient is not: slices that are opened have none of it but where it lies on the skin.
    """
    import SimpleITK

    grid = chest.display_set.grid
    assert grid is not None
    values = np.asarray(chest.stored)[::3]
    thinned = replace(grid, spacing=(*grid.spacing[:2], 7.5), size=(512, 512, len(values)))
    image = SimpleITK.GetImageFromArray((values > -300).astype(np.uint8))
    parts = SimpleITK.RelabelComponent(SimpleITK.ConnectedComponent(image))
    labels = SimpleITK.GetArrayFromImage(parts)
    table = np.argwhere(labels == 2)
    assert table[:, 0].min() == 0 and table[:, 0].max() == len(values) - 1 and table[:, 1].min() > 420
    found = body(given(values, thinned, padding=PADDING), lambda done, total: None).array()
    mask = SimpleITK.GetImageFromArray((labels == 1).astype(np.uint8))
    patient = SimpleITK.BinaryMorphologicalOpening(mask, [6, 6, 0])
    inside = SimpleITK.GetArrayFromImage(SimpleITK.BinaryErode(patient, [2, 2, 0])) > 0
    assert inside.sum() > 3_500_000 and found[inside].all()
    skin = SimpleITK.GetArrayFromImage(patient) > 0
    assert (~found & skin).sum() < 1e-4 * skin.sum(), "where the cover lies on the skin, they are one"
    assert not found[labels == 2].any()


def test_the_mattress_goes_with_its_cover_where_it_lies_apart_from_the_back(chest: Voxels) -> None:
    """At the shoulders the cover is as wide as the table below it, and air is between it and the skin."""
    found = body(chest, lambda done, total: None)
    wide = 0
    for image in range(2, 10):
        labels, _ = ndimage.label(chest.stored[image] > -300)
        sizes = np.bincount(labels.ravel())
        for number, (_, columns) in enumerate(ndimage.find_objects(labels), start=1):
            if columns.stop - columns.start > 150 and number != sizes[1:].argmax() + 1:
                wide += 1
                assert not (
                    found.within((slice(image, image + 1), slice(0, 512), slice(0, 512)))[0][labels == number]
                ).any()
    assert wide >= 12, "eight slices with a table, and most with a cover"
