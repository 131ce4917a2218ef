"""The command palette: every command by what it is called, with its key and, where it can do nothing now, why.

A panel over the page, not a dialog: the picture behind it stays, Esc leaves it, Enter runs what is chosen.
"""

import difflib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workstation.case.command import Command
from workstation.ui.theme import label

WIDTH_PX, ROWS = 640, 12
TOP_PX = 72
NEAR = 0.6
"""How alike (difflib's ratio) a word must be to what was typed to be meant perhaps."""


@dataclass(frozen=True)
class Row:
    """A command as the palette lists it; `why_not` says why it can do nothing now."""

    command: Command
    keys: tuple[str, ...]
    why_not: str


def plain(text: str) -> str:
    """Text as it is compared: lower case, without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in decomposed if not unicodedata.combining(each))


def found(commands: Sequence[Command], typed: str) -> list[Command]:
    """The commands in which each typed word stands, those whose title it begins first; all when nothing is typed.

    Other words for a command (`found_by`) count as its own.
    """
    words = plain(typed).split()
    hits = [each for each in commands if all(word in _text(each) for word in words)]
    return sorted(hits, key=lambda each: _rank(each, words))


def _text(command: Command) -> str:
    return plain(f"{command.title} {command.group} {command.help} {command.name} {command.found_by}")


def _rank(command: Command, words: Sequence[str]) -> int:
    title = plain(command.title)
    if not words or title.startswith(" ".join(words)):
        return 0
    known_as = f"{title} {plain(command.found_by)}".split()
    if all(word in known_as for word in words):
        return 1  # "bone" is a window before it is the beginning of "Remove bones"
    if all(any(part.startswith(word) for part in title.split()) for word in words):
        return 2
    if all(word in title for word in words):
        return 3
    return 4 if all(any(part.startswith(word) for part in known_as) for word in words) else 5


def meant(commands: Sequence[Command], typed: str) -> list[Command]:
    """The commands that were perhaps meant by words that stand in none: nearest first."""
    texts = (plain(f"{each.title} {each.group} {each.found_by}") for each in commands)
    vocabulary = {part for text in texts for part in text.split()}
    words = []
    for word in plain(typed).split():
        close = [word] if word in vocabulary else difflib.get_close_matches(word, vocabulary, n=1, cutoff=NEAR)
        if not close:
            return []
        words += close
    return found(commands, " ".join(words)) if words else []


class Palette(QFrame):
    """`chosen(name)` when a command is to run; `closed` when the panel goes away."""

    chosen = Signal(str)
    closed = Signal()
    changed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self._over = parent
        self.setAutoFillBackground(True)
        self._commands: Sequence[Command] = ()
        self._keys: Mapping[str, tuple[str, ...]] = {}
        self._why_not: Callable[[Command], str] = lambda command: ""
        self._guessed = False
        self.rows: list[Row] = []
        self.line = QLineEdit(placeholderText="What to do? A word of the command, or of its help")
        self.line.setAccessibleName("Search commands")
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._list)
        self.list = _table()
        self.list.itemClicked.connect(lambda item, column: self._run())
        self.said: QLabel = label("", "quiet")
        self.said.setWordWrap(True)
        self.list.currentItemChanged.connect(lambda now, before: self._say())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 12, 12, 10)
        for each in (self.line, self.list, self.said):
            whole.addWidget(each)
        self.hide()

    def open(
        self,
        commands: Sequence[Command],
        keys: Mapping[str, tuple[str, ...]],
        why_not: Callable[[Command], str],
    ) -> None:
        """Show these commands with their keys, and why some can do nothing now."""
        self._commands, self._keys, self._why_not = commands, keys, why_not
        width = min(WIDTH_PX, self._over.width() - 40)
        height = min(self._over.height() - TOP_PX - 40, 60 + ROWS * 34)
        self.setGeometry((self._over.width() - width) // 2, TOP_PX, width, height)
        self.line.clear()
        self._list("")
        self.show()
        self.raise_()
        self.line.setFocus()
        self.changed.emit()

    def leave(self) -> None:
        """Go away without running anything."""
        if self.isVisible():
            self.hide()
            self.closed.emit()
            self.changed.emit()

    def _list(self, typed: str) -> None:
        hits = found(self._commands, typed)
        self._guessed = not hits
        hits = hits or meant(self._commands, typed)
        self.rows = [Row(each, self._keys.get(each.name, ()), self._why_not(each)) for each in hits]
        self.list.clear()
        for row in self.rows:
            item = QTreeWidgetItem([row.command.title, row.command.group, "  or  ".join(row.keys)])
            item.setToolTip(0, row.command.help)
            for column in range(3):
                if row.why_not or column:
                    item.setForeground(column, self.palette().placeholderText())
            self.list.addTopLevelItem(item)
        self._choose(0)
        self._say()

    def _say(self) -> None:
        """Under the list: what the chosen command does, or why it cannot, or what was perhaps meant."""
        row = self._current()
        if row is None:
            sentence = f"No command is called “{self.line.text()}”."
        else:
            sentence = f"Not now: {row.why_not}" if row.why_not else row.command.help
            if self._guessed:
                sentence = f"No command is called “{self.line.text()}”. Did you mean “{row.command.title}”?"
        self.said.setText(sentence)
        self.changed.emit()

    def _current(self) -> Row | None:
        number = self._row()
        return self.rows[number] if 0 <= number < len(self.rows) else None

    def _row(self) -> int:
        item = self.list.currentItem()
        return self.list.indexOfTopLevelItem(item) if item is not None else -1

    def _choose(self, row: int) -> None:
        item = self.list.topLevelItem(min(max(row, 0), len(self.rows) - 1))
        if item is not None:
            self.list.setCurrentItem(item)

    def _run(self) -> None:
        row = self._current()
        if row is None:
            return
        if row.why_not:
            self._say()
            return
        self.leave()
        self.chosen.emit(row.command.name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The line keeps the cursor; arrows move the choice."""
        if watched is self.line and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()  # while something is typed no key is a shortcut
            return True
        if watched is self.line and event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._pressed(Qt.Key(event.key()))
        if watched is self.line and event.type() is QEvent.Type.FocusOut and not self.isAncestorOf(_focused()):
            self.leave()
        return super().eventFilter(watched, event)

    def _pressed(self, key: Qt.Key) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: ROWS, Qt.Key.Key_PageUp: -ROWS}
        if key in steps and self.rows:
            self._choose(self._row() + steps[key])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
        elif key is Qt.Key.Key_Escape:
            self.leave()
        else:
            return False
        return True

    def facts(self) -> dict[str, Any]:
        """What the palette shows, in plain JSON values."""
        if not self.isVisible():
            return {"open": False}
        row = self._current()
        return {
            "open": True,
            "typed": self.line.text(),
            "rows": [{"name": r.command.name, "keys": list(r.keys), "why_not": r.why_not} for r in self.rows],
            "chosen": row.command.name if row else None,
            "said": self.said.text(),
        }


def _focused() -> QWidget:
    return QApplication.focusWidget() or QWidget()


def _table() -> QTreeWidget:
    table = QTreeWidget()
    table.setAccessibleName("Commands")
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setHeaderHidden(True)
    table.setColumnCount(3)
    table.header().setStretchLastSection(False)
    table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column in (1, 2):
        table.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return table
