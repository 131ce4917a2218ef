"""Findings of the patient over a 3D picture: their points seen by the camera of the picture, dashed where a surface
that is shown lies before them.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.drawing_tools import handles, space_of
from workstation.case.state import TileView
from workstation.findings.finding import Finding, Kind
from workstation.findings.words import lines
from workstation.imaging.camera import Camera
from workstation.imaging.geometry import Vec3
from workstation.imaging.pick import hidden
from workstation.imaging.scene import Scene
from workstation.imaging.volume import Voxels
from workstation.paint.marks import Box, Mark, Place, Stroke
from workstation.picture.label_places import placed_labels
from workstation.picture.marks import arrow_head, cross_at, crossed_points, lines_of
from workstation.render.volume_memory import mapped

PIECES: Final = 48
"""A finding's line is looked at in so many pieces for what lies before it."""

MOST_PIECES: Final = 240
MOST_MOVING: Final = 60
"""Of all findings together, at rest and while the view moves: more of them are looked at in fewer pieces. 60 take
10 ms in a large volume.
"""

Points = NDArray[np.float64]


def laid_out_in_3d(
    findings: Iterable[Finding],
    view: TileView,
    scene: Scene,
    voxels: Voxels,
    ratio: float,
    size: tuple[int, int],
    kept_free: Sequence[Box] = (),
) -> tuple[Mark, ...]:
    """The marks of a tile as `scene`, with its transfer function, shows them; labels stand off what is `kept_free`."""
    if view.display_set is None:
        return ()
    space = space_of(view.display_set, view.image)
    own = [each for each in findings if each.in_patient and each.frame_of_reference_uid == space]
    if not own:
        return ()
    pieces = (MOST_MOVING if view.coarse else MOST_PIECES) // len(own)
    seen = _Seen(scene, voxels, size, max(2, min(PIECES, pieces)))
    marks = [_mark(each, seen, ratio, each.tracking_uid == view.marks.selected) for each in own]
    return placed_labels([each for each in marks if each is not None], size, ratio, kept_free)


class _Seen:
    """Points of the patient on the screen, and whether something lies before them."""

    def __init__(self, scene: Scene, voxels: Voxels, size: tuple[int, int], pieces: int) -> None:
        self._scene, self._voxels, self._size, self._pieces = scene, voxels, size, pieces
        self._gone = tuple(mapped(each.mask) for each in scene.cuts)

    def places(self, points: Iterable[Vec3]) -> tuple[Place, ...]:
        """Device pixels of the tile's outer corner; not finite where a point has no place."""
        return tuple(_place(self._scene.camera, each, self._size) for each in points)

    def strokes(self, points: Sequence[Vec3], closed: bool, dashed: bool) -> Iterator[Stroke]:
        """A line through points, in parts that are seen and parts, dashed, that are not."""
        ends = np.asarray([*points, points[0]] if closed else points, dtype=np.float64)
        fine = _refined(ends, self._pieces)
        lattice = self._voxels.display_set.lattice
        if lattice is None:
            return
        behind = hidden(
            self._voxels.stored, lattice, self._voxels.rescale, self._scene, (fine[:-1] + fine[1:]) / 2, self._gone
        )
        pixels = self.places((float(x), float(y), float(z)) for x, y, z in fine)
        changes = [0, *(np.flatnonzero(behind[1:] != behind[:-1]) + 1).tolist(), len(behind)]
        for start, end in pairwise(changes):
            yield Stroke(pixels[start : end + 1], False, dashed or bool(behind[start]))


def _place(camera: Camera, point: Vec3, size: tuple[int, int]) -> Place:
    x, y, _ = camera.pixel(point, *size)
    return x + 0.5, y + 0.5


def _refined(ends: Points, pieces: int) -> Points:
    """A line with so many pieces more or less, its own corners among them."""
    each = max(1, pieces // (len(ends) - 1))
    shares = np.arange(each)[:, None] / each
    parts = [one + (other - one) * shares for one, other in pairwise(ends)]
    return np.concatenate([*parts, ends[-1:]])


def _mark(finding: Finding, seen: _Seen, ratio: float, selected: bool) -> Mark | None:
    """None where a part of it has no place on the screen."""
    ends = seen.places(finding.points)
    if not np.isfinite(ends).all():
        return None
    strokes = [
        each
        for points, closed, dashed in lines_of(finding)
        if len(points) > 1
        for each in seen.strokes(points, closed, dashed)
    ]
    for place in seen.places(crossed_points(finding)):
        strokes += cross_at(place, ratio)
    if finding.kind is Kind.ARROW and len(ends) == 2:
        strokes += arrow_head(ends[0], ends[1], ratio)
    if not strokes and finding.kind is not Kind.TEXT:
        return None
    grips = seen.places(handles(finding.kind, finding.points))
    middle = ends[len(ends) // 2]
    return Mark(finding.tracking_uid, tuple(strokes), grips, lines(finding), None, middle, selected)
