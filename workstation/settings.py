"""Settings: described in resources/settings.toml, chosen by a site, then by the person; typed, and never in the way.

A setting is named "section.key". What a person chose is kept in one TOML file that holds only what differs from the
default; a file that cannot be read, an unknown name or a wrong value costs a sentence and the default, never a start.
"""

import contextlib
import math
import os
import shutil
import threading
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import tomli_w
from psygnal import Signal

from workstation.errors import HounsfieldError, meant

FILE: Final = "settings.toml"
LARGEST_BYTES: Final = 1_000_000
LONGEST_TEXT: Final = 1000

T = TypeVar("T")
Value = bool | int | float | str | dict[str, tuple[str, ...]]
"""Of `keys` settings a table: command name -> its keys."""


@dataclass(frozen=True)
class Setting:
    """One setting as it is described."""

    name: str
    section: str
    type: str
    default: Value
    title: str
    help: str
    choices: Mapping[str, str] = field(default_factory=dict)
    least: float | None = None
    most: float | None = None
    unit: str = ""
    restart: bool = False
    page: str = ""
    """The page where it is changed, when that is not the settings page."""

    def checked(self, value: Any) -> Value:
        """The value in the type of the setting. Raises `HounsfieldError` with what is allowed."""
        if self.type == "bool" and isinstance(value, bool):
            return value
        if self.type in ("int", "float") and isinstance(value, int | float) and not isinstance(value, bool):
            return self._number(value)
        if self.type == "choice" and isinstance(value, str):
            if value not in self.choices:
                raise self._wrong(f"{value!r} is not one of its choices{meant(value, tuple(self.choices))}")
            return value
        if self.type == "text" and isinstance(value, str) and len(value) <= LONGEST_TEXT:
            return value
        if self.type == "keys" and isinstance(value, Mapping):
            return self._keys(value)
        raise self._wrong(f"{value!r} is not {_KINDS[self.type]}")

    def _number(self, value: float) -> Value:
        whole = self.type == "int"
        if not math.isfinite(value) or (whole and value != int(value)):
            raise self._wrong(f"{value!r} is not {_KINDS[self.type]}")
        if (self.least is not None and value < self.least) or (self.most is not None and value > self.most):
            raise self._wrong(f"{value:g} is outside {self.least:g} to {self.most:g}")
        return int(value) if whole else float(value)

    def _keys(self, value: Mapping[Any, Any]) -> dict[str, tuple[str, ...]]:
        for command, keys in value.items():
            if not isinstance(keys, list | tuple) or not all(isinstance(key, str) for key in keys):
                raise self._wrong(f"the keys of {command!r} are not a list of texts")
        return {str(command): tuple(keys) for command, keys in value.items()}

    def _wrong(self, reason: str) -> HounsfieldError:
        return HounsfieldError(f"{self.title} ({self.name}): {ended(reason)}")


def ended(sentence: str) -> str:
    """A sentence with its full stop, where it does not ask."""
    return sentence if sentence.endswith("?") else f"{sentence}."


_KINDS: Final = {
    "bool": "true or false",
    "int": "a whole number",
    "float": "a number",
    "choice": "a text",
    "text": "a text of at most 1000 letters",
    "keys": "a table of commands and their keys",
}


@dataclass(frozen=True)
class Descriptions:
    """Every setting by name in the order of the file, and the titles of the sections."""

    settings: Mapping[str, Setting]
    sections: Mapping[str, str]

    def named(self, name: str) -> Setting:
        """Raises `HounsfieldError` with what was probably meant."""
        if name not in self.settings:
            raise HounsfieldError(f"There is no setting {ended(repr(name) + meant(name, tuple(self.settings)))}")
        return self.settings[name]


def described(file: Path) -> Descriptions:
    """The shipped descriptions; a mistake in them is ours and raises what it raises."""
    read = tomllib.loads(file.read_text(encoding="utf-8"))
    settings: dict[str, Setting] = {}
    for section, table in read.items():
        for key, about in table.items():
            if isinstance(about, dict):
                made = Setting(name=f"{section}.{key}", section=section, **about)
                made.checked(made.default)
                settings[made.name] = made
    return Descriptions(settings, {section: table["title"] for section, table in read.items()})


