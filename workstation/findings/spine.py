"""Labels of vertebrae: their names in order from head to foot, and what the next click is called."""

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from workstation.findings.finding import Finding, Kind
from workstation.findings.sites import site_of

LEVELS: Final = (
    *(f"C{number}" for number in range(1, 8)),
    *(f"T{number}" for number in range(1, 13)),
    *(f"L{number}" for number in range(1, 6)),
    *(f"S{number}" for number in range(1, 6)),
)
FIRST: Final = (
    ("lumbar spine", "L5"),
    ("cervical spine", "C2"),
    ("thoracic spine", "T1"),
    ("neck", "C2"),
    ("head", "C2"),
    ("abdomen", "L5"),
    ("pelvis", "L5"),
    ("chest", "T1"),
)
"""What the first label is by the region of the body, the one that says most first."""

USUAL: Final = "L5"


def first_level(regions: Iterable[str]) -> str:
    """What the first label of a study that shows these regions is, unless somebody types another."""
    known = set(regions)
    return next((level for region, level in FIRST if region in known), USUAL)


def level_of(words: str) -> str | None:
    """The level that words name, such as l5, Th12 or D 3; None for what is none, such as L6, which some people have."""
    found = re.fullmatch(r"\s*(c|th|t|d|l|s)\s*(\d{1,2})(\s*vertebra)?\s*", words.casefold())
    if found is None:
        return None
    level = f"{'T' if found[1] in ('th', 't', 'd') else found[1].upper()}{int(found[2])}"
    return level if level in LEVELS else None


def renamed(finding: Finding, words: str) -> Finding:
    """A finding by another name; the site of a label of the spine is the vertebra it names."""
    if finding.kind is not Kind.SPINE_LABEL:
        return replace(finding, name=words)
    level = level_of(words)
    site = site_of(f"{level} vertebra") if level else None
    return replace(finding, name=level or words, site=site.meaning if site else "")


def following(finding: Finding, others: Iterable[Finding]) -> str:
    """What a new label is called: one on from the nearest other of its space, towards the head or the foot.

    The head is along +z of the patient, and upwards on an image without a place in one. Empty where no other names a
    level, or the spine ends.
    """
    near = [each for each in others if each.kind is Kind.SPINE_LABEL and _space(each) == _space(finding)]
    near = [each for each in near if each.tracking_uid != finding.tracking_uid and level_of(each.name)]
    if not near:
        return ""
    nearest = min(near, key=lambda each: math.dist(each.points[0], finding.points[0]))
    level = level_of(nearest.name)
    step = -1 if _height(finding) > _height(nearest) else 1
    at = LEVELS.index(level or USUAL) + step
    return LEVELS[at] if 0 <= at < len(LEVELS) else ""


def _space(finding: Finding) -> object:
    return finding.frame_of_reference_uid or finding.sources


def _height(finding: Finding) -> float:
    return finding.points[0][2] if finding.in_patient else -finding.points[0][1]
