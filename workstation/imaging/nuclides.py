"""Half-lives of what PET is made with, by code, name or symbol."""

import re
from typing import Final

SOURCE: Final = "ICRP Publication 107"

HALF_LIVES_S: Final = {
    "C-11": 1223.4,
    "N-13": 597.9,
    "O-14": 70.606,
    "O-15": 122.24,
    "F-18": 6586.2,
    "Na-22": 8.2110e7,
    "K-38": 458.16,
    "Sc-43": 14007.6,
    "Sc-44": 14292.0,
    "Ti-45": 11088.0,
    "Mn-52": 4.8306e5,
    "Fe-52": 29790.0,
    "Cu-60": 1422.0,
    "Cu-61": 11998.8,
    "Cu-62": 580.2,
    "Cu-64": 45720.0,
    "Zn-62": 33084.0,
    "Ga-66": 34164.0,
    "Ga-68": 4062.6,
    "Ge-68": 2.34101e7,
    "Br-75": 5802.0,
    "Br-76": 58320.0,
    "Rb-82": 76.38,
    "Y-86": 53064.0,
    "Y-90": 230760.0,
    "Zr-89": 282276.0,
    "I-124": 360806.4,
    "Tb-152": 63000.0,
}
"""Physical half-lives, seconds."""

AGREES: Final = 0.03
"""By so much of itself a stated half-life may differ: tables round, and do."""

_CODES: Final = {
    "105A1": "C-11", "107A1": "N-13", "1018C": "O-14", "B1038": "O-15", "111A1": "F-18", "155A1": "Na-22",
    "135A4": "K-38", "166A2": "Ti-45", "149A1": "Mn-52", "130A1": "Fe-52", "127A4": "Cu-60", "127A1": "Cu-61",
    "127A5": "Cu-62", "127A2": "Cu-64", "141A1": "Zn-62", "131A1": "Ga-66", "131A3": "Ga-68", "128A2": "Ge-68",
    "113A1": "Br-75", "113A2": "Br-76", "159A2": "Rb-82", "162A3": "Y-86", "162A7": "Y-90", "168A4": "Zr-89",
    "114A5": "I-124",
}  # fmt: skip
"""SNOMED RT identifiers without their C- (PS3.16 CID 4020)."""

_CONCEPTS: Final = {
    "40565003": "C-11", "21576001": "N-13", "424875009": "O-14", "129504001": "O-15", "77004003": "F-18",
    "71633006": "Na-22", "423764008": "K-38", "75696008": "Ti-45", "37225000": "Mn-52", "69089000": "Fe-52",
    "425364008": "Cu-60", "71425003": "Cu-61", "422934004": "Cu-62", "3932008": "Cu-64", "65054007": "Zn-62",
    "79477007": "Ga-66", "35337001": "Ga-68", "53315004": "Ge-68", "17910003": "Br-75", "79523006": "Br-76",
    "79197006": "Rb-82", "10738001": "Y-86", "14691008": "Y-90", "63360001": "Zr-89", "40937006": "I-124",
    "126605": "Sc-43", "126600": "Sc-44", "126606": "Tb-152",
}  # fmt: skip
"""SNOMED CT, and DICOM where that has none."""

_SYMBOLS: Final = {
    "carbon": "C", "nitrogen": "N", "oxygen": "O", "fluorine": "F", "sodium": "Na", "potassium": "K",
    "scandium": "Sc", "titanium": "Ti", "manganese": "Mn", "iron": "Fe", "copper": "Cu", "zinc": "Zn",
    "gallium": "Ga", "germanium": "Ge", "bromine": "Br", "rubidium": "Rb", "yttrium": "Y", "zirconium": "Zr",
    "iodine": "I", "terbium": "Tb",
}  # fmt: skip
_BEFORE: Final = re.compile(r"\b([a-z]+)[\s^\-\[(]*(\d{2,3})(?!\d|m)")
_AFTER: Final = re.compile(r"(?<!\d)(\d{2,3})[\s^\-\])]*([a-z]+)\b")
_SUGAR: Final = re.compile(r"\bfdg\b|fluorodeoxyglucose", re.IGNORECASE)


def nuclide_of(code: str, *words: str) -> str:
    """The nuclide that a code, or words as "^18^Fluorine", "F-18" or "FDG", name; empty where none is known."""
    known = _CONCEPTS.get(code) or _CODES.get(code.removeprefix("C-"))
    return known or next(filter(None, map(_in_words, words)), "")


def _in_words(words: str) -> str:
    text = words.lower()
    pairs = [(element, mass) for element, mass in _BEFORE.findall(text)]
    pairs += [(element, mass) for mass, element in _AFTER.findall(text)]
    for element, mass in pairs:
        name = f"{_SYMBOLS.get(element, element.capitalize())}-{mass}"
        if name in HALF_LIVES_S:
            return name
    return "F-18" if _SUGAR.search(words) else ""
