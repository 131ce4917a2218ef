"""PET beside the images: tools with their keys, the threshold, lesions with values, references, what rules say."""

import html
from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QSlider,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workstation.findings.hot_table import COMPUTING, PROPOSED, HotTable
from workstation.findings.hot_values import told_as
from workstation.imaging.hot_reference import Region
from workstation.ui.pet_table import NAME, SCORE, HotModel, Index, short
from workstation.ui.theme import label

WIDTH_PX: Final = 392
MOST_ROWS: Final = 14
SLIDER_STEPS: Final = 400
OWN_KEYS: Final = frozenset((Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End))

TOOLS: Final = (
    ("pet-hot-spot", "Hot spot"),
    ("all-lesions", "All lesions"),
    ("pet-take-out-or-bring-back", "Take out"),
    ("pet-liver-reference", "Liver"),
    ("pet-blood-pool-reference", "Blood pool"),
    ("pet-mediastinum-reference", "Mediastinum"),
    ("propose-references", "Propose"),
    ("keep-the-lesions", "Keep"),
    ("export-the-lesions", "Export CSV"),
)
"""Commands of the buttons, in rows of three."""

FIRST_TIP: Final = "Acts on the PET that is open"
"""Of each button until a study says what it does now."""

CONTOURS: Final = ((0.41, "41 % of max"), (0.42, "42 % of max"), (0.50, "50 % of max"), (None, "from the value below"))
SIZES: Final = {Region.LIVER: "3 cm", Region.BLOOD_POOL: "1 × 2 cm", Region.MEDIASTINUM: "2 cm"}
LEASTS: Final = ("2.5", "4.0", "PERCIST, liver", "PERCIST, blood pool")


