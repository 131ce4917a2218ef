"""Doses read (PS3.3 A.18, C.8.8.3): bytes to a `Dose`, bounded; and of a plan what it prescribes (C.8.8.10)."""

from dataclasses import replace
from typing import Final

import numpy as np

from workstation.dicom.attributes import Attributes
from workstation.dicom.budget import LARGEST_FRAME_BYTES
from workstation.dicom.scan import DEFLATED, NATIVE, Dataset, scan
from workstation.errors import Reason, Refused
from workstation.imaging.displaysets import MOST_IMAGES
from workstation.imaging.dose import GRAY, RELATIVE, Dose, OwnDvh
from workstation.imaging.geometry import Grid, cross, is_orientation, row_and_column_directions, vec

SOP_CLASS: Final = "1.2.840.10008.5.1.4.1.1.481.2"
PLAN: Final = "1.2.840.10008.5.1.4.1.1.481.5"

MOST_OWN: Final = 1_000
EVEN: Final = 0.01
FARTHEST_MM: Final = 1e5

_PLANS, _DVHS, _DVH_REGIONS, _REFERENCES = 0x300C0002, 0x30040050, 0x30040060, 0x300A0010


def read_dose(data: bytes) -> Dose:
    """Read a dose from the bytes of its file.

    Raises `Refused` as `scan` does, NOT_A_DOSE for another kind of object or one without a grid, NO_GEOMETRY,
    UNEVEN_SPACING, PIXEL_FORMAT, PIXEL_LENGTH, TRANSFER_SYNTAX, TOO_LARGE.
    """
    dataset = scan(data)
    read = Attributes(dataset)
    if read.text("SOPClassUID") != SOP_CLASS or dataset.pixel_start is None:
        raise Refused(Reason.NOT_A_DOSE)
    scaling = read.number("DoseGridScaling")
    if scaling is None or scaling <= 0:
        raise Refused(Reason.NOT_A_DOSE, detail="no DoseGridScaling")
    grid, backwards = _grid(read)
    values = _stored(dataset, read, grid).astype(np.float64) * scaling
    return Dose(
        read.text("SOPInstanceUID"),
        read.text("StudyInstanceUID"),
        read.text("FrameOfReferenceUID"),
        (values[::-1] if backwards else values).astype(np.float32),
        grid,
        GRAY if read.text("DoseUnits") == "GY" else RELATIVE,
        read.text("DoseSummationType"),
        read.text("DoseType"),
        plan_uid=next((read.having(each).text("ReferencedSOPInstanceUID") for each in read.items(_PLANS)), ""),
        own=_own(read),
        odd=tuple(read.odd),
    )


def prescribed_gy(data: bytes) -> float | None:
    """What a plan prescribes: the highest TargetPrescriptionDose to a target; None when it does not say, or is none."""
    read = Attributes(scan(data))
    if read.text("SOPClassUID") != PLAN:
        return None
    items = [read.having(item) for item in read.items(_REFERENCES)]
    doses = [each.number("TargetPrescriptionDose") for each in items if each.text("DoseReferenceType") == "TARGET"]
    return max((each for each in doses if each and each > 0), default=None)


def with_prescription(dose: Dose, prescribed: float | None) -> Dose:
    return replace(dose, prescribed=prescribed) if dose.unit == GRAY else dose


def _grid(read: Attributes) -> tuple[Grid, bool]:
    """The points of the dose, and whether its planes are stored against the direction of the grid."""
    place, plane = read.numbers("ImagePositionPatient", 3), read.numbers("ImageOrientationPatient", 6)
    spacing = read.numbers("PixelSpacing", 2)
    rows, columns = read.integer("Rows") or 0, read.integer("Columns") or 0
    count = read.integer("NumberOfFrames") or 1
    if not place or not spacing or not is_orientation(plane) or max(map(abs, place)) > FARTHEST_MM:
        raise Refused(Reason.NO_GEOMETRY)
    if rows <= 0 or columns <= 0 or not all(0 < each < FARTHEST_MM for each in spacing):
        raise Refused(Reason.NO_GEOMETRY)
    if not 0 < count <= MOST_IMAGES or rows * columns * count * 8 > 2 * LARGEST_FRAME_BYTES:
        raise Refused(Reason.TOO_LARGE, detail=f"{count} planes of {rows} x {columns}")
    right, down = row_and_column_directions(plane)
    offsets = np.array(read.numbers("GridFrameOffsetVector") or ((0.0,) if count == 1 else ()))
    if len(offsets) != count:
        raise Refused(Reason.NO_GEOMETRY, detail=f"{len(offsets)} offsets for {count} planes")
    # Offsets are counted from the first plane along the normal, or are z themselves (C.8.8.3.2).
    normal = (0.0, 0.0, 1.0) if offsets[0] else cross(right, down)
    steps = np.diff(offsets)
    step = float(np.mean(steps)) if len(steps) else 1.0
    if abs(step) < 1e-6 or abs(step) > FARTHEST_MM or (np.abs(steps - step) > EVEN * abs(step)).any():
        raise Refused(Reason.UNEVEN_SPACING)
    origin = np.array(place) + (np.array(normal) * step * (count - 1) if step < 0 else 0.0)
    grid = Grid(vec(origin), (right, down, normal), (spacing[1], spacing[0], abs(step)), (columns, rows, count))
    return grid, step < 0


def _stored(dataset: Dataset, read: Attributes, grid: Grid) -> "np.ndarray[tuple[int, ...], np.dtype[np.integer]]":
    bits, signed = read.integer("BitsAllocated"), read.integer("PixelRepresentation") == 1
    if bits not in (16, 32) or (read.integer("SamplesPerPixel") or 1) != 1:
        raise Refused(Reason.PIXEL_FORMAT)
    if dataset.transfer_syntax_uid not in NATIVE and dataset.transfer_syntax_uid != DEFLATED:
        raise Refused(Reason.TRANSFER_SYNTAX)
    kind = np.dtype(f"{'>' if dataset.big_endian else '<'}{'i' if signed else 'u'}{bits // 8}")
    count = int(np.prod(grid.size))
    start, declared = dataset.pixel_start or 0, dataset.pixel_declared or 0
    if min(declared, len(dataset.data) - start) < count * kind.itemsize:
        raise Refused(Reason.PIXEL_LENGTH)
    return np.frombuffer(dataset.data, kind, count, start).reshape(grid.size[::-1])


def _own(read: Attributes) -> tuple[OwnDvh, ...]:
    """The histograms that the object brings, one for each region that they name."""
    found: list[OwnDvh] = []
    for item in read.items(_DVHS):
        if len(found) == MOST_OWN:
            break
        dvh = read.having(item)
        scale = dvh.number("DVHDoseScaling") or 1.0
        doses = [dvh.number(each) for each in ("DVHMinimumDose", "DVHMaximumDose", "DVHMeanDose")]
        low, high, mean = (None if each is None else each * scale for each in doses)
        for region in dvh.items(_DVH_REGIONS):
            number = dvh.having(region).integer("ReferencedROINumber")
            if number is not None:
                found.append(OwnDvh(number, low, high, mean))
    return tuple(found)
