"""Hanging protocols as they stand in hanging_protocols/*.toml, checked when they are read.

    title = "Three planes"
    [[stages]]
    name = "planes"
    layout = "2x2"                      # rows x columns
    tiles = [{ plane = "axial" }, { plane = "sagittal" }, { plane = "coronal" }, { plane = "stack" }]

A tile shows `set` number n of the study's display sets (from 1; "volume": the largest volume), as a stack or in a
plane of the volume. Without `tiles` a stage shows every set as a stack, up to as many as fit its layout.
"""

import difflib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workstation.errors import HounsfieldError

PLANES: Final = ("stack", "axial", "coronal", "sagittal")
_KEYS: Final = {
    "protocol": ("title", "stages"),
    "stage": ("name", "layout", "tiles"),
    "tile": ("plane", "set", "window"),
}


@dataclass(frozen=True)
class TileRule:
    plane: str = "stack"
    set: int | str = "volume"
    window: str = ""


@dataclass(frozen=True)
class Stage:
    name: str
    rows: int
    columns: int
    tiles: tuple[TileRule, ...]


@dataclass(frozen=True)
class Protocol:
    name: str
    title: str
    stages: tuple[Stage, ...]


class ProtocolError(HounsfieldError):
    """A protocol file that cannot be used: the sentence names file, place and what was probably meant."""


def read_protocols(folder: Path) -> dict[str, Protocol]:
    """Every protocol of a folder by name (its file's stem). Raises `ProtocolError`."""
    return {path.stem: read_protocol(path) for path in sorted(folder.glob("*.toml"))}


def read_protocol(path: Path) -> Protocol:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise ProtocolError(f"{path.name}: {error}") from error
    _check(values, "protocol", path.name)
    stages = tuple(_stage(each, f"{path.name}, stage {n}") for n, each in enumerate(values.get("stages", ()), 1))
    if not stages:
        raise ProtocolError(f"{path.name}: has no stage")
    return Protocol(path.stem, str(values.get("title", path.stem)), stages)


def _stage(values: dict[str, Any], where: str) -> Stage:
    _check(values, "stage", where)
    layout = re.fullmatch(r"([1-9])x([1-9])", str(values.get("layout", "1x1")))
    if layout is None:
        raise ProtocolError(f"{where}: layout {values['layout']!r} is not rows x columns, such as 2x2")
    tiles = tuple(_tile(each, f"{where}, tile {n}") for n, each in enumerate(values.get("tiles", ()), 1))
    return Stage(str(values.get("name", "")), int(layout[1]), int(layout[2]), tiles)


def _tile(values: dict[str, Any], where: str) -> TileRule:
    _check(values, "tile", where)
    rule = TileRule(**values)
    if rule.plane not in PLANES:
        raise ProtocolError(f"{where}: plane {rule.plane!r} is not known{_meant(rule.plane, PLANES)}")
    if rule.set != "volume" and not (isinstance(rule.set, int) and rule.set >= 1):
        raise ProtocolError(f"{where}: set {rule.set!r} is neither a number from 1 nor volume")
    return rule


def _check(values: dict[str, Any], kind: str, where: str) -> None:
    for key in values:
        if key not in _KEYS[kind]:
            raise ProtocolError(f"{where}: {key!r} is not a key of a {kind}{_meant(key, _KEYS[kind])}")


def _meant(word: str, known: tuple[str, ...]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(known)}"
