"""PET beside the PET of another day: what does not compare is said on both."""

from dataclasses import replace
from typing import Any

import numpy as np

from tests.imaging.stacks import stack
from workstation.case.hot import made_by
from workstation.case.shown_marks import ShownMarks
from workstation.case.state import Tile, TileView
from workstation.case.tile import LayerView
from workstation.dicom.entities import Pet
from workstation.findings.finding import Value
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.hot_reference import Region
from workstation.imaging.layers import Layer
from workstation.imaging.masks import Mask
from workstation.imaging.view import Display
from workstation.picture.compared import compared_notices


def pet(study: str, injected: str) -> DisplaySet:
    """Six slices of a scan at 10:00."""
    told = Pet(RadiopharmaceuticalStartTime=injected, RadionuclideHalfLife=6586.2, nuclide=("C-111A1", ""))
    said: dict[str, Any] = {
        "SeriesDate": "20240105",
        "SeriesTime": "100000",
        "AcquisitionTime": "100000",
        "Units": "BQML",
    }
    images = stack(
        [0.0, 4.0, 8.0, 12.0, 16.0, 20.0], series=f"{study}.1", StudyInstanceUID=study, Modality="PT", pet=told
    )
    return display_sets(replace(each, CorrectedImage=("ATTN", "DECY"), **said) for each in images)[0]


def liver(display_set: DisplaySet, sul: float) -> Segment:
    assert display_set.grid is not None
    mask = Mask.of(display_set.grid, np.ones(display_set.grid.size[::-1], np.bool_))
    study, series = display_set.study_instance_uid, display_set.series_instance_uid
    values = (Value("Mean", sul, "SUVlbm(Janma)", ""),)
    made = Segment(f"2.25.{study}", 1, mask, study, series, "1.9", name="Liver reference", values=values)
    return replace(made, algorithm_name=made_by(Region.LIVER))


def view(own: DisplaySet, other: DisplaySet, prior: bool, *segments: Segment) -> TileView:
    marks = ShownMarks(segments=segments)
    return TileView(0, Tile(own.key, prior=prior), own, None, False, False, marks=marks, compared=(other,))


def test_uptake_times_stand_on_both_tiles_the_current_one_first() -> None:
    now, before = pet("1.1", "090000"), pet("1.2", "083000")
    for own, other, prior in ((now, before, False), (before, now, True)):
        assert [chip for chip, _ in compared_notices(view(own, other, prior))] == ["uptake 60 / 90 min"]


def test_a_pet_that_is_laid_over_a_ct_is_compared_too() -> None:
    now, before = pet("1.1", "090000"), pet("1.2", "083000")
    ct = display_sets(stack([0.0, 4.0, 8.0], series="1.1.5", StudyInstanceUID="1.1"))[0]
    laid = LayerView(Layer(now.key, Display()), now, None)
    fused = replace(view(ct, before, False), layers=(laid,))
    assert [chip for chip, _ in compared_notices(fused)] == ["uptake 60 / 90 min"]
    assert compared_notices(replace(fused, layers=(replace(laid, why_not="not registered"),))) == []


def test_livers_out_of_the_limits_are_said_in_sul_alone() -> None:
    now, before = pet("1.1", "090000"), pet("1.2", "090000")
    livers = liver(now, 2.4), liver(before, 1.5)
    assert [chip for chip, _ in compared_notices(view(now, before, False, *livers))] == ["liver SUL 2.4 / 1.5"]
    assert compared_notices(view(now, before, False, liver(now, 1.6), liver(before, 1.5))) == []
    by_weight = replace(livers[0], values=(Value("Mean", 2.4, "SUVbw", ""),))
    assert compared_notices(view(now, before, False, by_weight, livers[1])) == []
