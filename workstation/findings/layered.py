"""What a region drawn over two series says of the second one: of its own stored voxels, where it lies on the first.

A region is carried to the other series, never the voxels to the region (safety.md 9): values keep their unit.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from workstation.errors import Refused
from workstation.findings.finding import Finding, Kind, Value
from workstation.findings.outline import outline
from workstation.findings.regions import as_values, region_statistics
from workstation.imaging.alignment import Laid, Standing
from workstation.imaging.geometry import vec
from workstation.imaging.volume import Voxels

RIGID: Final = 1e-6
"""What lengths may change by for a transformation to keep the shape of an ellipse."""


def layer_values(voxels: Voxels, finding: Finding, called: str, laid: Laid) -> tuple[Value, ...] | None:
    """Statistics of a layer's stored voxels inside a finding, each value named after `called`; none where the region
    meets nothing of it, None while voxels are on their way."""
    if not finding.in_patient or voxels.is_colour:
        return ()
    try:
        found = region_statistics(voxels, carried(finding, laid, voxels.display_set.first.FrameOfReferenceUID))
    except Refused:
        return ()
    if found is None:
        return None
    series = voxels.display_set.first.SeriesDescription or called
    origin = series if laid.standing is Standing.SAME else f"{series}, {laid.standing.value}"
    values = as_values(found, finding.kind)
    return tuple(replace(each, name=f"{called} {each.name}", how=f"{origin}: {each.how}") for each in values)


def carried(finding: Finding, laid: Laid, frame_of_reference_uid: str) -> Finding:
    """A finding as it lies in the frame of a layer; an ellipse that is bent there becomes an outline."""
    if laid.standing is Standing.SAME:
        return finding
    kind, points = finding.kind, finding.points
    linear = laid.matrix[:3, :3]
    keeps_shape = not laid.is_bent and bool(np.abs(linear.T @ linear - np.eye(3)).max() < RIGID)
    if kind in (Kind.ELLIPSE, Kind.RECTANGLE) and not keeps_shape:
        kind, points = Kind.FREEHAND, outline(finding.kind, finding.points)
    moved = laid.to_moving(np.asarray(points, dtype=np.float64))
    return replace(
        finding,
        kind=kind,
        points=tuple(vec(each) for each in moved),
        frame_of_reference_uid=frame_of_reference_uid,
    )


def is_layered(finding: Finding) -> bool:
    """Whether any of its values is a layer's."""
    return any(is_of_layer(value, name) for value in finding.values for name in ("Mean", "Value"))


def is_of_layer(value: Value, name: str) -> bool:
    """Whether a value is this one of a layer: "PT Mean"."""
    return value.name.endswith(f" {name}")
