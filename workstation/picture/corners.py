"""Which lines stand in the four corners of a tile: resources/corners.toml, and over it a person's own layouts.

A layout is checked before it is used: its fields are known, and who the patient is stands where no tile can cut it off
(safety.md 1). One that fails costs a sentence and the shipped layout of that modality.
"""

import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Final

import tomli_w

from workstation import paths
from workstation.dicom.entities import Instance, Patient
from workstation.errors import meant
from workstation.settings import ended, kept_beside, read_toml, write_whole

CORNERS: Final = ("top_left", "top_right", "bottom_left", "bottom_right")
WHO: Final = ("name", "PatientID", "birth_date", "PatientSex")
FILE: Final = "corners.toml"
DEFAULT: Final = "default"
MOST_LINES: Final = 8
LONGEST_LINE: Final = 120
WHO_LINES: Final = 3
"""So many lines of the top left stand on the lowest tile."""

LONGEST_BEFORE_WHO: Final = 8
"""Letters that may stand before a name or an ID on its line: more would push it out of a narrow tile."""

Layout = Mapping[str, tuple[str, ...]]
"""Corner -> its lines; all four corners are there."""
Layouts = Mapping[str, Layout]
"""Modality (or "default") -> its layout."""


@dataclass(frozen=True)
class _Shipped:
    layouts: Layouts
    fields: Mapping[str, str]
    less: frozenset[str]


@dataclass(frozen=True)
class _Used:
    """A person's own layouts and how much of them is shown."""

    own: Layouts
    amount: str = "full"


_used = _Used({})
"""What this process paints with; replaced whole by `use`, read by the threads that compose."""


def use(own: Layouts, amount: str | None = None) -> None:
    """From now on paint these layouts over the shipped ones; `amount` is full, less or who, None as it was."""
    global _used
    _used = _Used(dict(own), amount or _used.amount)


def own_layouts() -> Layouts:
    return _used.own


@cache
def _shipped() -> _Shipped:
    tables, problem = read_toml(paths.resources() / FILE, "the shipped corner text")
    if problem:
        raise RuntimeError(problem)
    less, described = frozenset(tables.pop("less")), tables.pop("fields")
    return _Shipped({modality: _complete(layout) for modality, layout in tables.items()}, described, less)


def shipped_layouts() -> Layouts:
    return _shipped().layouts


@cache
def known_fields() -> Mapping[str, str]:
    """Every field that may stand in a line, with what it is; attributes under their keyword."""
    attributes = [each.name for kind in (Patient, Instance) for each in fields(kind) if each.type is str]
    plain = {name: "attribute of the image" for name in sorted(attributes) if not name.endswith("UID")}
    return {**_shipped().fields, **plain}


def layout_for(modality: str, own: Layouts) -> Layout:
    """The whole layout of a modality: a person's own, the shipped one, or the defaults in that order."""
    shipped = shipped_layouts()
    for layouts, name in ((own, modality), (shipped, modality), (own, DEFAULT)):
        if name in layouts:
            return layouts[name]
    return shipped[DEFAULT]


def lines_for(modality: str, amount: str | None = None) -> Layout:
    """What is painted on images of a modality now; `amount` stands instead of the one in use."""
    used = _used
    layout, wanted = layout_for(modality, used.own), amount or used.amount
    return {corner: tuple(line for line in layout[corner] if _stands(line, wanted)) for corner in CORNERS}


def _stands(line: str, amount: str) -> bool:
    always = {*WHO, "prior"}
    kept = always if amount == "who" else always | _shipped().less
    return amount == "full" or bool(kept.intersection(_fields_of(line)))


def _fields_of(line: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(line) if name]


def problems_of(layout: Mapping[str, Any]) -> tuple[str, ...]:
    """Sentences about what is wrong with a layout; none when it may be used."""
    said = [ended(f"{corner!r} is no corner{meant(corner, CORNERS)}") for corner in layout if corner not in CORNERS]
    for corner in CORNERS:
        said += _corner_problems(corner, layout.get(corner, ()))
    return tuple(said) or (*_who_problems(layout.get("top_left", ())), *_prior_problems(layout))


