"""Curves of regions over time, or over the phases of a heart's beat, as a chart."""

from typing import Any, Final

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from workstation.findings.activity import Activity
from workstation.findings.segment import COLOURS, Colour
from workstation.imaging.time_axis import Along
from workstation.ui.dvh_chart import ticks

HEIGHT_PX: Final = 220
DOT_PX: Final = 2.2
Curves = tuple[tuple[Activity, Colour], ...]


class ActivityChart(QWidget):
    """The mean of each region in each frame, at the middle of the frame; a bar along each says how long it lasted."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName("Time-activity curves")
        self._curves: Curves = ()
        self.hide()

    def show_curves(self, curves: Curves) -> None:
        self._curves = _told_apart(curves)
        self.setFixedHeight(HEIGHT_PX + round(len(curves) * QFontMetricsF(self.font()).height()))
        self.setVisible(bool(curves))
        self.setAccessibleDescription("; ".join(_told(each) for each, _ in curves))
        self.update()

    def facts(self) -> list[dict[str, Any]]:
        """What is shown, in plain JSON values."""
        return [
            {
                "name": each.name,
                "along": each.axis.along.value,
                "places": [point.frame.middle for point in each.points],
                "means": list(each.means),
                "unit": each.unit,
            }
            for each, _ in self._curves
        ]

    # ---------------------------------------------------------------- places

    def _area(self) -> QRectF:
        metrics = QFontMetricsF(self.font())
        left = metrics.horizontalAdvance("00000") + 8
        return QRectF(left, metrics.height() + 8, self.width() - left - 10, HEIGHT_PX - 3 * metrics.height() - 18)

    def _legend(self, painter: QPainter) -> None:
        """Below the chart, a line for each region: its colour, name, and how far its values go."""
        metrics = QFontMetricsF(self.font())
        for row, (activity, colour) in enumerate(self._curves):
            top = HEIGHT_PX + row * metrics.height()
            painter.fillRect(QRectF(2, top + metrics.height() / 2 - 1.5, 14, 3), QColor(*colour))
            painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
            line = QRectF(22, top, self.width() - 28, metrics.height())
            low, high = min(activity.means), max(activity.means)
            numbers = f"{low:.3g} to {high:.3g} {activity.unit}"
            room = line.width() - metrics.horizontalAdvance(numbers) - 8
            name = metrics.elidedText(activity.name, Qt.TextElideMode.ElideRight, room)
            painter.drawText(line, Qt.AlignmentFlag.AlignLeft, name)
            painter.drawText(line, Qt.AlignmentFlag.AlignRight, numbers)

    def _ends(self) -> tuple[float, float, float]:
        """The first and last place along, and the highest value."""
        frames = [point.frame for each, _ in self._curves for point in each.points]
        last = max(each.start + (each.length or 0.0) for each in frames)
        first = min(each.start for each in frames)
        highest = max(mean for each, _ in self._curves for mean in each.means)
        return min(first, 0.0), last if last > first else first + 1.0, max(highest * 1.05, 1e-9)

    def _place(self, area: QRectF, along: float, value: float) -> QPointF:
        first, last, highest = self._ends()
        x = area.left() + area.width() * (along - first) / (last - first)
        return QPointF(x, area.bottom() - area.height() * max(value, 0.0) / highest)

    # ----------------------------------------------------------------- paint

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._curves:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = self._area()
            self._axes(painter, area)
            for activity, colour in self._curves:
                self._curve(painter, area, activity, QColor(*colour))
            self._legend(painter)

    def _axes(self, painter: QPainter, area: QRectF) -> None:
        quiet = self.palette().color(QPalette.ColorRole.PlaceholderText)
        faint = QColor(quiet)
        faint.setAlpha(60)
        first, last, highest = self._ends()
        high, shown = QFontMetricsF(self.font()).height(), self._curves[0][0]
        painter.setPen(quiet)
        painter.drawText(QRectF(0, 2, self.width(), high), Qt.AlignmentFlag.AlignLeft, f"Mean, {shown.unit}")
        for value in ticks(highest):
            at = self._place(area, first, value)
            painter.setPen(QPen(faint, 1))
            painter.drawLine(at, QPointF(area.right(), at.y()))
            painter.setPen(quiet)
            box = QRectF(0, at.y() - high / 2, area.left() - 5, high)
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{value:g}")
        for along in ticks(last):
            if along >= first:
                at = self._place(area, along, 0.0)
                painter.drawText(QRectF(at.x() - 30, at.y() + 3, 60, high), Qt.AlignmentFlag.AlignHCenter, f"{along:g}")
        told = {Along.TIME: "Time, s", Along.PHASE: "Phase, % of R-R", Along.NUMBER: "Frame"}[shown.axis.along]
        words = f"{told}{'; ' + shown.decay if shown.decay else ''}"
        line = QRectF(0, area.bottom() + 3 + high, self.width() - 6, high)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, words)

    def _curve(self, painter: QPainter, area: QRectF, activity: Activity, colour: QColor) -> None:
        at = [self._place(area, each.frame.middle, each.told.mean) for each in activity.points]
        painter.setPen(QPen(colour, 1.6))
        painter.drawPolyline(QPolygonF(at))
        for each, place in zip(activity.points, at, strict=True):
            if each.frame.length:
                half = area.width() * each.frame.length / 2 / (self._ends()[1] - self._ends()[0])
                painter.setPen(QPen(colour, 1.0))
                painter.drawLine(QPointF(place.x() - half, place.y()), QPointF(place.x() + half, place.y()))
            painter.setBrush(colour)
            painter.drawEllipse(place, DOT_PX, DOT_PX)

    def event(self, event: QEvent) -> bool:
        """Under the pointer: what each region holds in the frame there."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._curves:
            first, last, _ = self._ends()
            area = self._area()
            along = first + (event.pos().x() - area.left()) / area.width() * (last - first)
            QToolTip.showText(event.globalPos(), self.told_at(along), self)
            return True
        return super().event(event)

    def told_at(self, along: float) -> str:
        """The values of the frame nearest to a place."""
        lines = []
        for activity, _ in self._curves:
            point = min(activity.points, key=lambda each: abs(each.frame.middle - along))
            told = f"{point.told.mean:.4g} ± {point.told.sd:.2g} {activity.unit}"
            lines.append(f"{activity.name}: {told} at {point.frame.middle:g} {activity.axis.along.value}")
        return "\n".join(lines)


def _told_apart(curves: Curves) -> Curves:
    """No two of one colour: references have the same on the images."""
    found: list[tuple[Activity, Colour]] = []
    for activity, colour in curves:
        taken = {each for _, each in found}
        free = [each for each in COLOURS if each not in taken]
        found.append((activity, colour if colour not in taken or not free else free[0]))
    return tuple(found)


def _told(activity: Activity) -> str:
    low, high = min(activity.means), max(activity.means)
    return f"{activity.name}: {low:.4g} to {high:.4g} {activity.unit} over {len(activity.points)} frames"
