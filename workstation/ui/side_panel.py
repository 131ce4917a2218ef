"""Panels of text beside the images; here why the screen shows what it shows. Closed until somebody asks (F3)."""

from typing import Any, Final

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QTextBrowser

from workstation import jobs
from workstation.case.ledger import study_ledger
from workstation.case.open import Opened
from workstation.case.state import Case
from workstation.imaging.ledger import Ledger
from workstation.paths import Home
from workstation.ui.coverage_watch import CoverageWatch
from workstation.ui.explained import explained
from workstation.ui.tile_grid import TileGrid

WIDTH_PX: Final = 340
SETTLES_AFTER_MS: Final = 200
"""The text follows so long after the last change: never while somebody scrolls."""

OWN_KEYS: Final = frozenset(
    (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)
)


class TextPanel(QTextBrowser):
    """Text beside the images that can be selected and copied; with the keyboard in it arrows scroll it."""

    def __init__(self, name: str, spoken: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self.setAccessibleName(spoken)
        self.setFixedWidth(WIDTH_PX)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.document().setDocumentMargin(10)
        self.document().setDefaultStyleSheet("h4 { margin: 12px 0 4px 0; } p { margin: 0 0 4px 0; }")
        self._said = ""
        self.soon = QTimer(self, singleShot=True, interval=SETTLES_AFTER_MS)
        self.hide()

    def follow(self) -> None:
        """Something on the screen has changed."""
        if not self.isHidden():
            self.soon.start()

    def write(self, text: str) -> None:
        """Show this (simple HTML); the place that was read stays in view."""
        if text != self._said:
            self._said = text
            place = self.verticalScrollBar().value()
            self.setHtml(text)
            self.verticalScrollBar().setValue(place)

    def event(self, event: QEvent) -> bool:
        """Keys that move in the text are the panel's while it has the keyboard, not the images'."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in OWN_KEYS:
            event.accept()
            return True
        return super().event(event)


class SidePanel(TextPanel):
    """The explanation (F3); Shift+F3 gives it the keyboard."""

    def __init__(self, home: Home, grid: TileGrid, coverage: CoverageWatch) -> None:
        super().__init__("explain", "Explanation")
        self._home, self._grid, self._coverage = home, grid, coverage
        self._case: Case | None = None
        self._opened: Opened | None = None
        self._ledger: Ledger | None = None
        self._job: jobs.Job | None = None
        self.soon.timeout.connect(self.say)

    def show_case(self, case: Case | None, opened: Opened | None = None) -> None:
        """Explain a case; of one before nothing stays."""
        if self._job is not None:
            self._job.cancel()
        self._case, self._opened, self._ledger, self._job = case, opened, None, None
        self._said = ""
        self.clear()
        self.follow()

    def open(self) -> None:
        self.show()
        self.say()

    def say(self) -> None:
        """Write what is so now."""
        case = self._case
        if self.isHidden() or case is None or not case.tiles:
            return
        self._ask_for_ledger(case)
        facts: dict[str, Any] = {}
        for tile in self._grid.tiles:
            if tile.number == case.active and tile.picture is not None:
                facts = tile.picture.facts
        text = explained(case, self._opened, facts, self._ledger, self._coverage.unseen_sentence())
        self.write(text)

    def _ask_for_ledger(self, case: Case) -> None:
        if self._job is None and case.first is not None:
            study = case.first.StudyInstanceUID
            self._job = jobs.run(
                "Accounting",
                lambda job: study_ledger(self._home, study),
                lambda ledger: self._accounted(case, ledger),
                failed=lambda error: None,
                lane=jobs.Lane.LATER,
            )

    def _accounted(self, case: Case, ledger: Ledger) -> None:
        if case is self._case:
            self._ledger = ledger
            self.say()