class Settings:
    """The values there are now. `changed(name)` after each change, on the thread that made it: the main thread.

    `problems` are sentences about what was wrong in the files. Reading a value is cheap and for any thread.
    """

    changed = Signal(str)

    def __init__(self, descriptions: Descriptions, file: Path | None = None, site: Path | None = None) -> None:
        """`file` is where the person's choices live, None to keep them nowhere; `site` a file of other defaults."""
        self.descriptions = descriptions
        self._file = file
        self._writing = threading.Lock()
        self._saved: dict[str, Value] = {}
        from_site, site_problems = _read(descriptions, site, "the site's settings")
        self._site = from_site
        self._chosen, own_problems = _read(descriptions, file, "your settings")
        if file is not None and own_problems:
            own_problems = (*own_problems, *kept_beside(file))
        self._saved = dict(self._chosen)
        self.problems = site_problems + own_problems

    def get(self, name: str) -> Value:
        """The value of a setting. Raises `KeyError` for a name that is not described."""
        setting = self.descriptions.settings[name]
        return self._chosen.get(name, self._site.get(name, setting.default))

    def flag(self, name: str) -> bool:
        return self._typed(name, bool)

    def whole(self, name: str) -> int:
        return self._typed(name, int)

    def number(self, name: str) -> float:
        return self._typed(name, float)

    def text(self, name: str) -> str:
        """A text, or the value of a choice."""
        return self._typed(name, str)

    def table(self, name: str) -> dict[str, tuple[str, ...]]:
        return dict(self._typed(name, dict))

    def _typed(self, name: str, kind: type[T]) -> T:
        value = self.get(name)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise TypeError(f"{name} is a {type(value).__name__}, not a {kind.__name__}")
        return value

    def default(self, name: str) -> Value:
        """What a reset gives: the site's value, else the shipped one."""
        return self._site.get(name, self.descriptions.settings[name].default)

    def is_of_site(self, name: str) -> bool:
        """Whether the default is the site's."""
        return name in self._site

    def is_changed(self, name: str) -> bool:
        return self.get(name) != self.default(name)

    @property
    def changed_names(self) -> tuple[str, ...]:
        return tuple(name for name in self.descriptions.settings if self.is_changed(name))

    def set(self, name: str, value: Any) -> None:
        """Choose a value. Raises `HounsfieldError` for an unknown name or a value that is not allowed."""
        checked = self.descriptions.named(name).checked(value)
        if checked == self.get(name):
            return
        chosen = dict(self._chosen)
        chosen[name] = checked
        if checked == self.default(name):
            del chosen[name]
        self._chosen = chosen
        self.changed.emit(name)

    def reset(self, name: str) -> None:
        """Back to the default."""
        self.set(name, self.default(name))

    def reset_all(self) -> None:
        for name in self.changed_names:
            self.reset(name)

    def save(self) -> bool:
        """Write what differs from the default, unless it is written already; True when it wrote.

        For any thread; whoever writes last writes the latest. Raises `HounsfieldError` when the disk does not take it.
        """
        with self._writing:
            chosen = self._chosen
            if self._file is None or chosen == self._saved:
                return False
            write_whole(self._file, _as_toml(chosen))
            self._saved = chosen
            return True


def load(descriptions: Path, home: Path, site: Path | None = None) -> Settings:
    """The settings of the folder `home`, over those of the folder `site` or of HOUNSFIELD_SITE."""
    folder = site or (Path(os.environ["HOUNSFIELD_SITE"]) if os.environ.get("HOUNSFIELD_SITE") else None)
    return Settings(described(descriptions), home / FILE, folder / FILE if folder else None)


def read_toml(file: Path, whose: str) -> tuple[dict[str, Any], str]:
    """The tables of a file that may be missing, and a sentence when it cannot be read."""
    try:
        if file.stat().st_size > LARGEST_BYTES:
            return {}, f"The file of {whose} is larger than a settings file can be; it is not used."
        return tomllib.loads(file.read_text(encoding="utf-8")), ""
    except FileNotFoundError:
        return {}, ""
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        where = str(error) if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__
        return {}, f"The file of {whose} cannot be read ({where}); the defaults are used."


def write_whole(file: Path, text: str) -> None:
    """Write beside, then rename: readable by the owner alone. Raises `HounsfieldError` when the disk refuses."""
    beside = file.with_name(file.name + ".new")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            beside.unlink()
        raise HounsfieldError(f"{file.name} could not be saved: {error.strerror}.", str(error)) from error


def _read(descriptions: Descriptions, file: Path | None, whose: str) -> tuple[dict[str, Value], tuple[str, ...]]:
    """The good values of a file, and a sentence for each that is not."""
    if file is None:
        return {}, ()
    tables, problem = read_toml(file, whose)
    values: dict[str, Value] = {}
    problems = [problem] if problem else []
    for section, table in tables.items():
        for key, value in (table if isinstance(table, dict) else {"": table}).items():
            name = f"{section}.{key}" if key else section
            try:
                values[name] = descriptions.named(name).checked(value)
            except HounsfieldError as error:
                problems.append(f"In {whose}: {error.sentence}")
    return values, tuple(problems)


def kept_beside(file: Path) -> tuple[str, ...]:
    """Keep a file with something wrong in it beside, since the next saving writes over it."""
    beside = file.with_name(file.name + ".broken")
    try:
        shutil.copyfile(file, beside)
        beside.chmod(0o600)
    except OSError:
        return ()
    return (f"The file as it was is kept as {beside.name}.",)


def _as_toml(chosen: Mapping[str, Value]) -> str:
    tables: dict[str, dict[str, Value]] = {}
    for name, value in chosen.items():
        section, key = name.split(".", 1)
        tables.setdefault(section, {})[key] = value
    return tomli_w.dumps(tables)
