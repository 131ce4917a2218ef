"""Under the list of findings: how the values inside the region in hand are spread, and how their mean goes over time.

Worked out off the main thread, for the newest region alone; nothing is shown for what has no inside.
"""

from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from workstation import jobs
from workstation.case.state import Case
from workstation.errors import Refused
from workstation.findings.distribution import Course, Distribution, course, distribution
from workstation.findings.finding import Finding, Kind
from workstation.findings.regions import measurable, source_image
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader

PLOT_PX: Final = 84
GAP_PX: Final = 6
DOT_PX: Final = 2.5

Answer = tuple[Distribution | None, Course | None]


class FindingChart(QWidget):
    """Of one region at a time. `failed` is called with what went wrong."""

    def __init__(self, loader: Loader, failed: Callable[[Exception], None]) -> None:
        super().__init__()
        self._loader = loader
        self._failed = failed
        self._case: Case | None = None
        self._wanted: Finding | None = None
        self.spread: Distribution | None = None
        self.course: Course | None = None
        self.setAccessibleName("Values inside the region")
        self.hide()

    def show_case(self, case: Case | None) -> None:
        self._case, self._wanted = case, None
        self._show((None, None))

    def follow(self, finding: Finding | None) -> None:
        """The region in hand may be another one."""
        region = finding if finding is not None and measurable(finding) and finding.kind is not Kind.PROBE else None
        if region is None or self._case is None:
            self._wanted = None
            self._show((None, None))
            return
        told = {each.name for each in region.values}
        if region == self._wanted or "Mean" not in told:
            return
        phases = self._phases(self._case, region)
        own = next((each for each in phases if source_image(each.display_set, region) is not None), None)
        self._wanted = region
        if own is None:
            self._show((None, None))
            return
        jobs.run(
            "Count values",
            lambda job: _answer(own, phases, region),
            lambda answer: self._show(answer) if self._wanted is region else None,
            failed=self._failed,
            piece=True,
        )

    def _phases(self, case: Case, finding: Finding) -> list[Voxels]:
        """What has been loaded of the series that a region was drawn on, phase by phase."""
        own = next((each for each in case.sets.values() if source_image(each, finding) is not None), None)
        if own is None:
            return []
        group = own.group
        keys = [
            key
            for key, each in case.sets.items()
            if each is own or (group and each.group and each.group.key == group.key)
        ]
        keys.sort(key=lambda key: each.index if (each := case.sets[key].group) else 0)
        loadings = [self._loader.get(key) for key in keys]
        return [each.voxels for each in loadings if each is not None]

    def _show(self, answer: Answer) -> None:
        self.spread, self.course = answer
        plots = (self.spread is not None) + (self.course is not None)
        self.setFixedHeight(round(plots * (PLOT_PX + 3 * QFontMetricsF(self.font()).height()) + GAP_PX))
        self.setVisible(plots > 0)
        self.setAccessibleDescription("; ".join(self._words()))
        self.update()

    def _words(self) -> list[str]:
        found: list[str] = []
        if self.spread is not None:
            found += _told(self.spread)
        if self.course is not None:
            found.append(f"mean over {len(self.course.means)} phases")
        return found

    def facts(self) -> dict[str, Any] | None:
        """What is shown, in plain JSON values; None while nothing is."""
        if self.spread is None:
            return None
        return {
            "count": self.spread.count,
            "bars": len(self.spread.counts),
            "percentiles": {f"{share}": value for share, value in self.spread.percentiles.items()},
            "course": None if self.course is None else list(self.course.means),
        }

    # ---------------------------------------------------------------- paint

    def paintEvent(self, event: QPaintEvent) -> None:
        line, top = QFontMetricsF(self.font()).height(), 0.0
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.spread is not None:
                self._bars(painter, self.spread, QRectF(2, top + 2 * line, self.width() - 4, PLOT_PX), line)
                top += PLOT_PX + 3 * line
            if self.course is not None:
                self._course(painter, self.course, QRectF(2, top + 2 * line, self.width() - 4, PLOT_PX), line)

    def _bars(self, painter: QPainter, spread: Distribution, area: QRectF, line: float) -> None:
        quiet, accent = self._quiet(), self.palette().color(QPalette.ColorRole.Highlight)
        first, second = _told(spread)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(QRectF(area.left(), area.top() - 2 * line, area.width(), line), first)
        painter.setPen(quiet)
        painter.drawText(QRectF(area.left(), area.top() - line, area.width(), line), second)
        wide, most = area.width() / len(spread.counts), max(spread.counts)
        for number, count in enumerate(spread.counts):
            high = (area.height() - 4) * count / most
            painter.fillRect(QRectF(area.left() + number * wide, area.bottom() - high, max(wide - 1, 1), high), accent)
        for value, style in (
            (spread.mean, Qt.PenStyle.SolidLine),
            *((each, Qt.PenStyle.DotLine) for each in spread.percentiles.values()),
        ):
            x = area.left() + area.width() * (value - spread.low) / (spread.high - spread.low)
            painter.setPen(QPen(quiet, 1, style))
            painter.drawLine(QPointF(x, area.top() + 2), QPointF(x, area.bottom()))
        self._ends(painter, area, line, f"{spread.low:.4g}", f"{spread.high:.4g} {spread.unit}")

    def _course(self, painter: QPainter, shown: Course, area: QRectF, line: float) -> None:
        low, high = min(shown.means), max(shown.means)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        words = f"Mean over {len(shown.means)} phases: {low:.4g} to {high:.4g} {shown.unit}"
        painter.drawText(QRectF(area.left(), area.top() - line, area.width(), line), words)
        start, length = shown.places[0], shown.places[-1] - shown.places[0]
        room = area.adjusted(DOT_PX, 6, -DOT_PX, -4)
        at = [
            QPointF(
                room.left() + room.width() * (place - start) / length,
                room.bottom() - room.height() * ((mean - low) / (high - low) if high > low else 0.5),
            )
            for place, mean in zip(shown.places, shown.means, strict=True)
        ]
        accent = self.palette().color(QPalette.ColorRole.Highlight)
        painter.setPen(QPen(accent, 1.6))
        painter.drawPolyline(QPolygonF(at))
        painter.setBrush(accent)
        for each in at:
            painter.drawEllipse(each, DOT_PX, DOT_PX)
        unit = "s" if shown.in_seconds else "(phase)"
        self._ends(painter, area, line, f"{start:g}", f"{shown.places[-1]:g} {unit}")

    def _ends(self, painter: QPainter, area: QRectF, line: float, low: str, high: str) -> None:
        painter.setPen(self._quiet())
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        under = QRectF(area.left(), area.bottom() + 1, area.width(), line)
        painter.drawText(under, Qt.AlignmentFlag.AlignLeft, low)
        painter.drawText(under, Qt.AlignmentFlag.AlignRight, high)

    def _quiet(self) -> QColor:
        return self.palette().color(QPalette.ColorRole.PlaceholderText)


def _told(spread: Distribution) -> tuple[str, str]:
    """Mean and SD, and the percentiles, as two lines."""
    shares = "   ".join(f"{share}: {value:.4g}" for share, value in spread.percentiles.items())
    unit = spread.unit
    return f"{spread.count} voxels: mean {spread.mean:.4g}, SD {spread.sd:.4g} {unit}", f"Percentiles {shares} {unit}"


def _answer(own: Voxels, phases: list[Voxels], finding: Finding) -> Answer:
    """On a thread."""
    try:
        return distribution(own, finding), course(phases, finding) if len(phases) > 1 else None
    except Refused:
        return None, None  # the list says why
