"""What a person can do to the window itself: pages, import, presets. Described as the commands of the case are."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workstation.case import volume
from workstation.case.command import Command, Where, possible
from workstation.case.commands import COMMANDS
from workstation.case.layering import lit_set
from workstation.case.reasons import EMPTY, not_a_plane
from workstation.imaging.presets import presets
from workstation.ui.curve_commands import CURVE_COMMANDS
from workstation.ui.findings_commands import FINDINGS_COMMANDS
from workstation.ui.pet_commands import PET_COMMANDS
from workstation.ui.planned_commands import PLANNED_COMMANDS
from workstation.ui.query_commands import QUERY_COMMANDS
from workstation.ui.registration_commands import REGISTRATION_COMMANDS
from workstation.ui.save_commands import SAVE_COMMANDS
from workstation.ui.suv_commands import SUV_COMMANDS
from workstation.ui.volume_commands import VOLUME_COMMANDS
from workstation.ui.worklist_commands import WORKLIST_COMMANDS
from workstation.ui.worklist_walk import WALK_COMMANDS

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

WINDOW_COMMANDS: dict[str, Command] = {}

WindowFunction = Callable[["MainWindow"], None]


def command(
    title: str,
    *keys: str,
    where: Where = Where.EVERYWHERE,
    group: str = "Program",
    permission: str = "read",
    why_not: Callable[[Any], str] = possible,
    found_by: str = "",
) -> Callable[[WindowFunction], WindowFunction]:
    """Put a function of the window into the table, named after itself."""

    def register(function: WindowFunction) -> WindowFunction:
        name = function.__name__.replace("_", "-")
        text = (function.__doc__ or "").strip()
        WINDOW_COMMANDS[name] = Command(
            name, title, keys, function, text, group, where, permission, why_not, found_by=found_by
        )
        return function

    return register


WORKS = {
    Where.READING: "while a study is open",
    Where.LIST: "in the study list",
    Where.QUERY: "where archives are queried",
}
"""Where a command works, in words."""


def all_commands() -> dict[str, Command]:
    """Every command of the program by name."""
    return {
        **COMMANDS,
        **WORKLIST_COMMANDS,
        **WALK_COMMANDS,
        **QUERY_COMMANDS,
        **CURVE_COMMANDS,
        **VOLUME_COMMANDS,
        **PLANNED_COMMANDS,
        **PET_COMMANDS,
        **SUV_COMMANDS,
        **SAVE_COMMANDS,
        **REGISTRATION_COMMANDS,
        **FINDINGS_COMMANDS,
        **WINDOW_COMMANDS,
    }


@command("Keys and mouse", "F1", "?")
def keys_and_mouse(window: "MainWindow") -> None:
    """Show all keys and what the mouse does, or go back."""
    window.toggle_help()


@command("Change keys and mouse", "Shift+F1")
def change_keys_and_mouse(window: "MainWindow") -> None:
    """Show the page where each command can be given another key, or go back."""
    window.toggle_keys_page()


@command("Settings", "Ctrl+,", permission="settings")
def settings(window: "MainWindow") -> None:
    """Show what can be set, with a search line, or go back."""
    window.toggle_settings_page()


@command("Command palette", "Ctrl+K")
def command_palette(window: "MainWindow") -> None:
    """Find any command by a word and run it, or learn why it cannot run now."""
    window.menus.open_palette()


@command("Leave the program", "Ctrl+Q")
def leave_the_program(window: "MainWindow") -> None:
    """Close the window; what runs is stopped and nothing stored is lost."""
    window.close()


def _may_not_name(window: "MainWindow") -> str:
    return window.audience.why_no_names


def _nothing_to_stop(window: "MainWindow") -> str:
    return "" if window.status.can_stop else "Nothing is under way that can be stopped."


@command("Stop what is under way", "Ctrl+.", why_not=_nothing_to_stop)
def stop_what_is_under_way(window: "MainWindow") -> None:
    """Stop the job in the status line, such as an import; what is done stays."""
    window.status.stop_first()


@command("What is under way", "Ctrl+J")
def what_is_under_way(window: "MainWindow") -> None:
    """List all that runs with how far it is, each with its own Stop, or close the list."""
    window.status.toggle_jobs()


@command(
    *("Find in the archives", "Ctrl+R"),
    group="Archives",
    permission="query",
    why_not=_may_not_name,
    found_by="fetch retrieve pacs query download get prior priors search c-find dicomweb",
)
def find_in_the_archives(window: "MainWindow") -> None:
    """Show the page where archives are queried, or go back."""
    window.toggle_query()


@command(
    *("Nodes", "Ctrl+Shift+R"),
    group="Archives",
    permission="settings",
    found_by="pacs server servers connection ae title dicomweb set up archive",
)
def nodes(window: "MainWindow") -> None:
    """Show the page where archives and peers are added, tested and removed, or go back."""
    window.toggle_nodes()


@command("Fetched and sent", "Ctrl+Shift+J", group="Archives", why_not=_may_not_name)
def fetched_and_sent(window: "MainWindow") -> None:
    """List what is fetched and sent, with Pause, Stop and Try again for each, or close the list."""
    window.transfers.toggle()


NO_WORKLIST_NODE = "No node with a modality worklist is named: Settings (Ctrl+,), “Node with the modality worklist”."


@command(
    *("Ask for orders", "F5"),
    where=Where.LIST,
    group="Study list",
    permission="query",
    found_by="modality worklist mwl ris orders ordered scheduled refresh reload update",
)
def ask_for_orders(window: "MainWindow") -> None:
    """Read the study list again and ask the modality worklist what is ordered; else it is asked now and then."""
    window.refresh()
    if window.settings.text("archives.worklist").strip():
        window.orders.ask_now()
    else:
        window.say(NO_WORKLIST_NODE)


@command("Check again", "Ctrl+Shift+H")
def check_again(window: "MainWindow") -> None:
    """Make the self-check again, and ask each archive whether it answers; the status line says what came of it."""
    window.health.ask()


@command("Last messages", "Ctrl+Shift+M", why_not=_may_not_name)
def last_messages(window: "MainWindow") -> None:
    """List the last messages, or close the list."""
    window.status.toggle_messages()


@command("Import a folder", "Ctrl+I", where=Where.LIST, group="Study list", permission="import")
def import_a_folder(window: "MainWindow") -> None:
    """Choose a folder and import what is in it."""
    window.list.choose_folder()


@command("Import files", "Ctrl+Shift+I", where=Where.LIST, group="Study list", permission="import")
def import_files(window: "MainWindow") -> None:
    """Choose files, zip archives or a DICOMDIR and import them."""
    window.list.choose_files()


@command("Search studies", "/", "Ctrl+F", where=Where.LIST, group="Study list")
def search_studies(window: "MainWindow") -> None:
    """Put the cursor into the search line; Down goes on to the list."""
    window.list.search_all()


@command("Leave the search", "Esc", where=Where.LIST, group="Study list")
def leave_the_search(window: "MainWindow") -> None:
    """Close the import report, else clear the search."""
    window.list.leave()


@command("Back", "Esc", where=Where.READING, group="Hanging")
def back(window: "MainWindow") -> None:
    """Show all tiles again when one is alone, else go back to the study list."""
    window.reading.leave()


@command("Magnifier", "Z", where=Where.READING, group="Picture", found_by="loupe zoom magnify magnifying glass lens")
def magnifier(window: "MainWindow") -> None:
    """Lay a magnifier under the pointer, or put it away; it shows the stored pixels, larger."""
    window.reading.toggle_magnifier()


@command("Menu of the tile", "Shift+F10", "Menu", where=Where.READING, group="Picture")
def menu_of_the_tile(window: "MainWindow") -> None:
    """Open what the right button opens: series, windows and commands that fit the active tile."""
    window.menus.open_tile_menu()


def _some_study(window: "MainWindow") -> str:
    return "" if window.reading.case is not None and window.reading.case.first else "No study is open."


def _may_not_park(window: "MainWindow") -> str:
    return _some_study(window) or window.audience.why_no_names


@command("Park this study", "Ctrl+P", where=Where.READING, group="Study list", why_not=_may_not_park)
def park(window: "MainWindow") -> None:
    """Put the study aside with its layout, windows and places; opening it again returns to exactly this."""
    window.park()


@command("Series strip", "F2", where=Where.READING, group="Hanging")
def series_strip(window: "MainWindow") -> None:
    """Show or hide the strip with the series."""
    window.reading.toggle_strip()


@command("Explain what is shown", "F3", where=Where.READING, group="Hanging")
def explain(window: "MainWindow") -> None:
    """Say beside the images why they hang so, what to know of the active tile, and what is not shown; or close it."""
    window.reading.toggle_panel()


@command("Read the explanation", "Shift+F3", where=Where.READING, group="Hanging")
def read_the_explanation(window: "MainWindow") -> None:
    """Give the keyboard to the explanation, to scroll and copy it; Esc gives it back to the images."""
    window.reading.read_panel()


def _no_report(window: "MainWindow") -> str:
    return window.audience.why_no_names or ("" if window.reading.case is not None else "No study is open.")


@command(
    *("Reports", "F6"),
    where=Where.READING,
    group="Hanging",
    why_not=_no_report,
    found_by="radiology report prior sr text document",
)
def reports(window: "MainWindow") -> None:
    """Read beside the images what was reported of the studies on the screen, the active tile's first; or close it."""
    window.reading.toggle_reports()


