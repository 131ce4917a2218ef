"""What is chosen from over the window: the menu of a tile, menus of commands, and the palette of all commands."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from workstation.case.layering import lit_set
from workstation.ui.tile_menu import tile_menu
from workstation.ui.window_commands import all_commands, presets_by_name

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow


class Menus:
    """Of one window; one menu at a time."""

    def __init__(self, window: "MainWindow") -> None:
        self._window = window
        self.shown: QMenu | None = None
        """The menu that was opened last."""

    @property
    def entries(self) -> list[str] | None:
        """The words of the menu that is open; None while none is."""
        return [each.text() for each in self.shown.actions()] if self.shown and self.shown.isVisible() else None

    def open_tile_menu(self, place: QPoint | None = None) -> None:
        """What fits the active tile, at a place of the screen or in the middle of the tile."""
        window, case = self._window, self._window.reading.case
        if case is not None and case.tiles:
            self.show(tile_menu(window, case, window.run, window.why_not, window.keys.bound), place)

    def show(self, menu: QMenu, place: QPoint | None = None) -> None:
        """Show a menu at a place of the screen or in the middle of the active tile."""
        menu.aboutToHide.connect(self._window.changed)
        menu.aboutToShow.connect(self._window.changed)
        self.shown = menu
        menu.popup(place or self._middle())

    def _middle(self) -> QPoint:
        """Of the active tile, on the screen."""
        case, grid = self._window.reading.case, self._window.reading.grid
        active = case.active if case is not None else -1
        middle = next((tile.rect.center() for tile in grid.tiles if tile.number == active), QPoint())
        ratio = grid.devicePixelRatioF()
        return grid.mapToGlobal(QPoint(round(middle.x() / ratio), round(middle.y() / ratio)))

    def open_palette(self) -> None:
        """Show every command by its name, those that work here first."""
        window, case = self._window, self._window.reading.case
        shown = lit_set(case, case.active) if case is not None and case.tiles else None
        known = {**all_commands(), **(presets_by_name(shown.first.Modality) if shown is not None else {})}
        commands = sorted(known.values(), key=lambda each: bool(window.why_not(each)))
        window.palette_panel.open(commands, window.keys.bound, window.why_not)
