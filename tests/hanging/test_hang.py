"""Plans: the same for any order, never an error, never a lost set; by name as ever."""

from collections.abc import Sequence
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hanging.labelled import LabelledStudy, built, labelled_studies
from workstation import paths
from workstation.hanging.choose import best_plan
from workstation.hanging.hang import hang
from workstation.hanging.protocol import read_protocols
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.view import Orientation

PROTOCOLS = read_protocols(paths.protocols())
STUDIES = {each.name: each for each in labelled_studies()}
FORTY = STUDIES["chest-forty-priors"]
SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

SMALL = [each for each in labelled_studies() if sum(len(one.images) for one in built(each).sets) < 1200]
ANY_SETS = [display_set for study in SMALL[:40] for display_set in built(study).sets]


@SETTINGS
@given(study=st.sampled_from(SMALL), random=st.randoms(use_true_random=False))
def test_the_order_of_sets_and_priors_makes_no_difference(study: LabelledStudy, random: object) -> None:
    made = built(study)
    sets, priors = list(made.sets), [list(each) for each in made.priors]
    expected = best_plan(PROTOCOLS, sets, priors).plan
    for each in (sets, priors, *priors):
        random.shuffle(each)  # type: ignore[attr-defined]
    assert best_plan(PROTOCOLS, [*sets, *sets[:1]], priors).plan == expected


@SETTINGS
@given(
    sets=st.lists(st.sampled_from(ANY_SETS), max_size=8),
    priors=st.lists(st.lists(st.sampled_from(ANY_SETS), max_size=4), max_size=3),
    named=st.sampled_from([None, *PROTOCOLS]),
)
def test_any_sets_hang_and_none_is_lost(
    sets: Sequence[DisplaySet], priors: Sequence[Sequence[DisplaySet]], named: str | None
) -> None:
    plan = best_plan(PROTOCOLS, sets, priors, named).plan
    reached = {tile.display_set for stage in plan.stages for tile in stage.tiles}
    assert {each.key for each in sets} <= reached
    assert all(tile.why_empty for stage in plan.stages for tile in stage.tiles if tile.display_set is None)
    assert all(len(stage.tiles) <= stage.rows * stage.columns for stage in plan.stages)


def test_one_more_old_prior_changes_nothing() -> None:
    made = built(FORTY)
    plans = [best_plan(PROTOCOLS, made.sets, made.priors[:count]).plan for count in (1, 2, 20, 40)]
    assert all(plan == plans[0] for plan in plans)


def test_a_study_that_arrives_keeps_its_tiles_in_place() -> None:
    made = built(STUDIES["mg-hologic-en"])
    order = [display_set.key for display_set in made.sets]
    for count in range(2, 5):
        tiles = best_plan(PROTOCOLS, made.sets[:count]).plan.stages[0].tiles
        assert [tile.display_set for tile in tiles if tile.display_set] == order[:count]
        assert [tile.why_empty for tile in tiles[count:]] == [tile.why_empty for tile in tiles if tile.why_empty]


def test_two_views_in_one_series_are_hung_by_image() -> None:
    sets = built(STUDIES["mg-hologic-en"]).sets
    images = tuple(
        replace(ref, instance=replace(ref.instance, SeriesInstanceUID="2.25.9")) for each in sets for ref in each.images
    )
    together = replace(sets[0], key="2.25.9/0", images=images)
    stage = best_plan(PROTOCOLS, [together]).plan.stages[0]
    assert [tile.image for tile in stage.tiles] == [0, 1, 2, 3]


def test_the_chest_wall_turns_inwards() -> None:
    sets = built(STUDIES["mg-hologic-en"]).sets
    turned = [_with_rows(each, "A" if each.first.ImageLaterality == "R" else "P") for each in sets]
    assert [tile.mirrored for tile in best_plan(PROTOCOLS, turned).plan.stages[0].tiles] == [True] * 4
    right = [_with_rows(each, "P" if each.first.ImageLaterality == "R" else "A") for each in sets]
    assert [tile.mirrored for tile in best_plan(PROTOCOLS, right).plan.stages[0].tiles] == [False] * 4


def _with_rows(display_set: DisplaySet, letter: str) -> DisplaySet:
    refs = (
        replace(ref, instance=replace(ref.instance, PatientOrientation=(letter, "F"))) for ref in display_set.images
    )
    return replace(display_set, images=tuple(refs))


def test_protocols_by_name_hang_as_they_say() -> None:
    sets = built(STUDIES["chest-hitachi-en"]).sets
    planes = hang(PROTOCOLS["planes"], sets)
    assert [tile.orientation for tile in planes.stages[0].tiles] == [
        Orientation.AXIAL,
        Orientation.CORONAL,
        Orientation.SAGITTAL,
    ]
    images = hang(PROTOCOLS["images"], sets)
    assert [stage.name for stage in images.stages] == ["images", "planes", "the rest"]
    assert [tile.display_set for tile in images.stages[0].tiles] == [sets[1].key]


def test_a_study_without_images_says_so() -> None:
    plan = best_plan(PROTOCOLS, ()).plan
    assert plan.stages[0].tiles[0].why_empty == "The study has no images."


def test_the_explanation_names_rules_that_held_and_failed() -> None:
    plan = best_plan(PROTOCOLS, built(STUDIES["chest-hitachi-en"]).sets).plan
    considered = {each.protocol: each for each in plan.considered}
    assert considered["ct-chest"].score == plan.score > 0
    assert "regions of the study has chest (required)" in considered["ct-chest"].passed
    assert "regions of the study has head (required)" in considered["ct-head"].failed
    assert considered["ct-head"].score == 0
    assert "images" not in considered


def test_thick_slices_are_not_cut_across_where_thin_ones_are_there() -> None:
    sets = built(STUDIES["chest-siemens-de"]).sets
    by_name = {each.first.SeriesDescription: each for each in sets}
    thick_soft, thin_lung = by_name["Thorax 5.0 B31f"], by_name["Thorax 1.0 B70f"]
    lung, soft, coronal, sagittal = best_plan(PROTOCOLS, (thick_soft, thin_lung)).plan.stages[0].tiles
    assert [each.display_set for each in (lung, coronal, sagittal)] == [thin_lung.key] * 3
    assert soft.display_set == thick_soft.key


def test_a_handful_of_slices_is_not_cut_across() -> None:
    (whole,) = (each for each in built(STUDIES["chest-hitachi-en"]).sets if each.grid is not None)
    refs = [ref.instance for ref in whole.images]
    for count, planes in ((9, {"axial"}), (10, {"axial", "coronal", "sagittal"})):
        (few,) = display_sets(refs[:count])
        stage = best_plan(PROTOCOLS, [few]).plan.stages[0]
        assert {tile.plane for tile in stage.tiles if tile.display_set} == planes
        assert not any(tile.why_empty for tile in stage.tiles)
