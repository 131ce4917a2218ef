"""A line to type into beside a mark: what a text says, how long a calibration line is, how a finding is called."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from workstation.case.calibrating import recalibrated
from workstation.case.drawing_show import regions_of
from workstation.case.drawing_tools import calibrations, ground, valued
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind
from workstation.findings.spine import first_level, renamed
from workstation.ui.findings_pen import used
from workstation.ui.findings_table import as_listed, offer, sites
from workstation.ui.screen_tile import ScreenTile

WIDTH_PX: Final = 220
MOST_LETTERS: Final = 200
LONGEST_MM: Final = 10_000.0

_PROMPTS: Final = {
    Kind.TEXT: "Text, then Enter",
    Kind.ARROW: "Words or none, then Enter",
    Kind.CALIBRATION: "True length in mm, then Enter",
    Kind.SPINE_LABEL: "Vertebra, then Enter",
}


class MarkEntry(QLineEdit):
    """Shown over the tiles while something is typed for a mark; Esc gives it up. `closed` when it is done."""

    closed = Signal()
    said = Signal(str)

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self.setObjectName("entry")
        self.setFixedWidth(WIDTH_PX)
        self._over = over
        self.setMaxLength(MOST_LETTERS)
        self.setAccessibleName("Words of the mark")
        self._take: Callable[[str], bool] = lambda text: True
        self._give_up: Callable[[], None] = lambda: None
        self._offered = offer(self)
        self.returnPressed.connect(self._entered)
        self.hide()

    def stand_over(self, over: QWidget) -> None:
        """Be shown over these tiles from now on: those of the window somebody types in."""
        if over is not self._over:
            self.give_up()
            self._over = over
            self.setParent(over)

    def ask(self, tile: ScreenTile, finding: Finding) -> None:
        """Ask for the words of a mark that is in hand."""
        case = tile.case
        screen = tile.screen()
        if case is None or screen is None:
            return
        self._begin(
            _PROMPTS[finding.kind],
            first_level(regions_of(case)) if finding.kind is Kind.SPINE_LABEL else "",
            lambda text: self._put_down(case, finding, text),
            lambda: self._dropped(case),
        )
        self._stand_beside(tile, finding, case)

    def rename(self, case: Case, finding: Finding, place: QPoint) -> None:
        """Ask how a finding is to be called."""
        self._begin("Name, then Enter", finding.name, lambda text: self._renamed(case, finding, text), lambda: None)
        self.move(place)

    def place(self, case: Case, finding: Finding, place: QPoint) -> None:
        """Ask where a finding lies: with the coded list under the line."""
        self._begin("Site, then Enter", finding.site, lambda text: self._placed(case, finding, text), lambda: None)
        self._offered.setStringList(sites())
        self.move(place)

    def _begin(self, prompt: str, text: str, take: Callable[[str], bool], give_up: Callable[[], None]) -> None:
        self._take, self._give_up = take, give_up
        self._offered.setStringList([])
        self.setPlaceholderText(prompt)
        self.setText(text)
        self.selectAll()
        self.show()
        self.raise_()
        self.setFocus()

    def _stand_beside(self, tile: ScreenTile, finding: Finding, case: Case) -> None:
        """Right under the last point, inside the tiles."""
        under, screen = ground(case.view(tile.number)), tile.screen()
        if under is None or screen is None:
            return
        x, y, _ = screen.pixel(under.spread(finding.points)[-1])
        left, top = (tile.rect.x() + x) / tile.ratio + 12, (tile.rect.y() + y) / tile.ratio + 12
        room = self._over
        self.move(
            round(min(max(left, 0), room.width() - self.width())),
            round(min(max(top, 0), room.height() - self.sizeHint().height())),
        )

    def _entered(self) -> None:
        if self._take(self.text().strip()):
            self._close()

    def _close(self) -> None:
        self._take, self._give_up = lambda text: True, lambda: None
        self.hide()
        self.closed.emit()

    def give_up(self) -> None:
        """As Esc does."""
        if not self.isHidden():
            self._give_up()
            self._close()

    def _dropped(self, case: Case) -> None:
        case.marks.let_go()
        case.marks.used()

    def _put_down(self, case: Case, finding: Finding, text: str) -> bool:
        """Whether what was typed is an answer."""
        if case.marks.in_hand is None or case.marks.in_hand.tracking_uid != finding.tracking_uid:
            return True
        if finding.kind is Kind.CALIBRATION:
            length_mm = _length(text)
            if length_mm is None:
                self.said.emit("A true length is a number of millimetres, such as 25 or 25.4.")
                return False
            finding = replace(finding, true_length_mm=length_mm)
        elif finding.kind in (Kind.TEXT, Kind.SPINE_LABEL) and not text:
            self._dropped(case)
            return True
        elif finding.kind is Kind.SPINE_LABEL:
            finding = renamed(finding, text)
        else:
            finding = replace(finding, text=text)
        case.marks.hold(valued(finding, case.sets, calibrations(case.marks, case.sets)))
        case.marks.put_down(*recalibrated(case, finding))
        used(case, finding)
        return True

    def _renamed(self, case: Case, finding: Finding, text: str) -> bool:
        known = case.marks.find(finding.tracking_uid)
        if known is not None:
            case.marks.change(renamed(known, text))
        return True

    def _placed(self, case: Case, finding: Finding, text: str) -> bool:
        known = case.marks.find(finding.tracking_uid)
        if known is not None:
            case.marks.change(replace(known, site=as_listed(text)))
        return True

    def event(self, event: QEvent) -> bool:
        """Every key that is not a chord is typed here, Enter and Esc too, and is no command of the page."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            chord = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
            if not chord:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        else:
            super().keyPressEvent(event)


def _length(text: str) -> float | None:
    """A length in mm as a person types it."""
    try:
        length = float(text.lower().removesuffix("mm").strip().replace(",", "."))
    except ValueError:
        return None
    return length if 0 < length < LONGEST_MM else None
