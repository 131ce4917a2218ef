"""The landmarks of a registration over a tile: a cross where each was clicked, dashed where its other half lies now."""

from collections.abc import Iterator
from typing import Final

from workstation.case.drawing_tools import space_of
from workstation.case.state import TileView
from workstation.imaging.geometry import Vec3
from workstation.imaging.view import ScreenPlane
from workstation.paint.lines import Line
from workstation.picture.marks import half_slice_mm

COLOUR: Final = "landmark"
ARM_PX: Final = 7.0


def landmark_lines(view: TileView, screen: ScreenPlane, ratio: float) -> tuple[Line, ...]:
    """The crosses to draw, in device pixels: what lies within half a slice of the plane of the tile."""
    if not view.landmarks or view.display_set is None:
        return ()
    return tuple(_crosses(view, screen, ratio))


def _crosses(view: TileView, screen: ScreenPlane, ratio: float) -> Iterator[Line]:
    own = space_of(view.display_set, view.image) if view.display_set is not None else None
    half = half_slice_mm(view)
    for label, frame, point in view.landmarks:
        laid = view.alignment.between(own, frame) if own else None
        if laid is not None:
            yield from _cross(screen, laid.point_to_fixed(point), half, ratio, label, frame != own)


def _cross(
    screen: ScreenPlane, point: Vec3, half_mm: float, ratio: float, label: str, is_other: bool
) -> Iterator[Line]:
    x, y, away = screen.pixel(point)
    if abs(away) > half_mm:
        return
    x, y, arm = x + 0.5, y + 0.5, ARM_PX * ratio
    yield Line((x - arm, y), (x + arm, y), COLOUR, is_other)
    yield Line((x, y + arm), (x, y - arm), COLOUR, is_other, "" if is_other else label)
