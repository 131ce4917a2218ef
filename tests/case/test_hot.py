"""Hot spots in a case: what was taken out stays out at other thresholds; references are told from lesions."""

from dataclasses import replace

import numpy as np

from tests.imaging.given import axial, given
from workstation.case.hot import KEPT, OUT, Proposed, how_made, made_by, reference_of
from workstation.findings.segment import Segment
from workstation.imaging.hot import all_spots
from workstation.imaging.hot_reference import Region
from workstation.imaging.masks import Mask

SHAPE = (20, 24, 22)
GRID = axial(SHAPE, (4.0, 3.5, 3.0))
VALUES = np.ones(SHAPE)
VALUES[2:8, 3:9, 3:9] = 6.0
VALUES[3:5, 4:6, 4:6] = 9.0  # of a brain two parts stay above 8
VALUES[3:5, 4:6, 7:8] = 8.5
VALUES[14:17, 15:19, 12:18] = 7.0
VOXELS = given(VALUES, GRID, "SUVbw")


def proposed(least: float, before: Proposed | None = None) -> Proposed:
    found = all_spots(VOXELS, least)
    return Proposed("k", "1", "1.2", "1.9", found, 0.0, before.out if before is not None else ())


def test_what_was_taken_out_stays_out_when_it_falls_apart_or_grows() -> None:
    first = proposed(5.0)
    brain, lesion = first.found.spots
    assert [each.max for each in (brain, lesion)] == [9.0, 7.0] and first.kept == (brain, lesion)
    taken = first.turned(brain)
    assert taken.kept == (lesion,) and taken.is_out(brain)
    assert proposed(8.0, taken).kept == () and len(proposed(8.0, taken).found.spots) == 2
    back = proposed(5.0, proposed(8.0, taken))
    assert [each.max for each in back.kept] == [7.0]
    apart = proposed(8.0, taken)
    one = apart.turned(apart.found.spots[0])
    assert not one.out, "brought back at another threshold it is back at all"


def test_what_is_taken_out_is_drawn_as_lines() -> None:
    taken = proposed(5.0)
    taken = taken.turned(taken.found.spots[0])
    assert [(each.colour, each.outline_only) for each in taken.segments] == [(OUT, True), (KEPT, False)]
    assert taken.at((5, 5, 4)) is taken.found.spots[0] and taken.at((0, 0, 0)) is None


def test_it_is_said_how_an_outline_came_about() -> None:
    assert how_made("all from 4 SUVbw (x 0.000328003), at least 0.5 ml") == ">= 4 SUVbw, at least 0.5 ml"
    assert how_made("isocontour, from 2.5 SUVlbm(Janma) (x 0.0002)") == ">= 2.5 SUVlbm(Janma)"
    assert how_made("isocontour, 41 % of max") == "41 % of max" and how_made("") == "by hand"
    assert how_made("Some program 1.2") == "Some program 1.2"


def test_references_are_told_by_what_made_them() -> None:
    segment = Segment("2.25.1", 1, Mask.empty(GRID), "1", "1.2", "1.9")
    assert reference_of(segment) is None
    for region in Region:
        assert len(made_by(region)) <= 64, "SegmentAlgorithmName is LO"
        assert reference_of(replace(segment, algorithm_name=made_by(region))) is region
