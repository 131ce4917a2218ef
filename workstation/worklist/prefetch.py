"""Which earlier studies are worth fetching while one is open: rules as data, and a choice without any effect."""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from workstation.errors import HounsfieldError
from workstation.paths import Home, resources
from workstation.settings import read_toml
from workstation.worklist.found import FoundStudy

FILE: Final = "prefetch.toml"
_KEYS: Final = frozenset(("name", "modality", "regions", "fetch", "same_region", "years", "count"))

Regions = Callable[[str], frozenset[str]]
"""The regions a description speaks of; empty where it tells none."""


@dataclass(frozen=True)
class Rule:
    """Of which open studies, which earlier ones, how old (years) and how many; empty tuples ask for nothing."""

    name: str
    modality: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    fetch: tuple[str, ...] = ()
    same_region: bool = True
    years: float = 5.0
    count: int = 1

    def fits(self, open_study: FoundStudy, regions: frozenset[str]) -> bool:
        """Whether the rule is meant for this open study."""
        of_kind = not self.modality or bool(set(self.modality) & set(open_study.modalities))
        return of_kind and (not self.regions or bool(regions & set(self.regions)))


@dataclass(frozen=True)
class Choice:
    """A study to fetch, and the rule that wants it."""

    study: FoundStudy
    rule: str


def rules(home: Home) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """Those of the home where it has some, else the shipped ones, and a sentence for each that is wrong."""
    tables, problem = read_toml(home.root / FILE, "the rules of prefetching")
    if tables:
        made, problems = _made(tables.get("rule", []))
        return made, problems
    shipped, _ = _made(tomllib.loads((resources() / FILE).read_text(encoding="utf-8"))["rule"])
    return shipped, (problem,) if problem else ()


def _made(tables: Any) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    found, problems = [], []
    for number, table in enumerate(tables if isinstance(tables, list) else [], 1):
        try:
            found.append(rule_of(table))
        except (HounsfieldError, TypeError, ValueError, KeyError, AttributeError) as error:
            said = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
            problems.append(f"Rule {number} of {FILE}: {said}")
    return tuple(found), tuple(problems)


def rule_of(table: Any) -> Rule:
    """A rule of a table. Raises HounsfieldError, TypeError, ValueError, KeyError or AttributeError for what is none."""
    if unknown := set(table) - _KEYS:
        raise HounsfieldError(f"it knows no {', '.join(sorted(unknown))}; known are {', '.join(sorted(_KEYS))}.")
    lists = {key: tuple(str(each) for each in table[key]) for key in ("modality", "regions", "fetch") if key in table}
    years, count = float(table.get("years", 5.0)), int(table.get("count", 1))
    if not 0 < years <= 100 or not 0 <= count <= 20:
        raise HounsfieldError("years go from 0 to 100 and count from 0 to 20.")
    return Rule(str(table["name"]), **lists, same_region=bool(table.get("same_region", True)), years=years, count=count)


def wanted(
    known: Iterable[Rule], open_study: FoundStudy, others: Iterable[FoundStudy], regions_of: Regions
) -> tuple[Choice, ...]:
    """What the first rule that fits wants of the patient's other studies, the newest first (safety.md 3)."""
    regions = regions_of(open_study.description)
    rule = next((each for each in known if each.fits(open_study, regions)), None)
    if rule is None:
        return ()
    kinds = set(rule.fetch or open_study.modalities)
    fitting = [
        each
        for each in others
        if each.uid != open_study.uid
        and _same_patient(each, open_study)
        and (not kinds or kinds & set(each.modalities))
        and _is_earlier(each, open_study, rule.years)
        and (not rule.same_region or _may_share(regions, regions_of(each.description)))
    ]
    fitting.sort(key=lambda each: (each.study_date, each.study_time, each.uid), reverse=True)
    return tuple(Choice(each, rule.name) for each in fitting[: rule.count])


def _same_patient(one: FoundStudy, other: FoundStudy) -> bool:
    known = all((one.patient_id, one.birth_date, other.patient_id, other.birth_date))
    issuers = one.issuer == other.issuer or not one.issuer or not other.issuer
    return known and issuers and (one.patient_id, one.birth_date) == (other.patient_id, other.birth_date)


def _is_earlier(study: FoundStudy, than: FoundStudy, years: float) -> bool:
    try:
        days = (_day(than.study_date) - _day(study.study_date)).days
    except ValueError:
        return False
    return 0 <= days <= years * 365.25


def _day(text: str) -> date:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8]))


def _may_share(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two studies may show one region; a description that tells none may be of any."""
    return not one or not other or bool(one & other)
