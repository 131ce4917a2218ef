"""What the right button opens on a tile: the series and windows that fit it, and the commands that act on it."""

from collections.abc import Callable, Mapping
from functools import partial

from PySide6.QtWidgets import QMenu, QWidget

from workstation.case.command import COMMANDS, Command
from workstation.case.commands import active_set, show_set
from workstation.case.layering import candidates, fuse, lit_set, take_off
from workstation.case.state import Case
from workstation.imaging.presets import presets
from workstation.ui.findings_menu import put_mark
from workstation.ui.strip import is_prior, prior_line, title_of


def tile_menu(
    parent: QWidget,
    case: Case,
    run: Callable[[str], None],
    why_not: Callable[[Command], str],
    keys: Mapping[str, tuple[str, ...]],
) -> QMenu:
    """The menu of the active tile. A command that can do nothing now is there, and says why."""
    menu = QMenu(parent)
    menu.setAccessibleName("What can be done with this tile")
    menu.setToolTipsVisible(True)
    put_mark(menu, case, run, why_not, keys)
    _series(menu.addMenu("Series in this tile"), case)
    _layers(menu, case)
    _windows(menu.addMenu("Window"), case, run)
    groups: dict[str, list[Command]] = {}
    for command in COMMANDS.values():
        groups.setdefault(command.group, []).append(command)
    for group, commands in groups.items():
        if all(why_not(command) for command in commands):
            continue  # nothing of it fits what is in this tile; the palette says why
        below = menu.addMenu(group if group != "Window" else "Window, more")
        below.setToolTipsVisible(True)
        for command in commands:
            key = f"\t{keys[command.name][0]}" if keys.get(command.name) else ""
            action = below.addAction(f"{command.title}{key}", partial(run, command.name))
            reason = why_not(command)
            action.setEnabled(not reason)
            action.setToolTip(reason or command.help)
    menu.addSeparator()
    for name in ("reset", "maximise"):
        menu.addAction(f"{COMMANDS[name].title}\t{keys[name][0] if keys.get(name) else ''}", partial(run, name))
    return menu


def _series(menu: QMenu, case: Case) -> None:
    shown = active_set(case)
    for key, display_set in case.sets.items():
        count = len(display_set.images)
        prior = f"{prior_line(display_set, dated=True)}   " if is_prior(case, display_set) else ""
        action = menu.addAction(f"{prior}{title_of(display_set)}   {display_set.first.Modality}, {count}")
        action.setCheckable(True)
        action.setChecked(display_set is shown)
        action.triggered.connect(partial(_show, case, key))


def _show(case: Case, key: str, checked: bool = True) -> None:
    show_set(case, case.active, key)


def _layers(menu: QMenu, case: Case) -> None:
    """The series that can lie over the one in the tile; those that do are checked."""
    keys = candidates(case, case.active)
    if not keys:
        return
    below, laid = menu.addMenu("Fuse with"), case.tiles[case.active].layered
    for key in keys:
        display_set = case.sets[key]
        prior = f"{prior_line(display_set, dated=True)}   " if is_prior(case, display_set) else ""
        text = f"{prior}{title_of(display_set)}   {display_set.first.Modality}, {len(display_set.images)}"
        action = below.addAction(text)
        action.setCheckable(True)
        action.setChecked(key in laid)
        action.triggered.connect(partial(_lay, case, key))


def _lay(case: Case, key: str, checked: bool = True) -> None:
    if key in case.tiles[case.active].layered:
        take_off(case, case.active, key)
    else:
        fuse(case, case.active, key)


def _windows(menu: QMenu, case: Case, run: Callable[[str], None]) -> None:
    display_set = lit_set(case, case.active)
    menu.addAction("As stored\t0", partial(run, "window-as-stored"))
    for preset in presets(display_set.first.Modality) if display_set else ():
        size = f"   C {preset.center:g}  W {preset.width:g}" if preset.percentiles is None else ""
        menu.addAction(f"{preset.name}{size}\t{preset.key}", partial(run, f"preset-{preset.key}"))
