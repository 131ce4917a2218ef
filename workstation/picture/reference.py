"""Reference lines: where the image of the active tile, and the ends of its stack, lie in another tile.

Only where it is known how the two frames of reference lie on each other (safety.md 13). A line is as long as the image
it stands for reaches, and none where that does not reach the plane or is parallel to it.
"""

from collections.abc import Iterator

from workstation.case.state import TileView
from workstation.imaging.carried import carried_plane
from workstation.imaging.together import laid_on
from workstation.imaging.view import Plane, ScreenPlane, cut, image_plane
from workstation.paint.lines import Line

COLOUR = "reference"


def reference_lines(view: TileView, screen: ScreenPlane) -> tuple[Line, ...]:
    """The lines to draw in a tile, in device pixels; the first stands for the image on screen in the active tile."""
    pointer = view.pointer
    if pointer is None or pointer.display_set is None or view.display_set is None:
        return ()
    if not view.display_set.in_patient(view.image) or not pointer.display_set.in_patient(pointer.image):
        return ()
    laid = laid_on(view.display_set, pointer.display_set, view.alignment)
    if laid is None:
        return ()
    planes = list(_planes(pointer, view.ends))
    if view.crossed and pointer.display_set is view.display_set:
        del planes[0]  # one of the crosshair's lines says it already
    lines = []
    for plane, label, dashed in planes:
        stretch = cut(carried_plane(plane, laid), view.plane)
        if stretch is not None:
            start, end = (screen.pixel(point)[:2] for point in stretch)
            lines.append(Line(start, end, COLOUR, dashed, label))
    return tuple(lines)


def _planes(pointer: TileView, ends: bool) -> Iterator[tuple[Plane, str, bool]]:
    """The planes to draw: the image, then first and last of its stack where they are wanted."""
    display_set = pointer.display_set
    assert display_set is not None  # noqa: S101  asked for before
    stack = pointer.tile.orientation is None
    yield pointer.plane, str(pointer.image + 1) if stack else "", False
    if ends and stack:
        for index in sorted({0, len(display_set.images) - 1} - {pointer.image}):
            if display_set.in_patient(index):
                yield image_plane(display_set.image_grid(index)), str(index + 1), True
