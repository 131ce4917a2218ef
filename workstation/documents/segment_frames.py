"""Where the frames of a segmentation lie: their places in the patient, and the grid that they are slices of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.dicom.attributes import Attributes
from workstation.errors import Reason, Refused
from workstation.imaging.displaysets import MOST_IMAGES
from workstation.imaging.geometry import Grid, Vec3, is_orientation, row_and_column_directions, vec

MOST_FRAMES: Final = 200_000
FARTHEST_MM: Final = 1e5

WITHIN: Final = 0.02
"""Of a step: so far from a slice of the grid a frame may lie, by rounding."""

SAME_MM: Final = 0.02

_SHARED, _PER_FRAME = 0x52009229, 0x52009230
_POSITION, _ORIENTATION, _MEASURES, _IDENTIFICATION = 0x00209113, 0x00209116, 0x00289110, 0x0062000A

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """A frame: its segment (0 in label maps), and where it lies. `step_mm` is what it says of its slices."""

    segment: int
    position_lps: Vec3
    orientation: tuple[float, ...]
    spacing: tuple[float, float]
    step_mm: float | None


def places_of(read: Attributes, count: int) -> list[Place]:
    """The places of all frames. Raises `Refused` with TOO_LARGE, and NO_GEOMETRY where one has none."""
    if count > MOST_FRAMES:
        raise Refused(Reason.TOO_LARGE, detail=f"{count} frames")
    common: dict[str, Any] = {}
    for item in islice(read.items(_SHARED), 1):
        common = _groups(read.having(item), {})
    places = [_place(_groups(read.having(item), common)) for item in islice(read.items(_PER_FRAME), count)]
    if len(places) < count:
        raise Refused(Reason.NO_GEOMETRY, detail=f"{len(places)} of {count} frames are described")
    return places


def _groups(read: Attributes, common: dict[str, Any]) -> dict[str, Any]:
    """What the functional groups of an item say, over what is common to all frames."""
    found = dict(common)
    elements = read.elements
    if _POSITION in elements:
        for item in islice(read.items(_POSITION), 1):
            found["position"] = read.having(item).numbers("ImagePositionPatient", 3)
    if _ORIENTATION in elements:
        for item in islice(read.items(_ORIENTATION), 1):
            found["orientation"] = read.having(item).numbers("ImageOrientationPatient", 6)
    if _MEASURES in elements:
        for item in islice(read.items(_MEASURES), 1):
            measures = read.having(item)
            found["spacing"] = measures.numbers("PixelSpacing", 2)
            found["step"] = measures.number("SpacingBetweenSlices") or measures.number("SliceThickness")
    if _IDENTIFICATION in elements:
        for item in islice(read.items(_IDENTIFICATION), 1):
            found["segment"] = read.having(item).integer("ReferencedSegmentNumber")
    return found


def _place(said: dict[str, Any]) -> Place:
    position, spacing, orientation = said.get("position"), said.get("spacing"), said.get("orientation")
    if not position or not spacing or not orientation or not is_orientation(orientation):
        raise Refused(Reason.NO_GEOMETRY)
    if max(map(abs, position)) > FARTHEST_MM or not all(0 < each < FARTHEST_MM for each in spacing):
        raise Refused(Reason.NO_GEOMETRY)
    return Place(said.get("segment") or 0, vec(position), tuple(orientation), tuple(spacing), said.get("step"))


def lattice(places: Sequence[Place], rows: int, columns: int, grids: Iterable[Grid] = ()) -> tuple[Grid, list[int]]:
    """The grid that frames are slices of, and the slice (k) of each: one of `grids` where they fit it, else their own.

    Raises `Refused` with MIXED_ORIENTATION, CONTRADICTING_POSITIONS or UNEVEN_SPACING.
    """
    first = places[0]
    if any(each.orientation != first.orientation or each.spacing != first.spacing for each in places):
        cosines = np.array([each.orientation for each in places])
        if (np.abs(cosines - cosines[0]) > 1e-4).any() or {each.spacing for each in places} != {first.spacing}:
            raise Refused(Reason.MIXED_ORIENTATION)
    positions = np.array([each.position_lps for each in places])
    for grid in grids:
        slices = _slices(grid, first, positions, rows, columns)
        if slices is not None:
            return grid, slices
    return _own(first, positions, rows, columns)


def _slices(grid: Grid, first: Place, positions: Numbers, rows: int, columns: int) -> list[int] | None:
    """The slices of a grid that frames lie on; None where they do not."""
    right, down = row_and_column_directions(first.orientation)
    same = np.allclose([grid.axes[0], grid.axes[1]], [right, down], atol=1e-4)
    if not same or grid.size[:2] != (columns, rows) or not np.allclose(grid.spacing[1::-1], first.spacing, rtol=1e-4):
        return None
    index = positions @ grid.index_from_lps[:3, :3].T + grid.index_from_lps[:3, 3]
    slices = np.rint(index[:, 2])
    off = np.abs(index - np.column_stack([np.zeros((len(index), 2)), slices]))
    if off.max() > WITHIN * 2 or slices.min() < 0 or slices.max() >= grid.size[2]:
        return None
    return [int(each) for each in slices]


def _own(first: Place, positions: Numbers, rows: int, columns: int) -> tuple[Grid, list[int]]:
    """A grid along the normal made of frames alone; slices without a frame lie between them."""
    right, down = row_and_column_directions(first.orientation)
    normal = np.cross(right, down)
    offsets = positions @ normal
    apart = np.diff(np.unique(np.round(offsets, 3)))
    apart = apart[apart > SAME_MM]
    step = _step(apart, first.step_mm)
    low, high = int(np.argmin(offsets)), int(np.argmax(offsets))
    last = round(float(offsets[high] - offsets[low]) / step)
    if last >= MOST_IMAGES:
        raise Refused(Reason.TOO_LARGE, detail=f"{last} slices")
    along = positions[high] - positions[low]
    length = float(np.linalg.norm(along))
    # Slices of a tilted scanner drift sideways: their own line is the third axis.
    axis = along / length if last else normal
    if last:
        step = length / last
    slices = np.rint((offsets - offsets[low]) / float(axis @ normal) / step)
    off = positions - positions[low] - slices[:, None] * step * axis
    if np.abs(off @ normal).max() > max(SAME_MM, WITHIN * step):
        raise Refused(Reason.UNEVEN_SPACING)
    if np.abs(off).max() > max(SAME_MM * 5, WITHIN * step):
        raise Refused(Reason.CONTRADICTING_POSITIONS)
    spacing = (first.spacing[1], first.spacing[0], step)
    grid = Grid(vec(positions[low]), (right, down, vec(axis)), spacing, (columns, rows, last + 1))
    return grid, [int(each) for each in slices]


def _step(apart: NDArray[Any], said_mm: float | None) -> float:
    """The distance of slices along the normal: what the object says where its frames fit that, else their smallest."""
    if not apart.size:
        return said_mm or 1.0
    for step in (said_mm or 0.0, float(apart.min())):
        if step > SAME_MM:
            steps = apart / step
            if np.rint(steps).min() >= 1 and np.abs(steps - np.rint(steps)).max() <= WITHIN:
                return step
    raise Refused(Reason.UNEVEN_SPACING)
