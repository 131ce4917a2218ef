"""Keys bound to commands: shortcuts on the page where each command works, made anew when a binding changes."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from workstation.case.command import Where
from workstation.ui.window_commands import all_commands


class Keys:
    """Binds keys to `run(name)` on the widgets of `places`."""

    def __init__(self, places: Mapping[Where, QWidget], run: Callable[[str], None]) -> None:
        self._places = places
        self._run = run
        self._shortcuts: list[QShortcut] = []
        self.bound: dict[str, tuple[str, ...]] = {}

    def bind(self, bound: Mapping[str, tuple[str, ...]]) -> None:
        """Make these the keys, by command name; what was bound before is let go."""
        for shortcut in self._shortcuts:
            shortcut.setEnabled(False)
            shortcut.deleteLater()
        self._shortcuts.clear()
        self.bound = dict(bound)
        for name, keys in self.bound.items():
            for key in keys:
                self._shortcut(name, key)

    def _shortcut(self, name: str, key: str) -> None:
        where = all_commands()[name].where
        shortcut = QShortcut(QKeySequence(key), self._places[where])
        if where is not Where.EVERYWHERE:
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(lambda: self._run(name))
        self._shortcuts.append(shortcut)


def default_keys() -> dict[str, tuple[str, ...]]:
    """Each command's keys as they come."""
    return {name: command.keys for name, command in all_commands().items()}
