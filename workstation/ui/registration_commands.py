"""Commands of registering that need the window: its panel, the engine, the documents."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from workstation.case.command import Command, Where
from workstation.case.registering_commands import GROUP, WORDS
from workstation.ui.registration_desk import NO_PRIOR, prior_pair

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

REGISTRATION_COMMANDS: Final[dict[str, Command]] = {}

WindowFunction = Callable[["MainWindow"], None]


def _command(
    title: str, key: str, why_not: Callable[[Any], str], found_by: str = "", permission: str = "read"
) -> Callable[[WindowFunction], WindowFunction]:
    def register(function: WindowFunction) -> WindowFunction:
        name = function.__name__.replace("_", "-")
        text = (function.__doc__ or "").strip()
        words = f"{WORDS} {found_by}"
        REGISTRATION_COMMANDS[name] = Command(
            name, title, (key,), function, text, GROUP, Where.READING, permission, why_not, found_by=words
        )
        return function

    return register


def _no_case(window: "MainWindow") -> str:
    return "" if window.reading.case is not None and window.reading.case.tiles else "No study with images is open."


def _no_start(window: "MainWindow") -> str:
    return window.reading.registration.why_not_start()


def _no_prior(window: "MainWindow") -> str:
    case = window.reading.case
    if case is None or not case.tiles:
        return _no_case(window)
    return "" if prior_pair(case) is not None else NO_PRIOR


def _no_save(window: "MainWindow") -> str:
    return window.reading.registration.why_not_save()


@_command("Registration", "Ctrl+Alt+R", _no_case, "panel quality landmarks nudge")
def registration(window: "MainWindow") -> None:
    """Show beside the images what is laid on what, how well, and all that moves it; again: put it away."""
    window.reading.toggle_registration()


@_command("Register automatically, rigid", "Ctrl+Alt+Shift+R", _no_start, "start engine mutual information", "measure")
def register_rigid(window: "MainWindow") -> None:
    """Have the two laid on each other by turning and moving alone; pressed again while it runs: stop."""
    window.reading.registration.start("rigid")


@_command("Register automatically, affine", "Ctrl+Alt+Shift+F", _no_start, "start engine scale shear", "measure")
def register_affine(window: "MainWindow") -> None:
    """Have the two laid on each other with scales and shears; pressed again while it runs: stop."""
    window.reading.registration.start("affine")


@_command("Register automatically, deformable", "Ctrl+Alt+Shift+B", _no_start, "b-spline bend elastic warp", "measure")
def register_deformable(window: "MainWindow") -> None:
    """Have the two laid on each other, bent where they differ; pressed again while it runs: stop."""
    window.reading.registration.start("deformable")


@_command("Register with prior", "Ctrl+Alt+Shift+P", _no_prior, "earlier previous comparison follow up", "measure")
def register_with_prior(window: "MainWindow") -> None:
    """Lay the prior of this modality on the current study, so that scrolling and crosshair go by the anatomy."""
    window.reading.registration.with_prior()


@_command("Save the registration", "Ctrl+Alt+Shift+E", _no_save, "spatial registration object store send", "measure")
def save_registration(window: "MainWindow") -> None:
    """Keep the accepted registration with the study; it is there again when the study is opened next."""
    window.reading.registration.save()
