"""Every labelled study hangs as its label says, and never anything that must not be seen first."""

import pytest

from tests.hanging.labelled import Built, LabelledStudy, TileLabel, built, labelled_studies
from workstation import paths
from workstation.hanging.choose import best_plan
from workstation.hanging.hang import Plan, PlannedTile
from workstation.hanging.protocol import Protocol, read_protocols

STUDIES = labelled_studies()
IDS = [each.name for each in STUDIES]
AS_LABELLED_AT_LEAST = 0.95
UNSEEN_FIRST = {"localizer", "report", "tracking", "derived", "uncorrected", "raw"}


@pytest.fixture(scope="module")
def protocols() -> dict[str, Protocol]:
    return read_protocols(paths.protocols())


def hung(study: LabelledStudy, protocols: dict[str, Protocol]) -> tuple[Built, Plan]:
    made = built(study)
    return made, best_plan(protocols, made.sets, made.priors).plan


def as_label(tile: PlannedTile, made: Built) -> TileLabel:
    if tile.display_set is None:
        return TileLabel(None)
    over = "".join(f"+{_named(each.display_set, made)}" for each in tile.layers)
    return TileLabel(_named(tile.display_set, made), tile.plane or "image", tile.window or "own", over)


def _named(key: str, made: Built) -> str:
    return made.names[key.rsplit("/", 1)[0]]


def differences(study: LabelledStudy, protocols: dict[str, Protocol]) -> list[str]:
    made, plan = hung(study, protocols)
    seen = tuple(as_label(tile, made) for tile in plan.stages[0].tiles)
    said = [] if plan.protocol == study.protocol else [f"{plan.protocol}, not {study.protocol}"]
    return said if seen == study.tiles else [*said, f"shows {seen}, not {study.tiles}"]


def test_nearly_all_hang_as_labelled(protocols: dict[str, Protocol]) -> None:
    wrong = {study.name: said for study in STUDIES if (said := differences(study, protocols))}
    assert len(wrong) <= (1 - AS_LABELLED_AT_LEAST) * len(STUDIES), wrong


@pytest.mark.parametrize("study", STUDIES, ids=IDS)
def test_nothing_wrong_is_in_stage_1(study: LabelledStudy, protocols: dict[str, Protocol]) -> None:
    made, plan = hung(study, protocols)
    seen = [as_label(tile, made) for tile in plan.stages[0].tiles if tile.display_set]
    assert not {tile.series for tile in seen} & set(study.never)
    wanted = {tile.series: tile.plane for tile in study.tiles}
    assert [tile for tile in seen if tile.series in wanted and tile.plane not in planes_of(study, tile)] == []
    for tile, label in zip(plan.stages[0].tiles, [as_label(each, made) for each in plan.stages[0].tiles], strict=True):
        assert tile.prior == label.prior


def planes_of(study: LabelledStudy, tile: TileLabel) -> set[str]:
    return {each.plane for each in study.tiles if each.series == tile.series}


@pytest.mark.parametrize("study", STUDIES, ids=IDS)
def test_no_image_is_lost(study: LabelledStudy, protocols: dict[str, Protocol]) -> None:
    made, plan = hung(study, protocols)
    reached = {tile.display_set for stage in plan.stages for tile in stage.tiles}
    assert {each.key for each in made.sets} <= reached


@pytest.mark.parametrize("study", STUDIES, ids=IDS)
def test_a_prior_that_hangs_is_named_by_the_label(study: LabelledStudy, protocols: dict[str, Protocol]) -> None:
    made, plan = hung(study, protocols)
    hung_priors = {
        made.names[tile.display_set.rsplit("/", 1)[0]].split("/")[0]
        for tile in plan.stages[0].tiles
        if tile.prior and tile.display_set
    }
    assert hung_priors == {tile.series.split("/")[0] for tile in study.tiles if tile.series and tile.prior}
