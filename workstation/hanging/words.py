"""What the words of descriptions mean, from resources/hanging_words.toml and a site's own file over it."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from workstation import paths
from workstation.errors import HounsfieldError

Meaning = tuple[str, str]
"""Topic and meaning."""

_CONTRAST: Final = re.compile(r"(?<![A-Za-z])(?:[cC]|[iI][vV]) ?\+|\+ ?[cC](?![A-Za-z])")
_NO_CONTRAST: Final = re.compile(r"(?<![A-Za-z])(?:[cC]|[iI][vV]) ?-(?![A-Za-z0-9])")
_T2_STAR: Final = re.compile(r"(?<![A-Za-z])[tT]2 ?\*")
_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_APART: Final = re.compile(r"[^a-z0-9]+")
_LONGEST_PHRASE: Final = 5


@dataclass(frozen=True)
class Vocabulary:
    """What words, phrases and beginnings of words mean, and which regions cover others."""

    whole: Mapping[str, tuple[Meaning, ...]]
    beginnings: Mapping[str, tuple[Meaning, ...]]
    lengths: tuple[int, ...]
    """The lengths beginnings have."""
    openers: frozenset[str]
    """The first words of phrases that are known; what begins otherwise says no more than its words."""
    covers: Mapping[str, frozenset[str]]


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text: lower case, without accents, CamelCase and snake_case apart."""
    marked = _NO_CONTRAST.sub(" minuscontrast ", _CONTRAST.sub(" pluscontrast ", text))
    marked = _CAMEL.sub(" ", _T2_STAR.sub(" t2star ", marked))
    plain = unicodedata.normalize("NFKD", marked.replace("ß", "ss")).lower()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(each for each in _APART.split(plain) if each)


def meanings(topic: str, text: str) -> Mapping[str, str]:
    """What a text says of a topic: each meaning and the word that says it."""
    return _meanings(text).get(topic, {}) if text else {}


@lru_cache(maxsize=8192)
def _meanings(text: str) -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for phrase in _phrases(tokens(text)):
        for topic, meaning in _said(phrase):
            found.setdefault(topic, {}).setdefault(meaning, phrase)
    return found


@lru_cache(maxsize=8192)
def _said(phrase: str) -> tuple[Meaning, ...]:
    known = vocabulary()
    said = list(known.whole.get(phrase, ()))
    for length in known.lengths:
        if length <= len(phrase):
            said += known.beginnings.get(phrase[:length], ())
    return tuple(said)


def _phrases(words: tuple[str, ...]) -> list[str]:
    """Each word, then those phrases from two words on that may mean more than their words."""
    openers = vocabulary().openers
    starts = [at for at, word in enumerate(words) if word in openers]
    sizes = range(2, min(_LONGEST_PHRASE, len(words)) + 1)
    return [
        *words,
        *(" ".join(words[at : at + size]) for size in sizes for at in starts if at + size <= len(words)),
    ]


@cache
def vocabulary() -> Vocabulary:
    """The shipped words and those of the home folder; raises HounsfieldError for a file that cannot be read."""
    whole: dict[str, list[Meaning]] = {}
    beginnings: dict[str, list[Meaning]] = {}
    covers: dict[str, frozenset[str]] = {}
    for file in (paths.resources() / "hanging_words.toml", paths.home().root / "hanging_words.toml"):
        for topic, entries in _read(file).items():
            if topic == "covers":
                covers |= {name: frozenset(parts) for name, parts in entries.items()}
                continue
            for meaning, words in entries.items():
                for word in words:
                    where = beginnings if word.endswith("*") else whole
                    where.setdefault(word.rstrip("*"), []).append((topic, meaning))
    lengths = tuple(sorted({len(each) for each in beginnings}))
    openers = frozenset(each.split(" ")[0] for each in (*whole, *beginnings) if " " in each)
    return Vocabulary(_frozen(whole), _frozen(beginnings), lengths, openers, covers)


def _frozen(entries: Mapping[str, list[Meaning]]) -> Mapping[str, tuple[Meaning, ...]]:
    return {word: tuple(meanings) for word, meanings in entries.items()}


def _read(file: Path) -> Mapping[str, Mapping[str, list[str]]]:
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise HounsfieldError(f"{file.name} of the home folder cannot be read: {error}") from error
    for topic, entries in values.items():
        if not isinstance(entries, dict) or not all(_are_words(each) for each in entries.values()):
            raise HounsfieldError(f"{file.name}, {topic}: each meaning has a list of words")
    return values


def _are_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and each for each in value)
