"""A protocol and a study's display sets -> Plan: which set hangs in which tile, stage by stage."""

from collections.abc import Sequence
from dataclasses import dataclass

from workstation.hanging.protocol import Protocol, Stage, TileRule
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.view import Orientation


@dataclass(frozen=True)
class PlannedTile:
    """What one tile shows; no key means nothing fits, and `why_empty` says so."""

    display_set: str | None = None
    orientation: Orientation | None = None
    window: str = ""
    why_empty: str = ""


@dataclass(frozen=True)
class PlannedStage:
    name: str
    rows: int
    columns: int
    tiles: tuple[PlannedTile, ...]


@dataclass(frozen=True)
class Plan:
    """A hanging protocol's answer for one study."""

    protocol: str
    stages: tuple[PlannedStage, ...]


def hang(protocol: Protocol, sets: Sequence[DisplaySet]) -> Plan:
    """Fill the stages of a protocol. Pure; never raises for any combination of sets."""
    return Plan(protocol.name, tuple(_stage(stage, sets) for stage in protocol.stages))


def _stage(stage: Stage, sets: Sequence[DisplaySet]) -> PlannedStage:
    if stage.tiles:
        tiles = tuple(_tile(rule, sets) for rule in stage.tiles)
        return PlannedStage(stage.name, stage.rows, stage.columns, tiles)
    shown = sets[: stage.rows * stage.columns]
    rows, columns = _just_enough(len(shown), stage)
    return PlannedStage(stage.name, rows, columns, tuple(PlannedTile(each.key) for each in shown))


def _just_enough(count: int, stage: Stage) -> tuple[int, int]:
    """The smallest layout within the stage's that holds `count` tiles, wider rather than taller."""
    fitting = [
        (rows * columns, rows, columns)
        for rows in range(1, stage.rows + 1)
        for columns in range(1, stage.columns + 1)
        if rows * columns >= count
    ]
    _, rows, columns = min(fitting, default=(1, 1, 1))
    return rows, columns


def _tile(rule: TileRule, sets: Sequence[DisplaySet]) -> PlannedTile:
    chosen = _chosen(rule, sets)
    if chosen is None:
        return PlannedTile(why_empty="The study has no such series.")
    if rule.plane == "stack":
        return PlannedTile(chosen.key, None, rule.window)
    if chosen.grid is None:
        reason = chosen.no_volume.value if chosen.no_volume else "it is no volume"
        return PlannedTile(why_empty=f"No {rule.plane} plane: {reason}.")
    return PlannedTile(chosen.key, Orientation(rule.plane), rule.window)


def _chosen(rule: TileRule, sets: Sequence[DisplaySet]) -> DisplaySet | None:
    if isinstance(rule.set, int):
        return sets[rule.set - 1] if rule.set <= len(sets) else None
    volumes = [each for each in sets if each.grid is not None]
    return max(volumes or list(sets), key=lambda each: len(each.images), default=None)
