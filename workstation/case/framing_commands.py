"""Commands that change how the picture is framed, and what is drawn over it."""

from workstation.case import reasons as no
from workstation.case import view_tools
from workstation.case.command import command
from workstation.case.state import Case
from workstation.imaging.view import Interpolation


@command("Overlays", "G", why_not=no.no_image)
def overlays(case: Case) -> None:
    """Hide or show the overlay planes that the image brings."""
    view_tools.toggle_overlays(case, case.active)


@command("Fit", "F", why_not=no.no_image, found_by="zoom to window")
def fit(case: Case) -> None:
    """Fit the whole image into the active tile."""
    view_tools.fit(case, case.active)


@command("1:1", "O", why_not=no.no_image)
def one_to_one(case: Case) -> None:
    """Show one image pixel on one pixel of the screen."""
    view_tools.one_to_one(case, case.active)


@command("True size", "T", why_not=no.no_true_size)
def true_size(case: Case) -> None:
    """Show one millimetre of the patient as one millimetre on the screen."""
    view_tools.true_size(case, case.active)


@command("Closer", "+", why_not=no.no_image, found_by="zoom in magnify enlarge")
def closer(case: Case) -> None:
    """Zoom in by a quarter about the middle of the active tile."""
    view_tools.zoom(case, case.active, view_tools.ZOOM_STEP)


@command("Further away", "-", why_not=no.no_image, found_by="zoom out smaller")
def further_away(case: Case) -> None:
    """Zoom out by a fifth about the middle of the active tile."""
    view_tools.zoom(case, case.active, 1 / view_tools.ZOOM_STEP)


@command("Move left", "Ctrl+Left", why_not=no.no_image)
def move_left(case: Case) -> None:
    """Move the image a little to the left."""
    view_tools.nudge(case, case.active, -1, 0)


@command("Move right", "Ctrl+Right", why_not=no.no_image)
def move_right(case: Case) -> None:
    """Move the image a little to the right."""
    view_tools.nudge(case, case.active, 1, 0)


@command("Move up", "Ctrl+Up", why_not=no.no_image)
def move_up(case: Case) -> None:
    """Move the image a little up."""
    view_tools.nudge(case, case.active, 0, -1)


@command("Move down", "Ctrl+Down", why_not=no.no_image)
def move_down(case: Case) -> None:
    """Move the image a little down."""
    view_tools.nudge(case, case.active, 0, 1)


@command("Turn", "R", why_not=no.no_image, found_by="rotate")
def turn(case: Case) -> None:
    """Turn the active tile a quarter clockwise."""
    view_tools.turn(case, case.active)


@command("Turn back", "Shift+R", why_not=no.no_image, found_by="rotate")
def turn_back(case: Case) -> None:
    """Turn the active tile a quarter anticlockwise."""
    view_tools.turn(case, case.active, -1)


@command("Mirror", "H", why_not=no.no_image, found_by="flip horizontally left right")
def mirror(case: Case) -> None:
    """Mirror left and right in the active tile; the letters follow."""
    view_tools.mirror(case, case.active)


@command("Flip", "V", why_not=no.no_image, found_by="mirror vertically upside down")
def flip(case: Case) -> None:
    """Swap top and bottom in the active tile; the letters follow."""
    view_tools.flip(case, case.active)


@command("Smooth or exact pixels", "S", why_not=no.no_image)
def interpolation(case: Case) -> None:
    """Switch between smooth interpolation and the stored pixels as squares."""
    view_tools.toggle_interpolation(case, case.active, (Interpolation.LINEAR, Interpolation.NEAREST))


@command("Reset view", "Backspace", why_not=no.nothing_changed)
def reset(case: Case) -> None:
    """Bring the active tile back to how it was hung."""
    view_tools.reset(case, case.active)


@command("Crosshair lines", "Shift+C", group="Marks", why_not=no.no_plane)
def crosshair_lines(case: Case) -> None:
    """Hide or show the lines that say where the other planes lie."""
    case.crosshair_lines = not case.crosshair_lines
    case.emit_changed(case.shown)


@command("Reference lines", "Y", group="Marks", why_not=no.no_frame, found_by="scout localizer localiser cross")
def reference_lines(case: Case) -> None:
    """Hide or show where the active tile's image lies in the other tiles."""
    case.reference_lines = not case.reference_lines
    case.emit_changed(case.shown)


@command("First and last reference line", "Shift+Y", group="Marks", why_not=no.no_frame)
def reference_ends(case: Case) -> None:
    """Hide or show where the active tile's stack begins and ends in the other tiles."""
    case.reference_ends = not case.reference_ends
    case.emit_changed(case.shown)


@command("Text", "Shift+T", group="Marks")
def text(case: Case) -> None:
    """Hide or show all text on the images but who the patient is, the sides, and what must be warned of."""
    case.worded = not case.worded
    case.emit_changed(case.shown)
