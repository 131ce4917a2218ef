"""Surfaces of segments for 3D tiles: what is not smooth about them is said."""

from dataclasses import replace

import numpy as np

from tests.case.stacks import beside, stack
from workstation.case import volume
from workstation.case.segmenting import fresh
from workstation.imaging.masks import Mask
from workstation.picture.volume_shells import built, keep, said_of_shells


def test_a_segment_too_thin_to_be_smoothed_is_named_on_its_tile() -> None:
    case = beside(stack("1", count=24, step_mm=1.5))
    volume.show_3d(case, 0)
    shown = case.view(0).display_set
    assert shown is not None and shown.grid is not None
    array = np.zeros(shown.grid.size[::-1], np.bool_)
    array[5:20, 12, 14] = True
    segment = replace(fresh(case.marks, shown), mask=Mask.of(shown.grid, array), name="Ureter")
    case.marks.put_segments((segment,), segment.tracking_uid)
    assert said_of_shells(case.view(0)) == ()
    keep(segment.mask, built(segment.mask))
    (sentence,) = said_of_shells(case.view(0))
    assert sentence.startswith("Ureter: too thin to be smoothed") and sentence.endswith(".")
