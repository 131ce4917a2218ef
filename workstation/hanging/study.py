"""A study as hanging sees it: who, when, what was done where, and its series, recognised once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from workstation.dicom.entities import Instance
from workstation.hanging.recognise import AGENT, DIAGNOSTIC, SeriesFacts, set_facts, side_of
from workstation.hanging.regions import regions_in, study_regions
from workstation.hanging.words import meanings
from workstation.imaging.displaysets import DisplaySet

FALLBACK_KINDS: Final = frozenset(("reformat", "derived", "uncorrected", "special view", "tomosynthesis", "synthetic"))
"""What is hung of a modality that brought nothing better."""


@dataclass(frozen=True)
class Study:
    """Recognised facts of one study; its series in reading order, whatever order the sets came in."""

    sets: Mapping[str, DisplaySet]
    series: tuple[SeriesFacts, ...]
    regions: frozenset[str]
    procedures: frozenset[str]
    side: str
    contrast: bool
    why: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def first(self) -> Instance | None:
        """The instance that speaks for the study: patient and dates."""
        return self.sets[self.series[0].key].first if self.series else None

    @cached_property
    def read(self) -> tuple[SeriesFacts, ...]:
        """The series that are read: diagnostic ones, and the next best of a modality that brought none."""
        better = frozenset(each.Modality for each in self.series if each.diagnostic)
        return tuple(
            each
            for each in self.series
            if each.diagnostic or (each.kind in FALLBACK_KINDS and each.Modality not in better)
        )

    @cached_property
    def modalities(self) -> frozenset[str]:
        """Modalities of what is read; of everything where nothing is."""
        return frozenset(each.Modality for each in self.read or self.series)

    @cached_property
    def facts(self) -> Mapping[str, frozenset[Any]]:
        """What rules may ask of the study, but for counts."""
        every = {
            name: frozenset(value for each in self.read if (value := getattr(each, name[:-1])))
            for name in ("phases", "sequences", "views", "tissues", "planes")
        }
        return {
            **every,
            "regions": self.regions,
            "modalities": self.modalities,
            "procedures": self.procedures,
            "kinds": frozenset(each.kind for each in self.series),
            "side": frozenset((self.side,)) - {""},
            "contrast": frozenset((self.contrast,)),
        }

    @property
    def date(self) -> str:
        return self.first.StudyDate if self.first else ""

    @property
    def moment(self) -> str:
        """Date and time as text that sorts; midnight where no time is given."""
        first = self.first
        return f"{first.StudyDate}{(first.StudyTime or '0')[:6]:0<6}" if first and first.StudyDate else ""

    @property
    def identities(self) -> frozenset[tuple[str, str, str]]:
        """PatientID, issuer and birth date of every set (safety.md 3)."""
        patients = (each.first.patient for each in self.sets.values())
        return frozenset((each.PatientID, each.IssuerOfPatientID, each.PatientBirthDate) for each in patients)


def recognised(sets: Sequence[DisplaySet]) -> Study:
    """Recognise a study's display sets. Pure; the order of `sets` and repeated ones make no difference."""
    by_key = {each.key: each for each in sets}
    ordered = sorted(by_key.values(), key=_reading_order)
    facts = _synthetic_instead(_before_contrast(tuple(fact for each in ordered for fact in set_facts(each))))
    firsts = [by_key[fact.key].images[fact.image or 0].instance for fact in facts]
    why: dict[str, str] = {}
    return Study(
        sets={each.key: each for each in ordered},
        series=facts,
        regions=study_regions(facts, firsts, why),
        procedures=_procedures(facts, firsts, why),
        side=_side(facts, firsts),
        contrast=any(each.contrast for each in facts if each.diagnostic),
        why=why,
    )


def _before_contrast(facts: tuple[SeriesFacts, ...]) -> tuple[SeriesFacts, ...]:
    """T1 series told from those after contrast: scanners often note the agent in every series of a study."""
    enhanced = [fact for fact in facts if fact.sequence == "t1c"]
    if not any(fact.why.get("contrast") != AGENT for fact in enhanced):
        return facts
    return tuple(
        replace(fact, sequence="t1", contrast=None, why={**fact.why, "sequence": "other T1 series say contrast"})
        if fact.sequence == "t1c" and fact.why.get("contrast") == AGENT
        else fact
        for fact in facts
    )


def _synthetic_instead(facts: tuple[SeriesFacts, ...]) -> tuple[SeriesFacts, ...]:
    """A view that was not exposed by itself is read from the picture made of its tomosynthesis."""
    exposed = {(fact.view, fact.side) for fact in facts if fact.Modality == "MG" and fact.diagnostic}
    return tuple(
        replace(fact, kind=DIAGNOSTIC, why={**fact.why, "kind": "synthetic, and no exposure of this view"})
        if fact.kind == "synthetic" and (fact.view, fact.side) not in exposed
        else fact
        for fact in facts
    )


def _reading_order(display_set: DisplaySet) -> tuple[int, str, int, str]:
    number, (series, _, part) = display_set.first.SeriesNumber, display_set.key.partition("/")
    return (1 << 30 if number is None else number, series, int(part) if part.isdecimal() else 0, display_set.key)


def _procedures(facts: Sequence[SeriesFacts], firsts: Sequence[Instance], why: dict[str, str]) -> frozenset[str]:
    """What was done, in the words of the study; of its series only where the study has none."""
    texts = {first.StudyDescription for first in firsts if first.StudyDescription}
    texts = texts or {first.ProtocolName for first in firsts if first.ProtocolName}
    texts = texts or {first.SeriesDescription for fact, first in zip(facts, firsts, strict=True) if fact.diagnostic}
    found: dict[str, str] = {}
    for text in sorted(texts):
        found |= meanings("procedure", text)
        if "angiography" in found and (vessels := meanings("vessels", text)):
            found |= {f"{vessel} angiography": word for vessel, word in vessels.items()}
    why["procedures"] = ", ".join(f"{meaning}: “{word}”" for meaning, word in sorted(found.items()))
    return frozenset(found)


def _side(facts: Sequence[SeriesFacts], firsts: Sequence[Instance]) -> str:
    sides = {side_of(first) for fact, first in zip(facts, firsts, strict=True) if fact.diagnostic} - {""}
    return sides.pop() if len(sides) == 1 else "B" if sides else ""


def regions_of_text(*texts: str) -> frozenset[str]:
    """The regions that descriptions name, for studies that are known by a list row alone."""
    return frozenset(region for text in texts for region in regions_in(text))
