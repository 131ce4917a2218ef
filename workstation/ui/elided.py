"""Text that is cut where there is no room for it, and whole in its tooltip."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption


class ElidedLabel(QLabel):
    """One line of plain text. `text()` is whole whatever is drawn; `clicked` when it is pressed."""

    clicked = Signal()

    def __init__(self, role: str, mode: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__()
        self.setObjectName(role)
        self._mode = mode
        self._told = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, text: str, tooltip: str = "") -> None:
        """Show a text; `tooltip` follows it there, for what the text stands for. What is said already costs nothing."""
        if (text, tooltip) == (self.text(), self._told):
            return
        self._told = tooltip
        self.setText(text)
        self.setAccessibleName(text)
        self._tell()

    @property
    def drawn(self) -> str:
        """What there is room for."""
        return self.fontMetrics().elidedText(self.text(), self._mode, self.contentsRect().width())

    def _tell(self) -> None:
        whole = self.text() if self.drawn != self.text() else ""
        self.setToolTip("\n".join(part for part in (whole, self._told) if part))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tell()

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOption()
        option.initFrom(self)
        with QPainter(self) as painter:
            self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
            self.style().drawItemText(
                painter,
                self.contentsRect(),
                int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft),
                self.palette(),
                self.isEnabled(),
                self.drawn,
                self.foregroundRole(),
            )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clicked.emit()


CUT: Final = "…"
LEAST_LETTERS: Final = 8
"""Of a field that is shortened; with room for fewer it leaves whole."""

_NOTHING: Final[Mapping[int, str]] = MappingProxyType({})


class ElidedFields(ElidedLabel):
    """Fields in one line, `between` them: where there is no room they leave one by one, and "…" at the end says so.
    No cut runs through two of them.
    """

    def __init__(self, role: str, between: str) -> None:
        super().__init__(role)
        self._between = between
        self._fields: tuple[str, ...] = ()
        self._leaving: tuple[int, ...] = ()
        self._shortened = -1

    def say_fields(self, fields: Sequence[str], leaving: Sequence[int], shortened: int) -> None:
        """Show these, without the empty ones. `leaving` are the places of those that may leave, the least important
        first; the one in the place `shortened` is cut before it leaves.
        """
        self._fields, self._shortened = tuple(fields), shortened
        self._leaving = tuple(place for place in leaving if fields[place])
        self.say(self._line(set()))
        self._tell()
        self.update()

    @property
    def drawn(self) -> str:
        """What there is room for."""
        room, gone = self.contentsRect().width(), set[int]()
        for place in self._leaving:
            if self._wide(self._line(gone)) <= room:
                break
            if place == self._shortened:
                left = room - self._wide(self._line(gone, {place: CUT})) + self._wide(CUT)
                short = self.fontMetrics().elidedText(self._fields[place], Qt.TextElideMode.ElideRight, left)
                if len(short.rstrip(CUT)) >= LEAST_LETTERS:
                    return self._line(gone, {place: short})
            gone.add(place)
        said = self._line(gone)
        return said if self._wide(said) <= room else CUT

    def _wide(self, text: str) -> int:
        return self.fontMetrics().horizontalAdvance(text)

    def _line(self, gone: set[int], instead: Mapping[int, str] = _NOTHING) -> str:
        """The fields in their order without those that are gone, some of them said otherwise."""
        kept = (instead.get(place, text) for place, text in enumerate(self._fields) if place not in gone)
        return self._between.join([*filter(None, kept), *([CUT] if gone else [])])
