"""Small shapes beside words: what a study's status and urgency are can be told without colours."""

from functools import cache

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from workstation.cache.entries import ReadingStatus
from workstation.ui.theme import DARK
from workstation.worklist.items import Item

SIZE_PX = 14
SHARPER = 3
"""Device pixels of a mark for each logical one: enough for any screen."""


@cache
def status_mark(status: ReadingStatus) -> QIcon:
    """Unread: a full disc. Opened: half of one. Parked: two bars. Read: a tick. Ordered: a dotted ring."""
    pixmap, painter = _canvas()
    disc = QRectF(3, 3, 8, 8)
    if status is ReadingStatus.UNREAD:
        painter.setBrush(QColor(DARK.accent))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(disc)
    elif status is ReadingStatus.OPENED:
        painter.setPen(QPen(QColor(DARK.accent), 1.4))
        painter.drawEllipse(disc)
        painter.setBrush(QColor(DARK.accent))
        painter.drawPie(disc, 90 * 16, 180 * 16)
    elif status is ReadingStatus.PARKED:
        for x in (3.5, 8.5):
            painter.fillRect(QRectF(x, 3, 2.6, 8.4), QColor(DARK.text))
    elif status is ReadingStatus.ORDERED:
        painter.setPen(QPen(QColor(DARK.quiet), 1.4, Qt.PenStyle.DotLine))
        painter.drawEllipse(disc)
    else:
        painter.setPen(QPen(QColor(DARK.quiet), 1.8))
        painter.drawPolyline(QPolygonF([QPointF(3, 7.5), QPointF(6, 10.5), QPointF(11, 4)]))
    return _icon(pixmap, painter)


@cache
def urgency_mark(stat: bool) -> QIcon:
    """STAT: a full triangle; HIGH: an open one."""
    pixmap, painter = _canvas()
    painter.setPen(QPen(QColor(DARK.warning), 1.4))
    if stat:
        painter.setBrush(QColor(DARK.warning))
    painter.drawPolygon(QPolygonF([QPointF(7, 2.2), QPointF(12, 11.5), QPointF(2, 11.5)]))
    return _icon(pixmap, painter)


@cache
def differs_mark() -> QIcon:
    """The same ID, another birth date or sex: an equals sign struck through."""
    pixmap, painter = _canvas()
    painter.setPen(QPen(QColor(DARK.warning), 1.6))
    for y in (5.0, 9.0):
        painter.drawLine(QPointF(2.5, y), QPointF(11.5, y))
    painter.drawLine(QPointF(9.5, 1.5), QPointF(4.5, 12.5))
    return _icon(pixmap, painter)


def mark_of(item: Item, column: str) -> QIcon | None:
    """The shape that goes before the word of a cell."""
    if column == "status":
        return status_mark(item.status)
    if column == "urgency" and item.is_urgent:
        return urgency_mark(item.urgency == 0)
    if column == "patient" and item.differs:
        return differs_mark()
    return None


def _canvas() -> tuple[QPixmap, QPainter]:
    pixmap = QPixmap(SIZE_PX * SHARPER, SIZE_PX * SHARPER)
    pixmap.setDevicePixelRatio(SHARPER)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    return pixmap, painter


def _icon(pixmap: QPixmap, painter: QPainter) -> QIcon:
    painter.end()
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
