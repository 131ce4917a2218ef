"""The segments under the list of findings: choose, name, show, and set the tools by numbers. Hidden without any.

What the chosen segment measures stands under the list; commands for all else are in the palette.
"""

from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDoubleSpinBox,
    QGridLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workstation.case.command import COMMANDS
from workstation.case.painting import BRUSHES, FENCES, LARGEST_MM, SMALLEST_MM, TOOLS, Painting, Tool
from workstation.case.state import Case
from workstation.findings.hot_values import told_as
from workstation.findings.segment import Segment
from workstation.ui.segment_table import NAME, NUMBER, VOLUME, SegmentsModel
from workstation.ui.theme import label

MOST_ROWS: Final = 8
"""The list is as high as its rows, up to so many; beyond them it scrolls."""

OWN_KEYS: Final = frozenset((Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_F2, Qt.Key.Key_Space, Qt.Key.Key_Delete))
OF_LAYERS: Final = ("Mean of ", "Max of ")
TOLD: Final = (
    *("Long axis", "Short axis", "Largest diameter", "Mean", "SD", "Min", "Max", "Peak"),
    *("MTV", "TLG"),
)


RULES: Final = (
    "A voxel belongs to a segment whole or not at all: by its centre where a brush, an outline or contours were\n"
    "drawn, by its own value where a range was taken. Volume is their count times the volume of one; statistics are\n"
    "of their stored values, without padding. Axes run to half way between voxels that belong and voxels that do not.\n"
    "Of other series, voxels count whose centre lies in the segment."
)


class _Table(QTableView):
    """While it has the keyboard, keys that move in the list are its own."""

    removed = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in OWN_KEYS:
            if event.key() == Qt.Key.Key_Space and event.modifiers() != Qt.KeyboardModifier.NoModifier:
                return super().event(event)  # a stage back, not a tick
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        else:
            super().keyPressEvent(event)


