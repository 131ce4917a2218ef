"""A line to type into how thick the plane of the active tile is."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from workstation.case import planes
from workstation.case.state import Case
from workstation.ui.findings_entry import MarkEntry


class ThicknessEntry(MarkEntry):
    """Shown over the tiles while it is asked; Esc gives it up."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setAccessibleName("Thickness of the plane")

    def ask_thickness(self, case: Case, number: int, place: QPoint) -> None:
        """Ask how thick the plane in a tile is to be, at a place of the tiles."""
        now = case.tiles[number].slab.thickness_mm
        text = f"{now:g}" if now else ""
        self._begin("Thickness in mm, then Enter", text, lambda said: self._taken(case, number, said), lambda: None)
        self.move(place)

    def _taken(self, case: Case, number: int, text: str) -> bool:
        """Whether what was typed is a thickness."""
        try:
            thickness_mm = float(text.lower().removesuffix("mm").strip().replace(",", ".") or "nan")
        except ValueError:
            return False
        if not 0 <= thickness_mm <= planes.THICKEST_MM:
            return False
        if number < len(case.tiles):
            planes.set_slab(case, number, thickness_mm)
        return True
