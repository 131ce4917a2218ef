"""A protocol and a study's display sets -> Plan: which set hangs in which tile, stage by stage, and why.

Pure and deterministic: the same sets in any order give the same plan. No combination of sets raises; what is missing
leaves an empty tile that says so. What no stage of the protocol shows follows in stages of its own, so that every
display set of the study can be reached.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from workstation.hanging.protocol import Protocol, Stage, TileRule
from workstation.hanging.schema import ONE_LANDSCAPE, THREE_D, TURNING
from workstation.hanging.screens import fitted, stages_for
from workstation.hanging.select import Choice, NoChoice, choose, meant
from workstation.hanging.study import Study, recognised
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.view import Orientation

NOTHING: Final = "The study has no images."
REST_ROWS: Final = 2
REST_COLUMNS: Final = 3


@dataclass(frozen=True)
class PlannedLayer:
    """A set over that of a tile."""

    display_set: str
    palette: str = ""
    window: str = ""
    opacity: float = 0.5
    clear_below: bool = False


@dataclass(frozen=True)
class PlannedTile:
    """What one tile shows; no key means nothing fits, and `why_empty` says so.

    `plane` is the anatomical plane that is seen, acquired or reformatted, or THREE_D or TURNING; empty for pictures
    without a place in the patient. `image` is the image a stack begins with, where one is meant. A prior wears
    `prior` and `study_date`.
    """

    display_set: str | None = None
    orientation: Orientation | None = None
    window: str = ""
    why_empty: str = ""
    plane: str = ""
    image: int | None = None
    prior: bool = False
    study_date: str = ""
    mirrored: bool = False
    slab_mm: float = 0.0
    slab: str = "mean"
    link: str = ""
    chest_wall: str = ""
    preset: str = ""
    """Of a tile in 3D, whose `plane` is THREE_D."""
    layers: tuple[PlannedLayer, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class PlannedStage:
    name: str
    rows: int
    columns: int
    tiles: tuple[PlannedTile, ...]


@dataclass(frozen=True)
class Considered:
    """How a protocol fared: the sum of its weights, and its rules that held and did not."""

    protocol: str
    score: float
    passed: tuple[str, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """A hanging protocol's answer for one study."""

    protocol: str
    stages: tuple[PlannedStage, ...]
    score: float = 0.0
    considered: tuple[Considered, ...] = ()


def hang(protocol: Protocol, sets: Sequence[DisplaySet], priors: Sequence[Sequence[DisplaySet]] = ()) -> Plan:
    """Fill the stages of a protocol; `priors` were accepted, newest first. Never raises for any sets."""
    return plan(protocol, recognised(sets), [recognised(each) for each in priors])


def plan(protocol: Protocol, study: Study, priors: Sequence[Study] = (), screens: str = ONE_LANDSCAPE) -> Plan:
    """`hang` for studies that are recognised already, on the screens there are (`screens.role`)."""
    stages = list(_stages(protocol, study, priors, screens)) or [
        PlannedStage("empty", 1, 1, (PlannedTile(why_empty=NOTHING),))
    ]
    return Plan(protocol.name, (*stages, *_rest(study, stages, screens)))


def can_hang(protocol: Protocol, study: Study, screens: str = ONE_LANDSCAPE) -> bool:
    """Whether any stage of a protocol has something of the study to show."""
    return next(_stages(protocol, study, (), screens), None) is not None


def _stages(protocol: Protocol, study: Study, priors: Sequence[Study], screens: str) -> Iterator[PlannedStage]:
    planner = _Planner(protocol, study, tuple(each for each in priors if each.sets))
    for rule in stages_for(protocol.stages, screens):
        stage = planner.stage(rule)
        if stage is not None:
            rows, columns = fitted(stage.rows, stage.columns, len(stage.tiles), rule, screens)
            yield replace(stage, rows=rows, columns=columns)


