"""Gestures become points: from what was placed and where the pointer is, to the points of a finding, and back.

All of it happens in the space that a tile shows: LPS in the patient, else the image's own space, whose unit is the
pixel's size or its shape. `Ground` brings these to the points a finding keeps.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.tile import TileView
from workstation.errors import Refused
from workstation.findings.finding import POINTS, WORKED_OUT, Finding, Kind, Source, Value
from workstation.findings.measure import cautioned, measured
from workstation.findings.planned import trajectory_values
from workstation.findings.regions import leaves, source_image
from workstation.findings.scale import edge_of
from workstation.findings.segment import Segment
from workstation.imaging.calibration import PROJECTIONS
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Grid, Vec3, vec
from workstation.imaging.images import ImageRef
from workstation.imaging.trajectory import Trajectory, stretches

Points = tuple[Vec3, ...]
Vector = NDArray[np.float64]

BOXED: Final = frozenset((Kind.ELLIPSE, Kind.RECTANGLE))
"""Drawn from one corner to the opposite one, along the edges of the screen."""

MOST_HANDLES: Final = 40
"""An outline of more points is moved as a whole."""


@dataclass(frozen=True)
class Ground:
    """What lies under a tile: a frame of reference, or the pixels of one image."""

    frame_of_reference_uid: str | None
    grid: Grid
    sources: tuple[Source, ...]
    study_instance_uid: str
    series_instance_uid: str

    def kept(self, points: Iterable[Vec3]) -> Points:
        """Points of the tile's space as a finding keeps them."""
        if self.frame_of_reference_uid is not None:
            return tuple(points)
        return tuple((x, y, 0.0) for x, y, _ in map(self.grid.index, points))

    def spread(self, points: Iterable[Vec3]) -> Points:
        """The inverse of `kept`."""
        if self.frame_of_reference_uid is not None:
            return tuple(points)
        return tuple(self.grid.point(point) for point in points)


def space_of(display_set: DisplaySet, image: int) -> str | None:
    """The frame of reference that marks on an image lie in; None where they lie in its pixels.

    Without a FrameOfReferenceUID the images of a study share a space, as their crosshair does. A projection has no
    depth: its marks lie on it.
    """
    if not display_set.in_patient(image) or display_set.first.Modality in PROJECTIONS:
        return None
    return display_set.first.FrameOfReferenceUID or display_set.study_instance_uid


def source_near(display_set: DisplaySet, point_lps: Vec3) -> Source:
    """The image of a volume that lies nearest to a point."""
    assert display_set.lattice is not None  # noqa: S101  asked for before
    image = round(display_set.lattice.index(point_lps)[2])
    ref = display_set.images[min(max(image, 0), len(display_set.images) - 1)]
    return Source(ref.instance.SOPInstanceUID, ref.frame)


def ground(view: TileView) -> Ground | None:
    """What marks on a tile lie on; None while it is empty."""
    display_set = view.display_set
    if display_set is None:
        return None
    image = view.image
    ref = display_set.images[image]
    return Ground(
        space_of(display_set, image),
        display_set.image_grid(image),
        (Source(ref.instance.SOPInstanceUID, ref.frame),),
        display_set.study_instance_uid,
        display_set.series_instance_uid,
    )


def shaped(kind: Kind, placed: Sequence[Vec3], pointer: Vec3, right: Vec3, down: Vec3) -> Points:
    """The points of a mark under way: those placed and the pointer; `right` and `down` are the screen's directions."""
    if kind in BOXED and placed:
        return _boxed(kind, placed[0], pointer, right, down)
    if kind is Kind.BIDIRECTIONAL and len(placed) == 3:
        return (*placed, _square_to((placed[0], placed[1]), placed[2], pointer))
    return (*placed, pointer)


def complete(kind: Kind, placed: int) -> bool:
    """Whether so many placed points make a whole mark; outlines end otherwise."""
    return placed >= (2 if kind in BOXED else POINTS.get(kind, 1 << 30))


