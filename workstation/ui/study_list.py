"""The study list: what is in the cache, search while typing, import by drag and drop."""

from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSortFilterProxyModel, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workstation.cache.entries import StudyRow
from workstation.picture.text import date, person_name, time
from workstation.ui.theme import label

COLUMNS = ("Patient", "ID", "Born", "Sex", "Study date", "Modality", "Description", "Images", "Series", "Accession")
NOTHING_YET = (
    "No study is here yet.\n\nDrop DICOM files, folders or zip archives onto this window,\n"
    "or import a folder (Ctrl+I) or files (Ctrl+Shift+I)."
)
NOTHING_FOUND = "No study matches the search. Esc clears it."
_Index = QModelIndex | QPersistentModelIndex


class StudyModel(QAbstractTableModel):
    """The rows of the study list as a table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[StudyRow, ...] = ()

    def set_rows(self, rows: tuple[StudyRow, ...]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  Qt's signature
        return 0 if parent.isValid() else len(COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        horizontal = orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole
        return COLUMNS[section] if horizontal else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row.study_instance_uid
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(f"{each.modality}  {each.description}  {each.images} images" for each in row.series)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return _cells(row)[index.column()]


def _cells(row: StudyRow) -> tuple[Any, ...]:
    return (
        person_name(row.patient_name) or "(no name)",
        row.patient_id,
        date(row.patient_birth_date),
        row.patient_sex,
        f"{date(row.study_date)}  {time(row.study_time)}".strip(),
        " ".join(row.modalities),
        row.description,
        row.images,
        len(row.series),
        row.accession_number,
    )


class StudyListPage(QWidget):
    """`opened(study_instance_uid)` when a study is chosen; `dropped(paths)` when files are to be imported."""

    opened = Signal(str)
    dropped = Signal(list)
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setAcceptDrops(True)
        self.model = StudyModel()
        self.proxy = QSortFilterProxyModel()
        self.proxy.setSourceModel(self.model)
        self.proxy.setFilterKeyColumn(-1)
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.search = QLineEdit(placeholderText="Search patient, ID, date, description …  (/)", clearButtonEnabled=True)
        self.search.setAccessibleName("Search studies")
        self.search.textChanged.connect(self._searched)
        self.search.returnPressed.connect(self.open_selected)
        self.table = self._make_table()
        self.empty = label("", "empty")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.report = QPlainTextEdit(readOnly=True)
        self.report.setMaximumHeight(180)
        self.report.hide()
        self.report.setAccessibleName("Import report")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.addLayout(self._top())
        whole.addWidget(self.table, 1)
        whole.addWidget(self.empty, 1)
        whole.addWidget(self.report)
        self._shortcuts()
        self.set_rows(())

    def _top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(label("Studies", "title"))
        row.addWidget(self.search, 1)
        for text, tip, slot in (
            ("Open", "Open the selected study (Enter)", self.open_selected),
            ("Import folder …", "Import a folder (Ctrl+I); or drop files, folders, zips here", self.choose_folder),
            ("Import files …", "Import files, zip archives or a DICOMDIR (Ctrl+Shift+I)", self.choose_files),
        ):
            button = QPushButton(text)
            button.setToolTip(tip)
            button.clicked.connect(slot)
            row.addWidget(button)
        return row

    def _shortcuts(self) -> None:
        to_table = QShortcut(QKeySequence("Down"), self.search)
        to_table.setContext(Qt.ShortcutContext.WidgetShortcut)
        to_table.activated.connect(self.table.setFocus)

    def search_all(self) -> None:
        """Put the cursor into the search line."""
        self.search.setFocus()
        self.search.selectAll()
        self.changed.emit()

    def leave(self) -> None:
        """Close what stands in the way: the report, then the search."""
        if self.report.isVisible():
            self.say_report("")
        else:
            self.search.clear()
            self.table.setFocus()
            self.changed.emit()

    def _make_table(self) -> QTableView:
        table = QTableView()
        table.setModel(self.proxy)
        table.setSortingEnabled(True)
        table.sortByColumn(4, Qt.SortOrder.DescendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(COLUMNS.index("Description"), QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        table.doubleClicked.connect(lambda index: self.open_selected())
        table.selectionModel().selectionChanged.connect(lambda *changed: self.changed.emit())
        table.setAccessibleName("Studies")
        for column, width in enumerate((220, 140, 100, 50, 150, 90, 200, 70, 64, 120)):
            table.setColumnWidth(column, width)
        return table

    def set_rows(self, rows: tuple[StudyRow, ...]) -> None:
        chosen = self.selected()
        self.model.set_rows(rows)
        self.select(chosen)
        self._say_empty()

    def select(self, study_instance_uid: str | None) -> None:
        """Select a study, or the first row."""
        for row in range(self.proxy.rowCount()):
            if self.proxy.index(row, 0).data(Qt.ItemDataRole.UserRole) == study_instance_uid:
                self.table.selectRow(row)
                return
        if self.proxy.rowCount():
            self.table.selectRow(0)

    def selected(self) -> str | None:
        indexes = self.table.selectionModel().selectedRows() if self.proxy.rowCount() else []
        return str(indexes[0].data(Qt.ItemDataRole.UserRole)) if indexes else None

    def open_selected(self) -> None:
        chosen = self.selected()
        if chosen:
            self.opened.emit(chosen)

    def say_report(self, text: str) -> None:
        """Show what an import did; an empty text hides the report."""
        self.report.setPlainText(text)
        self.report.setVisible(bool(text))
        self.changed.emit()

    def facts(self) -> dict[str, Any]:
        """What the list shows, in plain JSON values."""
        rows = range(self.proxy.rowCount())
        return {
            "studies": [self.proxy.index(row, 0).data(Qt.ItemDataRole.UserRole) for row in rows],
            "selected": self.selected(),
            "search": self.search.text(),
            "searching": self.search.hasFocus(),
            "empty": self.empty.text(),
            "report": self.report.toPlainText(),
        }

    def _searched(self, text: str) -> None:
        self.proxy.setFilterFixedString(text)
        self.select(None)
        self._say_empty()

    def _say_empty(self) -> None:
        """Instead of an empty table: what to do."""
        some = bool(self.proxy.rowCount())
        sentence = NOTHING_FOUND if self.model.rows else NOTHING_YET
        self.empty.setText("" if some else sentence)
        self.empty.setVisible(not some)
        if some and self.table.isHidden() and not self.search.text():
            self.table.show()
            self.table.setFocus()
        self.table.setVisible(some)
        self.changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_selected()
        else:
            super().keyPressEvent(event)

    def choose_folder(self) -> None:
        """Ask for a folder to import."""
        folder = QFileDialog.getExistingDirectory(self, "Import a folder")
        if folder:
            self.dropped.emit([Path(folder)])

    def choose_files(self) -> None:
        """Ask for files to import."""
        names, _ = QFileDialog.getOpenFileNames(self, "Import files")
        if names:
            self.dropped.emit([Path(name) for name in names])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.dropped.emit(paths)
