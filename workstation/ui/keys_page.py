"""Keys and mouse as the reader wants them: a preset, and over it single commands with other keys."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from workstation.ui.keys import DRAGS, WHEELS, Bound, bindings, canonical, conflicts, keymaps
from workstation.ui.palette import found
from workstation.ui.theme import label
from workstation.ui.window_commands import all_commands

COLUMNS = ("Command", "Where", "Keys", "What it does")


class KeysPage(QWidget):
    """`chosen(preset, own keys, mouse preset)` after every change; `closed` when Esc leads back."""

    chosen = Signal(str, dict, str)
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page")
        self._own: dict[str, tuple[str, ...]] = {}
        self.preset, self.mouse = _presets("Keys like"), _presets("Mouse like")
        self.search = QLineEdit(placeholderText="Find a command", clearButtonEnabled=True)
        self.search.setAccessibleName("Find a command")
        self.search.textChanged.connect(lambda text: self._list())
        self.table = _table()
        self.new_key = QKeySequenceEdit()
        self.new_key.setMaximumSequenceLength(1)
        self.new_key.setAccessibleName("New key")
        self.new_key.setToolTip("Click here or press Tab, then press the key that the chosen command shall have")
        self.add = _button("Give it this key", "The key is taken from the command that has it now", self._give)
        self.remove = _button("Take its keys away", "The command stays in the palette (Ctrl+K)", self._take)
        self.back = _button("As in the preset", "Forget what was changed of this command", self._forget)
        self.all_back = _button("All as in the preset", "Forget every key that was changed here", self._forget_all)
        self.said = label("", "quiet")
        self.said.setWordWrap(True)
        self._lay_out()
        self.preset.activated.connect(lambda row: self._changed(keymaps()[self.preset.currentData()].help))
        self.mouse.activated.connect(lambda row: self._changed(self._mouse_words()))
        self.table.currentItemChanged.connect(lambda now, before: self._enable())
        self.new_key.keySequenceChanged.connect(lambda keys: self._enable())
        shortcut = QShortcut(QKeySequence("Esc"), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(self.closed)
        self.show_keys("hounsfield", {}, "hounsfield")

    def _lay_out(self) -> None:
        whole, top, bottom = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        whole.setContentsMargins(16, 12, 16, 12)
        top.addWidget(label("Change keys and mouse", "title"))
        top.addWidget(self.search, 1)
        for words, combo in (("Keys", self.preset), ("Mouse", self.mouse)):
            top.addWidget(label(words, "quiet"))
            top.addWidget(combo)
        for each in (label("New key", "quiet"), self.new_key, self.add, self.remove, self.back, self.all_back):
            bottom.addWidget(each)
        bottom.addStretch(1)
        bottom.addWidget(label("Esc goes back.", "quiet"))
        whole.addLayout(top)
        whole.addWidget(self.table, 1)
        whole.addLayout(bottom)
        whole.addWidget(self.said)

    def show_keys(self, preset: str, own: Bound, mouse: str) -> None:
        """Show these as what is in force."""
        self._own = dict(own)
        for combo, name in ((self.preset, preset), (self.mouse, mouse)):
            combo.setCurrentIndex(max(0, combo.findData(name)))
        self._list()

    @property
    def bound(self) -> dict[str, tuple[str, ...]]:
        """The keys in force, by command name."""
        return bindings(self.preset.currentData(), self._own)

    def _list(self) -> None:
        chosen, bound = self._chosen(), self.bound
        self.table.clear()
        for command in found(list(all_commands().values()), self.search.text()):
            item = QTreeWidgetItem(
                [command.title, command.where.value, "  or  ".join(bound[command.name]) or "–", command.help]
            )
            item.setData(0, Qt.ItemDataRole.UserRole, command.name)
            if command.name in self._own:
                item.setText(2, f"{item.text(2)}  (changed)")
            self.table.addTopLevelItem(item)
            if command.name == chosen:
                self.table.setCurrentItem(item)
        first = self.table.topLevelItem(0)
        if first is not None and not self._chosen():
            self.table.setCurrentItem(first)
        self._enable()

    def _chosen(self) -> str:
        item = self.table.currentItem()
        return str(item.data(0, Qt.ItemDataRole.UserRole)) if item else ""

    def _enable(self) -> None:
        name, key = self._chosen(), self._key()
        self.add.setEnabled(bool(name and key))
        self.remove.setEnabled(bool(name and self.bound.get(name)))
        self.back.setEnabled(name in self._own)
        self.all_back.setEnabled(bool(self._own))
        if name and key:
            holders = [
                other for other in conflicts({**self.bound, name: (key,)}).get(canonical(key), ()) if other != name
            ]
            titles = " and ".join(f"“{all_commands()[other].title}”" for other in holders)
            self.said.setText(f"{key} belongs to {titles} now; it would be taken from there." if titles else "")

    def _key(self) -> str:
        return canonical(self.new_key.keySequence().toString(QKeySequence.SequenceFormat.PortableText))

    def _give(self) -> None:
        name, key = self._chosen(), self._key()
        for other in conflicts({**self.bound, name: (key,)}).get(key, ()):
            if other in self._own and other != name:
                self._own[other] = tuple(each for each in self._own[other] if canonical(each) != key)
        self._own[name] = (key,)
        self.new_key.clear()
        self.table.setFocus()
        self._changed(f"“{all_commands()[name].title}” is on {key} now.")

    def _take(self) -> None:
        self._own[self._chosen()] = ()
        self._changed(f"“{all_commands()[self._chosen()].title}” has no key now; Ctrl+K finds it.")

    def _forget(self) -> None:
        self._own.pop(self._chosen(), None)
        self._changed("As in the preset again.")

    def _forget_all(self) -> None:
        self._own.clear()
        self._changed("All keys are as in the preset again.")

    def _changed(self, sentence: str) -> None:
        self._list()
        clash = "; ".join(f"{key}: {', '.join(names)}" for key, names in conflicts(self.bound).items())
        warning = f"Two commands have one key, so that neither runs: {clash}." if clash else ""
        self.said.setText(" ".join(filter(None, (sentence, warning))))
        self.chosen.emit(self.preset.currentData(), dict(self._own), self.mouse.currentData())

    def _mouse_words(self) -> str:
        mouse = keymaps()[self.mouse.currentData()].mouse
        drags = (("Left drag", mouse.left), ("Middle", mouse.middle), ("Right", mouse.right))
        return " ".join(f"{name}: {DRAGS[does]}." for name, does in drags) + f" Wheel: {WHEELS[mouse.wheel]}."

    def facts(self) -> dict[str, Any]:
        """What the page shows, in plain JSON values."""
        bound: Mapping[str, tuple[str, ...]] = self.bound
        return {
            "preset": self.preset.currentData(),
            "mouse": self.mouse.currentData(),
            "chosen": self._chosen(),
            "own": {name: list(keys) for name, keys in self._own.items()},
            "keys": list(bound.get(self._chosen(), ())),
            "said": self.said.text(),
        }


def _presets(name: str) -> QComboBox:
    combo = QComboBox()
    combo.setAccessibleName(name)
    for keymap in keymaps().values():
        combo.addItem(keymap.title, keymap.name)
        combo.setItemData(combo.count() - 1, keymap.help, Qt.ItemDataRole.ToolTipRole)
    return combo


def _button(text: str, tip: str, run: Any) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.clicked.connect(run)
    return button


def _table() -> QTreeWidget:
    table = QTreeWidget()
    table.setAccessibleName("Commands and their keys")
    table.setRootIsDecorated(False)
    table.setAlternatingRowColors(True)
    table.setHeaderLabels(COLUMNS)
    for column, width in enumerate((220, 90, 220)):
        table.setColumnWidth(column, width)
    table.header().setSectionResizeMode(3, QHeaderView.ResizeMode.Stretch)
    return table