def _boxed(kind: Kind, corner: Vec3, pointer: Vec3, right: Vec3, down: Vec3) -> Points:
    one, across, along = np.asarray(corner), np.asarray(right), np.asarray(down)
    away = np.asarray(pointer) - one
    wide = across * float(away @ across) / float(across @ across)
    high = along * float(away @ along) / float(along @ along)
    if kind is Kind.RECTANGLE:
        return vec(one), vec(one + wide), vec(one + wide + high), vec(one + high)
    middle = one + (wide + high) / 2
    return vec(middle - wide / 2), vec(middle + wide / 2), vec(middle - high / 2), vec(middle + high / 2)


def _square_to(line: tuple[Vec3, Vec3], start: Vec3, pointer: Vec3) -> Vec3:
    """The pointer brought to where the line from `start` is square to another."""
    along = np.subtract(line[1], line[0])
    away = np.subtract(pointer, start)
    size = float(along @ along)
    return vec(np.asarray(start) + away - along * (float(away @ along) / size if size else 0.0))


def handles(kind: Kind, points: Sequence[Vec3]) -> Points:
    """The points that can be taken hold of, in their order."""
    return tuple(points) if len(points) <= MOST_HANDLES and kind not in WORKED_OUT else ()


def handle_moved(kind: Kind, points: Points, index: int, to: Vec3) -> Points:
    """The points once one of them was moved, the shape kept what it is."""
    if kind is Kind.ELLIPSE:
        return _ellipse_moved(points, index, to)
    if kind is Kind.RECTANGLE:
        return _rectangle_moved(points, index, to)
    if kind is Kind.BIDIRECTIONAL:
        return _bidirectional_moved(points, index, to)
    return (*points[:index], to, *points[index + 1 :])


def _ellipse_moved(points: Points, index: int, to: Vec3) -> Points:
    """The end of an axis goes where it is put, round the middle; the other axis stays square to it and as long."""
    ends = [np.asarray(each) for each in points]
    middle = sum(ends) / 4
    away = np.asarray(to) - middle
    size = float(np.linalg.norm(away))
    if size == 0.0:
        return points
    own, other = (0, 2) if index < 2 else (2, 0)
    half = away if index % 2 else -away
    beside = (ends[other + 1] - ends[other]) / 2
    length = float(np.linalg.norm(beside))
    beside = beside - away * (float(beside @ away) / size**2)
    if float(np.linalg.norm(beside)) < 1e-9 * max(length, 1e-300):
        beside = np.cross(np.cross(ends[own + 1] - ends[own], (ends[other + 1] - ends[other])), away)
    beside = beside / max(float(np.linalg.norm(beside)), 1e-300) * length
    moved = {own: middle - half, own + 1: middle + half, other: middle - beside, other + 1: middle + beside}
    return tuple(vec(moved[each]) for each in range(4))


def _rectangle_moved(points: Points, index: int, to: Vec3) -> Points:
    """The opposite corner stays, and so do the directions of the sides."""
    corners = [np.asarray(each) for each in points]
    before, opposite, after = corners[index - 1], corners[index - 2], corners[(index + 1) % 4]
    one, other, away = before - opposite, after - opposite, np.asarray(to) - corners[index - 2]
    sizes = float(one @ one), float(other @ other)
    if 0.0 in sizes:
        return points
    one, other = one * (float(away @ one) / sizes[0]), other * (float(away @ other) / sizes[1])
    moved = {index: opposite + one + other, (index - 1) % 4: opposite + one, (index + 1) % 4: opposite + other}
    return tuple(vec(moved.get(each, corners[each])) for each in range(4))


