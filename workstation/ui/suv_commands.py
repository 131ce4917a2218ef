"""Commands of how PET is told. Described as the commands of the case are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from workstation.case.command import Command, Where

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

SUV_COMMANDS: dict[str, Command] = {}
GROUP: Final = "PET"
NO_PET: Final = "The active tile shows no PET."

WindowFunction = Callable[["MainWindow"], None]


def _command(title: str, key: str, found_by: str) -> Callable[[WindowFunction], WindowFunction]:
    def register(function: WindowFunction) -> WindowFunction:
        name = function.__name__.replace("_", "-")
        text = (function.__doc__ or "").strip()
        SUV_COMMANDS[name] = Command(
            name, title, (key,), function, text, GROUP, Where.READING, "read", _no_pet, found_by=found_by
        )
        return function

    return register


def _no_pet(window: Any) -> str:
    return "" if window.reading.case is not None and window.reading.suv.pet is not None else NO_PET


@_command("Next unit of PET", "Ctrl+Alt+U", "SUV SUVbw SUL lean body mass BSA ideal weight Bq/ml becquerel activity")
def next_unit_of_pet(window: "MainWindow") -> None:
    """Tell PET by body weight, lean body mass, body surface, ideal weight, as stored, and round again."""
    window.reading.suv.go_round()


@_command("How SUV is derived", "Alt+Shift+U", "SUV trace factor dose weight injection time decay edit correct panel")
def how_suv_is_derived(window: "MainWindow") -> None:
    """Show each input of the SUV with its tag and source beside the images, to check and to edit, or close that."""
    window.reading.suv.toggle()
