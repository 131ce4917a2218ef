"""Dose-volume histograms as a chart: how much of each structure receives a dose or more."""

from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from workstation.findings.dvh import Dvh
from workstation.findings.segment import Colour

HEIGHT_PX: Final = 210
MOST_TICKS: Final = 5
STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
CURVE_POINTS: Final = 300


class DvhChart(QWidget):
    """Percent of the volume over dose; a vertical line stands at the prescription where there is one."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT_PX)
        self.setAccessibleName("Dose-volume histogram")
        self._curves: tuple[tuple[Dvh, Colour], ...] = ()
        self._prescribed: float | None = None

    def show_curves(self, curves: tuple[tuple[Dvh, Colour], ...], prescribed: float | None) -> None:
        self._curves, self._prescribed = curves, prescribed
        self.setVisible(bool(curves))
        self.setAccessibleDescription("; ".join(f"{each.name}: mean {each.mean:.2f} {each.unit}" for each, _ in curves))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._curves:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area, highest = self._area(), self._highest()
            self._axes(painter, area, highest)
            for dvh, colour in self._curves:
                self._curve(painter, area, dvh, colour, highest)

    def _area(self) -> QRectF:
        """Where the curves lie."""
        metrics = QFontMetricsF(self.font())
        left, bottom = metrics.horizontalAdvance("100 %") + 10, metrics.height() * 2 + 6
        return QRectF(left, 10, self.width() - left - 14, self.height() - bottom - 10)

    def _highest(self) -> float:
        return max(self._prescribed or 0.0, *(each.max for each, _ in self._curves)) * 1.03

    def event(self, event: QEvent) -> bool:
        """Under the pointer: how much of each structure receives the dose there."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._curves:
            area = self._area()
            share = (event.pos().x() - area.left()) / area.width()
            QToolTip.showText(event.globalPos(), self.told_at(min(max(share, 0.0), 1.0) * self._highest()), self)
            return True
        return super().event(event)

    def told_at(self, dose: float) -> str:
        """The volume of each structure that receives a dose or more."""
        lines = [
            f"{each.name}: {each.percent_of(dose):.1f} %, {each.volume_of(dose):.2f} ml" for each, _ in self._curves
        ]
        return "\n".join([f"{dose:.2f} {self._curves[0][0].unit} or more", *lines])

    def _axes(self, painter: QPainter, area: QRectF, highest: float) -> None:
        quiet = self.palette().color(QPalette.ColorRole.PlaceholderText)
        faint = QColor(quiet)
        faint.setAlpha(60)
        metrics = QFontMetricsF(self.font())
        for percent in (0, 25, 50, 75, 100):
            y = area.bottom() - area.height() * percent / 100
            painter.setPen(QPen(faint, 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(quiet)
            box = QRectF(0, y - metrics.height() / 2, area.left() - 6, metrics.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{percent} %")
        for dose in ticks(highest):
            x = area.left() + area.width() * dose / highest
            painter.setPen(QPen(faint, 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(quiet)
            painter.drawText(
                QRectF(x - 30, area.bottom() + 3, 60, metrics.height()), Qt.AlignmentFlag.AlignHCenter, f"{dose:g}"
            )
        words = f"Dose, {self._curves[0][0].unit}"
        line = QRectF(area.left(), area.bottom() + 3 + metrics.height(), area.width(), metrics.height())
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, words)
        if self._prescribed:
            x = area.left() + area.width() * self._prescribed / highest
            painter.setPen(QPen(quiet, 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def _curve(self, painter: QPainter, area: QRectF, dvh: Dvh, colour: Colour, highest: float) -> None:
        doses = np.linspace(0.0, highest, CURVE_POINTS)
        percent = np.interp(doses, dvh.doses, dvh.volumes_ml, right=0.0) / dvh.volumes_ml[0] * 100
        x = area.left() + area.width() * doses / highest
        y = area.bottom() - area.height() * percent / 100
        painter.setPen(QPen(QColor(*colour), 1.8))
        painter.drawPolyline(QPolygonF([QPointF(*each) for each in zip(x.tolist(), y.tolist(), strict=True)]))


def ticks(highest: float) -> tuple[float, ...]:
    """Round doses from nought to the highest, a few of them."""
    rough = highest / MOST_TICKS
    size = 10.0 ** np.floor(np.log10(rough))
    step = next(each * size for each in STEPS if each * size >= rough * 0.999)
    return tuple(float(step * n) for n in range(int(highest / step + 1e-9) + 1))
