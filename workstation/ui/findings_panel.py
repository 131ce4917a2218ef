"""The list of findings beside the images: it opens with the first mark, jumps to places, names, hides, filters."""

from typing import Any, Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QLabel, QLineEdit, QTableView, QVBoxLayout, QWidget

from workstation.case.state import Case
from workstation.findings.finding import Finding
from workstation.findings.words import summary
from workstation.ui.findings_table import NAME, NUMBER, SITE, STATUS, VALUE, FindingsModel, SiteDelegate
from workstation.ui.keys import Bound, key_of

WIDTH_PX: Final = 380
NOTHING: Final = "Nothing is measured yet."
WAYS_ON: Final = (
    ("draw-length", "{} measures a length"),
    ("keys-and-mouse", "{} lists all tools"),
    ("findings", "{} closes this"),
)
"""What an empty list says of each command that has a key."""
NONE_LIKE_IT: Final = "No finding has these words; with an empty filter all are listed."
OWN_KEYS: Final = frozenset(
    (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
) | {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete, Qt.Key.Key_F2, Qt.Key.Key_Space}


class _Table(QTableView):
    """While it has the keyboard, keys that move in the list are its own."""

    removed = Signal()
    entered_row = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
            return super().event(event)
        if event.key() in OWN_KEYS and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            event.accept()
        return event.isAccepted()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_row.emit()
        else:
            super().keyPressEvent(event)


class FindingsPanel(QWidget):
    """`chosen` with the finding to go to, `removed` with the one to remove."""

    chosen = Signal(object)
    removed = Signal(object)
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("findings")
        self.setFixedWidth(WIDTH_PX)
        self.model = FindingsModel()
        self.search = QLineEdit()
        self.search.setPlaceholderText("Filter by number, name, site, kind or status")
        self.search.setAccessibleName("Filter the findings")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.table = _Table()
        self._lay_out_table()
        self._nothing = NOTHING
        self.empty = QLabel(NOTHING)
        self.empty.setWordWrap(True)
        self.empty.setMargin(10)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(6, 6, 6, 6)
        whole.addWidget(self.search)
        whole.addWidget(self.empty, 0, Qt.AlignmentFlag.AlignTop)
        whole.addWidget(self.table, 1)
        self.hide()

    def _lay_out_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setAccessibleName("Findings")
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
        for column, width in ((NUMBER, 50), (VALUE, 120), (SITE, 64), (STATUS, 46)):
            table.setColumnWidth(column, width)
        table.setItemDelegateForColumn(SITE, SiteDelegate(table))
        table.clicked.connect(self._clicked)
        table.entered_row.connect(lambda: self._clicked(table.currentIndex()))
        table.removed.connect(lambda: self._remove(table.currentIndex()))

    def put_under(self, panel: QWidget) -> None:
        """Have another panel stand under the list."""
        layout = self.layout()
        if layout is not None:
            layout.addWidget(panel)

    def show_values(self, chart: QWidget) -> None:
        """Have a chart stand right under the list."""
        layout = self.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(layout.indexOf(self.table) + 1, chart)

    def say_keys(self, bound: Bound) -> None:
        """Say in the empty list how to go on, by the keys in force."""
        ways = [words.format(key) for name, words in WAYS_ON if (key := key_of(bound, name))]
        self._nothing = f"{NOTHING} {'; '.join(ways)}." if ways else NOTHING
        self._fit()

    def show_case(self, case: Case | None) -> None:
        self.search.clear()
        self.model.show(case)
        self._fit()

    def follow(self, selected: str) -> None:
        """The findings have changed; the selected one is the current row."""
        self.model.follow()
        self._fit()
        row = next((n for n, each in enumerate(self.model.rows) if each.tracking_uid == selected), None)
        if row is None:
            self.table.clearSelection()
        elif self.table.currentIndex().row() != row or not self.table.selectionModel().isRowSelected(row):
            self.table.selectRow(row)

    def _fit(self) -> None:
        self.empty.setText(NONE_LIKE_IT if self.model.wanted.strip() else self._nothing)
        self.empty.setVisible(not self.model.rows)
        self.table.setVisible(bool(self.model.rows))
        self.changed.emit()

    def _filter(self, text: str) -> None:
        self.model.wanted = text
        self.model.follow()
        self._fit()

    def _clicked(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if index.isValid() and index.column() <= STATUS:
            self.chosen.emit(self.model.rows[index.row()])

    def _remove(self, index: QModelIndex | QPersistentModelIndex) -> None:
        if index.isValid():
            self.removed.emit(self.model.rows[index.row()])

    def facts(self) -> dict[str, Any]:
        """What the panel shows, in plain JSON values."""
        return {
            "open": not self.isHidden(),
            "filter": self.search.text(),
            "rows": [_row(each) for each in self.model.rows],
        }


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "number": finding.number,
        "name": finding.title,
        "value": summary(finding),
        "site": finding.site,
        "status": finding.status.value,
        "hidden": finding.hidden,
    }
