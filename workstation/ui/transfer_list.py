"""The list of errands above the status line: a row each with bar, rate, time left, reason, and what can be done."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workstation.traffic.errand import Errand, State
from workstation.ui.elided import ElidedLabel
from workstation.ui.theme import SIGNS, label
from workstation.ui.transfer_words import count_of, parted, reason_of, standing_of, title_of, way_of

WIDTH_PX = 1120
LEAST_PX = 150
BAR_PX = 100
COUNT_PX = 124
STANDING_PX = 226
BUTTON_PX = 82
PADDING_PX = 13
LONGEST_COUNT = "0000 of 0000"
LONGEST_STANDING = "▲ attempt 10 failed, again in 300 s"
LONGEST_BUTTON = "Try again"

PAUSED = frozenset((State.PAUSED,))
TRIES = frozenset((State.FAILED, State.STOPPED, State.RESTING))
GIVE_UP_TELLS = "The archive does not have it, and nobody sends it again; what is here stays. Press twice."
ROLES = {State.FAILED: "error", State.RESTING: "warning"}
STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
SURE = "Sure?"
KEYS = "↓ ↑ choose  ·  P pauses, goes on or tries again  ·  Del stops or gives up  ·  C clears"


class ErrandRow(QFrame):
    """One errand. `held(number)` pauses it or has it go on or try again, `stopped(number)` stops it."""

    held = Signal(int)
    stopped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("row")
        self.number = 0
        self._promised = False
        self.title = ElidedLabel("name")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setFixedWidth(BAR_PX)
        self.count, self.state = (label("", "quiet") for _ in range(2))
        self.way = ElidedLabel("quiet", Qt.TextElideMode.ElideRight)
        self.reason = label("", "quiet")
        self.reason.setWordWrap(True)  # what to do about it stands at its end
        self.hold = QPushButton("Pause")
        self.stop = QPushButton("Stop")
        self._sure = False
        """Giving up was pressed once."""
        for button in (self.hold, self.stop):
            stays = button.sizePolicy()
            stays.setRetainSizeWhenHidden(True)  # the columns of all rows stand under one another
            button.setSizePolicy(stays)
            button.installEventFilter(self)
        self.hold.clicked.connect(lambda checked=False: self.held.emit(self.number))
        self.stop.clicked.connect(lambda checked=False: self._end())
        self._lay_out()
        self._fit()

    def _fit(self) -> None:
        """The columns of all rows stand under one another, and hold their longest words at any size of the text."""
        wide = self.fontMetrics().horizontalAdvance
        self.count.setFixedWidth(max(COUNT_PX, wide(LONGEST_COUNT)))
        self.state.setFixedWidth(max(STANDING_PX, wide(LONGEST_STANDING)))
        for button in (self.hold, self.stop):
            button.setFixedWidth(max(BUTTON_PX, wide(LONGEST_BUTTON) + 2 * PADDING_PX))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "_sure"):
            self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._show_chosen(event.type() == QEvent.Type.FocusIn)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in STEPS:
            QApplication.sendEvent(self, event)  # a button would give the keyboard to the one beside it
            return True
        return False

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._show_chosen(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_chosen(False)

    def _show_chosen(self, chosen: bool) -> None:
        """Of the row that the keys act on the ground is another."""
        _dress(self, "chosen-row" if chosen else "row")

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(4, 5, 4, 6)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(2)
        for column, each in enumerate((self.title, self.bar, self.count, self.state)):
            grid.addWidget(each, 0, column, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.way, 1, 0, 1, 4)
        grid.addWidget(self.reason, 2, 0, 1, 4)
        grid.addWidget(self.hold, 0, 4, 3, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.stop, 0, 5, 3, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(0, 1)

    def _end(self) -> None:
        """What was promised to be sent is given up by a second press alone."""
        if self._promised and not self._sure:
            self._sure = True
            self.stop.setText(SURE)
            self.stop.setToolTip(GIVE_UP_TELLS)
            return
        self._sure = False
        self.stopped.emit(self.number)

    def show_errand(self, errand: Errand, name: str, whose: str = "") -> None:
        """`whose` tells the patient from others of the name."""
        self._sure = self._sure and errand.number == self.number and errand.promised and _may_give_up(errand)
        self.number, self._promised = errand.number, errand.promised
        title = title_of(errand, name)
        whom, study = parted(name)
        self.title.say(whom, title)
        self.bar.setRange(0, max(1, errand.total))
        self.bar.setValue(min(errand.done, errand.total))
        self.count.setText(count_of(errand))
        role = ROLES.get(errand.state, "quiet")
        sign = f"{SIGNS[role][0]} " if role in SIGNS else ""
        self.state.setText(sign + standing_of(errand))
        _dress(self.state, role)
        self.way.say("  ·  ".join(each for each in (study, way_of(errand), whose) if each))
        self.reason.setText(reason_of(errand))
        self.reason.setVisible(bool(self.reason.text()))
        told = ", ".join(each for each in (title, count_of(errand), standing_of(errand), reason_of(errand)) if each)
        self.setAccessibleName(told)
        self.bar.setAccessibleName(told)
        self._show_buttons(errand, title)

    def _show_buttons(self, errand: Errand, title: str) -> None:
        word = "Go on" if errand.state in PAUSED else "Try again" if errand.state in TRIES else "Pause"
        rows = (
            (self.hold, word, errand.state is not State.DONE, "What came stays; it goes on with what lacks."),
            (self.stop, "Stop", not errand.is_over, "Stop it; what came stays."),
        )
        if errand.promised:
            tries = errand.state in (State.FAILED, State.RESTING)
            rows = (
                (self.hold, "Try again", tries, "Send it now."),
                (self.stop, SURE if self._sure else "Give up", _may_give_up(errand), GIVE_UP_TELLS),
            )
        for button, text, able, tip in rows:
            button.setText(text)
            button.setVisible(able)
            button.setAccessibleName(f"{text}: {title}")
            button.setToolTip(f"{tip} ({'P' if button is self.hold else 'Del'})")


def _dress(widget: QWidget, role: str) -> None:
    """Have it look as its role says; the style reads the name of a widget only once."""
    if widget.objectName() != role:
        widget.setObjectName(role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def _may_give_up(errand: Errand) -> bool:
    """Whatever is not sent yet: a send to the wrong place need not fail for good before it is stopped."""
    return errand.state not in (State.SENT, State.DONE, State.STOPPED)


class ErrandList(QScrollArea):
    """A row for each errand, those that go first on top; arrows go from row to row. `forgotten` clears what is over."""

    held = Signal(int)
    stopped = Signal(int)
    forgotten = Signal()

    def __init__(self, name_of: Callable[[Errand], str], whose: Callable[[Errand], str] = lambda errand: "") -> None:
        super().__init__()
        self._name_of, self._whose = name_of, whose
        inside = self._inside = QWidget()
        self._column = QVBoxLayout(inside)
        self._column.setContentsMargins(0, 0, 6, 0)
        self._column.setSpacing(0)
        self._nothing = label("Nothing is fetched or sent. Ctrl+R finds studies in the archives.", "quiet")
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        self._keys = label(KEYS, "quiet")
        self.clear_done = QPushButton("Clear what is over")
        self.clear_done.clicked.connect(self.forgotten)
        self.clear_done.setToolTip("Take those that are done, failed or stopped off this list (C)")
        foot = QHBoxLayout()
        foot.addWidget(self._keys)
        foot.addStretch(1)
        foot.addWidget(self.clear_done)
        self._column.addLayout(foot)
        self.rows: list[ErrandRow] = []
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_errands(self, errands: Sequence[Errand]) -> None:
        held = QApplication.focusWidget()
        while len(self.rows) < len(errands):
            row = ErrandRow()
            row.held.connect(self.held)
            row.stopped.connect(self.stopped)
            self._column.insertWidget(len(self.rows), row)
            self.rows.append(row)
        for place, row in enumerate(self.rows):
            row.setVisible(place < len(errands))
            if place < len(errands):
                row.show_errand(errands[place], self._name_of(errands[place]), self._whose(errands[place]))
        self._nothing.setVisible(not errands)
        self._keys.setVisible(bool(errands))
        self.clear_done.setVisible(any(each.is_over for each in errands))
        if held is not None and self.isAncestorOf(held) and not held.isVisible():
            self.setFocus()  # a button that goes would drop the keyboard out of the list

    def wanted_px(self, width_px: int) -> int:
        """How high it is where nothing has to be scrolled."""
        return max(self._inside.heightForWidth(width_px), self._inside.minimumSizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move among the rows' buttons; from the list itself to the first. Letters press them."""
        row = next((each for each in self.rows if each.isAncestorOf(self.focusWidget() or self)), None)
        pressed = {Qt.Key.Key_C: self.clear_done}
        if row is not None:
            pressed |= {Qt.Key.Key_P: row.hold, Qt.Key.Key_Delete: row.stop}
        button = pressed.get(Qt.Key(event.key()))
        if button is not None and button.isVisible():
            button.click()
            return
        shown = [row for row in self.rows if row.isVisible()]
        if event.key() not in STEPS or not shown:
            super().keyPressEvent(event)
            return
        now = next((n for n, row in enumerate(shown) if row.isAncestorOf(self.focusWidget() or row)), -1)
        row = shown[min(max(now + STEPS[Qt.Key(event.key())], 0), len(shown) - 1)]
        next((each for each in (row.hold, row.stop) if each.isVisible()), row).setFocus()
        self.ensureWidgetVisible(row)
