"""Which regions of the body a study shows: by its words, else by its protocol, else by how far it reaches."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from workstation.dicom.entities import Instance
from workstation.hanging.kernels import is_head_kernel
from workstation.hanging.words import meanings, vocabulary

if TYPE_CHECKING:
    from workstation.hanging.recognise import SeriesFacts

SPINES: Final = frozenset(("cervical spine", "thoracic spine", "lumbar spine"))
CHEST_LENGTH_MM: Final = 150.0
MOST_OF_THE_SCAN: Final = 0.8
"""A series of lungs at least so long and at most that part of the scan shows a chest, not the lungs an abdomen cuts."""

BODY_LENGTH_MM: Final = 500.0
"""A scan from here on, without a word anywhere, is chest, abdomen and pelvis."""

_TISSUE_NAMES: Final = frozenset(("lung", "bone"))


def regions_in(text: str) -> Mapping[str, str]:
    """The body regions a text names, those they cover included, each with the word that says it."""
    found = dict(meanings("region", text))
    for region, word in tuple(found.items()):
        for part in sorted(vocabulary().covers.get(region, ())):
            found.setdefault(part, word)
    if SPINES & set(found):
        found.setdefault("spine", next(found[each] for each in sorted(SPINES & set(found))))
    return found


def study_regions(facts: Sequence["SeriesFacts"], firsts: Sequence[Instance], why: dict[str, str]) -> frozenset[str]:
    """The body regions of a study: what its descriptions say, else ProtocolName, else BodyPartExamined, else extent.

    BodyPartExamined comes late because it is often that of the protocol the scanner was left with.
    """
    shown = [(fact, first) for fact, first in zip(facts, firsts, strict=True) if fact.diagnostic]
    shown = shown or list(zip(facts, firsts, strict=True))
    of_study = _regions_of(first.StudyDescription for _, first in shown)
    longest = max((fact.coverage_mm for fact, _ in shown), default=0.0)
    of_series: dict[str, str] = {}
    for fact, first in shown:
        own = CHEST_LENGTH_MM <= fact.coverage_mm <= MOST_OF_THE_SCAN * longest
        of_series |= _regions_of([first.SeriesDescription], frozenset() if own or not of_study else _TISSUE_NAMES)
    of_protocol = _regions_of(first.ProtocolName for _, first in shown)
    for what, found in (
        # A study that says nothing is what its protocol is called and what its series say.
        ("description", of_study | of_series if of_study else of_series and of_protocol | of_series),
        ("ProtocolName", of_protocol),
        ("BodyPartExamined", _regions_of(first.BodyPartExamined for _, first in shown)),
    ):
        if found:
            why["regions"] = ", ".join(f"{region}: “{word}” in {what}" for region, word in sorted(found.items()))
            return frozenset(found)
    return _regions_by_extent(shown, why)


def _regions_of(texts: Iterable[str], but: frozenset[str] = frozenset()) -> dict[str, str]:
    """Regions that texts name, each with its word, `but` by words that name a tissue: lungs cut by an abdomen's CT."""
    return {
        region: word
        for text in dict.fromkeys(texts)
        for region, word in regions_in(text).items()
        if not but & set(meanings("tissue", word))
    }


def _regions_by_extent(shown: Sequence[tuple["SeriesFacts", Instance]], why: dict[str, str]) -> frozenset[str]:
    scans = [(fact, first) for fact, first in shown if fact.Modality == "CT" and fact.plane == "axial"]
    if not scans:
        return frozenset()
    longest = max(fact.coverage_mm for fact, _ in scans)
    why["regions"] = f"no word says it; {longest:.0f} mm long"
    if longest >= BODY_LENGTH_MM:
        return frozenset(("chest", "abdomen", "pelvis"))
    if any(is_head_kernel(first.ConvolutionKernel) for _, first in scans):
        return frozenset(("head",))
    return frozenset(("chest",)) if any(fact.tissue == "lung" for fact, _ in scans) else frozenset()
