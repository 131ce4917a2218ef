"""What of the marks on a tile lies under a press: a handle, a label, or a line. Places in device pixels of the tile."""

import math
from itertools import pairwise
from typing import Final

from workstation.paint.marks import Mark, Place
from workstation.ui.screen_tile import ScreenTile

LINE_REACH_PX: Final = 6
HANDLE_REACH_PX: Final = 9
"""A press this near to a line or a handle takes hold of it. Logical pixels, as all of these."""


def grasped(tile: ScreenTile, place: Place) -> tuple[Mark | None, str, int]:
    """The mark under a place, which part of it, and which handle; of several the one that is selected, or on top."""
    marks = sorted(tile.marks, key=lambda each: each.selected)
    for mark in reversed(marks):
        for index, handle in enumerate(mark.handles):
            if math.dist(handle, place) <= HANDLE_REACH_PX * tile.ratio:
                return mark, "handle", index
    for mark in reversed(marks):
        if mark.label is not None and _in(mark.label, place):
            return mark, "label", 0
    for mark in reversed(marks):
        if _near_line(mark, place, LINE_REACH_PX * tile.ratio):
            return mark, "whole", 0
    return None, "", 0


def _in(rect: tuple[float, float, float, float], place: Place) -> bool:
    x, y, wide, high = rect
    return x <= place[0] <= x + wide and y <= place[1] <= y + high


def _near_line(mark: Mark, place: Place, reach: float) -> bool:
    for stroke in mark.strokes:
        ends = (*stroke.points, stroke.points[0]) if stroke.closed else stroke.points
        xs, ys = [x for x, _ in ends], [y for _, y in ends]
        if not (min(xs) - reach <= place[0] <= max(xs) + reach and min(ys) - reach <= place[1] <= max(ys) + reach):
            continue
        if any(_away(place, one, other) <= reach for one, other in pairwise(ends)):
            return True
    return False


def _away(place: Place, one: Place, other: Place) -> float:
    """The distance of a place from a stretch."""
    along = (other[0] - one[0], other[1] - one[1])
    size = along[0] ** 2 + along[1] ** 2
    share = ((place[0] - one[0]) * along[0] + (place[1] - one[1]) * along[1]) / size if size else 0.0
    share = min(max(share, 0.0), 1.0)
    return math.dist(place, (one[0] + along[0] * share, one[1] + along[1] * share))
