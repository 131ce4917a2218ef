"""Presentation states against others: the picture that came with one, DCMTK's dcmp2pgm, and highdicom as the writer."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import highdicom
import numpy as np
import pydicom
import pytest
from highdicom.pr import GrayscaleSoftcopyPresentationState, SoftcopyVOILUTTransformation
from numpy.typing import NDArray

from tests.oracles.dcmtk import read_pnm
from tests.oracles.shown import Shown, shown
from workstation.case.presentation import apply_presentation
from workstation.documents.gsps import read_presentation
from workstation.imaging.softcopy import Presentation
from workstation.imaging.view import Framing
from workstation.picture.compose import compose

pytestmark = pytest.mark.usefixtures("qapp")
Tool = Callable[[str], Path]


def presented(seen: Shown, state: Presentation) -> Shown:
    """The image as the state says, at one device pixel for each of its own."""
    display_set = seen.view.display_set
    assert display_set is not None
    tile = apply_presentation(seen.view.tile, display_set, state)
    framing = Framing(one_to_one=True, quarter_turns=tile.framing.quarter_turns, mirrored=tile.framing.mirrored)
    return replace(seen, view=replace(seen.view, tile=replace(tile, framing=framing)))


def picture(seen: Shown, turned: bool = False) -> NDArray[np.uint8]:
    """What the composer paints of it, without marks: grey (rows, columns)."""
    rows, columns = seen.stored.shape[::-1] if turned else seen.stored.shape
    image = compose(seen.view, seen.voxels, "", (columns, rows), 1.0, bare=True).image
    rgb = np.frombuffer(image.constBits(), np.uint8).reshape(rows, image.bytesPerLine())[:, : columns * 4]
    channels = rgb.reshape(rows, columns, 4)
    assert (channels[..., 0] == channels[..., 1]).all() and (channels[..., 1] == channels[..., 2]).all()
    return channels[..., 0].copy()


def test_scrambled_tables_give_the_picture_that_came_with_them(data_dir: Path) -> None:
    from PySide6.QtGui import QImage

    folder = data_dir / "derived_objects" / "gsps"
    expected = QImage(str(folder / "expected_imgForPrLUT.png")).convertToFormat(QImage.Format.Format_Grayscale8)
    truth = np.frombuffer(expected.constBits(), np.uint8).reshape(512, expected.bytesPerLine())[:, :512].copy()
    state = read_presentation((folder / "prLUTs.dcm").read_bytes())
    assert state.label == "XLUT_P03" and state.modality and state.presentation and state.odd == ()
    ours = picture(presented(shown(folder / "imageForPrLUTs.dcm"), state))
    assert np.array_equal(ours, truth)


def by_dcmp2pgm(tool: Tool, state: Path, image: Path, folder: Path) -> NDArray[Any]:
    target = folder / "presented.pgm"
    command = [str(tool("dcmp2pgm")), "-p", str(state), str(image), str(target)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return read_pnm(target.read_bytes())


def test_scrambled_tables_agree_with_dcmtk(data_dir: Path, tool: Tool, tmp_path: Path) -> None:
    folder = data_dir / "derived_objects" / "gsps"
    theirs = by_dcmp2pgm(tool, folder / "prLUTs.dcm", folder / "imageForPrLUTs.dcm", tmp_path)
    state = read_presentation((folder / "prLUTs.dcm").read_bytes())
    assert np.array_equal(picture(presented(shown(folder / "imageForPrLUTs.dcm"), state)), theirs)


def written(image: Path, target: Path, window: tuple[float, float], **changes: Any) -> Path:
    """A presentation state by highdicom with a window; `changes` are attributes set afterwards."""
    reference = pydicom.dcmread(image, force=True)
    state = GrayscaleSoftcopyPresentationState(
        referenced_images=[reference],
        series_instance_uid=highdicom.UID(),
        series_number=9,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer="Test",
        manufacturer_model_name="Test",
        software_versions="1",
        device_serial_number="1",
        content_label="STATE",
        voi_lut_transformations=[SoftcopyVOILUTTransformation(window_center=window[0], window_width=window[1])],
    )
    for keyword, value in changes.items():
        setattr(state, keyword, value)
    state.save_as(target)
    return target


WANTED = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    *("AccessionNumber", "StudyID", "StudyDate", "StudyTime", "ReferringPhysicianName"),
)
IMAGES = ("derived_objects/highdicom/ct_image.dcm", "xray_xa_nm/CR-MONO1-10-chest.dcm")


@pytest.mark.parametrize("image", IMAGES)
@pytest.mark.parametrize("shape", ["IDENTITY", "INVERSE"])
@pytest.mark.parametrize(("rotation", "flip"), [(0, "N"), (90, "N"), (270, "N"), (0, "Y"), (90, "Y"), (180, "Y")])
def test_window_shape_and_turns_agree_with_dcmtk(
    image: str, shape: str, rotation: int, flip: str, data_dir: Path, tool: Tool, tmp_path: Path
) -> None:
    source = whole(data_dir / image, tmp_path)
    seen = shown(source)
    changes = {"PresentationLUTShape": shape, "ImageRotation": rotation, "ImageHorizontalFlip": flip}
    state = written(source, tmp_path / "state.dcm", (330.0, 700.0), **changes)
    theirs = by_dcmp2pgm(tool, state, source, tmp_path)
    ours = picture(presented(seen, read_presentation(state.read_bytes())), turned=rotation % 180 == 90)
    assert ours.shape == theirs.shape
    worst = int(np.abs(ours.astype(int) - theirs).max())
    assert worst <= 1
    unequal = float(np.mean(ours != theirs))
    assert unequal < 0.01


def whole(image: Path, folder: Path) -> Path:
    """A copy with file meta, which dcmp2pgm and highdicom ask for."""
    dataset = pydicom.dcmread(image, force=True)
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    for name in WANTED:
        if name not in dataset:
            setattr(dataset, name, "")
    dataset.PatientName = "Test^Image"
    target = folder / "image.dcm"
    dataset.save_as(target, enforce_file_format=True)
    return target
