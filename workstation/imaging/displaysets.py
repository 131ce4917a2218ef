"""Series -> display sets: what can be scrolled as one, in reading order, and whether it is a volume.

A display set holds images of one size, pixel format and orientation. Slice spacing is the distance of positions
along the normal, never SliceThickness (safety.md 6). What is odd about a set is said in its notices.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.dicom.entities import Frame, Instance, PixelFormat
from workstation.errors import Reason
from workstation.imaging.geometry import Grid, Vec3, is_orientation, row_and_column_directions, vec

POSITION_TOLERANCE_MM: Final = 0.02
"""Rounding of decimal strings moves positions by about a hundredth of a millimetre."""

SPACING_TOLERANCE: Final = 0.01
"""Relative deviation of one slice distance from the median that still counts as even."""

SMALLEST_TILT_DEG: Final = 0.1


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the reader must know of what is on screen: a word for the chip, a sentence for the rest."""

    chip: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ImageRef:
    """One image of a display set: frame `frame` (from 0) of an instance."""

    instance: Instance
    frame: int = 0

    @property
    def attributes(self) -> Frame:
        frames = self.instance.frames
        return frames[self.frame] if self.frame < len(frames) else frames[0]

    @property
    def position_lps(self) -> Vec3 | None:
        """ImagePositionPatient of this very frame; the shared header of a multi-frame object places none."""
        known = len(self.instance.frames) == (self.instance.pixels.NumberOfFrames if self.instance.pixels else 1)
        return self.attributes.ImagePositionPatient if known else None


@dataclass(frozen=True)
class DisplaySet:
    """Images that are scrolled as one, in reading order.

    `grid` is set when they form a regular volume (a constant tilt included: its slice axis is then not
    perpendicular); otherwise `no_volume` says why not. `voxels[k]` of the loaded block is image k of the set.
    """

    key: str
    images: tuple[ImageRef, ...]
    grid: Grid | None
    no_volume: Reason | None
    notices: tuple[Notice, ...] = ()

    @property
    def first(self) -> Instance:
        return self.images[0].instance

    @property
    def series_instance_uid(self) -> str:
        return self.first.SeriesInstanceUID

    @property
    def study_instance_uid(self) -> str:
        return self.first.StudyInstanceUID

    @property
    def pixels(self) -> PixelFormat:
        pixels = self.first.pixels
        assert pixels is not None  # noqa: S101  only images are put into display sets
        return pixels

    def image_grid(self, index: int) -> Grid:
        """Image `index` as a grid one voxel deep; without a place in the patient it lies in its own space."""
        return _image_grid(self.images[index])

    def in_patient(self, index: int) -> bool:
        """Whether image `index` has a place in the patient."""
        ref = self.images[index]
        return ref.position_lps is not None and is_orientation(ref.attributes.ImageOrientationPatient)

    @property
    def spacing_is_known(self) -> bool:
        """Whether lengths on the image are millimetres (safety.md 8)."""
        attributes = self.images[0].attributes
        return attributes.PixelSpacing is not None or attributes.ImagerPixelSpacing is not None

    @cached_property
    def place_of(self) -> dict[str, int]:
        """SOPInstanceUID to the index of its first image."""
        places: dict[str, int] = {}
        for index, ref in enumerate(self.images):
            places.setdefault(ref.instance.SOPInstanceUID, index)
        return places


def display_sets(instances: Iterable[Instance]) -> tuple[DisplaySet, ...]:
    """The display sets of a study, by series number and then in the order of their first image."""
    series: dict[str, list[Instance]] = defaultdict(list)
    for instance in instances:
        if instance.pixels is not None:
            series[instance.SeriesInstanceUID].append(instance)
    ordered = sorted(series.values(), key=_series_order)
    return tuple(each for members in ordered for each in _of_series(members))


def _series_order(members: Sequence[Instance]) -> tuple[int, str]:
    number = members[0].SeriesNumber
    return (number if number is not None else 1 << 30, members[0].SeriesInstanceUID)


def _of_series(members: Sequence[Instance]) -> list[DisplaySet]:
    groups: dict[Any, list[ImageRef]] = defaultdict(list)
    for instance in members:
        for frame in range(max(1, instance.pixels.NumberOfFrames if instance.pixels else 1)):
            ref = ImageRef(instance, frame)
            groups[_shape_key(ref)].append(ref)
    parts = [part for group in groups.values() for part in _split_repeats(group)]
    parts.sort(key=lambda part: min(_instance_order(ref) for ref in part[0]))
    sets = [_display_set(refs, number, why) for number, (refs, why) in enumerate(parts)]
    if len(sets) > 1:
        sentence = f"The series was split into {len(sets)} sets, each of which can be shown as one."
        announce = Notice(f"part of {len(sets)}", sentence)
        sets = [replace(each, notices=(*each.notices, announce)) for each in sets]
    return sets