class _Table(QTableView):
    """While it has the keyboard, keys that move in the list are its own, and Space where the row has a tick."""

    def event(self, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return super().event(event)
        if event.key() in OWN_KEYS or self._ticks(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._ticks(event):
            self.model().setData(self._tick, Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
        else:
            super().keyPressEvent(event)

    @property
    def _tick(self) -> QModelIndex:
        """The cell with the tick of the row in hand."""
        return self.currentIndex().siblingAtColumn(NAME)

    def _ticks(self, event: QKeyEvent) -> bool:
        is_space = event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.NoModifier
        return is_space and bool(self._tick.flags() & Qt.ItemFlag.ItemIsUserCheckable)


class _Ticks(QStyledItemDelegate):
    """Knows whether the last press was on a tick: that takes a spot out or brings it back, and is no wish to go."""

    ticking = False

    def editorEvent(self, event: QEvent, model: QAbstractItemModel, option: QStyleOptionViewItem, index: Index) -> bool:
        self.ticking = super().editorEvent(event, model, option, index)
        return self.ticking


class PetPanel(QWidget):
    """Shows what it is given. `pressed(command)`; `went(row)` and `ticked(row)` of the list; `least(value)` and
    `smallest(ml)` of the threshold, `preset(name)` of its list, `contour(share or None)` of the tool of clicks."""

    pressed = Signal(str)
    went = Signal(int)
    ticked = Signal(int)
    least = Signal(float)
    smallest = Signal(float)
    preset = Signal(str)
    contour = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("pet")
        self.setFixedWidth(WIDTH_PX)
        self._filling = False
        self.title = label("", "name")
        self.buttons: dict[str, QPushButton] = {}
        self.contours, self.leasts = QComboBox(), QComboBox()
        self.value, self.small = QDoubleSpinBox(), QDoubleSpinBox()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.model = HotModel()
        self.table = _Table()
        self._ticks = _Ticks(self.table)
        self.totals = label("", "")
        self.references = label("", "")
        self.rules = label("", "quiet")
        self.title.setWordWrap(True)
        for each in (self.totals, self.references, self.rules):
            each.setWordWrap(True)
            each.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._set_up()
        self._lay_out_table()
        self._lay_out()
        self.hide()

    def _set_up(self) -> None:
        for command, words in TOOLS:
            button = self.buttons[command] = QPushButton(words)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setCheckable(command.startswith("pet-"))
            button.setToolTip(FIRST_TIP)
            button.clicked.connect(self._press(command))
        for share, words in CONTOURS:
            self.contours.addItem(words, share)
        self.contours.setAccessibleName("Contour of a clicked spot")
        self.contours.activated.connect(lambda at: self.contour.emit(self.contours.itemData(at)))
        self.leasts.addItems(["usual values …", *LEASTS])
        self.leasts.setAccessibleName("Usual thresholds")
        self.leasts.activated.connect(lambda at: self.preset.emit(self.leasts.itemText(at)) if at else None)
        self.value.setAccessibleName("All lesions from")
        self.small.setAccessibleName("Smallest lesion")
        for box, most, digits in ((self.value, 1e9, 2), (self.small, 1000.0, 1)):
            box.setRange(0.0, most)
            box.setDecimals(digits)
            box.setKeyboardTracking(False)
        self.value.setSingleStep(0.1)
        self.small.setSingleStep(0.1)
        self.small.setSuffix(" ml")
        self.slider.setRange(1, SLIDER_STEPS)
        self.slider.setAccessibleName("All lesions from, by hand")
        self.slider.setToolTip("The spots on the images follow while it moves")
        self.value.valueChanged.connect(lambda value: None if self._filling else self.least.emit(value))
        self.slider.valueChanged.connect(lambda at: None if self._filling else self.least.emit(_of_slider(at)))
        self.small.valueChanged.connect(lambda value: None if self._filling else self.smallest.emit(value))

    def _press(self, command: str) -> Callable[[], None]:
        return lambda: self.pressed.emit(command)

    def _lay_out_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setItemDelegate(self._ticks)
        table.setAccessibleName("Lesions")
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(20)
        for column in range(NAME + 1, SCORE + 1):  # a number that is cut is another number: the name gives way
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        table.clicked.connect(self._clicked)
        table.activated.connect(self._clicked)
        self.model.ticked.connect(self.ticked)

    def _clicked(self, index: QModelIndex) -> None:
        if not self._ticks.ticking:
            self.went.emit(index.row())

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 6, 8, 6)
        whole.addWidget(self.title)
        tools = QGridLayout()
        tools.setSpacing(4)
        for number, (command, _) in enumerate(TOOLS):
            tools.addWidget(self.buttons[command], number // 3, number % 3)
        whole.addLayout(tools)
        numbers = QGridLayout()
        numbers.addWidget(label("A click takes", "quiet"), 0, 0)
        numbers.addWidget(self.contours, 0, 1, 1, 2)
        numbers.addWidget(label("All lesions from", "quiet"), 1, 0)
        numbers.addWidget(self.value, 1, 1, 1, 2)  # as wide as the longest unit
        numbers.addWidget(self.leasts, 2, 1, 1, 2)
        numbers.addWidget(self.slider, 3, 0, 1, 3)
        small = QHBoxLayout()
        small.addWidget(label("No smaller than", "quiet"))
        small.addWidget(self.small)
        small.addStretch(1)
        numbers.addLayout(small, 4, 0, 1, 3)
        numbers.setColumnStretch(2, 1)
        whole.addLayout(numbers)
        whole.addWidget(self.table)
        for each in (self.totals, self.references, self.rules):
            whole.addWidget(each)
        self.below = QVBoxLayout()
        whole.addLayout(self.below)
        whole.addStretch(1)

    # ------------------------------------------------------------------ show

    def show_tool(self, tool: str, told: dict[str, tuple[str, str]]) -> None:
        """The tool in hand; of each command what it does with its key, and why it can do nothing now."""
        for command, _ in TOOLS:
            button, (text, refused) = self.buttons[command], told[command]
            button.setChecked(button.isCheckable() and command == f"pet-{tool}")
            button.setEnabled(not refused)
            button.setToolTip(refused or text)

    def show_threshold(self, least: float, smallest_ml: float, unit: str, share: float | None) -> None:
        self._filling = True
        try:
            self.value.setSuffix(f" {unit}" if unit else "")
            self.value.setValue(least)
            self.slider.setValue(_to_slider(least))
            self.small.setValue(smallest_ml)
            self.contours.setCurrentIndex(next((n for n, (each, _) in enumerate(CONTOURS) if each == share), 0))
            self.leasts.setCurrentIndex(0)
        finally:
            self._filling = False

    def show_table(
        self, title: str, table: HotTable, colours: dict[str, QColor], said: str, before: Sequence[str] = ()
    ) -> None:
        """What there is now; `said` are sentences of rules under it, `before` those of an earlier study."""
        self.title.setText(title)
        self.model.show(table, colours)
        self.table.setVisible(bool(table.rows))
        rows = min(max(len(table.rows), 1), MOST_ROWS)
        height = self.table.horizontalHeader().sizeHint().height() + rows * self.table.rowHeight(0) + 4
        self.table.setFixedHeight(max(height, 40))
        self.totals.setText("<br>".join((_totals(table), *map(html.escape, before))))
        self.references.setText(_references(table))
        self.rules.setText(said)
        for each in (self.totals, self.references, self.rules):
            each.setVisible(bool(each.text()))

    def facts(self) -> dict[str, Any]:
        """What is shown, in plain JSON values."""
        rows, columns = range(self.model.rowCount()), range(SCORE + 1)
        return {
            "open": not self.isHidden(),
            "title": self.title.text(),
            "rows": [[self.model.data(self.model.index(row, column)) for column in columns] for row in rows],
            "totals": self.totals.text(),
            "references": self.references.text(),
            "rules": self.rules.text(),
            "least": self.value.value(),
        }


def _to_slider(least: float) -> int:
    """Twenty steps for each unit, up to 20: what is looked for in SUV."""
    return min(max(round(least * SLIDER_STEPS / 20.0), 1), SLIDER_STEPS)


def _of_slider(at: int) -> float:
    return at * 20.0 / SLIDER_STEPS


def _totals(table: HotTable) -> str:
    counted = table.counted
    if table.computing:
        return f"<b>{COMPUTING}</b>"
    if not counted:
        return ""
    out = sum(each.out for each in table.rows)
    what = "proposed" if any(each.proposed for each in table.rows) else "lesions" if len(counted) > 1 else "lesion"
    named = told_as("Max", table.unit), told_as("Peak", table.unit)
    words = [f"<b>{len(counted)} {what}</b>", f"{named[0]} {short(table.max)}", f"{named[1]} {short(table.peak)}"]
    words += [f"MTV {short(table.mtv_ml)} ml"] + ([f"TLG {short(table.tlg_g)} g"] if table.tlg_g is not None else [])
    words += [f"{out} taken out"] if out else []
    if table.not_yet_kept == PROPOSED:
        return "  ·  ".join(word.replace(" ", "\u00a0") for word in words) + f"<br>{PROPOSED.partition(', ')[2]}"
    return "  ·  ".join(word.replace(" ", "\u00a0") for word in words)


def _references(table: HotTable) -> str:
    """Simple HTML."""
    rows = []
    for region in Region:
        found = table.reference(region)
        if found is not None:
            cells = (f"{found.mean:.2f} ± {found.sd:.2f}", f"max {found.max:.2f}")
            told = "".join(f"<td align='right'>&nbsp;&nbsp;{cell}</td>" for cell in cells)
            rows.append(f"<tr><td>{region.value.capitalize()} <small>{SIZES[region]}</small></td>{told}</tr>")
    return f"<table cellspacing='2' width='100%'>{''.join(rows)}</table>" if rows else ""
