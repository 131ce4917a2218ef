"""Which display set a tile means: what it must be, what is preferred, and why this one was taken."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from workstation.hanging.protocol import Protocol, SetRule, TileRule, Wanted
from workstation.hanging.recognise import SeriesFacts
from workstation.hanging.schema import THREE_D, TURNING
from workstation.hanging.study import Study

REFORMATTED_UP_TO_MM: Final = 2.0
"""MR slices up to this thick are shown in other planes; thicker ones as they were acquired."""

COARSE_MM: Final = 3.0
"""Slices thicker than this are cut across only where nothing finer is meant, whatever else is preferred."""

FINE_OVER_MM: Final = 120.0
"""Thin slices of less than this are of a detail, not of an organ."""

FEWEST_SLICES: Final = 10
"""Fewer slices are no volume anybody misses the other planes of."""

MOST_OF_IT: Final = 0.6
"""A set that covers less of the patient than this part of the longest one gives way to longer ones."""

_READERS: Final[dict[str, Callable[[SeriesFacts], Any]]] = {
    "modality": lambda fact: fact.Modality,
    "kind": lambda fact: fact.kind,
    "plane": lambda fact: fact.plane,
    "volume": lambda fact: fact.volume,
    "fine": lambda fact: (fact.thickness_mm or 0.0) <= COARSE_MM and fact.coverage_mm >= FINE_OVER_MM,
    "tissue": lambda fact: fact.tissue,
    "phase": lambda fact: fact.phase,
    "sequence": lambda fact: fact.sequence,
    "contrast": lambda fact: bool(fact.contrast),
    "view": lambda fact: fact.view,
    "side": lambda fact: fact.side,
}


@dataclass(frozen=True)
class Choice:
    """A display set, in which plane it is shown (empty: as acquired), and why it was taken."""

    fact: SeriesFacts
    plane: str
    named: str
    """The set rule that found it."""
    reason: str


@dataclass(frozen=True)
class NoChoice:
    """Nothing fits, and why; `trivial` where there are too few slices for anybody to expect that plane."""

    reason: str
    trivial: bool = False


def value_of(fact: SeriesFacts, name: str) -> Any:
    """A fact of a series by the name protocols give it; `region` is a set of values."""
    return fact.regions if name == "region" else _READERS[name](fact)


def fits(fact: SeriesFacts, wants: Wanted) -> bool:
    """Whether a series is all that is wanted."""
    for name, values in wants:
        value = value_of(fact, name)
        if not (values & value if name == "region" else value in values):
            return False
    return True


def meant(rule: SetRule, study: Study) -> list[SeriesFacts]:
    """The series a set rule means, in reading order: of those that are read, unless it names kinds."""
    named = any(name == "kind" for name, _ in rule.wants)
    return [fact for fact in (study.series if named else study.read) if fits(fact, rule.wants)]


def choose(protocol: Protocol, tile: TileRule, study: Study, like: Choice | None = None) -> Choice | NoChoice:
    """The display set of a study that a tile means; for a prior, the one most `like` the tile it is compared with."""
    names = [tile.show, *protocol.sets[tile.show].instead]
    if like is not None:
        names = [like.named]
    missed = [NoChoice("has nothing")]
    for name in names:
        found = _best(protocol.sets[name], name, tile, study, like)
        if isinstance(found, Choice):
            return found
        missed.append(found)
    return missed[1]


def _best(rule: SetRule, name: str, tile: TileRule, study: Study, like: Choice | None) -> Choice | NoChoice:
    all_meant = meant(rule, study)
    if like is not None:
        all_meant = [fact for fact in all_meant if _comparable(fact, like.fact)]
    if not all_meant:
        return NoChoice(f"has no image for “{name}”")
    if tile.plane == "stack":
        shown, plane = all_meant, ""
    else:
        shown, plane = [fact for fact in all_meant if can_show(fact, tile.plane)], tile.plane
        if not shown and tile.else_acquired:
            shown, plane = all_meant, ""
    if not shown:
        few = max(fact.images for fact in all_meant) < FEWEST_SLICES
        return NoChoice(f"has no image for “{name}” that can be shown in {_in_words(tile.plane)}", few)
    order = _Order(rule, plane, like, max(fact.coverage_mm for fact in shown))
    best = min(shown, key=order.key)
    return Choice(best, plane, name, _reason(best, name, len(shown)))


def _in_words(plane: str) -> str:
    return {THREE_D: "3D", TURNING: "a rotating MIP"}.get(plane, f"the {plane} plane")


def can_show(fact: SeriesFacts, plane: str) -> bool:
    """Whether a series can be shown in a plane: acquired in it, or a volume that is fine and deep enough."""
    if fact.plane == plane:
        return True
    if fact.images < FEWEST_SLICES:
        return False
    fine = fact.Modality != "MR" or (fact.thickness_mm is not None and fact.thickness_mm <= REFORMATTED_UP_TO_MM)
    return fact.volume and fine


def _comparable(fact: SeriesFacts, current: SeriesFacts) -> bool:
    """Never another side, view or weighting beside the current one."""
    if fact.side and current.side and fact.side != current.side and "B" not in (fact.side, current.side):
        return False
    return (
        fact.view == current.view
        and fact.sequence == current.sequence
        and fact.Modality
        in (
            current.Modality,
            *({"CR", "DX"} if current.Modality in ("CR", "DX") else ()),
        )
    )


@dataclass(frozen=True)
class _Order:
    """In which order series are preferred; equal ones keep their reading order."""

    rule: SetRule
    plane: str
    like: Choice | None
    longest_mm: float

    def key(self, fact: SeriesFacts) -> tuple[Any, ...]:
        alike = () if self.like is None else (self.like.fact.phase != fact.phase, self.like.fact.plane != fact.plane)
        reformatted = bool(self.plane) and fact.plane != self.plane
        return (
            reformatted and (fact.thickness_mm or 0.0) > COARSE_MM,
            fact.beside,
            *(not fits(fact, wants) for wants in self.rule.prefer),
            *alike,
            reformatted,
            fact.coverage_mm < MOST_OF_IT * self.longest_mm,
            not fact.volume,
            round(fact.thickness_mm, 1) if fact.thickness_mm else 99.0,
            -(fact.b_value or 0.0),
            -fact.images,
        )


def _reason(fact: SeriesFacts, name: str, among: int) -> str:
    known = [f"{what} {reason}" for what, reason in fact.why.items() if what in ("tissue", "phase", "sequence", "view")]
    thin = [f"{fact.thickness_mm:g} mm"] if fact.thickness_mm else []
    of_several = [f"the best of {among}"] if among > 1 else []
    return f"“{name}”: " + ", ".join([*of_several, *thin, *known] or ["the only one"])
