"""Where findings lie, in coded terms (PS3.16 CID 4031, 4030, 7603, 4): words to a code, and a list to choose from."""

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Final

from workstation import paths

SCHEME: Final = "SCT"


@dataclass(frozen=True, slots=True)
class Site:
    """A region or a vertebra: its code in SCHEME and its meaning as printed."""

    value: str
    meaning: str


@cache
def known_sites() -> tuple[Site, ...]:
    """All of the table, the common regions first."""
    groups = tomllib.loads((paths.resources() / "sites.toml").read_text(encoding="utf-8")).values()
    return tuple(Site(value, meaning) for group in groups for meaning, value in group["sites"].items())


def site_of(words: str) -> Site | None:
    """The site that is called so, whatever its letters and what stands between the words; None for free text."""
    return _by_letters().get(_letters(words))


@cache
def _by_letters() -> dict[str, Site]:
    return {_letters(each.meaning): each for each in known_sites()}


def _letters(words: str) -> str:
    return "".join(each for each in words.casefold() if each.isalnum())