def _bidirectional_moved(points: Points, index: int, to: Vec3) -> Points:
    """The short axis stays square to the long one: it turns with it, and its ends slide together along it."""
    if len(points) < 4:
        return (*points[:index], to, *points[index + 1 :])
    if index >= 2:
        start, end = (to, points[3]) if index == 2 else (points[2], to)
        kept = start if index == 2 else end
        other = _square_to((points[0], points[1]), kept, end if index == 2 else start)
        return (points[0], points[1], kept, other) if index == 2 else (points[0], points[1], other, kept)
    old, new = [np.asarray(each) for each in points[:2]], [np.asarray(each) for each in points[:2]]
    new[index] = np.asarray(to)
    was, now = old[1] - old[0], new[1] - new[0]
    if float(now @ now) == 0.0 or float(was @ was) == 0.0:
        return points
    ends = []
    for end in points[2:]:
        away = np.asarray(end) - old[0]
        share = float(away @ was) / float(was @ was)
        across = away - was * share
        ends.append(new[0] + now * share + _turned(across, was, now))
    return (vec(new[0]), vec(new[1]), vec(ends[0]), vec(ends[1]))


def _turned(across: Vector, was: Vector, now: Vector) -> Vector:
    """A vector square to `was` turned as `was` is turned to `now`, its length kept."""
    normal = np.cross(was, across)
    if not np.any(normal):
        return across
    turned = np.cross(normal, now)
    return np.asarray(turned / np.linalg.norm(turned) * np.linalg.norm(across))


def shifted(points: Iterable[Vec3], by: Vec3) -> Points:
    """All points moved alike."""
    return tuple((x + by[0], y + by[1], z + by[2]) for x, y, z in points)


def source_ref(sets: Iterable[DisplaySet], finding: Finding) -> ImageRef | None:
    """The image a finding was drawn on."""
    wanted = finding.sources[0] if finding.sources else None
    for each in sets:
        first = each.place_of.get(wanted.sop_instance_uid) if wanted else None
        if wanted is None or first is None:
            continue
        for ref in each.images[first:]:
            if (ref.instance.SOPInstanceUID, ref.frame) == (wanted.sop_instance_uid, wanted.frame):
                return ref
    return None


def calibrations(findings: Iterable[Finding], sets: Mapping[str, DisplaySet]) -> dict[str, float]:
    """mm of the finer pixel edge by SOPInstanceUID, from the calibration lines there are; the last one counts."""
    found: dict[str, float] = {}
    for each in findings:
        if each.kind is Kind.CALIBRATION and each.true_length_mm and not each.in_patient:
            ref = source_ref(sets.values(), each)
            edges = edge_of(ref, each.points) if ref else 0.0
            if edges > 0:
                found[each.sources[0].sop_instance_uid] = each.true_length_mm / edges
    return found


def valued(
    finding: Finding, sets: Mapping[str, DisplaySet], known: Mapping[str, float], segments: Iterable[Segment] = ()
) -> Finding:
    """The finding with what its points say; statistics come later. `known` are calibrations by SOPInstanceUID.

    `segments` are those that a trajectory may meet. What was worked out of segments stays as it was.
    """
    if finding.kind in WORKED_OUT:
        return finding
    ref = None if finding.in_patient else source_ref(sets.values(), finding)
    try:
        true_mm = known.get(finding.sources[0].sop_instance_uid) if finding.sources else None
        values = _on_the_way(finding, segments) or measured(finding, ref, true_mm)
        outside = _outside(finding, sets)
        return replace(finding, values=cautioned(values, outside) if outside else values, refused="")
    except Refused as refused:
        return replace(finding, values=(), refused=refused.sentence)


def _on_the_way(finding: Finding, segments: Iterable[Segment]) -> tuple[Value, ...]:
    """What a whole trajectory says: depth, angles, and the segments of its space that it goes through; else nothing.

    Raises `Refused` with NO_EXTENT where entry and target are one.
    """
    if finding.kind is not Kind.TRAJECTORY or not finding.in_patient or len(finding.points) < 2:
        return ()
    way = Trajectory(finding.points[0], finding.points[1])
    there = [each for each in segments if each.frame_of_reference_uid == finding.frame_of_reference_uid]
    met = [(each.title, stretches(way, each.mask)) for each in there if each.mask]
    return trajectory_values(way, met)


def _outside(finding: Finding, sets: Mapping[str, DisplaySet]) -> str:
    """The caution for one that leaves what is stored, as far as the series it was drawn on is here."""
    own = (each for each in sets.values() if source_image(each, finding) is not None)
    return min((leaves(each, finding) for each in own), key=len, default="")
