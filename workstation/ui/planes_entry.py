"""A line to type into how thick the plane of the active tile is."""

import math
from typing import Final

from PySide6.QtCore import QPoint
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QWidget

from workstation.case import planes
from workstation.case.state import Case
from workstation.ui.findings_entry import MarkEntry

GAP_PX: Final = 6
"""Before the words that say what is typed and in what unit, and after them."""


class ThicknessEntry(MarkEntry):
    """Shown over the tiles while it is asked; Esc gives it up."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setAccessibleName("Thickness, mm")
        self._label = QLabel("Thickness, mm", self)
        self._label.setObjectName("quiet")
        room = self._label.sizeHint().width() + 2 * GAP_PX
        self.setTextMargins(room, 0, 0, 0)

    def ask_thickness(self, case: Case, number: int, place: QPoint) -> None:
        """Ask how thick the plane in a tile is to be, at a place of the tiles."""
        now = case.tiles[number].slab.thickness_mm
        text = f"{now:g}" if now else ""
        self._begin("0 is thin", text, lambda said: self._taken(case, number, said), lambda: None)
        self.move(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._label.setGeometry(GAP_PX, 0, self._label.sizeHint().width(), self.height())

    def _taken(self, case: Case, number: int, text: str) -> bool:
        """Whether what was typed is a thickness."""
        try:
            thickness_mm = float(text.lower().removesuffix("mm").strip().replace(",", ".") or "nan")
        except ValueError:
            thickness_mm = math.nan
        if not 0 <= thickness_mm <= planes.THICKEST_MM:
            self.said.emit(f"A thickness is a number from 0 to {planes.THICKEST_MM:g} mm, such as 5 or 7.5.")
            return False
        self.said.emit("")
        if number < len(case.tiles):
            planes.set_slab(case, number, thickness_mm)
        return True
