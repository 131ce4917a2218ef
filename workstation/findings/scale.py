"""What a step on an image is worth: mm in the patient, mm at the detector, an ultrasound region's own, else pixels.

safety.md 8: millimetres only with a real calibration. Ultrasound is judged region by region (PS3.3 C.8.5.5): a length
within one is right, one that leaves it is refused. Projections say "at detector" (PS3.3 10.7.1.3).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from workstation.dicom.entities import UltrasoundRegion
from workstation.errors import Reason, Refused
from workstation.imaging.calibration import is_at_detector
from workstation.imaging.geometry import Vec3
from workstation.imaging.images import ImageRef

AT_DETECTOR: Final = " at detector"

CM: Final = 3
ULTRASOUND_UNITS: Final = {CM: ("mm", 10.0), 4: ("s", 1.0), 5: ("Hz", 1.0), 7: ("cm/s", 1.0), 8: ("cm²", 1.0)}
"""Units of a step (PS3.3 C.8.5.5.1.15) as they are told, and what a value of the object is multiplied by."""

TISSUE: Final = 1
"""RegionSpatialFormat (PS3.3 C.8.5.5.1.1) of what is seen in its own shape."""

BY_REGION: Final = "by its ultrasound region"

SHAPE_GUESSED: Final = "pixel shape unreadable: taken as square"
"""A caution on each value that follows from a guessed PixelAspectRatio: angles and ratios too."""

SAMPLES: Final = 32
"""Places on each stretch of a line that are looked at for whether it leaves a region."""


@dataclass(frozen=True)
class Scale:
    """What a step to the next column and to the next row is, and in which units. `how` is for the person."""

    steps: tuple[float, float]
    units: tuple[str, str]
    how: str

    @property
    def unit(self) -> str:
        """The unit of lengths in any direction. Raises `Refused` with NOT_SPATIAL where there is none."""
        first, second = self.units
        if first != second:
            raise Refused(Reason.NOT_SPATIAL)
        return first

    def placed(self, points: Iterable[Vec3]) -> tuple[Vec3, ...]:
        """Points in units of the scale."""
        across, down = self.steps
        return tuple((x * across, y * down, z) for x, y, z in points)


IN_PATIENT: Final = Scale((1.0, 1.0), ("mm", "mm"), "in the patient")


def image_scale(ref: ImageRef, points: Sequence[Vec3], true_mm: float | None = None, closed: bool = False) -> Scale:
    """The scale for points in pixels of an image. Raises `Refused` with ACROSS_REGIONS.

    `true_mm` is the length of the finer pixel edge that a person gave by a calibration line: it stands instead of
    pixels and of the detector's millimetres, never instead of a calibration that the object brings.
    """
    own = _of_ultrasound(ref, points, closed) if ref.instance.ultrasound else _of_spacing(ref)
    if true_mm is None or own.units[0] not in ("px", f"mm{AT_DETECTOR}"):
        return own
    column_mm, row_mm = _edges(ref)
    return Scale((column_mm * true_mm, row_mm * true_mm), ("mm", "mm"), "by your calibration line")


def brings_calibration(ref: ImageRef) -> bool:
    """Whether an image without a place in the patient has millimetres that a calibration line does not replace."""
    spatial = any(each.units == (CM, CM) for each in _regions(ref) or ())
    spaced = ref.attributes.PixelSpacing is not None or ref.attributes.ImagerPixelSpacing is not None
    return spatial or (spaced and not is_at_detector(ref))


def why_pixels(ref: ImageRef) -> str:
    """Why lengths on an image without a place in the patient are in pixels, a sentence; empty where not all are."""
    if ref.instance.ultrasound:
        regions = _regions(ref)
        if regions is None:
            return "Its ultrasound regions reach beyond the image and cannot be used; lengths are in pixels."
        return "" if regions else "Its ultrasound regions have units that are not known; lengths are in pixels."
    spaced = ref.attributes.PixelSpacing is not None or ref.attributes.ImagerPixelSpacing is not None
    return "" if spaced else "No pixel spacing is given; lengths are in pixels."


def shape_is_guessed(ref: ImageRef) -> bool:
    """Whether nothing but a PixelAspectRatio that cannot be used says how wide a pixel is for its height."""
    attributes = ref.attributes
    if attributes.PixelSpacing is not None or attributes.ImagerPixelSpacing is not None:
        return False
    if attributes.PixelAspectRatio is not None:
        return min(attributes.PixelAspectRatio) <= 0
    return any(each.startswith("PixelAspectRatio cannot be read") for each in ref.instance.odd)


def _edges(ref: ImageRef) -> tuple[float, float]:
    """Width and height of a pixel in edges of its finer side."""
    row_mm, column_mm = ref.attributes.PixelSpacing or ref.attributes.ImagerPixelSpacing or _aspect(ref)
    finer = min(row_mm, column_mm)
    return column_mm / finer, row_mm / finer


def edge_of(ref: ImageRef, points: Sequence[Vec3]) -> float:
    """How long a line is in edges of the finer pixel side: what a calibration divides a true length by."""
    wide, high = _edges(ref)
    (x0, y0, _), (x1, y1, _) = points
    return math.hypot((x1 - x0) * wide, (y1 - y0) * high)


def _of_spacing(ref: ImageRef) -> Scale:
    row_mm, column_mm = ref.attributes.PixelSpacing or ref.attributes.ImagerPixelSpacing or (0.0, 0.0)
    if not row_mm:
        row_mm, column_mm = _aspect(ref)
        return Scale((column_mm, row_mm), ("px", "px"), "pixels: the object gives no calibration")
    if is_at_detector(ref):
        unit = f"mm{AT_DETECTOR}"
        return Scale((column_mm, row_mm), (unit, unit), "at the detector: what lies before it is smaller")
    return Scale((column_mm, row_mm), ("mm", "mm"), "by the object's calibration")


def _aspect(ref: ImageRef) -> tuple[float, float]:
    """PixelAspectRatio (PS3.3 C.7.6.3.1.7) as heights and widths of a pixel, in widths; square without it."""
    ratio = ref.attributes.PixelAspectRatio
    return (ratio[0] / ratio[1], 1.0) if ratio and min(ratio) > 0 else (1.0, 1.0)


def scale_around(ref: ImageRef, middle: Vec3) -> Scale | None:
    """The millimetres of an ultrasound image that is seen about `middle` (column and row); None where others could be.

    They are those of the one region of tissue (PS3.3 C.8.5.5.1.1) there, or what all such regions have in common;
    about a trace, whose columns are time, there are none.
    """
    regions = _regions(ref) or []
    tissue = [each for each in regions if each.spatial_format == TISSUE and each.units == (CM, CM)]
    here = [each for each in regions if _holds(each, middle)]
    if any(each not in tissue for each in here):
        return None
    found = {(abs(each.deltas[0]), abs(each.deltas[1])) for each in (here if len(here) == 1 else tissue)}
    if len(found) != 1 or not all(min(each) > 0 for each in found):
        return None
    ((across, down),) = found
    unit, factor = ULTRASOUND_UNITS[CM]
    return Scale((across * factor, down * factor), (unit, unit), BY_REGION)


def _regions(ref: ImageRef) -> list[UltrasoundRegion] | None:
    """The regions whose units are known; None where one reaches beyond the image."""
    rows, columns = ref.shape
    regions = [each for each in ref.instance.ultrasound if all(unit in ULTRASOUND_UNITS for unit in each.units)]
    return None if any(each.box[2] > columns or each.box[3] > rows for each in regions) else regions


def _of_ultrasound(ref: ImageRef, points: Sequence[Vec3], closed: bool) -> Scale:
    regions = _regions(ref)
    if regions is None:
        return Scale((1.0, 1.0), ("px", "px"), "pixels: its ultrasound regions reach beyond the image")
    touched = [each for each in regions if any(_holds(each, point) for point in _along(points, closed))]
    around = [each for each in touched if all(_holds(each, point) for point in points)]
    if not touched:
        return Scale((1.0, 1.0), ("px", "px"), "pixels: outside the ultrasound regions")
    if not around:
        raise Refused(Reason.ACROSS_REGIONS)
    meant = min(around, key=lambda each: (each.flags & 1, _area(each)))
    if any((each.units, each.deltas) != (meant.units, meant.deltas) for each in touched if each not in around):
        raise Refused(Reason.ACROSS_REGIONS)
    units = [ULTRASOUND_UNITS[each] for each in meant.units]
    steps = (meant.deltas[0] * units[0][1], meant.deltas[1] * units[1][1])
    return Scale(steps, (units[0][0], units[1][0]), BY_REGION)


def _area(region: UltrasoundRegion) -> int:
    left, top, right, bottom = region.box
    return (right - left) * (bottom - top)


def _holds(region: UltrasoundRegion, point: Vec3) -> bool:
    left, top, right, bottom = region.box
    return left - 0.5 <= point[0] <= right + 0.5 and top - 0.5 <= point[1] <= bottom + 0.5


def _along(points: Sequence[Vec3], closed: bool) -> list[Vec3]:
    """The points, and others on the lines between them."""
    found = list(points)
    for one, other in zip(points, [*points[1:], *(points[:1] if closed else ())], strict=False):
        for step in range(1, SAMPLES):
            share = step / SAMPLES
            found.append((one[0] + (other[0] - one[0]) * share, one[1] + (other[1] - one[1]) * share, 0.0))
    return found
