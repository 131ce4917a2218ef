"""Findings laid out on a tile: which of them its plane touches, their lines in device pixels, labels off the lesion.

A finding in the patient is drawn in each plane of its frame of reference that it touches within half a slice, and in
no other one but those laid on it (safety.md 13); one in pixels on its own image alone.
"""

import cmath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.drawing_tools import handles, space_of
from workstation.case.state import TileView
from workstation.findings.finding import Finding, Kind
from workstation.findings.layered import is_layered
from workstation.findings.outline import outline
from workstation.findings.scale import brings_calibration
from workstation.findings.words import lines
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.view import Plane, ScreenPlane
from workstation.paint.marks import Box, Mark, Place, Stroke, label_size
from workstation.picture.across import seen_from
from workstation.picture.label_places import bounds, placed_labels

ARROW_PX: Final = 11.0
PROBE_PX: Final = 7.0
ARC_PX: Final = 22.0
ARC_STEPS: Final = 16
ACROSS: Final = frozenset((Kind.POINT_TO_LINE, Kind.STEP_OFF))
"""What they measure is the dashed line, not one that was drawn."""
STALE: Final = "stale: the registration has changed since"
Points = NDArray[np.float64]
Line = tuple[list[Vec3], bool, bool]
"""Points in space, whether they are closed, whether dashed."""


def laid_out(
    view: TileView, screen: ScreenPlane, ratio: float, size: tuple[int, int], kept_free: Sequence[Box] = ()
) -> tuple[Mark, ...]:
    """The marks of a tile, ready to be painted; labels stand beside what is `kept_free`."""
    if view.display_set is None:
        return ()
    marks = [_mark(each, view, screen, ratio) for each in _candidates(view)]
    marks += _carried(view, screen, ratio)
    return placed_labels([each for each in marks if each is not None], size, ratio, kept_free)


def one_laid_out(
    finding: Finding,
    view: TileView,
    screen: ScreenPlane,
    ratio: float,
    size: tuple[int, int],
    kept_free: Sequence[Box] = (),
) -> tuple[Mark, ...]:
    """A finding in hand, selected; nothing where its plane is another one."""
    if view.display_set is None or finding not in _of_place([finding], view):
        return ()
    mark = _mark(finding, view, screen, ratio, held=True)
    return placed_labels([mark], size, ratio, kept_free) if mark else ()


def facts_of(view: TileView, marks: Iterable[Mark]) -> list[dict[str, Any]]:
    """What is marked on a tile, as plain JSON values; places in device pixels of the tile."""
    by_uid = {each.tracking_uid: each for each in view.marks.findings}
    return [_facts(by_uid[mark.uid], mark) for mark in marks if mark.uid in by_uid]


def _facts(finding: Finding, mark: Mark) -> dict[str, Any]:
    return {
        "uid": finding.tracking_uid,
        "number": finding.number,
        "kind": finding.kind.value,
        "name": finding.title,
        "site": finding.site,
        "status": finding.status.value,
        "values": [{"name": v.name, "value": v.value, "unit": v.unit, "how": v.how} for v in finding.values],
        "refused": finding.refused,
        "points": [[round(each, 4) for each in point] for point in finding.points],
        "frame_of_reference_uid": finding.frame_of_reference_uid,
        "handles": [[round(x, 1), round(y, 1)] for x, y in mark.handles],
        "drawn": [round(each, 1) for each in bounds(mark.strokes)] if mark.strokes else None,
        "label": [round(each, 1) for each in mark.label] if mark.label else None,
        "text": list(mark.lines),
        "selected": mark.selected,
    }


def _candidates(view: TileView) -> list[Finding]:
    """The findings of the tile's space; of those in the patient the ones near its plane."""
    assert view.display_set is not None  # noqa: S101  asked for before
    space = space_of(view.display_set, view.image)
    if space is None:
        ref = view.display_set.images[view.image]
        found = view.marks.by_image.get((ref.instance.SOPInstanceUID, ref.frame), [])
    else:
        found = view.marks.by_frame.get(space, [])
    return list(_of_place(found, view))


