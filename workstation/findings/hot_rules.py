"""What uptake means beside reference regions: Deauville's five points and PERCIST, each with the rule it went by.

Both are helpers: the score is the reader's. Deauville (Lugano; Cheson, Barrington 2014) compares maxima of the lesion
with those of mediastinum and liver; "markedly" above the liver is read as more than twice its maximum (Barrington 2014:
two to three times). PERCIST 1.0 (Wahl 2009) wants SULpeak, by lean body mass.
"""

from dataclasses import dataclass
from typing import Final

MARKEDLY: Final = 2.0
"""So many times the liver's maximum is score 5."""

LIVER_FACTOR, BLOOD_FACTOR, SDS = 1.5, 2.0, 2.0
SHARE, SUL = 0.30, 0.8
"""PERCIST: a change is one from 30 % and 0.8 SUL on."""

_ROUNDING: Final = 1e-9


@dataclass(frozen=True)
class Deauville:
    """The score, 1 to 5, or None where references are missing; and the rule with its numbers, or what is missing."""

    score: int | None
    rule: str


def deauville(
    lesion: float | None,
    mediastinum: float | None,
    liver: float | None,
    background: float | None = None,
    called: str = "SUVmax",
) -> Deauville:
    """The score of the hottest lesion: SUVmax of the lesion (None: there is none), of mediastinum and of liver. What
    the maximum is `called` follows its unit: SULmax of lean body mass.

    Score X (new uptake that has another cause) is the reader's to give.
    """
    if lesion is None or (background is not None and lesion <= background):
        return Deauville(1, "1: no uptake above background")
    told = f"{called} {lesion:.2f}"
    if liver is not None and lesion > MARKEDLY * liver:
        return Deauville(5, f"5: {told} is more than {MARKEDLY:g} × the liver's {liver:.2f}")
    if liver is not None and lesion > liver:
        return Deauville(4, f"4: {told} is above the liver's {liver:.2f}, not {MARKEDLY:g} × it")
    if mediastinum is not None and lesion <= mediastinum:
        return Deauville(2, f"2: {told} is not above the mediastinum's {mediastinum:.2f}")
    if mediastinum is not None and liver is not None:
        return Deauville(
            3, f"3: {told} is above the mediastinum's {mediastinum:.2f}, not above the liver's {liver:.2f}"
        )
    missing = [name for name, value in (("mediastinum", mediastinum), ("liver", liver)) if value is None]
    return Deauville(None, f"needs the {' and the '.join(missing)}")


@dataclass(frozen=True)
class Threshold:
    """A least value of a lesion that can be followed, in the unit of the reference, and how it came about."""

    value: float
    rule: str


def percist_threshold(mean: float, sd: float, liver_is_ill: bool = False) -> Threshold:
    """What a SULpeak must reach to be measurable, from the liver; from blood pool where the liver is ill."""
    factor, name = (BLOOD_FACTOR, "blood pool") if liver_is_ill else (LIVER_FACTOR, "liver")
    value = factor * mean + SDS * sd
    return Threshold(value, f"{factor:g} × {name} mean {mean:.2f} + {SDS:g} SD of {sd:.2f} = {value:.2f}")


@dataclass(frozen=True)
class Response:
    """CMR, PMR, SMD or PMD, and the rule with its numbers."""

    word: str
    rule: str


def percist_response(
    before: float,
    now: float | None,
    new_lesions: bool = False,
    background: float | None = None,
    unit: str = "SUL",
) -> Response:
    """Of the hottest lesion's SULpeak, before and now (None: no lesion is seen any more), in SUL; where both are told
    in another `unit`, the rule says so.

    `background` is the liver's mean now: what is below it, and not told from its surroundings, has gone. A rise of
    TLG by 75 % is progress too, which the reader judges.
    """
    if new_lesions:
        return Response("PMD", "PMD: there are new lesions")
    if now is None or (background is not None and now < background):
        return Response("CMR", "CMR: no lesion is above the liver's mean" if now is not None else "CMR: none is left")
    change, share = now - before, (now - before) / before
    told = f"{before:.2f} to {now:.2f}: {share:+.0%}, {change:+.2f} {unit}".replace("-", "−")
    enough = abs(share) >= SHARE - _ROUNDING and abs(change) >= SUL - _ROUNDING
    if not enough:
        return Response("SMD", f"SMD: {told}; not both 30 % and 0.8 SUL")
    return Response("PMR" if change < 0 else "PMD", f"{'PMR' if change < 0 else 'PMD'}: {told}")
