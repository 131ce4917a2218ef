"""Which earlier studies may be hung beside a study, and which serves best; every verdict with its reasons.

Same patient is PatientID, issuer and birth date (safety.md 3); sides must agree and dates must be known (safety.md 2,
5). What cannot be decided from headers is refused: a missing prior is asked for, a wrong one misleads.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from workstation.hanging.regions import SPINES
from workstation.hanging.study import Study

FAMILIES: Final = (frozenset(("CR", "DX")), frozenset(("PT", "CT")), frozenset(("XA", "RF")))
"""Modalities that are compared with each other."""

PAIRED: Final = frozenset(("breast", "shoulder", "upper limb", "hand", "hip", "knee", "lower limb", "foot"))
_MODALITY, _REGION, _CONTRAST, _YEARS = 40.0, 30.0, 5.0, 10.0


@dataclass(frozen=True)
class PriorVerdict:
    """Whether an earlier study may be hung, how well it serves, and why."""

    study_instance_uid: str
    study_date: str
    accepted: bool
    score: float
    reasons: tuple[str, ...]


def ranked_priors(current: Study, candidates: Iterable[Study]) -> tuple[tuple[PriorVerdict, Study], ...]:
    """Every candidate with its verdict: accepted ones first, by score, then newest; equal for any order of them."""
    judged = [(judge_prior(current, each), each) for each in candidates if each.first is not None]
    judged.sort(key=lambda pair: pair[0].study_instance_uid)
    judged.sort(key=lambda pair: pair[1].moment, reverse=True)
    judged.sort(key=lambda pair: (not pair[0].accepted, -pair[0].score))
    return tuple(judged)


def judge_prior(current: Study, other: Study) -> PriorVerdict:
    """Whether `other` may hang as a prior of `current`."""
    first = other.first
    uid = first.StudyInstanceUID if first else ""
    refusal = _refusal(current, other)
    if refusal:
        return PriorVerdict(uid, other.date, False, 0.0, (refusal,))
    score, reasons = _merits(current, other)
    return PriorVerdict(uid, other.date, True, score, reasons)


def _refusal(current: Study, other: Study) -> str:
    return (
        _who(current, other)
        or _when(current, other)
        or _what(current, other)
        or _where(current, other)
        or _side(current, other)
    )


def _who(current: Study, other: Study) -> str:
    if len(current.identities) != 1 or len(other.identities) != 1:
        return "holds objects of more than one patient"
    mine, theirs = next(iter(current.identities)), next(iter(other.identities))
    if not mine[0] or not mine[2]:
        return "PatientID or PatientBirthDate is missing, so nobody knows whose it is"
    for name, one, another in zip(("PatientID", "IssuerOfPatientID", "PatientBirthDate"), mine, theirs, strict=True):
        if one != another:
            return f"{name} differs"
    return ""


def _when(current: Study, other: Study) -> str:
    if not current.moment or not other.moment:
        return "has no StudyDate"
    if other.first and current.first and other.first.StudyInstanceUID == current.first.StudyInstanceUID:
        return "is the study itself"
    return "" if other.moment < current.moment else "is not earlier"


def _what(current: Study, other: Study) -> str:
    if current.modalities & other.modalities or any(
        current.modalities & family and other.modalities & family for family in FAMILIES
    ):
        return ""
    return f"is {'/'.join(sorted(other.modalities))}, which is not compared with {'/'.join(sorted(current.modalities))}"


def _where(current: Study, other: Study) -> str:
    if not current.regions or not other.regions:
        return "its body region is not known" if current.regions else "the body region is not known"
    if _common_regions(current, other):
        return ""
    return f"shows {', '.join(sorted(other.regions))}"


def _common_regions(current: Study, other: Study) -> frozenset[str]:
    """Regions of both; the two spines named by level agree only in a level."""
    common = current.regions & other.regions
    if common == {"spine"} and current.regions & SPINES and other.regions & SPINES:
        return frozenset()
    return common


def _side(current: Study, other: Study) -> str:
    if not _common_regions(current, other) & PAIRED:
        return ""
    if "B" in (current.side, other.side) or current.side == other.side != "":
        return ""
    if current.side and other.side:
        return "shows the other side"
    return "its side is not known" if current.side else "the side is not known"


def _merits(current: Study, other: Study) -> tuple[float, tuple[str, ...]]:
    same = current.modalities & other.modalities
    alike = len(same) / len(current.modalities | other.modalities)
    common = _common_regions(current, other)
    share = len(common) / len(current.regions | other.regions)
    years = _years_between(other.date, current.date)
    score = _MODALITY * (1 + alike) / 2 + _REGION * share + max(0.0, _YEARS - years)
    reasons = ["the same modality" if same else "a related modality", f"shows {', '.join(sorted(common))} too"]
    if current.contrast == other.contrast:
        score += _CONTRAST
        reasons.append("contrast alike")
    reasons.append(f"{years:.1f} years earlier")
    return round(score, 3), tuple(reasons)


def _years_between(earlier: str, later: str) -> float:
    try:
        days = (date.fromisoformat(later) - date.fromisoformat(earlier)).days
    except ValueError:
        return _YEARS
    return days / 365.25