def _of_place(found: Iterable[Finding], view: TileView) -> list[Finding]:
    assert view.display_set is not None  # noqa: S101  asked for before
    space = space_of(view.display_set, view.image)
    if space is None:
        ref = view.display_set.images[view.image]
        own = (ref.instance.SOPInstanceUID, ref.frame)
        sources = ((each, {(s.sop_instance_uid, s.frame) for s in each.sources}) for each in found)
        return [each for each, images in sources if not each.in_patient and own in images]
    return _near([each for each in found if each.frame_of_reference_uid == space], view.plane, half_slice_mm(view))


def _near(same: list[Finding], plane: Plane, half: float) -> list[Finding]:
    """Those of one frame of reference that touch a plane of it."""
    if not same:
        return []
    normal, center = np.asarray(plane.normal), np.asarray(plane.center_lps)
    counts = [len(each.points) for each in same]
    away = (np.concatenate([each.points for each in same]) - center) @ normal
    starts = np.cumsum([0, *counts[:-1]])
    # An ellipse reaches beyond the ends of its axes: by less than the half axes together.
    low, high = np.minimum.reduceat(away, starts), np.maximum.reduceat(away, starts)
    spread = np.where([each.kind is Kind.ELLIPSE for each in same], (high - low) / 2, 0.0)
    near = (low - spread <= half) & (high + spread >= -half)
    return [each for each, is_near in zip(same, near, strict=True) if is_near]


def _carried(view: TileView, screen: ScreenPlane, ratio: float) -> Iterator[Mark]:
    """The findings of other frames of reference that are laid on the tile's: dashed, named so, and not to be moved."""
    own = space_of(view.display_set, view.image) if view.display_set is not None else None
    for frame, found in view.marks.by_frame.items():
        seen = seen_from(view, screen, frame) if own is not None and frame != own else None
        if seen is None:
            continue
        half = half_slice_mm(view)
        for each in _near(found, seen.plane, half):
            selected = each.tracking_uid == view.marks.selected
            mark = _laid_out(each, None, half, seen.screen, ratio, selected, f"({seen.laid.standing.value})")
            if mark is not None:
                strokes = tuple(replace(stroke, dashed=True) for stroke in mark.strokes)
                yield replace(mark, strokes=strokes, handles=())


def half_slice_mm(view: TileView) -> float:
    """Half the distance of neighbouring images along the normal, or of a volume's planes, or half a slab, mm."""
    assert view.display_set is not None  # noqa: S101  asked for before
    if view.tile.orientation is not None:
        return max(view.step_mm, view.tile.slab.thickness_mm) / 2 * (1 + 1e-6)
    display_set = view.display_set
    if display_set.grid is not None:
        along = float(np.dot(display_set.grid.axes[2], view.plane.normal))
        return abs(display_set.grid.spacing[2] * along) / 2 * (1 + 1e-6)
    centers = display_set.centers_lps
    if centers is not None and len(centers) > 1:
        away = np.abs(np.delete((centers - centers[view.image]) @ np.asarray(view.plane.normal), view.image))
        apart = away[away > 1e-3]
        if apart.size:
            return float(apart.min()) / 2 * (1 + 1e-6)
    return view.grid.spacing[2] / 2 * (1 + 1e-6)


def _mark(finding: Finding, view: TileView, screen: ScreenPlane, ratio: float, held: bool = False) -> Mark | None:
    grid = view.display_set.image_grid(view.image) if view.display_set and not finding.in_patient else None
    half_mm = half_slice_mm(view) if finding.in_patient else None
    note = "" if held else _not_in_force(finding, view)
    return _laid_out(finding, grid, half_mm, screen, ratio, held or finding.tracking_uid == view.marks.selected, note)


def _not_in_force(finding: Finding, view: TileView) -> str:
    """Why no length is by a calibration line, or that values came through a registration that is no longer in force;
    empty for what counts."""
    if not all(view.alignment.holds(each) for each in finding.alignments):
        return STALE
    frame = finding.frame_of_reference_uid
    if frame and not finding.alignments and view.alignment.is_parted(frame) and is_layered(finding):
        return STALE  # told while all of the frame lay as it was scanned
    if finding.kind is not Kind.CALIBRATION or finding.in_patient or not finding.sources or view.display_set is None:
        return ""
    if brings_calibration(view.display_set.images[view.image]):
        return "not in force: the image brings its own"
    counts = view.marks.calibrated.get(finding.sources[0].sop_instance_uid)
    return "" if counts == finding.tracking_uid else "not in force: another line counts" if counts else "not in force"


