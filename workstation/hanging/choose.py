"""Which protocol hangs a study: every protocol scored by its rules, the best planned, and all of it explained."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from workstation.hanging.hang import Considered, Plan, can_hang, plan
from workstation.hanging.match import PriorVerdict, ranked_priors
from workstation.hanging.protocol import Protocol, Rule
from workstation.hanging.schema import ONE_LANDSCAPE
from workstation.hanging.select import value_of
from workstation.hanging.study import Study, recognised
from workstation.imaging.displaysets import DisplaySet

FALLBACK: Final = "images"
"""The protocol that shows whatever there is."""


@dataclass(frozen=True)
class Answer:
    """The plan of the winner, and what became of each earlier study."""

    plan: Plan
    priors: tuple[PriorVerdict, ...]
    used: tuple[str, ...]
    """StudyInstanceUIDs of the priors that hang in some stage, newest first."""


def best_plan(
    protocols: Mapping[str, Protocol],
    sets: Sequence[DisplaySet],
    candidates: Iterable[Sequence[DisplaySet]] = (),
    named: str | None = None,
    screens: str = ONE_LANDSCAPE,
) -> Answer:
    """Hang a study by the protocol that fits it best, or by the one `named`, beside the priors that serve it best.

    `screens` are those that are there (`screens.role`).
    """
    study = recognised(sets)
    considered = score_all(protocols.values(), study)
    name = named or next((each.protocol for each in considered if _wins(each, protocols, study, screens)), FALLBACK)
    judged = ranked_priors(study, map(recognised, candidates))
    accepted = _in_turn([other for verdict, other in judged if verdict.accepted])[: protocols[name].most_priors]
    score = next((each.score for each in considered if each.protocol == name), 0.0)
    planned = replace(plan(protocols[name], study, accepted, screens), score=score, considered=considered)
    shown = {tile.display_set for stage in planned.stages for tile in stage.tiles if tile.prior}
    used = tuple(
        other.first.StudyInstanceUID for other in accepted if other.first is not None and shown & set(other.sets)
    )
    return Answer(planned, tuple(verdict for verdict, _ in judged), used)


def _in_turn(ranked: Sequence[Study]) -> list[Study]:
    """The best prior, then the best of those before it, and so on: prior 2 is always older than prior 1."""
    taken: list[Study] = []
    for other in ranked:
        if not taken or other.moment < taken[-1].moment:
            taken.append(other)
    return taken


def _wins(considered: Considered, protocols: Mapping[str, Protocol], study: Study, screens: str) -> bool:
    return considered.score > 0 and can_hang(protocols[considered.protocol], study, screens)


def score_all(protocols: Iterable[Protocol], study: Study) -> tuple[Considered, ...]:
    """Every protocol that may win by itself, the best first; equal ones by name."""
    scored = [_scored(each, study) for each in protocols if not each.by_name_only]
    return tuple(sorted(scored, key=lambda each: (-each.score, each.protocol)))


def _scored(protocol: Protocol, study: Study) -> Considered:
    passed = tuple(rule for rule in protocol.rules if holds(rule, study))
    failed = tuple(rule for rule in protocol.rules if rule not in passed)
    score = 0.0 if any(rule.required for rule in failed) else sum(rule.weight for rule in passed)
    return Considered(
        protocol.name, score, tuple(rule.sentence for rule in passed), tuple(rule.sentence for rule in failed)
    )


def holds(rule: Rule, study: Study) -> bool:
    """Whether a rule holds: of the study, of any series that is read, or of the first image of any series."""
    if rule.on == "study":
        return _agrees(rule, _study_fact(rule.fact, study))
    if rule.on == "series":
        return any(_agrees(rule, _as_values(value_of(fact, rule.fact))) for fact in study.read)
    firsts = (each.first for each in study.sets.values())
    return any(_agrees(rule, _as_values(getattr(first, rule.fact, None))) for first in firsts)


def _as_values(value: Any) -> frozenset[Any] | float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, (frozenset, tuple)):
        return frozenset(value)
    return frozenset(() if value in (None, "") else (value,))


def _study_fact(name: str, study: Study) -> frozenset[Any] | float:
    if name == "images":
        return float(sum(fact.images for fact in study.read))
    return float(len(study.read)) if name == "series" else study.facts[name]


def _agrees(rule: Rule, value: frozenset[Any] | float) -> bool:
    if isinstance(value, float):
        return rule.at_least is None or value >= rule.at_least
    return (
        (not rule.has or bool(rule.has & value))
        and rule.has_all <= value
        and not rule.lacks & value
        and (rule.at_least is None or len(value & rule.has if rule.has else value) >= rule.at_least)
    )
