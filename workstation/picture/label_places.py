"""Where labels of marks stand: off the lesion, inside the tile, on none of the others; the same for the same marks."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from workstation.paint.marks import Box, Mark, Place, Stroke, label_size

GAP_PX: Final = 14.0
EDGE_PX: Final = 6.0
CLEAR_PX: Final = 12.0
"""A label stays so far away from other marks: it must not seem to be theirs."""

MOST_JUDGED: Final = 60
"""Marks that are kept apart from one another; more than these show their number alone, unless selected."""


def placed_labels(
    marks: Sequence[Mark], size: tuple[int, int], ratio: float, kept_free: Sequence[Box] = ()
) -> tuple[Mark, ...]:
    """The marks with a place for each label that has none, beside other words of the tile, which are `kept_free`."""
    if len(marks) > MOST_JUDGED:
        return tuple(_crowded(mark, size, ratio) for mark in marks)
    taken = [bounds(mark.strokes) for mark in marks if mark.strokes] + [mark.label for mark in marks if mark.label]
    placed = []
    for mark in marks:
        if mark.label is None and mark.lines:
            own = bounds(mark.strokes) if mark.strokes else (0.0, 0.0, 0.0, 0.0)
            others = [*kept_free, *(_wider(each, CLEAR_PX * ratio) for each in taken if each != own)]
            rect = _free(own, label_size(mark.lines, ratio), others, size, ratio)
            taken.append(rect)
            mark = replace(mark, label=rect)
        placed.append(replace(mark, anchor=_nearest(mark)))
    return tuple(placed)


def _wider(rect: Box, by: float) -> Box:
    return rect[0] - by, rect[1] - by, rect[2] + 2 * by, rect[3] + 2 * by


def _nearest(mark: Mark) -> Place | None:
    """Where the leader of a label begins: the middle of the line it tells, else the nearest place of the mark's lines;
    a text needs none until it was moved.
    """
    if mark.label is None:
        return None
    x, y, wide, high = mark.label
    target = (x + wide / 2, y + high / 2)
    for stroke in mark.strokes:
        if stroke.is_value:
            (x0, y0), (x1, y1) = stroke.points[0], stroke.points[-1]
            return (x0 + x1) / 2, (y0 + y1) / 2
    found = [_on(one, other, target) for stroke in mark.strokes if not stroke.dashed for one, other in _edges(stroke)]
    return min(found, key=lambda place: math.dist(place, target), default=mark.anchor)


def _edges(stroke: Stroke) -> Iterable[tuple[Place, Place]]:
    return pairwise((*stroke.points, stroke.points[0]) if stroke.closed else stroke.points)


def _on(one: Place, other: Place, target: Place) -> Place:
    """The place of a stretch that is nearest to another place."""
    along = (other[0] - one[0], other[1] - one[1])
    size = along[0] ** 2 + along[1] ** 2
    share = ((target[0] - one[0]) * along[0] + (target[1] - one[1]) * along[1]) / size if size else 0.0
    share = min(max(share, 0.0), 1.0)
    return one[0] + along[0] * share, one[1] + along[1] * share


def _crowded(mark: Mark, size: tuple[int, int], ratio: float) -> Mark:
    if mark.label is not None or not mark.strokes:
        return mark
    words = mark.lines if mark.selected else tuple(mark.lines[0].split("  ")[:1])
    rect = _candidates(bounds(mark.strokes), label_size(words, ratio), ratio)[0]
    return replace(mark, lines=words, label=_inside(rect, size, ratio), anchor=None)


def bounds(strokes: Iterable[Stroke]) -> Box:
    """What strokes take up."""
    points: list[Place] = [point for stroke in strokes for point in stroke.points]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)


def _free(own: Box, label: Place, taken: list[Box], size: tuple[int, int], ratio: float) -> Box:
    """The first place that is inside the tile and free; else the one that covers least."""
    best, least = None, float("inf")
    for number, candidate in enumerate(_candidates(own, label, ratio)):
        rect = _inside(candidate, size, ratio)
        covered = sum(_common(rect, each) for each in taken) + 4 * _common(rect, own)
        covered += 0.01 * number + (abs(rect[0] - candidate[0]) + abs(rect[1] - candidate[1]))
        if covered < least:
            best, least = rect, covered
        if least <= 0.01 * number:  # those that follow are further away
            break
    assert best is not None  # noqa: S101  there are always candidates
    return best


def _candidates(own: Box, label: Place, ratio: float) -> list[Box]:
    """Beside the mark at the right, at the left, below and above it, then further away."""
    x, y, wide, high = own
    found = []
    for away in (GAP_PX * ratio, 4 * GAP_PX * ratio, 10 * GAP_PX * ratio):
        right, left = x + wide + away, x - away - label[0]
        level, under, over = y + (high - label[1]) / 2, y + high + away, y - away - label[1]
        middle = x + (wide - label[0]) / 2
        places = [(right, level), (right, over), (right, under), (left, level), (middle, under), (middle, over)]
        places += [(left, over), (left, under)]
        found += [(px, py, *label) for px, py in places]
    return found


def _inside(rect: Box, size: tuple[int, int], ratio: float) -> Box:
    """Moved into the tile as far as it fits."""
    edge = EDGE_PX * ratio
    x = max(edge, min(rect[0], size[0] - rect[2] - edge))
    y = max(edge, min(rect[1], size[1] - rect[3] - edge))
    return x, y, rect[2], rect[3]


def _common(one: Box, other: Box) -> float:
    """The area two rectangles share."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    return wide * high if wide > 0 and high > 0 else 0.0
