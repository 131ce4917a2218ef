"""What cuts in 3D, as buttons: each says its key, and why it can do nothing now."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QWidget

from workstation.ui.theme import label

CUTS: Final = (
    ("scissors-inside", "Scissors: cut off"),
    ("scissors-outside", "Scissors: keep"),
    ("remove-bones", "Remove bones"),
    ("remove-the-bed", "Remove the bed"),
    ("keep-the-largest-part", "Keep the largest"),
    ("undo", "Undo"),
)
"""Commands, and the short words on their buttons."""

Keys = Callable[[str], Sequence[str]]
WhyNot = Callable[[str], str]


class CutButtons(QWidget):
    """`pressed(name)` of a command. `tell` gives them keys and reasons."""

    pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        rows = QGridLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(3)
        self.buttons: dict[str, QPushButton] = {}
        self._said: dict[str, QLabel] = {}
        for number, (name, words) in enumerate(CUTS):
            button = self.buttons[name] = QPushButton(words)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, name=name: self.pressed.emit(name))
            button.setToolTip(_help(name))
            said = self._said[name] = label("", "quiet")
            rows.addWidget(button, number, 0)
            rows.addWidget(said, number, 1)
        self._keys: Keys = lambda name: ()
        self._why_not: WhyNot = lambda name: ""

    def tell(self, keys: Keys, why_not: WhyNot) -> None:
        """Where the keys in force and the reasons come from."""
        self._keys, self._why_not = keys, why_not

    def follow(self, in_hand: str) -> None:
        """Show what can be pressed now; the command `in_hand` is under way or its tool is."""
        for name, _ in CUTS:
            button, keys, sentence = self.buttons[name], self._keys(name), self._why_not(name)
            self._said[name].setText(keys[0] if keys else "")
            button.setEnabled(not sentence)
            button.setToolTip(sentence or _help(name))
            button.setStatusTip(sentence)
            button.setDown(name == in_hand)

    def facts(self) -> dict[str, Any]:
        """Which can be pressed, and their keys."""
        return {name: self._said[name].text() for name, button in self.buttons.items() if button.isEnabled()}


def _help(name: str) -> str:
    from workstation.ui.window_commands import all_commands

    return all_commands()[name].help
