"""Keys bound to commands, and what mouse buttons do: the commands' own, a preset over them, the reader's over that.

A binding in force is a value; `Keys` makes shortcuts of it on the page where each command works.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from workstation import paths
from workstation.case.command import Where
from workstation.ui.window_commands import all_commands

Bound = Mapping[str, tuple[str, ...]]
"""Keys by command name, written as Qt writes them."""

BUTTONS = ("left", "middle", "right")
DRAGS = {
    "window": "window: to the right wider, upwards darker",
    "scroll": "scroll quickly: downwards onwards",
    "zoom": "zoom about the pressed place: upwards closer",
    "pan": "move the image",
    "none": "nothing",
}
WHEELS = {"scroll": "scroll image by image; each one is painted", "zoom": "zoom about the pointer"}


@dataclass(frozen=True)
class Mouse:
    """What a drag with each button and the wheel do: names of DRAGS and WHEELS."""

    left: str = "window"
    middle: str = "pan"
    right: str = "zoom"
    wheel: str = "scroll"


@dataclass(frozen=True)
class Keymap:
    """A preset: keys of some commands in place of their own, and the mouse."""

    name: str
    title: str
    help: str
    keys: Bound = field(default_factory=dict)
    mouse: Mouse = Mouse()


@cache
def keymaps() -> dict[str, Keymap]:
    """The presets of resources/keymaps by name, our own first."""
    files = sorted((paths.resources() / "keymaps").glob("*.toml"), key=lambda each: (each.stem != "hounsfield", each))
    return {file.stem: _read(file.stem, file.read_text(encoding="utf-8")) for file in files}


def _read(name: str, text: str) -> Keymap:
    values = tomllib.loads(text)
    keys = {command: tuple(map(canonical, keys)) for command, keys in values["keys"].items()}
    return Keymap(name, values["title"], values["help"], keys, Mouse(**values["mouse"]))


def canonical(key: str) -> str:
    """A key as Qt writes it; empty for what is none."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)


def default_keys() -> dict[str, tuple[str, ...]]:
    """Each command's keys as they come."""
    return {name: command.keys for name, command in all_commands().items()}


def bindings(preset: str = "hounsfield", own: Bound | None = None) -> dict[str, tuple[str, ...]]:
    """The keys in force: the commands' own, those of a preset over them, the reader's over those.

    A key that a preset or the reader gives to one command is taken from the others that work on the same page. An
    unknown preset counts as ours; names of commands that are not there are passed over.
    """
    bound = default_keys()
    chosen = keymaps().get(preset, keymaps()["hounsfield"]).keys
    for layer in (chosen, own or {}):
        known = {name: keys for name, keys in layer.items() if name in bound}
        for name in bound:
            if name not in known:
                taken = {key for other, keys in known.items() if _meet(name, other) for key in keys}
                bound[name] = tuple(key for key in bound[name] if canonical(key) not in map(canonical, taken))
        bound.update(known)
    return bound


def how(bound: Bound, name: str) -> str:
    """The key of a command as a sentence says it, " (Ctrl+K)"; empty where it has none."""
    key = key_of(bound, name)
    return f" ({key})" if key else ""


def key_of(bound: Bound, name: str) -> str:
    """The first key of a command; empty where it has none."""
    return bound[name][0] if bound.get(name) else ""


def conflicts(bound: Bound) -> dict[str, tuple[str, ...]]:
    """Keys that more than one command on the same page has, with the names of these commands."""
    by_key: dict[str, list[str]] = {}
    for name, keys in bound.items():
        for key in keys:
            by_key.setdefault(canonical(key), []).append(name)
    clashing = {
        key: tuple(name for name in names if any(_meet(name, other) for other in names if other != name))
        for key, names in by_key.items()
    }
    return {key: names for key, names in clashing.items() if names}


def _meet(name: str, other: str) -> bool:
    """Whether two commands work on one page."""
    first, second = all_commands()[name].where, all_commands()[other].where
    return first is second or Where.EVERYWHERE in (first, second)


HELD = "next-of-this-place"
"""The command whose key shows something only for as long as it is held, when it is held."""


class Keys:
    """Binds keys to `run(name)` on the widgets of `places`; keys of HELD to `hold`, once for each press."""

    def __init__(
        self, places: Mapping[Where, QWidget], run: Callable[[str], None], hold: Callable[[], None] | None = None
    ) -> None:
        self._places = dict(places)
        self._run = run
        self._hold = hold
        self._shortcuts: list[QShortcut] = []
        self.bound: Bound = {}

    def add_place(self, where: Where, widget: QWidget) -> None:
        """A page that was made later; its keys are bound with the next `bind`."""
        self._places[where] = widget

    def bind(self, bound: Bound) -> None:
        """Make these the keys; what was bound before is let go. Of two commands with one key none would run."""
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
        if where not in self._places:
            return
        shortcut = QShortcut(QKeySequence(key), self._places[where])
        if where is not Where.EVERYWHERE:
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        if name == HELD and self._hold is not None:
            shortcut.setAutoRepeat(False)
            shortcut.activated.connect(self._hold)
        else:
            shortcut.activated.connect(lambda: self._run(name))
        self._shortcuts.append(shortcut)
