"""Coordinates of a document as shapes, and which kind of finding they make (PS3.3 C.18.6.1.2, C.18.9.1.2)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workstation.documents.sr.tree import Image, Item
from workstation.findings.finding import MOST_POINTS, Kind
from workstation.imaging.geometry import Vec3

Points = tuple[Vec3, ...]
_ANGLES: Final = frozenset(("Angle", "Cobb angle"))


@dataclass(frozen=True)
class Shape:
    """Points of one item: LPS mm in a frame of reference, else (column, row, 0) of `images` from the outer corner."""

    graphic: str
    points: Points
    frame_of_reference_uid: str = ""
    images: tuple[Image, ...] = ()


@dataclass(frozen=True)
class Place:
    """What kind of finding shapes make, and its points as they are written."""

    kind: Kind
    points: Points
    closed: bool = False


def shape_of(item: Item) -> Shape | None:
    """The shape of a SCOORD or SCOORD3D; None for one without points, or with more than a hand draws."""
    axes = 3 if item.kind == "SCOORD3D" else 2
    count = len(item.data) // axes
    if not 0 < count <= MOST_POINTS + 1 or len(item.data) % axes:
        return None
    rows = [item.data[axes * each : axes * (each + 1)] for each in range(count)]
    points = tuple((row[0], row[1], row[2] if axes == 3 else 0.0) for row in rows)
    frame = item.frame_of_reference_uid if axes == 3 else ""
    return Shape(item.graphic, points, frame, tuple(image for each in item.below for image in each.images))


def placed(shapes: Sequence[Shape], names: Sequence[str], lines: Sequence[Sequence[Shape]]) -> Place | None:
    """The kind of finding that shapes of another program make, by their form and what was measured along them."""
    if not shapes:
        return None
    first = shapes[0]
    if len(shapes) == 1 and len(lines) == 2 and {"Long axis", "Short axis"} <= set(names) and _are_lines(lines):
        long, short = (lines[names.index(name)][0] for name in ("Long axis", "Short axis"))
        return Place(Kind.BIDIRECTIONAL, (*long.points, *short.points))
    if first.graphic == "POINT":
        return Place(Kind.TEXT, first.points[:1])
    if first.graphic == "CIRCLE" and len(first.points) == 2:
        return Place(Kind.ELLIPSE, _circle(*first.points))
    if first.graphic == "ELLIPSE" and len(first.points) == 4:
        return Place(Kind.ELLIPSE, first.points)
    if first.graphic in ("POLYLINE", "POLYGON"):
        return _of_line(shapes, names)
    return None


def _are_lines(lines: Sequence[Sequence[Shape]]) -> bool:
    return all(len(each) == 1 and len(each[0].points) == 2 for each in lines)


def _of_line(shapes: Sequence[Shape], names: Sequence[str]) -> Place | None:
    points = shapes[0].points
    together = tuple(point for each in shapes for point in each.points)
    if "Cobb angle" in names and len(together) == 4:
        return Place(Kind.COBB, together)
    if _ANGLES & set(names) and len(points) == 3:
        return Place(Kind.ANGLE, points)
    if len(points) > 3 and points[0] == points[-1]:
        return Place(Kind.FREEHAND, points[:-1], True)
    if len(points) == 2:
        return Place(Kind.LENGTH, points)
    return Place(Kind.POLYLINE, points) if len(points) > 2 else None


def _circle(middle: Vec3, edge: Vec3) -> Points:
    """A circle by its middle and a point on it, as an ellipse by the ends of its axes."""
    x, y, radius = middle[0], middle[1], math.dist(middle, edge)
    return (x - radius, y, 0.0), (x + radius, y, 0.0), (x, y - radius, 0.0), (x, y + radius, 0.0)
