"""What segments are, in coded terms (PS3.16 CID 7150, 7151), by the words that they are called."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Final

from workstation import paths


@dataclass(frozen=True, slots=True)
class Term:
    """A coded entry (PS3.3 8.8)."""

    value: str
    scheme: str
    meaning: str


@dataclass(frozen=True)
class Terms:
    """SegmentedPropertyCategory and SegmentedPropertyType of a segment."""

    category: Term
    type: Term


SIDES: Final = frozenset(("left", "right", "lt", "rt", "l", "r", "the", "of", "both", "bilateral"))
"""Words beside the thing itself: SegmentedPropertyType knows no side."""

OTHER_WORDS: Final = {
    "gtv": "Neoplasm",
    "tumor": "Neoplasm",
    "tumour": "Neoplasm",
    "metastasis": "Neoplasm, Secondary",
    "lymphnode": "Lymph Node",
    "node": "Lymph Node",
    "haemorrhage": "Hemorrhage",
    "oedema": "Edema",
    "oesophagus": "Esophagus",
    "adipose": "Fat",
}


def terms_for(name: str) -> Terms:
    """The terms that fit a name best: it itself without its side, else the longest within it, else tissue."""
    words = [word for word in re.split(r"[^a-z]+", name.casefold()) if word and word not in SIDES]
    known = _known()
    for size in range(len(words), 0, -1):
        for start in range(len(words) - size + 1):
            wanted = tuple(words[start : start + size])
            if wanted in known:
                return known[wanted]
    return known[("tissue",)]


@cache
def _known() -> dict[tuple[str, ...], Terms]:
    """By the words of each meaning, sides left out; a plural is known by its singular."""
    found: dict[tuple[str, ...], Terms] = {}
    for group in tomllib.loads((paths.resources() / "segment_terms.toml").read_text(encoding="utf-8")).values():
        category = Term(group["category"][0], "SCT", group["category"][1])
        for meaning, value in group["types"].items():
            terms = Terms(category, Term(value, "SCT", meaning))
            words = tuple(word for word in re.split(r"[^a-z]+", meaning.casefold()) if word and word not in SIDES)
            found[words] = found[(*words[:-1], words[-1] + "s")] = terms
    by_meaning = {terms.type.meaning: terms for terms in found.values()}
    return found | {(word,): by_meaning[meaning] for word, meaning in OTHER_WORDS.items()}
