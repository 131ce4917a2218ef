"""Registrations as plain JSON values, for what is kept between two looks at a study. Fields are not kept so."""

from typing import Any

import numpy as np

from workstation.imaging.alignment import Quality, Registration


def as_plain(registration: Registration) -> dict[str, Any]:
    """Of one without a field."""
    quality = registration.quality
    return {
        "uid": registration.uid,
        "fixed": registration.fixed,
        "moving": registration.moving,
        "matrix": registration.matrix.tolist(),
        "kind": registration.kind,
        "accepted": registration.accepted,
        "quality": None if quality is None else {"word": quality.word, "numbers": dict(quality.numbers)},
        "made_by": registration.made_by,
        "sources": list(registration.sources),
    }


def registration_of(plain: dict[str, Any]) -> Registration:
    """The inverse of `as_plain`. Raises ValueError, TypeError, KeyError or AttributeError for what is none."""
    matrix = np.array(plain["matrix"], dtype=np.float64)
    if matrix.shape != (4, 4) or not np.isfinite(matrix).all() or not 1e-3 < np.linalg.det(matrix[:3, :3]) < 1e3:
        raise ValueError("no matrix of a registration")
    kind, quality = plain["kind"], plain["quality"]
    if kind not in ("rigid", "affine"):
        raise ValueError("no kind of registration that is kept so")
    told = None
    if quality is not None:
        if quality["word"] not in ("good", "check", "poor"):
            raise ValueError("no word for quality")
        told = Quality(quality["word"], {str(name): float(value) for name, value in quality["numbers"].items()})
    return Registration(
        str(plain["uid"]),
        str(plain["fixed"]),
        str(plain["moving"]),
        matrix,
        kind,
        None,
        bool(plain["accepted"]),
        told,
        str(plain["made_by"]),
        tuple(map(str, plain["sources"])),
    )
