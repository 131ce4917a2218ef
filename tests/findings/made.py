"""Findings for tests: in the patient unless an image is named."""

from collections.abc import Iterable, Sequence

import numpy as np

from workstation.findings.finding import Finding, Kind, Source
from workstation.imaging.geometry import Vec3

FRAME = "1.9"


def finding(kind: Kind, points: Iterable[Sequence[float]], image: str | None = None, **other: object) -> Finding:
    """One that lies in the patient, or on image `image` in pixels."""
    placed = tuple((float(each[0]), float(each[1]), float(each[2] if len(each) > 2 else 0.0)) for each in points)
    values: dict[str, object] = {
        "tracking_uid": "2.25.1",
        "number": 1,
        "kind": kind,
        "points": placed,
        "frame_of_reference_uid": None if image else FRAME,
        "sources": (Source(image or "1.2.3"),),
        "study_instance_uid": "1",
        "series_instance_uid": "1.2",
    }
    return Finding(**{**values, **other})  # type: ignore[arg-type]


def turned(points: Iterable[Sequence[float]], seed: int = 4) -> list[Vec3]:
    """Points turned and moved in space as a rigid body."""
    random = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(random.normal(size=(3, 3)))
    moved = np.array([(*each, 0.0)[:3] for each in points]) @ axes.T + random.normal(size=3) * 50
    return [(float(x), float(y), float(z)) for x, y, z in moved]
