"""The values that 3D measures leave in findings: names, units, numbers by hand."""

import math

import numpy as np
import pytest

from tests.imaging.given import axial
from workstation.errors import Reason, Refused
from workstation.findings.planned import (
    angle_values,
    distance_values,
    margin_values,
    remnant_values,
    trajectory_values,
)
from workstation.imaging.geodesic import SurfaceWay
from workstation.imaging.margin import Margin
from workstation.imaging.masks import Mask
from workstation.imaging.remnant import CurvedCut, FlatCut, remnant
from workstation.imaging.trajectory import Stretch, Trajectory


def told(values: tuple) -> list[tuple[str, float, str]]:
    return [(each.name, pytest.approx(each.value), each.unit) for each in values]


def test_a_distance_is_straight_and_along_the_surface() -> None:
    around = SurfaceWay(((0.0, 0.0, 0.0), (3.0, 0.0, 0.0), (3.0, 4.0, 0.0)))
    assert told(distance_values((0.0, 0.0, 0.0), (3.0, 4.0, 0.0), around)) == [
        ("Distance", 5.0, "mm"),
        ("Along surface", 7.0, "mm"),
    ]
    assert len(distance_values((0.0, 0.0, 0.0), (1.0, 1.0, 1.0))) == 1


def test_an_angle_is_that_at_its_vertex() -> None:
    assert told(angle_values((5.0, 1.0, 1.0), (1.0, 1.0, 1.0), (1.0, 4.0, 4.0))) == [("Angle", 90.0, "°")]
    with pytest.raises(Refused) as refused:
        angle_values((1.0, 1.0, 1.0), (1.0, 1.0, 1.0), (2.0, 1.0, 1.0))
    assert refused.value.reason is Reason.NO_EXTENT


def test_a_way_says_its_depth_angles_and_what_it_meets() -> None:
    way = Trajectory((0.0, 0.0, 0.0), (0.0, 30.0, 40.0))
    values = trajectory_values(way, [("Liver", (Stretch(5.0, 20.0), Stretch(25.0, 26.5)))])
    assert told(values) == [
        ("Depth", 50.0, "mm"),
        ("To axial", math.degrees(math.asin(0.8)), "°"),
        ("To coronal", math.degrees(math.asin(0.6)), "°"),
        ("To sagittal", 0.0, "°"),
        ("In Liver", 15.0, "mm"),
        ("In Liver", 1.5, "mm"),
    ]
    assert values[0].how == "entry to target, towards HP" and values[4].how == "from 5.0 to 20.0 mm below the entry"


def test_a_margin_and_what_overlaps() -> None:
    apart = margin_values(Margin(3.5, (0.0, 0.0, 0.0), (3.5, 0.0, 0.0), overlap=False))
    assert told(apart) == [("Margin", 3.5, "mm")]
    assert margin_values(Margin(0.0, (0.0,) * 3, (0.0,) * 3, overlap=True))[0].how == "they overlap"


def test_a_remnant_says_ml_share_and_for_each_kg() -> None:
    grid = axial((20, 10, 10), (1.0, 2.0, 5.0))
    mask = Mask.of(grid, np.ones((20, 10, 10), np.bool_))
    cut = FlatCut((0.0, 0.0, 22.5), (0.0, 0.0, 1.0))
    values = remnant_values(remnant(mask, cut, 50.0), cut)
    assert told(values) == [
        ("Remnant", 5.0, "ml"),
        ("Share", 25.0, "%"),
        ("Resected", 15.0, "ml"),
        ("Per kg", 0.1, "ml/kg"),
    ]
    curved = CurvedCut(((0.0, 0.0, 22.5), (9.0, 0.0, 22.5), (0.0, 18.0, 22.5), (9.0, 18.0, 22.5)), (0.0, 0.0, 1.0))
    values = remnant_values(remnant(mask, curved), curved)
    assert len(values) == 3 and values[0].how == "curved cut" and values[0].value == pytest.approx(5.0)
