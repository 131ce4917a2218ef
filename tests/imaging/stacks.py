"""Instances as values for tests of display sets: 6 rows, 4 columns, unequal spacing; no bytes behind them."""

from dataclasses import replace
from typing import Any

from workstation.dicom.entities import Frame, Instance, Patient, PixelFormat, Vec3

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
PIXELS = PixelFormat(6, 4, 1, "MONOCHROME2", 0, 16, 12, 11, 0, 1, "PixelData")
FRAME = Frame(ImageOrientationPatient=AXIAL, PixelSpacing=(0.7, 0.5), SliceThickness=9.0)
_FRAME_NAMES = set(Frame.__dataclass_fields__)


def image(number: int, position: Vec3 | None, series: str = "1.2", **attributes: Any) -> Instance:
    """One single-frame instance; attributes go to its frame where a frame has such, else to the instance."""
    of_frame = {name: value for name, value in attributes.items() if name in _FRAME_NAMES}
    of_instance = {name: value for name, value in attributes.items() if name not in _FRAME_NAMES}
    instance = Instance(
        SOPInstanceUID=f"{series}.{number}",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.4",
        TransferSyntaxUID="1.2.840.10008.1.2.1",
        StudyInstanceUID="1",
        SeriesInstanceUID=series,
        patient=Patient("P"),
        pixels=PIXELS,
        frames=(replace(FRAME, ImagePositionPatient=position, **of_frame),),
        Modality="MR",
        InstanceNumber=number,
        FrameOfReferenceUID="1.9",
    )
    return replace(instance, **of_instance)


def stack(heights_mm: list[float], first: int = 1, **attributes: Any) -> list[Instance]:
    """Axial images at these heights, numbered from `first`."""
    return [image(first + n, (-3.0, 5.0, height), **attributes) for n, height in enumerate(heights_mm)]


def multiframe(frames: list[Frame], **attributes: Any) -> Instance:
    """One instance that holds `frames`."""
    base = image(1, None, **attributes)
    return replace(base, frames=tuple(frames), pixels=replace(PIXELS, NumberOfFrames=len(frames)))
