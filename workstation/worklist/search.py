"""Words typed into the search line, and whether a row has all of them.

A word is looked for anywhere in the row; `field:word` in one field alone. Case, accents and the commas of names do
not matter. A field nobody knows is an ordinary word, so that times and URLs can be searched for.
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from workstation.worklist.items import Item


def folded(text: str) -> str:
    """Lower case without accents: "Müller" and "MULLER" are one, "Straße" is "strasse"."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in parts if not unicodedata.combining(each))


FIELDS: Final[Mapping[str, Callable[["Item"], str]]] = {
    "name": lambda item: item.row.patient_name.replace("^", " "),
    "id": lambda item: item.row.patient_id,
    "born": lambda item: item.row.patient_birth_date,
    "sex": lambda item: item.row.patient_sex,
    "modality": lambda item: " ".join(item.row.modalities),
    "part": lambda item: " ".join(each.body_part for each in item.row.series),
    "date": lambda item: item.row.study_date,
    "accession": lambda item: item.row.accession_number,
    "referrer": lambda item: item.row.referring_physician,
    "urgency": lambda item: item.row.priority,
    "status": lambda item: item.status,
    "claimed": lambda item: item.reading.claimed_by,
}


@dataclass(frozen=True, slots=True)
class Query:
    """`words` must all be in the row, and each (field, word) of `fielded` at the beginning of a word of its field."""

    words: tuple[str, ...] = ()
    fielded: tuple[tuple[str, str], ...] = ()

    def of(self, items: list["Item"]) -> list["Item"]:
        """The items that are found, one condition after another: this runs at every keystroke."""
        for word in self.words:
            items = [item for item in items if word in item.text]
        for name, word in self.fielded:
            items = [item for item in items if _begins(item, name, word)]
        return items


def query(typed: str) -> Query:
    """What was typed, as a query; a field without a word (`modality:`) asks for nothing yet."""
    words, fielded = [], []
    for part in folded(typed).replace(",", " ").split():
        name, colon, word = part.partition(":")
        if colon and name in FIELDS:
            fielded += [(name, word.replace("-", "") if name in ("date", "born") else word)] if word else []
        else:
            words.append(part)
    return Query(tuple(words), tuple(fielded))


def _begins(item: "Item", name: str, word: str) -> bool:
    value = folded(FIELDS[name](item))
    return value.startswith(word) or f" {word}" in value
