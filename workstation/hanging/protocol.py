"""Hanging protocols as they stand in hanging_protocols/*.toml, checked when they are read.

    title = "CT of the chest"
    [[rules]]                       # what the study must be, and what speaks for it
    fact = "regions"
    has = ["chest"]
    required = true
    weight = 30
    [sets.lung]                     # which display set is meant, and which is preferred
    modality = ["CT"]
    prefer = [{ tissue = ["lung"] }]
    [[stages]]
    name = "lung and mediastinum"
    layout = "2x2"                  # rows x columns
    tiles = [{ show = "lung", plane = "axial", window = "lung" }]

A rule looks at the study, at any one of its series (`on = "series"`) or at any DICOM attribute of their first images
(`on = "image"`, `fact` is the keyword). A tile shows a named set, or the set with a number (from 1; "volume": the
largest volume). Its `layers` lie over it, the lowest first: `[{ show = "pet", palette = "HOT_IRON" }]`; where no set of
theirs is there, the tile is left out. Tiles of one `link` scroll, zoom and move together. A stage with `when = "prior"`
is hung where a prior has something to show in it, with `needs` only where it has something of that set; any other stage
with `needs` only where the study has something of it. A stage with `screens = ["two portrait"]` is for those and takes
the place of its namesake there. A stage with `fill` shows the display sets of a named set; without tiles or `fill` all
of them, up to as many as fit. A series is `fine` where its slices are thin and cover more than a detail. Localizers,
reports, derived and uncorrected series are only meant by a set that names their `kind`.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from workstation.hanging.schema import FACTS, PLANES, SCREENS, THREE_D, TURNING, Place, ProtocolError
from workstation.imaging.layers import MOST_LAYERS

__all__ = [
    "PLANES",
    "LayerRule",
    "Protocol",
    "ProtocolError",
    "Rule",
    "SetRule",
    "Stage",
    "TileRule",
    "read_protocol",
    "read_protocols",
]

Wanted = tuple[tuple[str, frozenset[Any]], ...]
"""Facts and the values each may have."""


@dataclass(frozen=True)
class Rule:
    """One reason for or against a protocol."""

    fact: str
    on: str = "study"
    has: frozenset[Any] = frozenset()
    has_all: frozenset[Any] = frozenset()
    lacks: frozenset[Any] = frozenset()
    at_least: float | None = None
    required: bool = False
    weight: float = 0.0

    @cached_property
    def sentence(self) -> str:
        """The rule in words."""
        said = [f"{self.fact} of the {self.on}"]
        for verb, values in (("has", self.has), ("has all of", self.has_all), ("lacks", self.lacks)):
            if values:
                said.append(f"{verb} {', '.join(sorted(map(str, values)))}")
        if self.at_least is not None:
            said.append(f"is at least {self.at_least:g}")
        return " ".join(said) + (" (required)" if self.required else f" ({self.weight:g})")


@dataclass(frozen=True)
class SetRule:
    """Which display sets are meant; of several, those that fit the earliest preference come first."""

    wants: Wanted = ()
    prefer: tuple[Wanted, ...] = ()
    instead: tuple[str, ...] = ()
    """Named sets that are tried when this one finds nothing."""


@dataclass(frozen=True)
class LayerRule:
    """A set over that of a tile: in which colours and window, and how much of it."""

    show: str
    palette: str = ""
    window: str = ""
    opacity: float = 0.5
    clear_below: bool = False


@dataclass(frozen=True)
class TileRule:
    plane: str = "stack"
    set: int | str = "volume"
    window: str = ""
    show: str = ""
    prior: int = 0
    optional: bool = False
    else_acquired: bool = False
    """Where the plane cannot be had in quality, show the slices as they were acquired."""
    slab_mm: float = 0.0
    slab: str = "mean"
    link: str = ""
    chest_wall: str = ""
    """Of a mammogram: the edge of the tile, left or right, that its chest wall touches."""
    preset: str = ""
    """Of a tile in 3D; empty is the first of the modality."""
    layers: tuple[LayerRule, ...] = ()


@dataclass(frozen=True)
class Stage:
    name: str
    rows: int
    columns: int
    tiles: tuple[TileRule, ...]
    fill: str = ""
    when: str = "always"
    needs: str = ""
    """The set that the study must have something of, for a stage of a prior the prior."""
    screens: tuple[str, ...] = ()
    """What screens it is for; any where it names none."""


@dataclass(frozen=True)
class Protocol:
    name: str
    title: str
    stages: tuple[Stage, ...]
    rules: tuple[Rule, ...] = ()
    sets: Mapping[str, SetRule] = field(default_factory=dict)
    by_name_only: bool = False

    @property
    def most_priors(self) -> int:
        return max((tile.prior for stage in self.stages for tile in stage.tiles), default=0)


def read_protocols(*folders: Path) -> dict[str, Protocol]:
    """Every protocol of the folders by name (its file's stem); later folders override. Raises `ProtocolError`."""
    files = {path.stem: path for folder in folders for path in sorted(folder.glob("*.toml"))}
    return {name: read_protocol(files[name]) for name in sorted(files)}


def read_protocol(path: Path) -> Protocol:
    try:
        text = path.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProtocolError(f"{path.name}: {error}") from error
    place = Place(path.name, text)
    place.check(values, "protocol")
    sets = {name: _set(each, place.table(f"[sets.{name}]")) for name, each in values.get("sets", {}).items()}
    stages = tuple(
        _stage(each, place.table("[[stages]]", n), sets) for n, each in enumerate(values.get("stages", ()), 1)
    )
    if not stages:
        raise ProtocolError(f"{path.name}: has no stage")
    for name, each in sets.items():
        for other in each.instead:
            place.table(f"[sets.{name}]").one_of(other, "instead", tuple(sets))
    rules = tuple(_rule(each, place.table("[[rules]]", n)) for n, each in enumerate(values.get("rules", ()), 1))
    title = str(values.get("title", path.stem))
    return Protocol(path.stem, title, stages, rules, sets, bool(values.get("by_name_only", False)))


def _rule(values: Mapping[str, Any], place: Place) -> Rule:
    place.check(values, "rule")
    on = str(values.get("on", "study"))
    if "fact" not in values:
        raise place.error("", "a rule needs a fact")
    fact = str(values["fact"])
    if on != "image":
        known = place.facts(on)
        place.one_of(fact, "fact", tuple(known))
        for verb in ("has", "has_all", "lacks"):
            for value in values.get(verb, ()):
                place.one_of(value, verb, known[fact])
    has, has_all, lacks = (frozenset(values.get(verb, ())) for verb in ("has", "has_all", "lacks"))
    required, weight = bool(values.get("required", False)), float(values.get("weight", 0.0))
    return Rule(fact, on, has, has_all, lacks, values.get("at_least"), required, weight)


def _set(values: Mapping[str, Any], place: Place) -> SetRule:
    place.check(values, "set")
    wants = _wanted({key: value for key, value in values.items() if key in FACTS}, place)
    prefer = tuple(_wanted(each, place) for each in values.get("prefer", ()))
    return SetRule(wants, prefer, tuple(map(str, values.get("instead", ()))))


def _wanted(values: Mapping[str, Any], place: Place) -> Wanted:
    place.check(values, "preference")
    for fact, wanted in values.items():
        for value in wanted:
            place.one_of(value, fact, FACTS[fact])
    return tuple((fact, frozenset(wanted)) for fact, wanted in values.items())


def _stage(values: Mapping[str, Any], place: Place, sets: Mapping[str, SetRule]) -> Stage:
    place.check(values, "stage")
    layout = re.fullmatch(r"([1-9])x([1-9])", str(values.get("layout", "1x1")))
    if layout is None:
        raise place.error("layout", f"layout {values['layout']!r} is not rows x columns, such as 2x2")
    tiles = tuple(_tile(each, n, place, sets) for n, each in enumerate(values.get("tiles", ()), 1))
    rows, columns = int(layout[1]), int(layout[2])
    if len(tiles) > rows * columns:
        raise place.error("tiles", f"{len(tiles)} tiles do not fit into {values.get('layout')}")
    fill = str(values.get("fill", ""))
    if fill:
        place.one_of(fill, "fill", tuple(sets))
    needs = str(values.get("needs", ""))
    if needs:
        place.one_of(needs, "needs", tuple(sets))
    screens = tuple(values.get("screens", ()))
    for each in screens:
        place.one_of(each, "screens", SCREENS)
    when = str(values.get("when", "always"))
    return Stage(str(values.get("name", "")), rows, columns, tiles, fill, when, needs, screens)


def _tile(values: Mapping[str, Any], number: int, place: Place, sets: Mapping[str, SetRule]) -> TileRule:
    place = place.within(f"tile {number}")
    place.check(values, "tile")
    layers = tuple(_layer(each, place, sets) for each in values.get("layers", ()))
    rule = TileRule(**{**values, "layers": layers})
    if rule.set != "volume" and not (isinstance(rule.set, int) and rule.set >= 1):
        raise place.error("set", f"set {rule.set!r} is neither a number from 1 nor volume")
    if rule.show:
        place.one_of(rule.show, "show", tuple(sets))
    if len(layers) > MOST_LAYERS:
        raise place.error("layers", f"{len(layers)} layers are more than {MOST_LAYERS}")
    if layers and (not rule.show or rule.plane in (THREE_D, TURNING)):
        raise place.error("layers", "layers lie over a named set in a plane or a stack")
    return rule


def _layer(values: Mapping[str, Any], place: Place, sets: Mapping[str, SetRule]) -> LayerRule:
    place.check(values, "layer")
    place.one_of(values.get("show", ""), "show", tuple(sets))
    rule = LayerRule(**values)
    if not 0 <= rule.opacity <= 1:
        raise place.error("opacity", f"opacity {rule.opacity:g} is not from 0 to 1")
    return rule