@lru_cache(maxsize=4096)
def _laid_out(
    finding: Finding,
    grid: Grid | None,
    half_mm: float | None,
    screen: ScreenPlane,
    ratio: float,
    selected: bool,
    note: str,
) -> Mark | None:
    """None where no part of it comes near enough to the plane. Kept: most marks stay while one of them moves."""
    place = _Placing(screen, grid, half_mm)
    strokes = tuple(_strokes(finding, place, ratio))
    whole = place.whole(finding.points)
    ends = place.pixels(finding.points) if whole else ()
    if not strokes and not (whole and finding.kind is Kind.TEXT):
        return None
    words = (*lines(finding), *([note] if note else ())) if whole else (f"{finding.number}",)
    label = place.pixels((finding.label,))[0] if finding.label is not None and whole else None
    around = label_size(words, ratio)
    box: Box | None = None if label is None else (label[0], label[1], *around)
    if finding.kind is Kind.TEXT and box is None:
        box = (*ends[0], *around)
    grips = place.pixels(handles(finding.kind, finding.points)) if whole else ()
    anchor = ends[0] if finding.kind is Kind.TEXT and label is not None else None
    return Mark(finding.tracking_uid, strokes, grips, words, box, anchor, selected)


class _Placing:
    """Points of a finding to device pixels of the tile's outer corner; `half_mm` is None where all lie on the image."""

    def __init__(self, screen: ScreenPlane, grid: Grid | None, half_mm: float | None) -> None:
        self._screen = screen
        self._grid = grid
        self._half_mm = half_mm

    def _seen(self, points: Iterable[Vec3]) -> Points:
        """(n, 3): x, y and the distance from the plane in mm."""
        array = np.asarray(tuple(points), dtype=np.float64).reshape(-1, 3)
        if self._grid is not None:
            array = array @ self._grid.lps_from_index[:3, :3].T + self._grid.lps_from_index[:3, 3]
        return np.asarray(self._screen.pixels(array) + np.array([0.5, 0.5, 0.0]))

    def whole(self, points: Iterable[Vec3]) -> bool:
        """Whether all of them lie within half a slice."""
        return self._half_mm is None or bool((np.abs(self._seen(points)[:, 2]) <= self._half_mm).all())

    def pixels(self, points: Iterable[Vec3]) -> tuple[Place, ...]:
        return tuple((float(x), float(y)) for x, y, _ in self._seen(points))

    def line(self, points: list[Vec3], closed: bool, dashed: bool) -> Iterator[Stroke]:
        """What lies within half a slice of a line through points."""
        seen = self._seen(points)
        if self._half_mm is None or (np.abs(seen[:, 2]) <= self._half_mm).all():
            yield Stroke(tuple((float(x), float(y)) for x, y, _ in seen), closed, dashed)
            return
        for one, other in pairwise([*seen, seen[0]] if closed else seen):
            kept = _within(one, other, self._half_mm)
            if kept is not None:
                yield Stroke(kept, False, dashed)


def _within(one: Points, other: Points, half: float) -> tuple[Place, Place] | None:
    """The part of a stretch whose third coordinate is within `half` of nought."""
    low, high, rise = 0.0, 1.0, float(other[2] - one[2])
    if abs(rise) < 1e-12:
        if abs(one[2]) > half:
            return None
    else:
        ends = sorted(((-half - float(one[2])) / rise, (half - float(one[2])) / rise))
        low, high = max(low, ends[0]), min(high, ends[1])
    if low >= high:
        return None
    first, last = one + (other - one) * low, one + (other - one) * high
    return (float(first[0]), float(first[1])), (float(last[0]), float(last[1]))


