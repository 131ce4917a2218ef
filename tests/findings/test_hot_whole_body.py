"""PET tools on the phantom's whole body, where uptake is known: liver, blood, lesions, brain and bladder, scores."""

import math
from functools import cache

import numpy as np
import pytest

from tests.imaging.given import given
from workstation.findings.hot_rules import deauville, percist_threshold
from workstation.findings.segment_values import values_inside
from workstation.imaging.geometry import Grid, Vec3
from workstation.imaging.hot import all_spots, spot_round
from workstation.imaging.hot_reference import Region, propose_blood_pool, propose_liver, region_mask
from workstation.imaging.volume import Voxels
from workstation.phantom import whole_body
from workstation.phantom.shoulders import Upper
from workstation.phantom.uptake import PetLesion

SIZE = "small"
NEAR_MM = 12.0
FAINT = (
    PetLesion("as blood", whole_body._voxel_center((-80.0, 40.0, 20.0)), 14.0, 1.5),
    PetLesion("below the liver", whole_body._voxel_center((-80.0, 0.0, -24.0)), 14.0, 2.5),
    PetLesion("above the liver", whole_body._voxel_center((-80.0, 60.0, -36.0)), 14.0, 4.3),
)
"""Drawn into the lung beside the phantom's own lesions, which are all hot."""


@cache
def pet() -> Voxels:
    """The attenuation-corrected PET in SUV, without its CT and without files."""
    grid = whole_body._grid(whole_body._PET_PIXELS, whole_body._PET_MM, whole_body._FACTOR[SIZE])
    upper = Upper(0, whole_body._HEAD_VOXEL_MM[SIZE])
    suv = whole_body._seen(whole_body._painted_pet(0, grid, upper), grid, 0)
    for lesion in FAINT:
        whole_body._draw(lesion, suv, grid)
    row_mm, column_mm = grid.pixel_spacing_mm
    k, j, i = grid.shape
    axes = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
    laid = Grid(grid.origin_lps, axes, (column_mm, row_mm, grid.slice_spacing_mm), (i, j, k))
    return given(suv.astype(np.float32), laid, "SUVbw")


def reference(region: Region, point: Vec3) -> np.ndarray:
    grid = pet().display_set.grid
    assert grid is not None
    found = values_inside(pet(), region_mask(grid, region, point))
    assert found is not None
    return found


@cache
def references() -> tuple[np.ndarray, np.ndarray, Vec3]:
    """Values of the liver and of the blood pool as they are proposed, and where the aorta is thought to be."""
    at = propose_liver(pet())
    liver = reference(Region.LIVER, at)
    pool = propose_blood_pool(pet(), at, float(liver.mean()))
    return liver, reference(Region.BLOOD_POOL, pool), pool


def test_liver_and_aorta_are_proposed_where_they_are() -> None:
    liver, blood, pool = references()
    assert float(liver.mean()) == pytest.approx(2.4, abs=0.15) and float(liver.std()) < 0.4
    # The aorta of the phantom's chest runs through (28, 32) there, 1.2 cm in radius.
    assert math.hypot(pool[0] - 28, pool[1] - 32) < 9.0
    assert float(blood.mean()) == pytest.approx(1.7, abs=0.25)
    assert percist_threshold(float(liver.mean()), float(liver.std(ddof=1))).value == pytest.approx(4.1, abs=0.6)


def test_all_lesions_are_found_with_their_maximum() -> None:
    found = all_spots(pet(), 4.0, smallest_ml=0.3)
    for lesion in whole_body.LESIONS:
        near = [each for each in found.spots if math.dist(each.at_lps, lesion.center_lps) < NEAR_MM]
        assert len(near) == 1, lesion.name
        assert near[0].max == pytest.approx(lesion.suv_max, rel=1e-3)
        assert near[0].peak is not None and near[0].mean < lesion.suv_max
    brain = max(found.spots, key=lambda each: each.volume_ml)
    assert 900 < brain.volume_ml < 1700 and brain.at_lps[2] > 150
    bladder = [each for each in found.spots if math.dist(each.at_lps, (0.0, 0.0, -445.0)) < 30]
    assert len(bladder) == 1, "what is physiological is found too, and is the reader's to take out"


def test_the_mean_within_a_lesion_is_its_closed_form() -> None:
    lesion = whole_body.LESIONS[1]
    grid = pet().display_set.grid
    assert grid is not None
    k, j, i = np.indices(grid.size[::-1])
    points = np.stack([i, j, k], axis=-1) * grid.spacing + grid.origin_lps
    inside = np.linalg.norm(points - np.asarray(lesion.center_lps), axis=-1) <= lesion.radius_mm
    assert float(pet().stored[inside].mean()) == pytest.approx(lesion.suv_mean, rel=0.08)
    at_half = spot_round(pet(), lesion.center_lps, 0.5)
    radius_mm = (at_half.mask.volume_ml * 750 / math.pi) ** (1 / 3)
    assert not at_half.leaked and radius_mm == pytest.approx(lesion.radius_mm, abs=1.5)


@pytest.mark.parametrize(
    ("lesion", "score"),
    [(FAINT[0], 2), (FAINT[1], 3), (FAINT[2], 4), *((each, 5) for each in whole_body.LESIONS)],
    ids=lambda each: getattr(each, "name", each),
)
def test_deauville_is_as_it_was_constructed(lesion: PetLesion, score: int) -> None:
    liver, blood, _ = references()
    spot = spot_round(pet(), lesion.center_lps, 0.6)
    values = values_inside(pet(), spot.mask)
    assert values is not None and float(values.max()) == pytest.approx(lesion.suv_max, rel=0.03)
    assert deauville(float(values.max()), float(blood.max()), float(liver.max())).score == score
