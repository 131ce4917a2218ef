"""The corner text of tiles, by modality: four boxes, the fields there are, and a check while typing."""

import threading
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workstation import jobs
from workstation.errors import Cancelled, HounsfieldError
from workstation.picture import corners
from workstation.picture.corners import CORNERS, DEFAULT, Layout, Layouts
from workstation.ui.theme import label, signed

MODALITIES: Final = ("CR", "CT", "DX", "MG", "MR", "NM", "PT", "RF", "US", "XA")
SAVE_AFTER_MS: Final = 400
"""Typing writes the file when the hand rests this long, not with every letter."""

USUAL_LINES: Final = 6
"""Lines a box shows without scrolling."""

EXPLAINED: Final = (
    "What stands in the corners of an image, a line each. A {field} is put in where it has a value; "
    "a line without any is left out."
)


class CornerEditor(QWidget):
    """`changed` when what is painted changed, `said` with a sentence for the one place of messages."""

    changed = Signal()
    said = Signal(str)

    def __init__(self, file: Path) -> None:
        """Edits the layouts that are painted with; `file` is where they are kept."""
        super().__init__()
        self._file = file
        self._saved: Layouts = corners.own_layouts()
        self._writing = threading.Lock()
        self.modalities = QListWidget()
        self.modalities.setAccessibleName("Modalities")
        self.boxes = {corner: self._box(corner) for corner in CORNERS}
        self._last = self.boxes["top_left"]
        self.meaning = label("Enter puts a field into the box.", "quiet")
        self.meaning.setWordWrap(True)
        self.fields = self._field_list()
        self.state = label("", "quiet")
        self.state.setWordWrap(True)
        self.back = QPushButton("As shipped")
        self.back.clicked.connect(self._reset)
        self._soon = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._soon.timeout.connect(self._save_later)
        self._lay_out()
        self._fill_modalities()
        self.modalities.currentRowChanged.connect(self._show)
        self.modalities.setCurrentRow(0)

    def _box(self, corner: str) -> QPlainTextEdit:
        box = QPlainTextEdit(tabChangesFocus=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        box.setAccessibleName(_words(corner))
        box.textChanged.connect(self._typed)
        box.installEventFilter(self)
        return box

    def _field_list(self) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName("Fields; Enter puts one into the box last written in")
        for name, what in corners.known_fields().items():
            item = QListWidgetItem(f"{{{name}}}")
            item.setToolTip(what)
            item.setData(Qt.ItemDataRole.UserRole, name)
            made.addItem(item)
        made.itemActivated.connect(self._insert)
        made.currentItemChanged.connect(lambda item: self.meaning.setText(item.toolTip().capitalize() + "."))
        return made

    def _lay_out(self) -> None:
        explained = label(EXPLAINED, "quiet")
        explained.setWordWrap(True)
        above = QHBoxLayout()
        above.addWidget(self.state, 1)
        above.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)
        columns = QHBoxLayout()
        columns.addLayout(_column("Modality", self.modalities), 2)
        columns.addLayout(self._grid_of_boxes(), 6)
        columns.addLayout(_column("Fields", self.fields, self.meaning), 3)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(2, 10, 2, 8)
        whole.addWidget(explained)
        whole.addLayout(above)
        whole.addLayout(columns)

    def _grid_of_boxes(self) -> QGridLayout:
        grid = QGridLayout()
        for number, (corner, box) in enumerate(self.boxes.items()):
            heading = label(_words(corner), "name")
            heading.setBuddy(box)
            grid.addWidget(heading, number // 2 * 2, number % 2)
            grid.addWidget(box, number // 2 * 2 + 1, number % 2)
        return grid

    def _fill_modalities(self) -> None:
        names = sorted({*MODALITIES, *corners.shipped_layouts(), *corners.own_layouts()} - {DEFAULT})
        for name in (DEFAULT, *names):
            item = QListWidgetItem()
            item.setData(Qt.ItemDataRole.UserRole, name)
            self.modalities.addItem(item)
        self._name_modalities()

    def _name_modalities(self) -> None:
        for row in range(self.modalities.count()):
            item = self.modalities.item(row)
            name = item.data(Qt.ItemDataRole.UserRole)
            shipped = "" if name in corners.shipped_layouts() else "  as all others"
            item.setText(
                ("All others" if name == DEFAULT else name)
                + ("  changed" if name in corners.own_layouts() else shipped)
            )
        self._fit()

    def _fit(self) -> None:
        """Boxes for the lines that are usual, in the size of the text there is now."""
        line = self.fontMetrics().lineSpacing()
        for box in self.boxes.values():
            box.setFixedHeight(line * USUAL_LINES + 12)
        self.modalities.setMinimumWidth(self.modalities.sizeHintForColumn(0) + 30)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()

    # ---------------------------------------------------------------- the layout on screen

    @property
    def modality(self) -> str:
        return str(self.modalities.currentItem().data(Qt.ItemDataRole.UserRole))

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """Where the keyboard stops, in order."""
        return (self.back, self.modalities, *self.boxes.values(), self.fields)

    def _show(self) -> None:
        layout = corners.layout_for(self.modality, corners.own_layouts())
        for corner, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setPlainText("\n".join(layout[corner]))
        self._say(())

    def _written(self) -> Layout:
        texts = {corner: box.toPlainText() for corner, box in self.boxes.items()}
        return {
            corner: tuple(line.strip() for line in text.splitlines() if line.strip()) for corner, text in texts.items()
        }

    def _typed(self) -> None:
        """Take what is written when it passes the check; else say what is wrong and keep what was."""
        layout = self._written()
        wrong = corners.problems_of(layout)
        if not wrong:
            self._take(layout)
        self._say(wrong)

    def _take(self, layout: Layout | None) -> None:
        """A layout of the modality on screen, or None for the shipped one."""
        others = {name: each for name, each in corners.own_layouts().items() if name != self.modality}
        shipped = corners.layout_for(self.modality, others)
        corners.use(others if layout is None or layout == shipped else {**others, self.modality: layout})
        self._name_modalities()
        self._soon.start()
        self.changed.emit()

    def _say(self, wrong: tuple[str, ...]) -> None:
        own = self.modality in corners.own_layouts()
        right = "Your own text; it is kept as you write." if own else "As shipped; write to make it your own."
        self.state.setText("\n".join(signed("error", f"Not taken: {each}") for each in wrong) or right)
        self.state.setObjectName("error" if wrong else "quiet")
        self.state.style().polish(self.state)
        self.back.setEnabled(own or bool(wrong))
        self.back.setToolTip(
            "Forget your own text of this modality" if self.back.isEnabled() else "It is as shipped already."
        )

    def _reset(self) -> None:
        self._take(None)
        self.boxes["top_left"].setFocus()
        self._show()
        self.said.emit(f"Text on images of {self.modalities.currentItem().text()}: as shipped.")

    def _insert(self, item: QListWidgetItem) -> None:
        self._last.insertPlainText(f"{{{item.data(Qt.ItemDataRole.UserRole)}}}")
        self._last.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FocusIn and isinstance(watched, QPlainTextEdit):
            self._last = watched
        return super().eventFilter(watched, event)

    # ---------------------------------------------------------------- the file

    def _save_later(self) -> None:
        jobs.run("Save the text on images", lambda job: self.save(), self._kept, self._not_kept)

    def save(self) -> bool:
        """Write the layouts unless they are written already; for any thread, whoever writes last writes the latest."""
        with self._writing:
            own = corners.own_layouts()
            if own == self._saved:
                return False
            corners.save_own(self._file, own)
            self._saved = own
            return True

    def finish(self) -> None:
        """Write what is not written yet, and start no more jobs for it."""
        self._soon.stop()
        self.save()

    def _kept(self, wrote: bool) -> None:
        if wrote:
            self.said.emit("The text on images is saved.")

    def _not_kept(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.said.emit(error.sentence if isinstance(error, HounsfieldError) else "The text was not saved.")

    def facts(self) -> dict[str, Any]:
        """What the editor shows, in plain values."""
        return {"modality": self.modality, "own": sorted(corners.own_layouts()), "state": self.state.text()}


def _words(corner: str) -> str:
    return corner.replace("_", " ").capitalize()


def _column(words: str, entries: QListWidget, *below: QWidget) -> QVBoxLayout:
    """A list under its heading, as high as what stands beside it."""
    entries.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
    entries.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    column = QVBoxLayout()
    column.addWidget(label(words, "name"))
    column.addWidget(entries, 1)
    for each in below:
        column.addWidget(each)
    return column