def _corner_problems(corner: str, lines: Any) -> Iterator[str]:
    where = corner.replace("_", " ").capitalize()
    if not isinstance(lines, list | tuple) or not all(isinstance(line, str) for line in lines):
        yield f"{where} is not a list of lines."
        return
    if len(lines) > MOST_LINES:
        yield f"{where} has {len(lines)} lines; {MOST_LINES} fit."
    for number, line in enumerate(lines, 1):
        if problem := _line_problem(line):
            yield ended(f"{where}, line {number}: {problem}")


def _line_problem(line: str) -> str:
    """Only plain {field}s: no conversions, formats or parts of values, which could make text without end."""
    if len(line) > LONGEST_LINE:
        return f"it has more than {LONGEST_LINE} letters"
    if not line.isprintable():
        return "it holds a letter that cannot be shown"
    try:
        parts = [part for part in string.Formatter().parse(line) if part[1] is not None]
    except ValueError:
        return "a { or } stands alone"
    if not parts:
        return "it names no {field}, and such a line is never shown"
    for _, name, form, conversion in parts:
        if form or conversion:
            return f"only the name of a field may stand between {{ and }}, not {line!r}"
        if name not in known_fields():
            return f"{name!r} is not a field{_close(str(name))}"
    return ""


def _close(name: str) -> str:
    said = meant(name, tuple(known_fields()))
    return said if "did you mean" in said else ""


def _who_problems(top_left: tuple[str, ...]) -> tuple[str, ...]:
    standing = {name for line in top_left[:WHO_LINES] for name in _who_heading(line)}
    missing = [f"{{{name}}}" for name in WHO if name not in standing]
    if not missing:
        return ()
    return (
        f"Who the patient is must always stand on an image: {', '.join(missing)} "
        f"{'are' if len(missing) > 1 else 'is'} missing at the beginning of the first three lines at the top left.",
    )


def _prior_problems(layout: Mapping[str, Any]) -> tuple[str, ...]:
    tops = [line for corner in ("top_left", "top_right") for line in layout.get(corner, ())[:WHO_LINES]]
    if any(line.startswith("{prior}") for line in tops):
        return ()
    return ("A prior must always wear its date: no line of the first three at the top begins with {prior}.",)


def _who_heading(line: str) -> Iterator[str]:
    """The fields that say who it is and that no narrow tile cuts off: at the head of their line, long ones first."""
    before = 0
    for number, (text, name, _, _) in enumerate(string.Formatter().parse(line)):
        before += len(text)
        if name not in WHO or before > LONGEST_BEFORE_WHO or (number and name in ("name", "PatientID")):
            return
        yield name
        if name in ("name", "PatientID"):
            return


def read_own(file: Path) -> tuple[Layouts, tuple[str, ...]]:
    """A person's layouts from a file that may be missing, and sentences about what was wrong in it."""
    tables, problem = read_toml(file, "your text on images")
    said = [problem] if problem else []
    own: dict[str, Layout] = {}
    for modality, layout in tables.items():
        wrong = problems_of(layout) if isinstance(layout, dict) else ("it is no table of corners.",)
        said += [f"Your text on images of {modality}: {each}" for each in wrong]
        if not wrong:
            own[modality] = _complete(layout)
    return own, (*said, *(kept_beside(file) if said else ()))


def save_own(file: Path, own: Layouts) -> None:
    """Write a person's layouts. Raises `HounsfieldError` when the disk does not take them."""
    tables = {modality: {corner: list(lines) for corner, lines in layout.items()} for modality, layout in own.items()}
    write_whole(file, tomli_w.dumps(tables))


def _complete(layout: Mapping[str, Any]) -> Layout:
    return {corner: tuple(layout.get(corner, ())) for corner in CORNERS}
