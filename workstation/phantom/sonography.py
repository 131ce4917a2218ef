"""What ultrasound objects have in common: sizes, where B-mode lies in the picture, regions, pixels (PS3.3 C.8.5)."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset

from workstation.phantom.echo import Sector
from workstation.phantom.objects import coded

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Layout:
    """How large the pictures are: frames of the cine, then rows and columns, what a pixel of B-mode is (mm), and how
    finely tissue is painted."""

    frames: int
    rows: int
    columns: int
    delta_x_mm: float
    delta_y_mm: float
    cell_mm: float


# The smaller ones have pixels that are no squares, as no scanner has but a frame grabber may.
LAYOUTS: Final = {
    "tiny": Layout(5, 150, 160, 1.25, 1.0, 0.5),
    "small": Layout(8, 240, 256, 0.75, 0.625, 0.5),
    "full": Layout(48, 600, 800, 0.25, 0.25, 0.25),
}


def sector(size: str, part: float = 1.0) -> Sector:
    """Where B-mode lies in a picture of that size; `part` scales it down for a picture that shows more than that."""
    layout = LAYOUTS[size]
    across, down = layout.delta_x_mm / part, layout.delta_y_mm / part
    return Sector(layout.rows, layout.columns, round(96 / layout.delta_x_mm), round(12 / down), across, down)


def describe(dataset: FileDataset, instance_number: int) -> None:
    """What both kinds of ultrasound object say of themselves (PS3.3 C.8.5.6)."""
    dataset.InstanceNumber = instance_number
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "ABDOMINAL", "0001" if instance_number == 1 else "0011"]
    dataset.SeriesDate = dataset.AcquisitionDate = dataset.StudyDate
    dataset.SeriesTime = dataset.AcquisitionTime = dataset.StudyTime
    dataset.BodyPartExamined = "ABDOMEN"
    dataset.ProtocolName = "ABDOMEN"
    dataset.PatientOrientation = ""
    dataset.LossyImageCompression = "00"
    dataset.BurnedInAnnotation = "NO"
    dataset.TransducerType = "CURVED LINEAR"
    dataset.MechanicalIndex, dataset.BoneThermalIndex, dataset.SoftTissueThermalIndex = "1.1", "0.6", "0.6"
    dataset.DepthOfScanField = 125
    dataset.AnatomicRegionSequence = [coded("818983003", "SCT", "Abdomen")]


def calibrated(kind: tuple[int, int, int], box: tuple[int, int, int, int], units: tuple[int, int]) -> Dataset:
    """An item of SequenceOfUltrasoundRegions (PS3.3 C.8.5.5): spatial format, data type, flags; x0, y0, x1, y1."""
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = kind
    region.RegionLocationMinX0, region.RegionLocationMinY0 = box[:2]
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = box[2:]
    region.PhysicalUnitsXDirection, region.PhysicalUnitsYDirection = units
    return region


def tissue_region(where: Sector, below: int | None = None) -> Dataset:
    """B-mode in cm both ways; the reference pixel is the middle of the probe's surface."""
    half = where.half_angle_deg / 180 * np.pi
    wide = (where.radius_mm + where.depth_mm) * np.sin(half) / where.delta_x_mm
    last = min(below or where.rows, round(where.y0 + where.depth_mm / where.delta_y_mm) + 1) - 1
    left, right = max(0, round(where.x0 - wide)), min(round(where.columns * 0.93) - 1, round(where.x0 + wide))
    region = calibrated((1, 1, 2), (left, 0, right, last), (3, 3))
    region.ReferencePixelX0, region.ReferencePixelY0 = round(where.x0) - left, round(where.y0)
    region.ReferencePixelPhysicalValueX = region.ReferencePixelPhysicalValueY = 0.0
    region.PhysicalDeltaX, region.PhysicalDeltaY = where.delta_x_mm / 10, where.delta_y_mm / 10
    return region


def pixels(dataset: FileDataset, frames: Grey, where: Sector) -> None:
    """Image Pixel module; frames are (frames, rows, columns) grey or (..., 3) colour."""
    colour = frames.ndim == 4
    facts: dict[str, Any] = {
        "SamplesPerPixel": 3 if colour else 1,
        "PhotometricInterpretation": "RGB" if colour else "MONOCHROME2",
        "Rows": frames.shape[1],
        "Columns": frames.shape[2],
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "UltrasoundColorDataPresent": int(colour),
    }
    if colour:
        facts["PlanarConfiguration"] = 0
    else:
        facts |= {"WindowCenter": 128, "WindowWidth": 256}  # every stored grey as it is (PS3.3 C.11.2.1.2.1)
    if where.delta_x_mm != where.delta_y_mm:
        facts["PixelAspectRatio"] = [round(where.delta_y_mm * 1000), round(where.delta_x_mm * 1000)]
    for keyword, value in facts.items():
        setattr(dataset, keyword, value)
    data = np.ascontiguousarray(frames).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OW" if not colour else "OB"
