"""Lines to type numbers of planes into: how thick the plane of the active tile is, how far apart planes are written."""

import math
from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QPoint
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from workstation.case import planes
from workstation.case.state import Case
from workstation.ui.findings_entry import MarkEntry
from workstation.ui.tile_grid import TileGrid

GAP_PX: Final = 6
"""Before the words that say what is typed and in what unit, and after them."""


def over_active_tile(grids: Sequence[TileGrid], case: Case) -> tuple[TileGrid, QPoint] | None:
    """Which grid shows the active tile, and where a line stands over it, clear of who the patient is."""
    for grid in grids:
        for tile in grid.tiles:
            if tile.number == case.active:
                left, top = tile.rect.x() / tile.ratio, tile.rect.y() / tile.ratio
                return grid, QPoint(round(left) + 12, round(top) + 72)
    return None


class _Millimetres(MarkEntry):
    """Shown over the tiles while a number is asked; what it is stands in the line before it."""

    def __init__(self, over: QWidget, what: str) -> None:
        super().__init__(over)
        self.setAccessibleName(what)
        self._label = QLabel(what, self)
        self._label.setObjectName("quiet")
        room = self._label.sizeHint().width() + 2 * GAP_PX
        self.setTextMargins(room, 0, 0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._label.setGeometry(GAP_PX, 0, self._label.sizeHint().width(), self.height())


def _millimetres(text: str) -> float:
    """What was typed as a number; NaN where it is none."""
    try:
        return float(text.lower().removesuffix("mm").strip().replace(",", ".") or "nan")
    except ValueError:
        return math.nan


class ThicknessEntry(_Millimetres):
    """Asks how thick a plane is; Esc gives it up."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over, "Thickness, mm")

    def ask_thickness(self, case: Case, number: int, place: QPoint) -> None:
        """Ask how thick the plane in a tile is to be, at a place of the tiles."""
        now = case.tiles[number].slab.thickness_mm
        text = f"{now:g}" if now else ""
        self._begin("0 is thin", text, lambda said: self._taken(case, number, said), lambda: None)
        self.move(place)

    def _taken(self, case: Case, number: int, text: str) -> bool:
        """Whether what was typed is a thickness."""
        thickness_mm = _millimetres(text)
        if not 0 <= thickness_mm <= planes.THICKEST_MM:
            self.said.emit(f"A thickness is a number from 0 to {planes.THICKEST_MM:g} mm, such as 5 or 7.5.")
            return False
        self.said.emit("")
        if number < len(case.tiles):
            planes.set_slab(case, number, thickness_mm)
        return True


class DistanceEntry(_Millimetres):
    """Asks how far apart planes are that are to be written; Esc writes nothing."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over, "Distance, mm")

    def ask_distance(
        self, now_mm: float, place: QPoint, take: Callable[[float], bool], give_up: Callable[[], None]
    ) -> None:
        """`take(distance)`, a number above 0, says whether planes are so written."""
        self._begin("of planes", f"{now_mm:.4g}", lambda text: self._taken(text, take), give_up)
        self.move(place)

    def _taken(self, text: str, take: Callable[[float], bool]) -> bool:
        distance_mm = _millimetres(text)
        if not 0 < distance_mm < math.inf:
            self.said.emit("A distance is a number above 0 mm, such as 3 or 0.75.")
            return False
        return take(distance_mm)
