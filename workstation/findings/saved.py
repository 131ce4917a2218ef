"""Findings, segments and key images as JSON text, as a home keeps drafts: no name and no ID of a patient."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

from workstation.findings.finding import MOST_POINTS, Finding, Kind, Source, Status, Value
from workstation.findings.key_image import KeyImage
from workstation.findings.segment import Segment
from workstation.findings.segment_saved import as_values, from_values
from workstation.imaging.geometry import Vec3

FORMAT: Final = 1


Draft = Finding | Segment | KeyImage


def as_text(study_instance_uid: str, drafts: Iterable[Draft], known: Iterable[str] = ()) -> str:
    """The findings, segments and key images of a study, each in the order they were made.

    `known` are UIDs of what documents said of it by then: what of that is no longer here was removed.
    """
    found = tuple(drafts)
    document = {
        "format": FORMAT,
        "study": study_instance_uid,
        "findings": [asdict(each) for each in found if isinstance(each, Finding)],
        "segments": [as_values(each) for each in found if isinstance(each, Segment)],
        "keys": [[each.series_instance_uid, each.sop_instance_uid, each.frame] for each in keys_among(found)],
        "known": sorted(known),
    }
    return json.dumps(document, allow_nan=False, separators=(",", ":"))


def from_text(study_instance_uid: str, text: str) -> tuple[Draft, ...]:
    """The inverse of `as_text`, findings first. Raises ValueError for what is not that study's or not written by us."""
    return read_text(study_instance_uid, text)[0]


def read_text(study_instance_uid: str, text: str) -> tuple[tuple[Draft, ...], frozenset[str]]:
    """`from_text` and what was `known`."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT or document["study"] != study_instance_uid:
            raise ValueError("drafts of something else")
        findings = tuple(_finding(each) for each in document["findings"])
        segments = tuple(from_values(each) for each in document.get("segments", ()))
        keys = tuple(_key(study_instance_uid, *each) for each in document.get("keys", ()))
        return (*findings, *segments, *keys), frozenset(map(str, document.get("known", ())))
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError(f"no drafts of ours: {type(error).__name__}") from error


def keys_among(drafts: Iterable[Draft]) -> tuple[KeyImage, ...]:
    return tuple(each for each in drafts if isinstance(each, KeyImage))


def _key(study: str, series: str, sop_instance_uid: str, frame: int) -> KeyImage:
    return KeyImage(study, str(series), str(sop_instance_uid), int(frame))


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
    }
    return Finding(**known)


def _point(values: list[float]) -> Vec3:
    x, y, z = (float(each) for each in values)
    if not all(abs(each) < 1e7 for each in (x, y, z)):
        raise ValueError("no point there can be")
    return (x, y, z)
