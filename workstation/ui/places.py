"""Where windows were when they were closed: HOME/windows.json. A place counts only while its screen is there."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QRect
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

from workstation.paths import Home
from workstation.settings import write_whole

LARGEST_BYTES: Final = 100_000
LEAST_PX: Final = 200
"""A window shows at least so much of itself on its screen, or its place is not used."""


@dataclass(frozen=True)
class Place:
    """A window's place: the screen's name, left, top, width, height in logical pixels, and whether it filled it."""

    screen: str
    rect: tuple[int, int, int, int]
    maximised: bool


def places_file(home: Home) -> Path:
    return home.root / "windows.json"


def read(file: Path) -> dict[str, Place]:
    """The places by window; a file that is missing or damaged knows none."""
    try:
        with file.open(encoding="utf-8") as stream:
            found = json.loads(stream.read(LARGEST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}
    return {name: place for name, about in _items(found) if (place := _place(about)) is not None}


def _items(found: Any) -> list[tuple[str, Any]]:
    return list(found.items()) if isinstance(found, dict) else []


def _place(about: Any) -> Place | None:
    rect = about.get("rect") if isinstance(about, dict) else None
    if not isinstance(rect, list) or len(rect) != 4 or not all(type(each) is int and abs(each) < 1e6 for each in rect):
        return None
    left, top, width, height = rect
    return Place(str(about.get("screen", "")), (left, top, width, height), about.get("maximised") is True)


class Places:
    """The places of the windows there are; `save` is for any thread."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._known = read(file) if file is not None else {}
        self._saved = dict(self._known)

    def get(self, name: str) -> Place | None:
        return self._known.get(name)

    def note(self, name: str, widget: QWidget) -> None:
        """Remember where a window is now."""
        rect = widget.normalGeometry() if widget.isMaximized() else widget.geometry()
        whole = rect if rect.isValid() else widget.geometry()
        place = Place(widget.screen().name(), whole.getRect(), widget.isMaximized())  # type: ignore[arg-type]
        self._known = {**self._known, name: place}

    def save(self) -> None:
        """Write what is not written yet. Raises `HounsfieldError` when the disk does not take it."""
        known = self._known
        if self._file is not None and known != self._saved:
            write_whole(self._file, json.dumps({name: asdict(place) for name, place in known.items()}))
            self._saved = known


def screen_named(name: str) -> QScreen | None:
    return next((screen for screen in QGuiApplication.screens() if screen.name() == name), None)


def show_at(widget: QWidget, place: Place | None, otherwise: QScreen, maximised: bool) -> None:
    """Show a window where it was; where that screen is gone, on another one, filling it when `maximised`."""
    screen = screen_named(place.screen) if place is not None else None
    if place is not None and screen is not None and _shows(place, screen):
        widget.setGeometry(*place.rect)
        maximised = place.maximised
        otherwise = screen
    else:
        area = otherwise.availableGeometry()
        rect = area if maximised else QRect(0, 0, area.width() * 2 // 3, area.height() * 2 // 3)
        rect.moveCenter(area.center())
        widget.setGeometry(rect)
    if maximised:
        widget.setGeometry(otherwise.availableGeometry())  # maximising alone needs a window manager
        widget.showMaximized()
    else:
        widget.show()


def _shows(place: Place, screen: QScreen) -> bool:
    seen = QRect(*place.rect) & screen.availableGeometry()
    return seen.width() >= LEAST_PX and seen.height() >= LEAST_PX


def other_screen(widget: QWidget) -> QScreen | None:
    """A screen beside the one a window is on, the first there is."""
    return next((screen for screen in QGuiApplication.screens() if screen is not widget.screen()), None)