class SegmentPanel(QWidget):
    """`wanted` when the keyboard should go back to the images."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("segments")
        self._case: Case | None = None
        self._filling = False
        self.model = SegmentsModel()
        self.table = _Table()
        self._lay_out_table()
        self.told = label("", "quiet")
        self.told.setWordWrap(True)
        self.told.setMargin(4)
        self.told.setToolTip(RULES)
        self._fields = _Fields()
        self._fields.set.connect(self._set)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 6, 0, 0)
        for each in (self.table, self.told, self._fields):
            whole.addWidget(each)
        whole.addStretch(1)
        self.hide()

    def _lay_out_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setAccessibleName("Segments")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(40)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        table.setColumnWidth(NUMBER, 66)
        table.setColumnWidth(VOLUME, 96)
        table.selectionModel().currentRowChanged.connect(self._chosen)
        table.removed.connect(self._remove)

    def show_case(self, case: Case | None) -> None:
        self._case = case
        self.follow()

    def follow(self) -> None:
        """Segments or tools have changed; the one that tools work on is the current row."""
        case = self._case
        self._filling = True
        try:
            self.model.show(case)
            segments = case.marks.segments if case is not None else ()
            chosen = case.marks.find_segment(case.marks.segment) if case is not None else None
            self.table.setVisible(bool(segments))
            self._fit_height()
            row = next((n for n, each in enumerate(self.model.rows) if each is chosen), None)
            if row is not None and self.table.currentIndex().row() != row:
                self.table.selectRow(row)
            self.told.setText(_told(chosen) if chosen is not None else "")
            self.told.setVisible(bool(self.told.text()))
            tool = Tool(case.marks.tool) if case is not None and case.marks.tool in TOOLS else None
            self._fields.show_for(tool, case.marks.painting if case is not None else Painting())
            self.setVisible(bool(segments) or tool is not None)
        finally:
            self._filling = False

    def _fit_height(self) -> None:
        rows = min(max(len(self.model.rows), 1), MOST_ROWS)
        height = self.table.horizontalHeader().sizeHint().height() + rows * self.table.rowHeight(0) + 4
        self.table.setFixedHeight(max(height, 40))

    def _chosen(self, index: QModelIndex) -> None:
        if not self._filling and index.isValid() and self._case is not None:
            self._case.marks.use_segment(self.model.rows[index.row()].tracking_uid)

    def _remove(self) -> None:
        if self._case is not None and not COMMANDS["delete-segment"].why_not(self._case):
            COMMANDS["delete-segment"].run(self._case)

    def _set(self, painting: Painting) -> None:
        if self._case is None or self._filling:
            return
        self._case.marks.set_painting(painting)
        preview = self._case.marks.preview
        if preview is not None and preview.within is None:
            self._case.marks.show_preview(replace(preview, low=painting.low, high=painting.high))

    def facts(self) -> list[dict[str, Any]]:
        """What the list shows, in plain JSON values."""
        columns = (NUMBER, NAME, VOLUME)
        rows = range(len(self.model.rows))
        return [{str(c): self.model.data(self.model.index(row, c)) for c in columns} for row in rows]


class _Fields(QWidget):
    """Numbers of the tool in hand; those that another tool needs are hidden."""

    set = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._painting = Painting()
        self._names: dict[QDoubleSpinBox, QLabel] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(4, 4, 4, 4)
        self._size = self._number("Diameter", 2 * SMALLEST_MM, 2 * LARGEST_MM, "mm", 1)
        self._low = self._number("From", -32768, 65535, "", 1)
        self._high = self._number("To", -32768, 65535, "", 1)
        self._tolerance = self._number("Tolerance ±", 0.001, 65535, "", 2)
        self._limit = self._number("Not beyond", 5, 500, "mm", 0)
        self._share = self._number("Share of max", 1, 100, "%", 0)
        self._solid = self._tick("In 3D")
        self._held = self._tick("Only from – to")
        self._corners = self._tick("Across corners")
        self._through = self._tick("Through all slices")

    def _number(self, words: str, low: float, high: float, unit: str, places: int) -> QDoubleSpinBox:
        box, row = QDoubleSpinBox(), self._grid.rowCount()
        box.setRange(low, high)
        box.setDecimals(places)
        box.setSuffix(f" {unit}" if unit else "")
        box.setKeyboardTracking(False)
        box.setAccessibleName(words)
        name = QLabel(words)
        name.setBuddy(box)
        self._names[box] = name
        self._grid.addWidget(name, row, 0)
        self._grid.addWidget(box, row, 1)
        box.valueChanged.connect(self._changed)
        return box

    def _tick(self, words: str) -> QCheckBox:
        box = QCheckBox(words)
        self._grid.addWidget(box, self._grid.rowCount(), 1)
        box.toggled.connect(self._changed)
        return box

    def show_for(self, tool: Tool | None, painting: Painting) -> None:
        """The numbers of a tool, as they are now."""
        self._painting = painting
        ranged = tool in (Tool.RANGE, Tool.RANGE_IN_SPHERE) or (tool in BRUSHES and painting.held)
        values = (
            (self._size, 2 * painting.radius_mm, tool in BRUSHES),
            (self._low, painting.low, ranged),
            (self._high, painting.high, ranged),
            (self._tolerance, painting.tolerance, tool is Tool.GROW),
            (self._limit, painting.limit_mm, tool is Tool.GROW),
            (self._share, painting.share * 100, tool is Tool.ISOCONTOUR),
        )
        for box, value, shown in values:
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
            box.setVisible(shown)
            self._names[box].setVisible(shown)
        cuts = tool in (Tool.CUT_INSIDE, Tool.CUT_OUTSIDE)
        for tick, on, shown in (
            (self._solid, painting.solid, tool in BRUSHES or cuts),
            (self._held, painting.held, tool in BRUSHES),
            (self._corners, painting.corners, tool is Tool.GROW),
            (self._through, painting.through, tool in FENCES),
        ):
            tick.blockSignals(True)
            tick.setChecked(on)
            tick.blockSignals(False)
            tick.setVisible(shown)
        self.setVisible(tool is not None)

    def _changed(self) -> None:
        low, high = sorted((self._low.value(), self._high.value()))
        share = self._share.value() / 100
        self.set.emit(
            replace(
                self._painting,
                radius_mm=self._size.value() / 2,
                low=low,
                high=high,
                tolerance=self._tolerance.value(),
                limit_mm=self._limit.value(),
                share=share,
                solid=self._solid.isChecked(),
                held=self._held.isChecked(),
                corners=self._corners.isChecked(),
                through=self._through.isChecked(),
            )
        )


def _told(segment: Segment) -> str:
    """What a segment measures, in some lines, and what it was copied from."""
    by_name = {each.name: each for each in segment.values}
    found = [by_name[name] for name in TOLD if name in by_name]
    found += [each for each in segment.values if each.name.startswith(OF_LAYERS)]
    if not found:
        return ""
    words = [f"{told_as(each.name, each.unit)} {_number(each.value)} {each.unit}".rstrip() for each in found]
    told = "  ·  ".join(word.replace(" ", "\u00a0") for word in words)
    return f"{told}\nCopied {segment.origin}" if segment.origin else told


def _number(value: float) -> str:
    return (f"{value:.0f}" if abs(value) >= 1000 else f"{value:.1f}").replace("-", "−")