def _no_study(window: "MainWindow") -> str:
    return "" if window.reading.case is not None else "No study is open."


@command(
    *("List of structures and dose", "F7"),
    where=Where.READING,
    group="Hanging",
    why_not=_no_study,
    found_by="rtstruct rtdose seg dvh histogram isodose contours segments radiotherapy panel",
)
def structures_panel(window: "MainWindow") -> None:
    """List structures, segments and doses beside the images, with what dose each receives; or close the list."""
    window.reading.toggle_overlays()


@command(
    *("Panel of 3D", "Ctrl+F8"),
    where=Where.READING,
    group="3D",
    why_not=_no_study,
    found_by="volume rendering presets transfer function opacity light shading crop clip",
)
def volume_panel(window: "MainWindow") -> None:
    """Choose the preset of 3D beside the images, change opacity by value, light and cuts; or close the panel."""
    window.reading.toggle_volume()


@command("Findings", "F4", where=Where.READING, group="Measuring", why_not=_no_study)
def findings(window: "MainWindow") -> None:
    """List what was measured and marked beside the images, or close the list."""
    window.reading.findings.toggle()


def _no_mark(window: "MainWindow") -> str:
    case = window.reading.case
    return "" if case is not None and case.marks.find(case.marks.current) else "There is no mark to name."


