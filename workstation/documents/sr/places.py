"""Where findings lie, as SCOORD and SCOORD3D keep it (PS3.3 C.18.6, C.18.9): single precision, pixels from a corner.

A finding in a frame of reference is written in it. One in pixels, or in a study whose images name no frame of
reference, is written on its image: column and row, 0 at the outer corner of the first pixel.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from workstation.errors import Reason, Refused
from workstation.findings.finding import Finding, Kind, Source
from workstation.findings.outline import ellipse_axes
from workstation.imaging.geometry import Grid, Vec3, vec

Points = tuple[Vec3, ...]


@dataclass(frozen=True)
class Ground:
    """What marks on an image lie in: a frame of reference (a study's UID where its images name none), or None for its
    pixels; and the grid of the image."""

    frame_of_reference_uid: str | None
    grid: Grid


GroundOf = Callable[[Source], Ground | None]
"""What lies under an image that findings were drawn on; None when it is not there."""

CORNER: Final = 0.5
"""From the centre of the first pixel, where we count from, to its outer corner."""

OFF_PLANE_MM: Final = 0.01
"""So far from an image a point still lies on it."""


def is_spatial(finding: Finding) -> bool:
    """Whether it is written as SCOORD3D: where it lies in a frame of reference that images name."""
    return finding.frame_of_reference_uid not in (None, finding.study_instance_uid)


def written_points(finding: Finding, points: Iterable[Vec3], ground_of: GroundOf) -> Points:
    """Points of a finding as its SR has them: LPS mm, or (column, row, 0) from the image's outer corner.

    Raises `Refused` with NO_FRAME for what lies in no frame of reference and on no single image.
    """
    if is_spatial(finding):
        return tuple(_single(point) for point in points)
    if finding.frame_of_reference_uid is not None:
        points = _on_image(finding, points, ground_of)
    return tuple(_single((x + CORNER, y + CORNER, 0.0)) for x, y, _ in points)


def read_points(finding: Finding, points: Iterable[Vec3], ground_of: GroundOf) -> Points:
    """The inverse of `written_points`, but for what single precision loses. Raises `Refused` with NO_FRAME."""
    if is_spatial(finding):
        return tuple(points)
    plain = tuple((x - CORNER, y - CORNER, 0.0) for x, y, _ in points)
    if finding.frame_of_reference_uid is None:
        return plain
    grid = _grid(finding, ground_of)
    return tuple(grid.point(point) for point in plain)


def as_saved(finding: Finding, ground_of: GroundOf) -> Finding:
    """A finding as it will be read again: its points in single precision, the longer axis first.

    Saving it once more gives the same. Raises `Refused` with NO_FRAME.
    """
    points = _ordered(finding.kind, written_points(finding, finding.points, ground_of))
    label = finding.label and read_points(finding, written_points(finding, (finding.label,), ground_of), ground_of)[0]
    named = "" if finding.name == replace(finding, name="").title else finding.name
    return replace(finding, points=read_points(finding, points, ground_of), label=label, name=named)


def ordered_points(finding: Finding, ground_of: GroundOf) -> Points:
    """The points of a finding as they are written. Raises `Refused` with NO_FRAME."""
    return _ordered(finding.kind, written_points(finding, finding.points, ground_of))


def _ordered(kind: Kind, points: Points) -> Points:
    """SCOORD has the ends of an ellipse's major axis first, and its axes square (C.18.6.1.2)."""
    if kind is Kind.BIDIRECTIONAL and len(points) == 4:
        return points if _size(points[:2]) >= _size(points[2:]) else (*points[2:], *points[:2])
    if kind is not Kind.ELLIPSE or len(points) != 4:
        return points
    middle, one, other = ellipse_axes(points)
    sizes = float(np.linalg.norm(one)), float(np.linalg.norm(other))
    if abs(float(one @ other)) > 1e-3 * sizes[0] * sizes[1]:  # stretched by pixels that are not square
        turned, lengths, _ = np.linalg.svd(np.column_stack([one, other]), full_matrices=False)
        ends = [middle + sign * turned[:, axis] * lengths[axis] for axis in (0, 1) for sign in (-1, 1)]
        return tuple(_single(vec(each)) for each in ends)
    return points if sizes[0] >= sizes[1] else (*points[2:], *points[:2])


def _size(points: Sequence[Vec3]) -> float:
    return float(np.linalg.norm(np.subtract(points[0], points[1])))


def _single(point: Vec3) -> Vec3:
    return vec(np.asarray(point, dtype=np.float32).astype(np.float64))


def _on_image(finding: Finding, points: Iterable[Vec3], ground_of: GroundOf) -> Points:
    """Columns and rows of points of the patient that lie on the finding's image."""
    grid = _grid(finding, ground_of)
    found = tuple(grid.index(point) for point in points)
    if any(abs(k) * grid.spacing[2] > OFF_PLANE_MM for _, _, k in found):
        raise Refused(Reason.NO_FRAME, finding.title)
    return found


def _grid(finding: Finding, ground_of: GroundOf) -> Grid:
    ground = ground_of(finding.sources[0]) if finding.sources else None
    if ground is None:
        raise Refused(Reason.NO_FRAME, finding.title)
    return ground.grid
