"""What the window shows, in plain JSON values: for scripts that watch, and for journeys."""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication

from workstation.render.volume_process import volumes
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.second_window import SecondWindow

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow


def window_facts(window: "MainWindow") -> dict[str, Any]:
    """What is on screen now, never what was asked for; places in device pixels of the screen."""
    case, grid = window.reading.case, window.reading.grid
    ratio = window.devicePixelRatioF()
    corner = grid.mapToGlobal(QPoint(0, 0))
    left, top = round(corner.x() * ratio), round(corner.y() * ratio)
    first = case.first if case else None
    second = window.elsewhere.window
    dialog = QApplication.activeModalWidget()
    return {
        "page": window.page,
        "audience": window.audience.on,
        "keyboard": any(each is not None and each.isActiveWindow() for each in (window, second, dialog)),
        "held": any(each.hand.pressed_on is not None for each in window.reading.grids),
        "study_instance_uid": first.StudyInstanceUID if first else None,
        "stage": case.stage + 1 if case else None,
        "playing": [number + 1 for number in sorted(case.playing)] if case else [],
        "speeds": [case.playing[number].speed for number in sorted(case.playing)] if case else [],
        "maximised": bool(case and case.maximised is not None),
        "active": case.active + 1 if case else None,
        "tiles": [_tile(tile, left, top) for tile in grid.tiles],
        "grid": [left, top, round(grid.width() * ratio), round(grid.height() * ratio)],
        "strip": window.reading.strip.isVisible(),
        "second_window": _second(second) if second else None,
        "panel": window.reading.panel.toPlainText() if window.reading.panel.isVisible() else None,
        "report": window.reading.reports.toPlainText() if window.reading.reports.isVisible() else None,
        "findings": window.reading.findings.facts(),
        "curve": window.reading.curved.facts(),
        "pet": window.reading.pet.facts(),
        "overlays": window.reading.overlays.facts(),
        "volume": window.reading.volume.facts(),
        "registration": window.reading.registration.panel.facts(),
        "scissors": window.reading.volumes.scissors.side,
        "outline": [list(each) for each in window.reading.volumes.scissors.outline],
        "render": volumes().processes,
        "saving": window.saving.facts(),
        "loading": window.status.loading_text,
        "banner": window.reading.banner.text(),
        "coverage": window.reading.coverage.facts(),
        "message": window.status.message.text(),
        "message_stands": window.status.message.stands,
        "health": window.status.health.facts(),
        "underway": [each.title for each in window.status.shown],
        "drawer": window.status.drawer.title if window.status.drawer else window.transfers.drawer_title,
        "transfers": window.transfers.facts(),
        "list": window.list.facts(),
        "palette": window.palette_panel.facts(),
        "menu": window.menus.entries,
        "dialog": dialog.windowTitle() if dialog else None,
        "magnifier": grid.magnifier.on,
        "thickness": window.reading.thickness.isVisible(),
        "keys": window.keys_page.facts() if window.page == "keys" else None,
        "query": window.query.facts() if window.page == "query" else None,
        "nodes": window.nodes.facts() if window.page == "nodes" else None,
        "settings": window.settings_page.facts() if window.page == "settings" else None,
    }


def _tile(tile: ScreenTile, left: int, top: int) -> dict[str, Any]:
    return {
        **(tile.picture.facts if tile.picture else {}),
        "tile": tile.number + 1,
        "rect": [left + tile.rect.x(), top + tile.rect.y(), tile.rect.width(), tile.rect.height()],
        "painted": tile.painted,
        "busy": tile.busy,
        "digest": tile.picture.digest if tile.picture else None,
    }


def _second(second: SecondWindow) -> dict[str, Any]:
    shown = [{**(tile.picture.facts if tile.picture else {}), "tile": tile.number + 1} for tile in second.grid.tiles]
    active = second.isActiveWindow()
    return {"tiles": shown, "screen": second.screen().name(), "ratio": second.devicePixelRatioF(), "keyboard": active}