@command("Name the mark", "Shift+F2", where=Where.READING, group="Measuring", why_not=_no_mark, permission="measure")
def name_the_mark(window: "MainWindow") -> None:
    """Type how the selected mark is called, or the last one that was touched."""
    window.reading.findings.rename()


def _no_plane(window: "MainWindow") -> str:
    return not_a_plane(window.reading.case) if window.reading.case is not None else "No study is open."


@command(
    *("Thickness in mm", "Alt+T"),
    where=Where.READING,
    group="Planes",
    why_not=_no_plane,
    found_by="slab thickness thick mip minip number millimetres",
)
def thickness_in_mm(window: "MainWindow") -> None:
    """Type how thick the plane in the active tile is; 0 makes it thin again."""
    window.reading.ask_thickness()


@command("Tile to the second window", "Ctrl+T", where=Where.READING, group="Hanging")
def tile_to_the_second_window(window: "MainWindow") -> None:
    """Move the active tile to a second window, on another screen where there is one, or bring it back."""
    window.elsewhere.toggle()


@command(
    *("Audience view", "Ctrl+Shift+A"),
    where=Where.READING,
    group="Hanging",
    found_by="anonymise anonymize anonymous privacy hide patient name deidentify de-identify teaching presentation",
)
def audience_view(window: "MainWindow") -> None:
    """Write larger and less, and nothing that says who the patient is, for people who look on; again ends it."""
    window.audience.toggle()


def _no_second_window(window: "MainWindow") -> str:
    return "" if window.elsewhere.window is not None else "There is no second window; Ctrl+T opens one."


@command("Bring all tiles back", "Ctrl+Shift+T", where=Where.READING, group="Hanging", why_not=_no_second_window)
def bring_all_tiles_back(window: "MainWindow") -> None:
    """Close the second window; its tiles come back to their places."""
    window.elsewhere.bring_back()


def _preset(number: int) -> None:
    def preset(window: "MainWindow") -> None:
        window.reading.preset(str(number))

    def why_not(window: "MainWindow") -> str:
        case = window.reading.case
        shown = lit_set(case, case.active) if case is not None else None
        if case is None or shown is None:
            return EMPTY
        most = len(presets(shown.first.Modality))
        if volume.is_3d(case, case.active):
            most = len(volume.preset_names(case, case.active))
        return "" if number <= most else f"{shown.first.Modality} has only {most} window presets."

    preset.__name__ = f"preset_{number}"
    preset.__doc__ = f"Give the active tile window preset {number} of its modality."
    command(f"Window preset {number}", str(number), where=Where.READING, group="Window", why_not=why_not)(preset)


for _number in range(1, 10):
    _preset(_number)


def presets_by_name(modality: str) -> dict[str, Command]:
    """The commands of a modality's window presets, which say what each is and are found by it: "lung"."""
    return {
        name: replace(WINDOW_COMMANDS[name], help=f"Give the active tile the window “{each.name}”.", found_by=each.name)
        for each in presets(modality)
        if (name := f"preset-{each.key}") in WINDOW_COMMANDS
    }
