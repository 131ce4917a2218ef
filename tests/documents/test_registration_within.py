"""A series moved within its frame, as a document: two items name one frame, and their images tell the two apart."""

import io
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset

from tests.case.stacks import stack
from tests.documents.test_registration import TURNED, bent, changed, only, places, source
from workstation.documents.registration import spatial_registration
from workstation.documents.registration_read import read_registration
from workstation.errors import Reason, Refused
from workstation.imaging.alignment import Registration, own_frame

FRAME = "1.2.9"
CT = stack("1", count=3, frame=FRAME, study="1.2.1")
PET = stack("2", count=2, frame=FRAME, study="1.2.1", spacing=(3.5, 2.0), modality="PT")
THIRD = stack("3", count=2, frame=FRAME, study="1.2.1")
OWN = own_frame(FRAME, PET.series_instance_uid)
ALL = places(CT, PET, THIRD)


def moved(**more: Any) -> Registration:
    usual: dict[str, Any] = {"matrix": TURNED, "made_by": "by hand (Hounsfield 1)", "accepted": True}
    return Registration("2.25.78", FRAME, OWN, **(usual | more))


def written(made: Registration) -> bytes:
    images = [[ref.instance for ref in each.images] for each in (CT, PET)]
    return spatial_registration(made, images[0], images[1], source())


@pytest.mark.parametrize("made", [moved(), replace(bent(), fixed=FRAME, moving=OWN)], ids=["rigid", "deformable"])
def test_it_is_what_the_standard_asks_for_and_names_one_frame(
    made: Registration, tool: Callable[[str], Path], tmp_path: Path
) -> None:
    file = tmp_path / "r.dcm"
    file.write_bytes(written(made))
    said = subprocess.run([tool("dciodvfy"), "-new", file], capture_output=True, text=True).stderr
    assert "SpatialRegistration" in said
    assert not [line for line in said.splitlines() if line.startswith("Error")], said
    assert "\\" + PET.series_instance_uid not in str(pydicom.dcmread(file))
    read = only(read_registration(file.read_bytes(), ALL))
    assert (read.fixed, read.moving, read.uid) == (FRAME, OWN, made.uid)
    assert read.matrix == pytest.approx(made.matrix) and read.accepted is made.accepted
    assert read.made_by == made.made_by and (read.field is None) is (made.field is None)


def test_each_item_names_the_frame_and_the_images_that_it_is_about() -> None:
    dataset = pydicom.dcmread(io.BytesIO(written(moved())))
    assert dataset.FrameOfReferenceUID == FRAME
    for item, images, matrix in zip(dataset.RegistrationSequence, (CT, PET), (np.eye(4), TURNED), strict=True):
        named = [each.ReferencedSOPInstanceUID for each in item.ReferencedImageSequence]
        assert item.FrameOfReferenceUID == FRAME and named == [ref.instance.SOPInstanceUID for ref in images.images]
        (one,) = item.MatrixRegistrationSequence[0].MatrixSequence
        assert np.reshape(one.FrameOfReferenceTransformationMatrix, (4, 4)).astype(float) == pytest.approx(matrix)


def test_one_from_elsewhere_moves_the_series_that_its_images_name() -> None:
    def elsewhere(dataset: Dataset) -> None:
        dataset.Manufacturer, dataset.ManufacturerModelName = "Other", "Fuse"
        del dataset.RegistrationSequence[0]  # what stays need not be said

    read = read_registration(changed(written(moved()), elsewhere), ALL)
    assert only(read).moving == OWN and not only(read).accepted and not read.odd


def _not_all(dataset: Dataset) -> None:
    del dataset.RegistrationSequence[1].ReferencedImageSequence[0]


def _none(dataset: Dataset) -> None:
    del dataset.RegistrationSequence[1].ReferencedImageSequence


def _others_too(dataset: Dataset) -> None:
    item = Dataset()
    item.ReferencedSOPClassUID = THIRD.first.SOPClassUID
    item.ReferencedSOPInstanceUID = THIRD.first.SOPInstanceUID
    dataset.RegistrationSequence[1].ReferencedImageSequence.append(item)


def _both_ways(dataset: Dataset) -> None:
    image = dataset.RegistrationSequence[1].ReferencedImageSequence[0]
    dataset.RegistrationSequence[0].ReferencedImageSequence.append(image)


@pytest.mark.parametrize("change", [_not_all, _none, _others_too, _both_ways])
def test_where_its_images_do_not_name_one_whole_series_nothing_is_moved(change: Callable[[Dataset], None]) -> None:
    with pytest.raises(Refused) as caught:
        read_registration(changed(written(moved()), change), ALL)
    assert caught.value.reason is Reason.NO_FRAMES


def test_images_that_are_not_here_move_nothing() -> None:
    for known in ({}, places(CT, THIRD), places(CT, replace(PET, images=PET.images[:0]))):
        with pytest.raises(Refused):
            read_registration(written(moved()), known)
    assert only(read_registration(written(moved()), places(PET))).moving == OWN


@pytest.mark.parametrize("frames", [(FRAME, FRAME), (OWN, FRAME), ("1.2.7", OWN), (OWN, "1.2.7")])
def test_nothing_else_can_be_said_of_one_frame(frames: tuple[str, str]) -> None:
    with pytest.raises(Refused):
        written(replace(moved(), fixed=frames[0], moving=frames[1]))
