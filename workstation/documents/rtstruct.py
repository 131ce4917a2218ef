"""Structure sets read (PS3.3 A.19, C.8.8.5, C.8.8.6): bytes to a `StructureSet`, bounded, what is left out named."""

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from workstation.dicom.attributes import Attributes
from workstation.dicom.scan import scan
from workstation.errors import Reason, Refused
from workstation.findings.segment import Colour, colour_of
from workstation.findings.structures import Contour, Structure, StructureSet, usual_step_mm

SOP_CLASS: Final = "1.2.840.10008.5.1.4.1.1.481.3"

MOST_STRUCTURES: Final = 1_000
MOST_CONTOURS: Final = 100_000
MOST_POINTS: Final = 5_000_000
"""Of all contours together: 120 MB. A whole body in slices of 1 mm takes half a million."""

FURTHEST_MM: Final = 1e5
"""A point further from the origin than a hundred metres is no place in a patient."""

CLOSED: Final = frozenset(("CLOSED_PLANAR", "CLOSEDPLANAR_XOR", "CLOSED_PLANAR_XOR"))

_FRAMES, _REGIONS, _CONTOURS, _CONTOUR, _OBSERVATIONS, _DATA = (
    0x30060000 | each for each in (0x0010, 0x0020, 0x0039, 0x0040, 0x0080, 0x0050)
)
_STUDIES, _SERIES = 0x30060012, 0x30060014


def read_structures(data: bytes) -> StructureSet:
    """Read a structure set from the bytes of its file.

    Raises `Refused` as `scan` does, TOO_LARGE beyond the limits, or NOT_A_STRUCTURE_SET for another kind of object.
    """
    read = Attributes(scan(data))
    if read.text("SOPClassUID") != SOP_CLASS:
        raise Refused(Reason.NOT_A_STRUCTURE_SET)
    drawn = _drawn(read)
    kinds = _kinds(read)
    frame = next((read.having(item).text("FrameOfReferenceUID") for item in read.items(_FRAMES)), "")
    found: list[Structure] = []
    for item in read.items(_REGIONS):
        if len(found) == MOST_STRUCTURES:
            raise Refused(Reason.TOO_LARGE, detail=f"more than {MOST_STRUCTURES} regions")
        region = read.having(item)
        number = region.integer("ROINumber") or 0
        lines = drawn.pop(number, _Drawn())
        structure = Structure(
            number,
            region.text("ROIName") or f"Region {number}",
            lines.colour or colour_of(len(found) + 1),
            region.text("ReferencedFrameOfReferenceUID") or frame or read.text("FrameOfReferenceUID"),
            lines.contours,
            kind=kinds.get(number, ""),
            made=region.text("ROIGenerationAlgorithm"),
            slab_mm=lines.slab_mm,
        )
        found.append(structure)
    odd = list(dict.fromkeys([*read.odd, *(f"contours of a region {each} without a name" for each in drawn)]))
    step = usual_step_mm([each for structure in found for each in structure.contours])
    return StructureSet(
        read.text("SOPInstanceUID"),
        read.text("StudyInstanceUID"),
        read.text("SeriesInstanceUID"),
        read.text("StructureSetLabel") or read.text("StructureSetName") or read.text("SeriesDescription"),
        tuple(replace(each, step_mm=step) for each in found),
        (*odd, *_bent(found)),
        _drawn_on(read),
    )


def _drawn_on(read: Attributes) -> str:
    """The one series that all its frames of reference, studies and series come down to (PS3.3 C.8.8.5)."""
    found = {
        each.text("SeriesInstanceUID")
        for frame in map(read.having, read.items(_FRAMES))
        for study in map(frame.having, frame.items(_STUDIES))
        for each in map(study.having, study.items(_SERIES))
    }
    return next(iter(found)) if len(found) == 1 else ""


@dataclass(frozen=True, eq=False)
class _Drawn:
    """An item of the ROIContourSequence."""

    contours: tuple[Contour, ...] = ()
    colour: Colour | None = None
    slab_mm: float | None = None


def _drawn(read: Attributes) -> dict[int, _Drawn]:
    """What is drawn of each region, by its number."""
    found: dict[int, _Drawn] = {}
    points = count = 0
    for item in read.items(_CONTOURS):
        region = read.having(item)
        contours, slab_mm = [], None
        for each in region.items(_CONTOUR):
            contour = region.having(each)
            slab_mm = slab_mm or contour.number("ContourSlabThickness")
            drawn = _contour(contour)
            count += 1
            points += len(drawn.points) if drawn else 0
            if count > MOST_CONTOURS or points > MOST_POINTS:
                raise Refused(Reason.TOO_LARGE, detail=f"{count} contours, {points} points")
            contours += [drawn] if drawn else []
        number = region.integer("ReferencedROINumber") or 0
        before = found.get(number, _Drawn())
        wanted = slab_mm if slab_mm and 0 < slab_mm < 1000 else None
        found[number] = _Drawn(
            (*before.contours, *contours), before.colour or _colour(region), before.slab_mm or wanted
        )
    return found


def _contour(contour: Attributes) -> Contour | None:
    """One item of the ContourSequence; None for one whose points cannot be read."""
    raw = contour.elements.get(_DATA)
    try:
        text = contour.bytes_of(raw).strip(b" \0") if raw else b""
        if len(text) > MOST_POINTS * 3 * 17:
            raise Refused(Reason.TOO_LARGE, detail="a contour")
        numbers = np.array(text.split(b"\\") if text else [], dtype=np.float64)
    except ValueError:
        numbers = np.array([np.nan])
    if numbers.size == 0 or numbers.size % 3 or not (np.abs(numbers) < FURTHEST_MM).all():
        contour.odd.append("a contour without readable points")
        return None
    points = numbers.reshape(-1, 3)
    if (contour.integer("NumberOfContourPoints") or len(points)) != len(points):
        contour.odd.append("a contour that holds another number of points than it says")
    return Contour(points, contour.text("ContourGeometricType") in CLOSED)


def _colour(region: Attributes) -> Colour | None:
    numbers = region.numbers("ROIDisplayColor")
    if len(numbers) != 3 or not all(0 <= each <= 255 for each in numbers):
        return None
    red, green, blue = (int(each) for each in numbers)
    return red, green, blue


def _kinds(read: Attributes) -> dict[int, str]:
    """RTROIInterpretedType by ROI number (PS3.3 C.8.8.8)."""
    found: dict[int, str] = defaultdict(str)
    for item in read.items(_OBSERVATIONS):
        observed = read.having(item)
        number = observed.integer("ReferencedROINumber")
        if number is not None:
            found[number] = found[number] or observed.text("RTROIInterpretedType")
    return found


def _bent(structures: list[Structure]) -> list[str]:
    """Sentences about closed contours that enclose nothing, by region."""
    said = []
    for each in structures:
        bent = sum(contour.closed and len(contour.points) > 2 and contour.normal is None for contour in each.contours)
        if bent:
            said.append(f"{bent} contours of {each.name} that do not lie in a plane enclose nothing")
    return said