@dataclass(frozen=True)
class _Planner:
    protocol: Protocol
    study: Study
    priors: tuple[Study, ...]

    def stage(self, rule: Stage) -> PlannedStage | None:
        """A stage, or nothing when it is about what the study does not have."""
        if rule.tiles:
            return self._tiled(rule)
        shown = list(self.study.series)
        if rule.fill:
            named = self.protocol.sets[rule.fill]
            # A set that wants nothing in particular means everything where nothing is there to be read.
            shown = meant(named, self.study) or (shown if not named.wants else [])
        whole = {fact.key: fact for fact in reversed(shown)}
        keys = [key for key in self.study.sets if key in whole]
        if not keys and rule.fill:
            return None
        tiles = tuple(_as_acquired(self.study, whole[key].key) for key in keys[: rule.rows * rule.columns])
        rows, columns = _just_enough(len(tiles), rule)
        return PlannedStage(rule.name, rows, columns, tiles)

    def _tiled(self, rule: Stage) -> PlannedStage | None:
        compared: dict[tuple[str, str], Choice] = {}
        tiles: list[PlannedTile] = []
        earlier: set[str] = set()
        for tile in rule.tiles:
            planned = self._tile(tile, compared)
            if planned is not None and (planned.display_set is not None or not tile.optional):
                tiles.append(planned)
                earlier |= {tile.show} if planned.prior and planned.display_set else set()
        if not any(each.display_set for each in tiles):
            return None
        if rule.when == "prior" and not (rule.needs in earlier if rule.needs else earlier):
            return None
        if rule.when == "always" and rule.needs and rule.needs not in {show for show, _ in compared}:
            return None
        if len(tiles) == len(rule.tiles):
            return PlannedStage(rule.name, rule.rows, rule.columns, tuple(tiles))
        rows, columns = _just_enough(len(tiles), rule)
        return PlannedStage(rule.name, rows, columns, tuple(tiles))

    def _tile(self, rule: TileRule, compared: dict[tuple[str, str], Choice]) -> PlannedTile | None:
        if not rule.show:
            return _numbered(rule, self.study)
        if rule.prior:
            return self._prior_tile(rule, compared)
        found = choose(self.protocol, rule, self.study)
        if isinstance(found, NoChoice):
            empty = PlannedTile(why_empty=f"The study {found.reason}.", plane=_wanted_plane(rule))
            return None if found.trivial else empty
        compared.setdefault((rule.show, rule.plane), found)
        return self._layered(_planned(rule, found, self.study), rule, found, self.study)

    def _layered(self, planned: PlannedTile, rule: TileRule, below: Choice, study: Study) -> PlannedTile | None:
        """A tile with the layers that the study has; one that was to have some and has none is left out."""
        layers = []
        for each in rule.layers:
            found = choose(self.protocol, TileRule(below.plane or "stack", show=each.show), study)
            if isinstance(found, Choice) and found.fact.volume and found.fact.key != below.fact.key:
                layers.append(PlannedLayer(found.fact.key, each.palette, each.window, each.opacity, each.clear_below))
        return replace(planned, layers=tuple(layers)) if layers or not rule.layers else None

    def _prior_tile(self, rule: TileRule, compared: Mapping[tuple[str, str], Choice]) -> PlannedTile | None:
        empty = PlannedTile(prior=True, plane=_wanted_plane(rule))
        if rule.prior > len(self.priors):
            return replace(empty, why_empty="There is no such prior.")
        prior = self.priors[rule.prior - 1]
        # In the plane it is seen in here; in another one it says at least which series it is compared with.
        same = compared.get((rule.show, rule.plane))
        current = same or next((each for (show, _), each in compared.items() if show == rule.show), None)
        if current is None:
            return replace(empty, why_empty="The study itself has nothing to compare it with.")
        plane = (same.plane if same else "") or rule.plane
        found = choose(self.protocol, replace(rule, plane=plane), prior, like=current)
        if isinstance(found, NoChoice):
            return replace(empty, why_empty=f"The prior of {prior.date} {found.reason}.", study_date=prior.date)
        return self._layered(replace(_planned(rule, found, prior), prior=True), rule, found, prior)


def _wanted_plane(rule: TileRule) -> str:
    return "" if rule.plane == "stack" else rule.plane


def _planned(rule: TileRule, choice: Choice, study: Study) -> PlannedTile:
    fact = choice.fact
    reformatted = choice.plane and choice.plane not in (THREE_D, TURNING) and fact.volume
    return PlannedTile(
        display_set=fact.key,
        orientation=Orientation(choice.plane) if reformatted else None,
        window=rule.window,
        plane=choice.plane or fact.plane,
        image=fact.image,
        study_date=study.date,
        mirrored=fact.mirrored,
        slab_mm=rule.slab_mm,
        slab=rule.slab,
        link=rule.link,
        chest_wall=rule.chest_wall,
        preset=rule.preset,
        reason=choice.reason,
    )


def _numbered(rule: TileRule, study: Study) -> PlannedTile:
    """A tile that names its set by number, or the largest volume."""
    sets = list(study.sets.values())
    if isinstance(rule.set, int):
        chosen = sets[rule.set - 1] if rule.set <= len(sets) else None
    else:
        volumes = [each for each in sets if each.grid is not None]
        chosen = max(volumes or sets, key=lambda each: len(each.images), default=None)
    if chosen is None:
        return PlannedTile(why_empty="The study has no such series.")
    if rule.plane == "stack":
        return replace(_as_acquired(study, chosen.key), window=rule.window)
    if chosen.grid is None:
        reason = chosen.no_volume.value if chosen.no_volume else "it is no volume"
        return PlannedTile(why_empty=f"No {rule.plane} plane: {reason}.", plane=rule.plane)
    return PlannedTile(
        chosen.key,
        None if rule.plane in (THREE_D, TURNING) else Orientation(rule.plane),
        rule.window,
        plane=rule.plane,
        study_date=study.date,
        slab_mm=rule.slab_mm,
        slab=rule.slab,
        preset=rule.preset,
        reason="by number",
    )


def _as_acquired(study: Study, key: str) -> PlannedTile:
    fact = next(each for each in study.series if each.key == key)
    return PlannedTile(key, plane=fact.plane, study_date=study.date, mirrored=fact.mirrored, reason="in reading order")


def _rest(study: Study, stages: Sequence[PlannedStage], screens: str) -> tuple[PlannedStage, ...]:
    """Stages for the display sets that no other stage shows."""
    shown = {tile.display_set for stage in stages for tile in stage.tiles}
    left = [_as_acquired(study, key) for key in study.sets if key not in shown]
    size = REST_ROWS * REST_COLUMNS
    pages = [tuple(left[at : at + size]) for at in range(0, len(left), size)]
    layout = Stage("", REST_ROWS, REST_COLUMNS, ())
    named = [
        f"the rest {number} of {len(pages)}" if len(pages) > 1 else "the rest" for number in range(1, len(pages) + 1)
    ]
    sizes = [fitted(*_just_enough(len(page), layout), len(page), layout, screens) for page in pages]
    return tuple(PlannedStage(name, *size, page) for name, size, page in zip(named, sizes, pages, strict=True))


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
