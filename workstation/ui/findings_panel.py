"""The list of findings beside the images: it opens with the first mark, jumps to places, names, hides, filters."""

from typing import Any, Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from workstation.case.state import Case
from workstation.findings.finding import Finding
from workstation.findings.words import summary
from workstation.ui.findings_row import Pictures, RowDelegate
from workstation.ui.findings_table import NAME, NUMBER, SITE, FindingsModel
from workstation.ui.keys import Bound, key_of
from workstation.ui.theme import label

Index = QModelIndex | QPersistentModelIndex
WIDTH_PX: Final = 380
LETTERS: Final = 34
"""So many letters stand side by side, whatever their size."""

NOTHING: Final = "Nothing is measured yet."
WAYS_ON: Final = (
    ("draw-length", "{} measures a length"),
    ("keys-and-mouse", "{} lists all tools"),
    ("findings", "{} closes this"),
)
"""What an empty list says of each command that has a key."""
ONLY_SEGMENTS: Final = "No marks are drawn; the segments stand below."
NONE_LIKE_IT: Final = "No finding has these words; with an empty filter all are listed."
WALKS: Final = frozenset(
    (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
)
OWN_KEYS: Final = WALKS | {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Delete, Qt.Key.Key_F2, Qt.Key.Key_Space}


class FindingsList(QListView):
    """While it has the keyboard, keys that move in the list are its own."""

    removed = Signal()
    entered_row = Signal()
    walked = Signal()
    ticked = Signal()

    def __init__(self, pictures: Pictures) -> None:
        super().__init__()
        self.rows = RowDelegate(self, pictures)
        self.setItemDelegate(self.rows)
        self.setUniformItemSizes(True)
        self.setAccessibleName("Findings")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)

    def dataChanged(self, first: Index, last: Index, roles: Any = ()) -> None:
        """Rows are of one height: they are drawn anew where they are, without laying out all of them."""
        self.viewport().update()

    @property
    def edits(self) -> bool:
        """Whether something is typed in it."""
        return self.state() is QAbstractItemView.State.EditingState

    def edit(self, index: Index, trigger: Any = None, event: Any = None) -> Any:
        """A double click on the site is for the site; anything else that edits is for the name."""
        if trigger is None:
            return super().edit(index)
        third = self.visualRect(index).top() + 2 * self.visualRect(index).height() // 3
        low = isinstance(event, QMouseEvent) and event.position().y() >= third
        self.rows.field = SITE if low else NAME
        return super().edit(index, trigger, event)

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
        elif event.key() == Qt.Key.Key_Space:
            self.ticked.emit()
        else:
            super().keyPressEvent(event)
            if event.key() in WALKS:
                self.walked.emit()


class FindingsPanel(QWidget):
    """`chosen` with the finding to go to and work on, `walked` with one to look at while the list keeps the keyboard,
    `removed` with the one to remove, `menu_wanted` with a finding and a place of the screen.
    """

    chosen = Signal(object)
    walked = Signal(object)
    removed = Signal(object)
    menu_wanted = Signal(object, QPoint)
    changed = Signal()

    def __init__(self, pictures: Pictures = lambda finding, side, ratio: None) -> None:
        super().__init__()
        self.setObjectName("findings")
        self._take_width()
        self.model = FindingsModel()
        self.search = QLineEdit()
        self.search.setPlaceholderText("Filter by number, name, site, kind or status")
        self.search.setAccessibleName("Filter the findings")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.told = label("", "quiet")
        self.told.setWordWrap(True)
        self.told.setMargin(2)
        self.table = FindingsList(pictures)
        self._lay_out_table()
        self._case: Case | None = None
        self._nothing = NOTHING
        self.empty = QLabel(NOTHING)
        self.empty.setWordWrap(True)
        self.empty.setMargin(10)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(6, 6, 6, 6)
        whole.addWidget(self.search)
        whole.addWidget(self.told)
        whole.addWidget(self.empty, 0, Qt.AlignmentFlag.AlignTop)
        whole.addWidget(self.table, 1)
        self.hide()

    def _lay_out_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setModelColumn(NAME)
        table.clicked.connect(self._clicked)
        table.entered_row.connect(lambda: self._entered(table.currentIndex()))
        table.walked.connect(lambda: self._walked(table.currentIndex()))
        table.removed.connect(lambda: self._remove(table.currentIndex()))
        table.ticked.connect(lambda: self._tick(table.currentIndex()))
        table.customContextMenuRequested.connect(self._menu)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._take_width()

    def _take_width(self) -> None:
        self.setFixedWidth(max(WIDTH_PX, LETTERS * QFontMetrics(self.font()).averageCharWidth()))

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
        self._case = case
        self.search.clear()
        self.model.show(case)
        self._fit()

    def follow(self, selected: str) -> None:
        """The findings have changed; the selected one is the current row."""
        self.model.follow()
        self._fit()
        self.select(selected)

    def select(self, selected: str) -> None:
        """Another finding is the current row, or none."""
        row = next((n for n, each in enumerate(self.model.rows) if each.tracking_uid == selected), None)
        if row is None:
            self.table.clearSelection()
        elif self.table.currentIndex().row() != row or not self.table.selectionModel().isRowSelected(row):
            self.table.setCurrentIndex(self.model.index(row, NAME))

    def _fit(self) -> None:
        segments = self._case is not None and bool(self._case.marks.segments)
        nothing = ONLY_SEGMENTS if segments else self._nothing
        self.empty.setText(NONE_LIKE_IT if self.model.wanted.strip() else nothing)
        self.empty.setVisible(not self.model.rows)
        self.table.setVisible(bool(self.model.rows))
        self.changed.emit()

    def _filter(self, text: str) -> None:
        self.model.wanted = text
        self.model.follow()
        self._fit()

    def say(self, words: str) -> None:
        """How many there are, and what of them is not saved."""
        self.told.setText(words)
        self.told.setVisible(bool(words))

    def _clicked(self, index: Index) -> None:
        """Where a double click has opened an editor, that has the keyboard; a press on the box is no wish to go."""
        if index.isValid() and not self.table.edits and not self.table.rows.ticking:
            self.chosen.emit(self.model.rows[index.row()])

    def _entered(self, index: Index) -> None:
        if index.isValid():
            self.chosen.emit(self.model.rows[index.row()])

    def _walked(self, index: Index) -> None:
        if index.isValid():
            self.walked.emit(self.model.rows[index.row()])

    def _tick(self, index: Index) -> None:
        if index.isValid():
            hidden = self.model.rows[index.row()].hidden
            state = Qt.CheckState.Checked if hidden else Qt.CheckState.Unchecked
            self.model.setData(self.model.index(index.row(), NUMBER), state, Qt.ItemDataRole.CheckStateRole)

    def _remove(self, index: Index) -> None:
        if index.isValid():
            self.removed.emit(self.model.rows[index.row()])

    def _menu(self, place: QPoint) -> None:
        index = self.table.indexAt(place)
        if index.isValid():
            self.menu_wanted.emit(self.model.rows[index.row()], self.table.viewport().mapToGlobal(place))

    def facts(self) -> dict[str, Any]:
        """What the panel shows, in plain JSON values."""
        return {
            "open": not self.isHidden(),
            "filter": self.search.text(),
            "told": self.told.text(),
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
