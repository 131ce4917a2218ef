"""Presentation states as values: how images are to be shown, apart from them (PS3.3 A.33, PS3.4 N.2).

A transformation that a presentation state does not name is the identity, whatever the image says of itself.
Columns and rows of pixel units are continuous: the image reaches from (0, 0) to (columns, rows) (C.10.5.1.2).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.greyscale import Rescale, Voi
from workstation.imaging.look import Lut, Overlay, Shutter

Points = tuple[tuple[float, float], ...]
ROUND_STEPS: Final = 72
CURVE_STEPS: Final = 12


@dataclass(frozen=True)
class Reference:
    """An image a presentation state speaks of; `frames` count from 1, none means all."""

    sop_instance_uid: str
    frames: tuple[int, ...] = ()


@dataclass(frozen=True)
class Drawing:
    """POINT, POLYLINE, INTERPOLATED, CIRCLE or ELLIPSE (C.10.5.1.2); (column, row) points in `units` PIXEL, or
    DISPLAY: fractions of the displayed area as it is shown."""

    kind: str
    points: Points
    units: str = "PIXEL"
    filled: bool = False


@dataclass(frozen=True)
class Text:
    """A text in a box (two corners), or at an anchor, or both, joined by a line where `joined`."""

    text: str
    box: Points = ()
    box_units: str = "PIXEL"
    anchor: tuple[float, float] | None = None
    anchor_units: str = "PIXEL"
    joined: bool = False
    align: str = "LEFT"


@dataclass(frozen=True)
class Layer:
    """A graphic layer; those of higher order lie over the others. `grey` 0 … 255 is what it recommends."""

    name: str
    order: int
    grey: int | None = None
    annotations: tuple[tuple[tuple[Reference, ...], tuple[Drawing, ...], tuple[Text, ...]], ...] = ()
    """For which images, and what; no references means all images."""


@dataclass(frozen=True)
class DisplayedArea:
    """C.10.4: corners as (column, row), counted from 1, both included, in the image as stored."""

    references: tuple[Reference, ...]
    first: tuple[int, int]
    last: tuple[int, int]
    mode: str = "SCALE TO FIT"
    magnification: float | None = None


@dataclass(frozen=True)
class MaskOperation:
    """Mask subtraction (C.7.6.10): AVG_SUB, TID or REV_TID; frames count from 1; shift is (rows, columns)."""

    operation: str
    applicable_frames: tuple[int, ...] = ()
    mask_frames: tuple[int, ...] = ()
    shift_px: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Presentation:
    """One presentation state. `quarter_turns` clockwise come first, then `flipped` left to right (C.10.6)."""

    sop_instance_uid: str
    label: str
    description: str
    references: tuple[Reference, ...]
    modality: Lut | None = None
    rescale: Rescale | None = None
    voi: tuple[tuple[tuple[Reference, ...], tuple[Voi, ...]], ...] = ()
    presentation: Lut | None = None
    inverse: bool = False
    areas: tuple[DisplayedArea, ...] = ()
    quarter_turns: int = 0
    flipped: bool = False
    shutter: Shutter | None = None
    layers: tuple[Layer, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    """Its own planes, in a layer each."""
    activated: tuple[tuple[int, str], ...] = ()
    """Overlay groups of the images that are shown, and in which layer; the others are not."""
    masks: tuple[MaskOperation, ...] = ()
    odd: tuple[str, ...] = ()

    def covers(self, sop_instance_uid: str, frame: int) -> bool:
        """Whether it speaks of frame `frame` (from 0) of an image."""
        return refers(self.references, sop_instance_uid, frame)

    def voi_of(self, sop_instance_uid: str, frame: int) -> tuple[Voi, ...]:
        return next((each for refs, each in self.voi if _applies(refs, sop_instance_uid, frame)), ())

    def area_of(self, sop_instance_uid: str, frame: int) -> DisplayedArea | None:
        fitting = (each for each in self.areas if _applies(each.references, sop_instance_uid, frame))
        return next(fitting, None)

    def drawn_on(self, sop_instance_uid: str, frame: int) -> Iterable[tuple[Layer, Drawing | Text]]:
        """What is drawn over an image, the lowest layer first."""
        for layer in sorted(self.layers, key=lambda each: each.order):
            for references, drawings, texts in layer.annotations:
                if _applies(references, sop_instance_uid, frame):
                    yield from ((layer, each) for each in drawings)
                    yield from ((layer, each) for each in texts)


def refers(references: tuple[Reference, ...], sop_instance_uid: str, frame: int) -> bool:
    """Whether one of the references names frame `frame` (from 0) of an image."""
    named = (each for each in references if each.sop_instance_uid == sop_instance_uid)
    return any(not each.frames or frame + 1 in each.frames for each in named)


def _applies(references: tuple[Reference, ...], sop_instance_uid: str, frame: int) -> bool:
    return not references or refers(references, sop_instance_uid, frame)


def outline(drawing: Drawing) -> Points:
    """A drawing as a line through points, in its own units; a single point stays one."""
    points = np.asarray(drawing.points, dtype=np.float64)
    if drawing.kind == "CIRCLE" and len(points) == 2:
        return _ellipse(points[0], points[1] - points[0], None)
    if drawing.kind == "ELLIPSE" and len(points) == 4:
        center = (points[0] + points[1]) / 2
        return _ellipse(center, (points[1] - points[0]) / 2, (points[3] - points[2]) / 2)
    if drawing.kind == "INTERPOLATED" and len(points) > 2:
        return _curve(points)
    return drawing.points


def _ellipse(
    center: NDArray[np.float64],
    major: NDArray[np.float64],
    minor: NDArray[np.float64] | None,
) -> Points:
    across = np.array([-major[1], major[0]]) if minor is None else minor
    angles = np.linspace(0.0, 2 * np.pi, ROUND_STEPS + 1)
    return tuple((float(x), float(y)) for x, y in (center + np.cos(a) * major + np.sin(a) * across for a in angles))


def _curve(points: NDArray[np.float64]) -> Points:
    """A Catmull-Rom spline through all points; closed when the last is the first."""
    closed = bool(np.allclose(points[0], points[-1]))
    before = points[-2] if closed else points[0]
    after = points[1] if closed else points[-1]
    padded = np.vstack([before, points, after])
    curve = [points[0]]
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for t in np.linspace(0.0, 1.0, CURVE_STEPS + 1)[1:]:
            square, cube = 2 * a - 5 * b + 4 * c - d, 3 * b - a - 3 * c + d
            curve.append(0.5 * (2 * b + (c - a) * t + square * t**2 + cube * t**3))
    return tuple((float(x), float(y)) for x, y in curve)
