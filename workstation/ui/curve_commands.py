"""Commands of curved planes, and the one that writes a series of planes. Described as the commands of the case are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from workstation.case import reasons
from workstation.case.command import Command, Where, possible
from workstation.case.curve import STEP_MM, TURN_DEG
from workstation.ui.save_desk import UNDER_WAY

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

CURVE_COMMANDS: dict[str, Command] = {}
GROUP: Final = "Curved planes"
WORDS: Final = "curved mpr cpr vessel centerline centreline straightened straighten lumen stenosis diameter"

WindowFunction = Callable[["MainWindow"], None]


def _command(
    title: str, key: str, why_not: Callable[[Any], str] = possible, found_by: str = "", permission: str = "read"
) -> Callable[[WindowFunction], WindowFunction]:
    def register(function: WindowFunction) -> WindowFunction:
        name = function.__name__.replace("_", "-")
        text = (function.__doc__ or "").strip()
        CURVE_COMMANDS[name] = Command(
            name,
            title,
            (key,),
            function,
            text,
            GROUP,
            Where.READING,
            permission,
            why_not,
            found_by=f"{WORDS} {found_by}",
        )
        return function

    return register


def _no_volume(window: "MainWindow") -> str:
    case = window.reading.case
    if case is None or not case.tiles:
        return "No study with images is open."
    if sentence := reasons.no_volume(case):
        return sentence
    shown = reasons.active_set(case)
    return "This series is in colour; curves run through grey values." if shown and reasons.is_colour(shown) else ""


def _closed(window: "MainWindow") -> str:
    return "" if window.reading.curved.is_open else "No curve is shown; Alt+Shift+C begins one."


def _no_points(window: "MainWindow") -> str:
    return _closed(window) or ("" if window.reading.curved.curve.points else "The curve has no points yet.")


def _no_line(window: "MainWindow") -> str:
    return _closed(window) or ("" if window.reading.curved.curve.is_line else "Two points make a curve; click them.")


def _no_such_volume(window: "MainWindow") -> str:
    return _closed(window) if window.reading.curved.is_open else _no_volume(window)


@_command("Curve", "Alt+Shift+C", _no_such_volume, "edit change")
def curve(window: "MainWindow") -> None:
    """Click points along a vessel, and see it straightened below; again: the points stay; once more: close it.
    With a line selected among the marks: change that one."""
    window.reading.curved.toggle()


@_command("Follow the vessel", "Alt+F", _no_line, "track automatic seed")
def follow_the_vessel(window: "MainWindow") -> None:
    """Find the way inside of the vessel between the last two points of the curve, held to its middle."""
    window.reading.curved.follow_vessel()


@_command("Point of the curve here", "Alt+K", _closed)
def point_of_the_curve_here(window: "MainWindow") -> None:
    """Put a point of the curve where the crosshair is, or in the middle of the image where there is none; between the
    points it lies between once the curve is placed."""
    window.reading.curved.place_here()


@_command("Take back the last point", "Alt+Backspace", _no_points)
def take_back_the_last_point(window: "MainWindow") -> None:
    """Remove the last point of the curve."""
    window.reading.curved.curve.remove_last()


@_command("Remove the point of the curve", "Alt+Del", _no_line, "delete")
def remove_the_point_of_the_curve(window: "MainWindow") -> None:
    """Take away the point of the curve that is nearest to the place that is looked at; undo brings it back."""
    window.reading.curved.remove_here()


@_command("Curve anew", "Alt+Shift+Backspace", _no_points, "clear delete")
def curve_anew(window: "MainWindow") -> None:
    """Remove all points of the curve and begin another; undo brings them back."""
    window.reading.curved.curve.clear()


@_command("Straightened or stretched", "Alt+Shift+S", _no_line)
def straightened_or_stretched(window: "MainWindow") -> None:
    """Show the curve stretched, with its bends to the sides, or laid straight again."""
    window.reading.curved.curve.stretch()


@_command("Turn about the curve", "Alt+.", _no_line, "rotate")
def turn_about_the_curve(window: "MainWindow") -> None:
    """Turn what is shown along the curve 10° about it."""
    window.reading.curved.curve.turn(TURN_DEG)


@_command("Turn back about the curve", "Alt+,", _no_line, "rotate")
def turn_back_about_the_curve(window: "MainWindow") -> None:
    """Turn what is shown along the curve 10° back about it."""
    window.reading.curved.curve.turn(-TURN_DEG)


@_command("Along the curve", "Alt+End", _no_line, "next cross-section")
def along_the_curve(window: "MainWindow") -> None:
    """Go 1 mm along the curve, here and in the planes."""
    window.reading.curved.step(STEP_MM)


@_command("Back along the curve", "Alt+Home", _no_line, "cross-section")
def back_along_the_curve(window: "MainWindow") -> None:
    """Go 1 mm back along the curve, here and in the planes."""
    window.reading.curved.step(-STEP_MM)


@_command("Mark on the curve", "Alt+Shift+M", _no_line, "compare reference narrowing")
def mark_on_the_curve(window: "MainWindow") -> None:
    """Set the first mark on the curve, then the second: the narrowing between them is measured; again: no marks."""
    window.reading.curved.mark()


@_command("Keep the curve", "Alt+Shift+K", _no_line, "save finding", "measure")
def keep_the_curve(window: "MainWindow") -> None:
    """Put the curve among the findings, with its length and its diameters; one that was kept is kept as it is now."""
    window.reading.curved.save()


def _no_picture(window: "MainWindow") -> str:
    if sentence := _no_line(window):
        return sentence
    if window.reading.curved.panel.pane is None:
        return "The curve is still being worked out."
    return UNDER_WAY if window.saving.busy else ""


@_command("Save the picture of the curve", "Alt+Shift+P", _no_picture, "secondary capture export", "measure")
def save_the_picture_of_the_curve(window: "MainWindow") -> None:
    """Keep what is shown along the curve as a picture of the study: it hangs beside others, and goes to the archive."""
    if (made := window.reading.curved.to_save()) is not None:
        window.saving.keep(
            made.study_instance_uid, "Save the picture of the curve", made.made, "a picture of the curve"
        )


def _no_planes(window: "MainWindow") -> str:
    if sentence := _no_volume(window):
        return sentence
    case = window.reading.case
    assert case is not None  # noqa: S101  `_no_volume` asked
    if case.tiles[case.active].orientation is None:
        return "This tile shows images as they were taken; Alt+M shows planes."
    return window.reading.reformats.why_not(case)


@_command("Write planes as a series", "Alt+Shift+W", _no_planes, "mpr reformat export derived save batch", "measure")
def write_planes_as_a_series(window: "MainWindow") -> None:
    """Say what planes like this one through the whole volume would be, ask how far apart, and write a new series."""
    window.reading.reformats.write()
