"""What the measures of 3D say as values of a finding, each with its unit and how it came about.

Pure: what was computed (`imaging.trajectory`, `margin`, `remnant`, `geodesic`) goes in, values come out. The order of
the values is that in which they are read.
"""

import math
from collections.abc import Sequence
from typing import Final

from workstation.findings.finding import Value
from workstation.findings.measure import between_degrees
from workstation.imaging.geodesic import SurfaceWay
from workstation.imaging.geometry import Vec3
from workstation.imaging.margin import Margin
from workstation.imaging.remnant import CurvedCut, Cut, Remnant
from workstation.imaging.trajectory import Stretch, Trajectory

IN_SPACE: Final = "in the patient"


def distance_values(one: Vec3, other: Vec3, along: SurfaceWay | None = None) -> tuple[Value, ...]:
    """The straight distance between two points, and that along a surface where one was found."""
    values = [Value("Distance", math.dist(one, other), "mm", f"straight, {IN_SPACE}")]
    if along is not None:
        values.append(Value("Along surface", along.length_mm, "mm", "shortest way along the surface"))
    return tuple(values)


def angle_values(one: Vec3, vertex: Vec3, other: Vec3) -> tuple[Value, ...]:
    """The angle at the vertex. Raises `Refused` with NO_EXTENT where points that must lie apart lie together."""
    first, second = (tuple(a - b for a, b in zip(point, vertex, strict=True)) for point in (one, other))
    degrees = between_degrees((first[0], first[1], first[2]), (second[0], second[1], second[2]))
    return (Value("Angle", degrees, "°", IN_SPACE),)


def trajectory_values(way: Trajectory, met: Sequence[tuple[str, Sequence[Stretch]]] = ()) -> tuple[Value, ...]:
    """Depth, angles to the planes, and for each structure by name where the way enters and leaves it."""
    values = [
        Value("Depth", way.depth_mm, "mm", f"entry to target, towards {way.heads_for}"),
        Value("To axial", way.to_axial_deg, "°", "between the way and axial planes"),
        Value("To coronal", way.to_coronal_deg, "°", "between the way and coronal planes"),
        Value("To sagittal", way.to_sagittal_deg, "°", "between the way and sagittal planes"),
    ]
    for name, stretches in met:
        for each in stretches:
            how = f"from {each.enters_mm:.1f} to {each.leaves_mm:.1f} mm below the entry"
            values.append(Value(f"In {name}", each.length_mm, "mm", how))
    return tuple(values)


def margin_values(found: Margin) -> tuple[Value, ...]:
    """The least distance between two structures."""
    how = "they overlap" if found.overlap else "least, from surface to surface"
    return (Value("Margin", found.distance_mm, "mm", how),)


def remnant_values(found: Remnant, cut: Cut) -> tuple[Value, ...]:
    """What a cut leaves, of how much, and for each kg where the weight is known."""
    how = "curved cut" if isinstance(cut, CurvedCut) else "flat cut"
    values = [
        Value("Remnant", found.kept_ml, "ml", how),
        Value("Share", 100 * found.kept_share, "%", f"of {found.whole_ml:.1f} ml"),
        Value("Resected", found.whole_ml - found.kept_ml, "ml", how),
    ]
    if found.kept_ml_per_kg is not None:
        values.append(Value("Per kg", found.kept_ml_per_kg, "ml/kg", f"at {found.weight_kg:g} kg"))
    return tuple(values)
