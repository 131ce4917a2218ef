"""Where studies that came are sent on to: rules as data in routing.toml of the home (`onward` obeys them).

[[rule]]
name = "trauma to theatre"
to = "theatre"              # the name of a node
from = ["ORTHANC"]          # AE title or name of the node it came from; any where it is missing
modality = ["CT", "XA"]
description = "*trauma*"    # of the study; * and ? stand for anything, case does not matter
on = ["retrieve", "push"]   # what we fetched, what a node sent us, "import": what was imported here; the first two are
                            # meant where it is missing
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, Final

from workstation.errors import HounsfieldError, meant
from workstation.paths import Home
from workstation.settings import read_toml

FILE: Final = "routing.toml"
_KEYS: Final = frozenset(("name", "to", "from", "modality", "description", "on"))


class Way(StrEnum):
    """How a study came."""

    RETRIEVE = "retrieve"
    PUSH = "push"
    IMPORT = "import"


NOT_OURS: Final = frozenset((Way.RETRIEVE, Way.PUSH))
"""What other machines sent: meant by a rule that does not say."""


@dataclass(frozen=True)
class Rule:
    """What goes to which node; empty asks for nothing."""

    name: str
    to: str
    sources: tuple[str, ...] = ()
    modality: tuple[str, ...] = ()
    description: str = ""
    on: frozenset[Way] = NOT_OURS

    def fits(self, came: "Came") -> bool:
        """Whether a study that came is meant."""
        from_there = not self.sources or bool({each.casefold() for each in self.sources} & _folded(came.sources))
        of_kind = not self.modality or bool(set(self.modality) & set(came.modalities))
        wanted = self.description.casefold()
        return (
            came.way in self.on
            and from_there
            and of_kind
            and (not wanted or fnmatchcase(came.description.casefold(), wanted))
        )


@dataclass(frozen=True)
class Came:
    """A study that is here now: `sources` are name and AE title of the node it came from, none for an import."""

    study: str
    sources: tuple[str, ...]
    modalities: tuple[str, ...]
    description: str
    way: Way = Way.RETRIEVE


def _folded(names: Iterable[str]) -> set[str]:
    return {each.casefold() for each in names}


def rules(home: Home) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    """The rules of the home, and a sentence for each that is wrong; the others stay in force."""
    tables, problem = read_toml(home.root / FILE, "the rules of routing")
    found, problems = [], [problem] if problem else []
    given = tables.get("rule", [])
    for number, table in enumerate(given if isinstance(given, list) else [], 1):
        try:
            found.append(rule_of(table))
        except (HounsfieldError, TypeError, KeyError, AttributeError) as error:
            said = error.sentence if isinstance(error, HounsfieldError) else "it needs a name and a node (to)."
            problems.append(f"Rule {number} of {FILE}: {said}")
    return tuple(found), tuple(problems)


def rule_of(table: Any) -> Rule:
    """A rule of a table. Raises HounsfieldError, TypeError, KeyError or AttributeError for what is none."""
    if unknown := set(table) - _KEYS:
        raise HounsfieldError(f"it knows no {', '.join(sorted(unknown))}; known are {', '.join(sorted(_KEYS))}.")
    if any(isinstance(table.get(key, []), str) for key in ("from", "modality", "on")):
        raise HounsfieldError("from, modality and on are lists.")
    for way in (ways := [str(each) for each in table.get("on", NOT_OURS)]):
        if way not in tuple(Way):
            raise HounsfieldError(f"on: {way!r} is no way to come{meant(way, tuple(Way))}.")
    return Rule(
        str(table["name"]),
        str(table["to"]),
        tuple(str(each) for each in table.get("from", ())),
        tuple(str(each) for each in table.get("modality", ())),
        str(table.get("description", "")),
        frozenset(map(Way, ways)),
    )


def targets(known: Iterable[Rule], came: Came) -> tuple[tuple[str, str], ...]:
    """(node, rule) for each node that a study goes on to, once each; never back where it came from."""
    found: dict[str, str] = {}
    for rule in known:
        if rule.to.casefold() not in _folded(came.sources) and rule.fits(came):
            found.setdefault(rule.to, rule.name)
    return tuple(found.items())
