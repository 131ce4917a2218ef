"""Text that is cut in its middle where there is no room for it, and whole in its tooltip."""

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
        """Show a text; `tooltip` follows it there, for what the text stands for."""
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
        painter = QPainter(self)
        option = QStyleOption()
        option.initFrom(self)
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
