"""The landmarks of a registration over a tile: a cross in a ring where each was clicked, a dashed cross where its other
half lies now.
"""

from collections.abc import Iterator
from typing import Final

from workstation.case.drawing_tools import space_of
from workstation.case.state import TileView
from workstation.imaging.view import ScreenPlane
from workstation.paint.lines import Knob, Line
from workstation.picture.marks import half_slice_mm

COLOUR: Final = "landmark"
ARM_PX: Final = 9.0
LABEL_PX: Final = 26.0
"""How far to the right of a cross its number ends."""

Place = tuple[float, float]


def landmark_lines(view: TileView, screen: ScreenPlane, ratio: float) -> tuple[Line, ...]:
    """The crosses to draw, in device pixels: what lies within half a slice of the plane of the tile."""
    arm, lines = ARM_PX * ratio, list[Line]()
    for (x, y), label, is_own in _places(view, screen):
        lines += [
            Line((x - arm, y), (x + arm, y), COLOUR, not is_own),
            Line((x, y - arm), (x, y + arm), COLOUR, not is_own),
        ]
        if is_own:
            end = (x + LABEL_PX * ratio, y)
            lines.append(Line(end, end, COLOUR, False, label))
    return tuple(lines)


def landmark_knobs(view: TileView, screen: ScreenPlane) -> tuple[Knob, ...]:
    """The rings round those that were clicked here, which are seen on any tissue."""
    return tuple(Knob(place, COLOUR) for place, _, is_own in _places(view, screen) if is_own)


def _places(view: TileView, screen: ScreenPlane) -> Iterator[tuple[Place, str, bool]]:
    """Where each lies on the tile, its number, and whether it was clicked in this frame of reference."""
    own = space_of(view.display_set, view.image) if view.landmarks and view.display_set is not None else None
    if own is None:
        return
    half = half_slice_mm(view)
    for label, frame, point in view.landmarks:
        laid = view.alignment.between(own, frame)
        x, y, away = screen.pixel(laid.point_to_fixed(point)) if laid is not None else (0.0, 0.0, half + 1)
        if abs(away) <= half:
            yield (x + 0.5, y + 0.5), label, frame == own