def _strokes(finding: Finding, place: _Placing, ratio: float) -> Iterator[Stroke]:
    for points, closed, dashed in lines_of(finding):
        if len(points) > 1:
            is_value = dashed and finding.kind in ACROSS
            yield from (replace(each, is_value=is_value) for each in place.line(points, closed, dashed))
    ends = place.pixels(finding.points)
    for point in crossed_points(finding):
        if place.whole((point,)):
            yield from cross_at(place.pixels((point,))[0], ratio)
    if finding.kind is Kind.ANGLE and len(ends) == 3 and place.whole(finding.points):
        yield from _arc(ends[0], ends[1], ends[2], ratio)
    if finding.kind is Kind.ARROW and len(ends) == 2 and place.whole(finding.points):
        yield from arrow_head(ends[0], ends[1], ratio)


def crossed_points(finding: Finding) -> tuple[Vec3, ...]:
    """The points that stand with a cross of their own: where one point is all there is yet, and where the ends count
    more than the line.
    """
    if finding.kind is Kind.TEXT:
        return ()
    ends = (Kind.PROBE, Kind.SPINE_LABEL, Kind.TRAJECTORY, Kind.MARGIN, Kind.REMNANT)
    return finding.points if finding.kind in ends or len(finding.points) == 1 else ()


def cross_at(place: Place, ratio: float) -> Iterator[Stroke]:
    """Four short lines about a place, which stays free."""
    (x, y), gap, reach = place, 2.5 * ratio, PROBE_PX * ratio
    for right, down in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        yield Stroke(((x + right * gap, y + down * gap), (x + right * reach, y + down * reach)))


def _arc(one: Place, vertex: Place, other: Place, ratio: float) -> Iterator[Stroke]:
    """From one side of an angle to the other, the shorter way; nothing where a side is too short for it."""
    sides = [complex(end[0] - vertex[0], end[1] - vertex[1]) for end in (one, other)]
    radius = min(ARC_PX * ratio, *(0.6 * abs(each) for each in sides))
    if radius < 2 * ratio:
        return
    start, turn = sides[0] / abs(sides[0]), cmath.phase(sides[1] / sides[0])
    steps = (start * cmath.rect(radius, turn * step / ARC_STEPS) for step in range(ARC_STEPS + 1))
    yield Stroke(tuple((vertex[0] + each.real, vertex[1] + each.imag) for each in steps), False, True)


def arrow_head(tip: Place, tail: Place, ratio: float) -> Iterator[Stroke]:
    away = np.subtract(tail, tip)
    length = float(np.hypot(*away))
    if length < 1.0:
        return
    along = away / length * min(ARROW_PX * ratio, length)
    for turn in (0.45, -0.45):
        c, s = np.cos(turn), np.sin(turn)
        end = (tip[0] + along[0] * c - along[1] * s, tip[1] + along[0] * s + along[1] * c)
        yield Stroke((tip, (float(end[0]), float(end[1]))))


def lines_of(finding: Finding) -> Iterator[Line]:
    """The lines that a finding is drawn with, in its own space."""
    points, kind = list(finding.points), finding.kind
    if kind in (Kind.COBB, Kind.BIDIRECTIONAL, Kind.CARDIOTHORACIC, Kind.STEP_OFF):
        yield points[:2], False, False
        yield points[2:4], False, False
        if kind is Kind.STEP_OFF and len(points) == 4:
            middle = tuple((a + b) / 2 for a, b in zip(points[2], points[3], strict=True))
            yield [*_square((middle[0], middle[1], middle[2]), points[0], points[1])], False, True
    elif finding.encloses:
        yield list(outline(kind, points)), True, False
    elif kind is Kind.POINT_TO_LINE:
        yield points[:2], False, False
        if len(points) == 3:
            yield [*_square(points[2], points[0], points[1])], False, True
    elif kind is Kind.LEG_AXIS:
        yield points, False, False
        if len(points) == 3:
            yield [points[0], points[2]], False, True
    elif kind not in (Kind.PROBE, Kind.TEXT, Kind.SPINE_LABEL, Kind.REMNANT):
        yield points, False, False


def _square(point: Vec3, start: Vec3, end: Vec3) -> tuple[Vec3, ...]:
    """A point and its foot on the endless line; nothing where there is no line."""
    along = np.subtract(end, start)
    size = float(along @ along)
    if size == 0.0:
        return ()
    foot = np.asarray(start) + along * (float(np.subtract(point, start) @ along) / size)
    return point, (float(foot[0]), float(foot[1]), float(foot[2]))
