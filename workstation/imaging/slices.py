"""Images in reading order, and whether they are a volume.

Slice spacing is the distance of positions along the normal, never SliceThickness (safety.md 6).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason
from workstation.imaging.geometry import Grid, row_and_column_directions, vec
from workstation.imaging.images import ImageRef, Notice
from workstation.imaging.uneven import Uneven, uneven_grid

POSITION_TOLERANCE_MM: Final = 0.02
"""Rounding of decimal strings moves positions by about a hundredth of a millimetre."""

SPACING_TOLERANCE: Final = 0.01
"""Relative deviation of one slice distance from the median that still counts as even."""

PARALLEL_TOLERANCE: Final = 2e-3
"""Difference of direction cosines of slices that still count as parallel: a tenth of a degree."""

SAME_PLACE_MM: Final = 0.5
"""Positions in one plane that are closer than this are one place."""

SMALLEST_TILT_DEG: Final = 0.1

Offsets = NDArray[np.float64]
Volume = tuple[Grid | None, Reason | None, list[Notice]]


def parallel(refs: Sequence[ImageRef]) -> bool:
    """Whether all have a place in the patient and one orientation."""
    if not all(ref.in_patient for ref in refs):
        return False
    cosines = np.array([ref.attributes.ImageOrientationPatient for ref in refs])
    return bool(np.all(abs(cosines - cosines[0]) <= PARALLEL_TOLERANCE))


def places(refs: Sequence[ImageRef]) -> NDArray[np.intp]:
    """A number for each image of a parallel set: equal numbers mean the same position, larger ones lie further along.

    Positions are compared with a tolerance along the normal and within the plane, so that rounding does not tell
    two visits of one place apart.
    """
    row, column = row_and_column_directions(refs[0].attributes.ImageOrientationPatient or ())
    positions = np.array([ref.position_lps for ref in refs], dtype=np.float64)
    axes = ((np.cross(row, column), POSITION_TOLERANCE_MM), (row, SAME_PLACE_MM), (column, SAME_PLACE_MM))
    labels = np.stack([_steps(positions @ np.asarray(axis), tolerance) for axis, tolerance in axes], axis=1)
    return np.asarray(np.unique(labels, axis=0, return_inverse=True)[1].reshape(-1), dtype=np.intp)


def _steps(values: Offsets, tolerance: float) -> NDArray[np.intp]:
    """Values numbered in order; one within `tolerance` of the one before it has the same number."""
    order = np.argsort(values, kind="stable")
    numbers = np.empty(len(values), dtype=np.intp)
    numbers[order] = np.concatenate(([0], np.cumsum(np.diff(values[order]) > tolerance)))
    return numbers


def in_reading_order(refs: Sequence[ImageRef]) -> tuple[list[ImageRef], Offsets | None]:
    """Sorted along the normal, in the direction of InstanceNumber, and the offsets (mm) along that normal.

    Images that are not parallel or have no position keep the order of InstanceNumber, and there are no offsets.
    """
    by_number = sorted(refs, key=_visit)
    if not parallel(refs):
        return by_number, None
    row, column = row_and_column_directions(refs[0].attributes.ImageOrientationPatient or ())
    normal = np.cross(row, column)
    offset = {id(ref): float(np.dot(normal, ref.position_lps or (0, 0, 0))) for ref in refs}
    place = dict(zip(map(id, by_number), places(by_number), strict=True))
    along = sorted(by_number, key=lambda ref: int(place[id(ref)]))
    if _prefers_descending(along, normal):
        along = sorted(by_number, key=lambda ref: -int(place[id(ref)]))
    return along, np.array([offset[id(ref)] for ref in along])


def _visit(ref: ImageRef) -> tuple[int, int, str, int]:
    temporal = ref.attributes.TemporalPositionIndex
    return (temporal if temporal is not None else 1 << 30, *ref.order)


def _prefers_descending(along: Sequence[ImageRef], normal: NDArray[np.float64]) -> bool:
    """Whether reading goes against the normal: as images are numbered, else from head, front and right."""
    numbers = [_number(ref) for ref in along]
    if len(along) > 1 and None not in numbers and len(set(numbers)) > 1:
        steps = np.sign(np.diff(np.array(numbers, dtype=np.float64)))
        if steps.sum() != 0:
            return bool(steps.sum() < 0)
    axis = int(np.argmax(abs(normal)))
    towards_first = (-1.0, -1.0, 1.0)[axis]  # right, front, head
    return bool(normal[axis] * towards_first > 0)


def _number(ref: ImageRef) -> int | None:
    """What images are counted by: InstanceNumber, or within one object the frame."""
    return ref.frame if ref.instance.images > 1 else ref.instance.InstanceNumber


def volume(refs: Sequence[ImageRef], offsets: Offsets | None) -> Volume:
    """The grid of a regular stack, or the reason why there is none, and what must be said of it."""
    if offsets is None:
        placed = all(ref.in_patient for ref in refs)
        if not placed or len(refs) < 3:
            return None, Reason.TOO_FEW_SLICES if placed else Reason.NO_GEOMETRY, []
        sentence = f"The {len(refs)} images are not parallel; each is shown in its own plane."
        return None, Reason.MIXED_ORIENTATION, [Notice("mixed planes", sentence)]
    if refs[0].attributes.PixelSpacing is None:
        return None, Reason.NO_GEOMETRY, []
    steps = np.diff(offsets)
    same = abs(steps) < POSITION_TOLERANCE_MM
    if len(refs) > 1 and np.all(same):
        sentence = f"All {len(refs)} images lie in one plane; they are shown one after the other."
        return None, Reason.TOO_FEW_SLICES, [Notice("one place", sentence)]
    if len(refs) < 3:
        return None, Reason.TOO_FEW_SLICES, []
    if np.any(same):
        where = int(np.argmax(same)) + 1
        sentence = f"Images {where} and {where + 1} lie at the same position; shown as a stack."
        return None, Reason.CONTRADICTING_POSITIONS, [Notice("same position", sentence)]
    typical = float(np.median(abs(steps)))
    uneven = abs(abs(steps) - typical) > POSITION_TOLERANCE_MM + SPACING_TOLERANCE * typical
    if np.any(uneven):
        return None, Reason.UNEVEN_SPACING, [_gap_notice(steps, uneven, typical)]
    return _regular(refs)


def uneven_of(refs: Sequence[ImageRef]) -> Uneven | None:
    """The true places of slices at uneven distances; None where they do not follow one line."""
    row, column = row_and_column_directions(refs[0].attributes.ImageOrientationPatient or ())
    row_mm, column_mm = refs[0].attributes.PixelSpacing or (1.0, 1.0)
    rows, columns = refs[0].shape
    positions = [ref.position_lps or (0.0, 0.0, 0.0) for ref in refs]
    return uneven_grid(positions, row, column, (column_mm, row_mm), (columns, rows))


def _gap_notice(steps: Offsets, uneven: NDArray[np.bool_], typical: float) -> Notice:
    where = [int(index) + 1 for index in np.flatnonzero(uneven)]
    named = ", ".join(f"{index}-{index + 1} ({abs(steps[index - 1]):.2f} mm)" for index in where[:4])
    more = f" and {len(where) - 4} more" if len(where) > 4 else ""
    chip = "gap" if np.any(abs(steps[uneven]) > 1.5 * typical) else "uneven"
    return Notice(chip, f"Slices are {typical:.2f} mm apart except between images {named}{more}.")


def _regular(refs: Sequence[ImageRef]) -> Volume:
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
    rows, columns = refs[0].shape
    grid = Grid(
        vec(positions[0]),
        (row, column, vec(step / length)),
        (spacing[1], spacing[0], length),
        (columns, rows, len(refs)),
    )
    tilt = float(np.degrees(np.arccos(min(1.0, abs(float(np.dot(np.cross(row, column), step / length)))))))
    if tilt <= SMALLEST_TILT_DEG:
        return grid, None, []
    sentence = f"The slices are sheared by {tilt:.1f}° (gantry tilt); planes and lengths account for it."
    return grid, None, [Notice(f"tilt {tilt:.1f}°", sentence)]
