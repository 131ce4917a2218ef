"""Findings, segments and key images as JSON text, as a home keeps drafts: no name and no ID of a patient."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from workstation.findings.finding import MOST_POINTS, Finding, Kind, Source, Status, Value
from workstation.findings.key_image import KeyImage, Purpose
from workstation.findings.segment import Look, Segment
from workstation.findings.segment_saved import as_values, from_values
from workstation.imaging.geometry import Vec3

FORMAT: Final = 1


Draft = Finding | Segment | KeyImage
Looks = Mapping[str, Look]
"""How segments that documents say are shown here, by tracking UID."""


@dataclass(frozen=True)
class Kept:
    """What a home keeps of a study: its drafts, UIDs of what documents said by then, and how their segments look."""

    drafts: tuple[Draft, ...] = ()
    known: frozenset[str] = frozenset()
    looks: Looks = field(default_factory=dict)


def as_text(
    study_instance_uid: str, drafts: Iterable[Draft], known: Iterable[str] = (), looks: Looks | None = None
) -> str:
    """The findings, segments and key images of a study, each in the order they were made.

    `known` are UIDs of what documents said of it by then: what of that is no longer here was removed.
    """
    found = tuple(drafts)
    document = {
        "format": FORMAT,
        "study": study_instance_uid,
        "findings": [asdict(each) for each in found if isinstance(each, Finding)],
        "segments": [as_values(each) for each in found if isinstance(each, Segment)],
        "keys": [
            [each.series_instance_uid, each.sop_instance_uid, each.frame, each.purpose] for each in keys_among(found)
        ],
        "known": sorted(known),
        "looks": {uid: asdict(look) for uid, look in (looks or {}).items()},
    }
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def from_text(study_instance_uid: str, text: str) -> tuple[Draft, ...]:
    """The inverse of `as_text`, findings first. Raises ValueError for what is not that study's or not written by us."""
    return read_text(study_instance_uid, text).drafts


def read_text(study_instance_uid: str, text: str) -> Kept:
    """`from_text` and all that is kept beside it."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT or document["study"] != study_instance_uid:
            raise ValueError("drafts of something else")
        findings = tuple(_finding(each) for each in document["findings"])
        segments = tuple(from_values(each) for each in document.get("segments", ()))
        keys = tuple(_key(study_instance_uid, *each) for each in document.get("keys", ()))
        looks = {str(uid): _look(**values) for uid, values in document.get("looks", {}).items()}
        return Kept((*findings, *segments, *keys), frozenset(map(str, document.get("known", ()))), looks)
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"no drafts of ours: {type(error).__name__}") from error


def keys_among(drafts: Iterable[Draft]) -> tuple[KeyImage, ...]:
    return tuple(each for each in drafts if isinstance(each, KeyImage))


def _look(hidden: bool, locked: bool, outline_only: bool, opacity: float) -> Look:
    return Look(bool(hidden), bool(locked), bool(outline_only), min(max(float(opacity), 0.0), 1.0))


def _key(study: str, series: str, sop_instance_uid: str, frame: int, purpose: str = Purpose.OF_INTEREST) -> KeyImage:
    return KeyImage(study, str(series), str(sop_instance_uid), int(frame), Purpose(purpose))


def _finding(values: dict[str, Any]) -> Finding:
    """Raises what values that are not ours raise."""
    points = tuple(map(_point, values["points"]))
    if not 0 < len(points) <= MOST_POINTS:
        raise ValueError("too many points")
    label = values["label"]
    known = {
        **values,
        "kind": Kind(values["kind"]),
        "status": Status(values["status"]),
        "points": points,
        "sources": tuple(Source(**each) for each in values["sources"]),
        "values": tuple(Value(**each) for each in values["values"]),
        "label": None if label is None else _point(label),
        "alignments": tuple(map(str, values.get("alignments", ()))),
    }
    return Finding(**known)


def _point(values: list[float]) -> Vec3:
    x, y, z = (float(each) for each in values)
    if not all(abs(each) < 1e7 for each in (x, y, z)):
        raise ValueError("no point there can be")
    return (x, y, z)