def _shape_key(ref: ImageRef) -> tuple[Any, ...]:
    pixels, frame = ref.instance.pixels, ref.attributes
    oriented = is_orientation(frame.ImageOrientationPatient) and ref.position_lps is not None
    return (
        pixels and replace(pixels, NumberOfFrames=1, offset=None, length=None),
        tuple(round(each, 3) for each in frame.ImageOrientationPatient or ()) if oriented else None,
        frame.PixelSpacing and tuple(round(each, 4) for each in frame.PixelSpacing),
        "LOCALIZER" in ref.instance.ImageType,
        ref.instance.FrameOfReferenceUID if oriented else "",
    )


def _instance_order(ref: ImageRef) -> tuple[int, str, int]:
    number = ref.instance.InstanceNumber
    return (number if number is not None else 1 << 30, ref.instance.SOPInstanceUID, ref.frame)


_SPLIT_BY: Final[tuple[tuple[str, Callable[[ImageRef], Any]], ...]] = (
    ("AcquisitionNumber", lambda ref: ref.instance.AcquisitionNumber),
    ("EchoTime", lambda ref: ref.instance.EchoTime),
    ("ImageType", lambda ref: ref.instance.ImageType),
    ("AcquisitionTime", lambda ref: ref.instance.AcquisitionTime),
)


def _split_repeats(refs: list[ImageRef]) -> list[tuple[list[ImageRef], str]]:
    """Split images that share positions by the first attribute that makes positions unique within its values."""
    if not _positions_repeat(refs):
        return [(refs, "")]
    for name, key in _SPLIT_BY:
        parts: dict[Any, list[ImageRef]] = defaultdict(list)
        for ref in refs:
            parts[key(ref)].append(ref)
        if len(parts) > 1 and not any(_positions_repeat(part) for part in parts.values()):
            return [(part, f"{name} {value}") for value, part in parts.items()]
    return [(refs, "")]


def _positions_repeat(refs: Sequence[ImageRef]) -> bool:
    positions = [ref.position_lps for ref in refs if ref.position_lps is not None]
    return len({tuple(round(each, 2) for each in position) for position in positions}) < len(positions)


def _display_set(refs: list[ImageRef], number: int, why: str) -> DisplaySet:
    key = f"{refs[0].instance.SeriesInstanceUID}/{number}"
    notices = [Notice("split", f"Split from its series by {why}.")] if why else []
    ordered, offsets = _in_reading_order(refs)
    grid, no_volume, said = _volume(ordered, offsets)
    odd = sorted({sentence for ref in ordered for sentence in ref.instance.odd})
    notices += [*said, *(Notice("header", sentence) for sentence in odd[:3])]
    return DisplaySet(key, tuple(ordered), grid, no_volume, tuple(notices))


def _in_reading_order(refs: list[ImageRef]) -> tuple[list[ImageRef], NDArray[np.float64] | None]:
    """Sorted along the normal, in the direction of InstanceNumber, and the offsets (mm) along that normal.

    Without positions the order is that of InstanceNumber and there are no offsets.
    """
    by_number = sorted(refs, key=_instance_order)
    orientation = refs[0].attributes.ImageOrientationPatient
    if not is_orientation(orientation) or any(ref.position_lps is None for ref in refs):
        return by_number, None
    row, column = row_and_column_directions(orientation or ())
    normal = np.cross(row, column)
    offset = {id(ref): float(np.dot(normal, ref.position_lps or (0, 0, 0))) for ref in refs}
    along = sorted(by_number, key=lambda ref: offset[id(ref)])
    if _prefers_descending(along, normal):
        along = sorted(by_number, key=lambda ref: -offset[id(ref)])
    return along, np.array([offset[id(ref)] for ref in along])


def _prefers_descending(along: Sequence[ImageRef], normal: NDArray[np.float64]) -> bool:
    """Whether reading goes against the normal: as InstanceNumber grows, else from head, front and right."""
    numbers = [ref.instance.InstanceNumber for ref in along]
    if len(along) > 1 and None not in numbers and len(set(numbers)) > 1:
        steps = np.sign(np.diff(np.array(numbers, dtype=np.int64)))
        if steps.sum() != 0:
            return bool(steps.sum() < 0)
    axis = int(np.argmax(abs(normal)))
    towards_first = (-1.0, -1.0, 1.0)[axis]  # right, front, head
    return bool(normal[axis] * towards_first > 0)


