"""Commands of PET that need the window: the panel, all lesions, proposals, the table as a file."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from workstation.case.command import Command, Where
from workstation.case.hot_commands import GROUP, NO_PET

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

PET_COMMANDS: dict[str, Command] = {}

NOTHING: Final = "No spots are proposed: Alt+Shift+A finds all lesions."

WindowFunction = Callable[["MainWindow"], None]


def _command(
    title: str, *keys: str, why_not: Callable[[Any], str], found_by: str, permission: str = "measure"
) -> Callable[[WindowFunction], WindowFunction]:
    def register(function: WindowFunction) -> WindowFunction:
        name = function.__name__.replace("_", "-")
        text = (function.__doc__ or "").strip()
        PET_COMMANDS[name] = Command(
            name, title, keys, function, text, GROUP, Where.READING, permission, why_not, found_by=found_by
        )
        return function

    return register


def _no_study(window: "MainWindow") -> str:
    return "" if window.reading.case is not None else "No study is open."


def _no_pet(window: "MainWindow") -> str:
    return _no_study(window) or ("" if window.reading.pet.display_set is not None else NO_PET)


def _no_spots(window: "MainWindow") -> str:
    case = window.reading.case
    return _no_study(window) or ("" if case is not None and case.marks.proposed is not None else NOTHING)


@_command(
    *("Panel of PET", "Ctrl+F7"),
    why_not=_no_study,
    found_by="PET SUV lesions table threshold MTV TLG Deauville PERCIST references side panel",
    permission="read",
)
def pet_panel(window: "MainWindow") -> None:
    """Show lesions, references and tools of PET beside the images, or close the panel."""
    window.reading.pet.toggle()


@_command(
    *("All lesions", "Alt+Shift+A"),
    why_not=_no_pet,
    found_by="PET SUV threshold whole body tumour burden MTV TLG segment all find lesions",
)
def all_lesions(window: "MainWindow") -> None:
    """Propose every spot from the threshold of the PET panel on; physiological ones are taken out by clicks."""
    window.reading.pet.open()
    window.reading.pet.find_all()


@_command(
    *("Keep the lesions", "Alt+Shift+O"),
    why_not=_no_spots,
    found_by="PET proposed spots accept segments save SEG",
)
def keep_the_lesions(window: "MainWindow") -> None:
    """Make segments of the proposed spots that were not taken out; they are edited and saved as any other."""
    window.reading.pet.keep()


@_command(
    *("Leave the proposed spots", "Alt+Shift+N"),
    why_not=_no_spots,
    found_by="PET lesions discard cancel remove proposal",
)
def leave_the_proposed_spots(window: "MainWindow") -> None:
    """Take away all spots that are proposed; undo brings them back."""
    window.reading.pet.drop()


def _no_rows(window: "MainWindow") -> str:
    table = window.reading.pet.table
    return _no_study(window) or ("" if table.rows or table.references else "The PET panel lists nothing yet.")


@_command(
    *("Export the lesions", "Alt+Shift+E"),
    why_not=_no_rows,
    found_by="PET CSV table file spreadsheet SUV MTV TLG Deauville",
    permission="send",
)
def export_the_lesions(window: "MainWindow") -> None:
    """Write the lesions and references of the PET panel as a CSV file into the folder for exports, without a name."""
    window.reading.pet.export(window.settings.text("export.folder"))


@_command(
    *("Propose references", "Alt+Shift+R"),
    why_not=_no_pet,
    found_by="PET liver aorta blood pool reference automatic PERCIST Deauville",
)
def propose_references(window: "MainWindow") -> None:
    """Lay the references of liver and blood pool where the uptake looks like them; look at both before use."""
    window.reading.pet.open()
    window.reading.pet.propose_references()


def _no_curve(window: "MainWindow") -> str:
    return _no_study(window) or window.reading.pet.activity.why_not()


@_command(
    *("Time-activity curve", "Alt+Shift+T"),
    why_not=_no_curve,
    found_by="dynamic gated kinetic TAC perfusion curve over time frames phases chart PET NM CT MR",
    permission="read",
)
def time_activity_curve(window: "MainWindow") -> None:
    """Draw how segments, and the region or probe in hand, go over all frames of the series; again closes the chart."""
    window.reading.pet.activity.toggle()


def _nothing_drawn(window: "MainWindow") -> str:
    drawn = bool(window.reading.pet.activity.curves)
    return _no_study(window) or ("" if drawn else "No curve is drawn: Alt+Shift+T draws one.")


@_command(
    *("Export the curves", "Ctrl+Alt+Shift+T"),
    why_not=_nothing_drawn,
    found_by="dynamic gated TAC CSV time activity file spreadsheet",
    permission="send",
)
def export_the_curves(window: "MainWindow") -> None:
    """Write the curves that are drawn as a CSV file into the folder for exports, without a name."""
    window.reading.pet.activity.export(window.settings.text("export.folder"))
