"""Sentences of PET's tools."""

from collections.abc import Sequence
from typing import Final

from workstation.case.hot import Proposed
from workstation.case.state import Case
from workstation.errors import HounsfieldError
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.picture.text import PRIOR, date

ON_THE_WAY: Final = "The values of this series are still on their way, or are none."
NOT_THERE: Final = "Nothing is proposed there; a click on a spot takes it out or brings it back."
NO_VALUE: Final = "These values are {}: set the one from which lesions count."
NO_REFERENCE: Final = "Lay the {} reference first ({}), or have it proposed."
NOT_YET: Final = "Values are still being computed in this measure; try again in a moment."
RENEWED: Final = "PET is told otherwise now: the proposed lesions are looked for again from {:g} {}."
DROPPED: Final = "The proposed lesions were found in {}; these are {} now: nothing is proposed any more."
NONE_KEPT: Final = "All that was proposed is taken out: nothing was kept."
MOST_TOLD: Final = 6
LOOK: Final = "Proposed by uptake alone: look at {} before you use {}."


def looked_at(aorta: bool) -> str:
    """What is to be done with references that were proposed, with the aorta's or without."""
    told = LOOK.format(*(("both", "them") if aorta else ("the liver's", "it")))
    return told if aorta else f"{told} The aorta was not found."


def title(case: Case, display_set: DisplaySet | None, unit: str) -> str:
    """Which study and series it is, and its unit; a prior is called so."""
    if display_set is None:
        return "PET"
    first, current = display_set.first, case.first
    prior = current is not None and first.StudyInstanceUID != current.StudyInstanceUID
    study = " ".join(filter(None, (first.Modality, PRIOR if prior else "", date(first.StudyDate))))
    return f"{study}: {', '.join(filter(None, (first.SeriesDescription, unit)))}"


def kept_as(proposed: Proposed, segments: Sequence[Segment]) -> str:
    """Which number each spot has now that it is a segment: segments are counted over all that are there."""
    numbers = {id(spot): number for number, spot in enumerate(proposed.found.spots, start=1)}
    pairs = zip(proposed.kept, segments, strict=True)
    told = [f"P{numbers[id(spot)]} is {segment.number}" for spot, segment in pairs]
    more = f" and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
    return f"Kept as segments: {', '.join(told[:MOST_TOLD])}{more}." if told else NONE_KEPT


def failure(error: Exception) -> str:
    """What is said of an error: its detail, or its sentence."""
    detail = getattr(error, "detail", "")
    sentence = error.sentence if isinstance(error, HounsfieldError) else type(error).__name__
    return detail[:1].upper() + detail[1:] + "." if detail else sentence