def _volume(
    refs: Sequence[ImageRef], offsets: NDArray[np.float64] | None
) -> tuple[Grid | None, Reason | None, list[Notice]]:
    """The grid of a regular stack, or the reason why there is none, and what must be said of it."""
    if offsets is None or refs[0].attributes.PixelSpacing is None:
        return None, Reason.NO_GEOMETRY, []
    if len(refs) < 3:
        return None, Reason.TOO_FEW_SLICES, []
    steps = np.diff(offsets)
    typical = float(np.median(abs(steps)))
    allowed = POSITION_TOLERANCE_MM + SPACING_TOLERANCE * typical
    if np.any(abs(steps) < POSITION_TOLERANCE_MM):
        where = int(np.argmax(abs(steps) < POSITION_TOLERANCE_MM)) + 1
        sentence = f"Images {where} and {where + 1} lie at the same position; shown as a stack."
        return None, Reason.CONTRADICTING_POSITIONS, [Notice("same position", sentence)]
    uneven = abs(abs(steps) - typical) > allowed
    if np.any(uneven):
        return None, Reason.UNEVEN_SPACING, [_gap_notice(steps, uneven, typical)]
    return _regular(refs, offsets)


def _gap_notice(steps: NDArray[np.float64], uneven: NDArray[np.bool_], typical: float) -> Notice:
    where = [int(index) + 1 for index in np.flatnonzero(uneven)]
    named = ", ".join(f"{index}-{index + 1} ({abs(steps[index - 1]):.2f} mm)" for index in where[:4])
    more = f" and {len(where) - 4} more" if len(where) > 4 else ""
    chip = "gap" if np.any(abs(steps[uneven]) > 1.5 * typical) else "uneven"
    return Notice(chip, f"Slices are {typical:.2f} mm apart except between images {named}{more}.")


def _regular(refs: Sequence[ImageRef], offsets: NDArray[np.float64]) -> tuple[Grid | None, Reason | None, list[Notice]]:
    row, column = row_and_column_directions(refs[0].attributes.ImageOrientationPatient or ())
    positions = np.array([ref.position_lps for ref in refs], dtype=np.float64)
    step = (positions[-1] - positions[0]) / (len(refs) - 1)
    expected = positions[0] + np.arange(len(refs))[:, None] * step
    stray = float(np.max(np.linalg.norm(positions - expected, axis=1)))
    spacing = refs[0].attributes.PixelSpacing or (1.0, 1.0)
    if stray > POSITION_TOLERANCE_MM * 2 + SPACING_TOLERANCE * float(np.linalg.norm(step)):
        sentence = f"Slices do not follow one line: one strays by {stray:.2f} mm."
        return None, Reason.CONTRADICTING_POSITIONS, [Notice("positions", sentence)]
    length = float(np.linalg.norm(step))
    pixels = refs[0].instance.pixels
    size = (pixels.Columns if pixels else 1, pixels.Rows if pixels else 1, len(refs))
    grid = Grid(vec(positions[0]), (row, column, vec(step / length)), (spacing[1], spacing[0], length), size)
    tilt = float(np.degrees(np.arccos(min(1.0, abs(float(np.dot(np.cross(row, column), step / length)))))))
    notices = []
    if tilt > SMALLEST_TILT_DEG:
        sentence = f"The slices are sheared by {tilt:.1f}° (gantry tilt); planes and lengths account for it."
        notices.append(Notice(f"tilt {tilt:.1f}°", sentence))
    return grid, None, notices


def _image_grid(ref: ImageRef) -> Grid:
    pixels, frame = ref.instance.pixels, ref.attributes
    size = (pixels.Columns if pixels else 1, pixels.Rows if pixels else 1, 1)
    row_mm, column_mm = frame.PixelSpacing or frame.ImagerPixelSpacing or (1.0, 1.0)
    depth = frame.SliceThickness or 1.0
    if ref.position_lps is None or not is_orientation(frame.ImageOrientationPatient):
        axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
        return Grid((0.0, 0.0, 0.0), axes, (column_mm, row_mm, depth), size)
    row, column = row_and_column_directions(frame.ImageOrientationPatient or ())
    return Grid(ref.position_lps, (row, column, vec(np.cross(row, column))), (column_mm, row_mm, depth), size)
