"""Screens by role: what is there in words, which stages are for it, and layouts without a tile across the gap."""

import pytest

from tests.hanging.labelled import built, labelled_studies
from workstation import paths
from workstation.errors import HounsfieldError
from workstation.hanging.choose import best_plan
from workstation.hanging.protocol import Stage, TileRule, read_protocols
from workstation.hanging.schema import SCREENS
from workstation.hanging.screens import Monitor, fitted, monitors, role, stages_for

PROTOCOLS = read_protocols(paths.protocols())
STUDIES = labelled_studies()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1600x1200", "one landscape"),
        ("1200x1600", "one portrait"),
        ("2x2048x2560", "two portrait"),
        ("2048x2560,2048x2560", "two portrait"),
        ("1920x1080,2x2048x2560", "two portrait"),  # a small one beside a pair is for the list
        ("2x1600x1200", "two landscape"),
        ("1600x1200,2048x2560", "one portrait"),  # no pair: the largest
        ("2048x2048", "one landscape"),
    ],
)
def test_screens_in_words(text: str, said: str) -> None:
    assert role(monitors(text)) == said


def test_screens_of_different_sizes_in_mm_are_no_pair() -> None:
    assert role((Monitor(2048, 2560, 338, 422), Monitor(2048, 2560, 270, 338))) == "one portrait"
    assert role(()) == "one landscape"


@pytest.mark.parametrize("text", ["", "big", "1600", "0x1200", "2x2x2", "1600x1200;1600x1200"])
def test_what_is_no_screen_is_said(text: str) -> None:
    with pytest.raises(HounsfieldError, match="is no screen; say 1600x1200"):
        monitors(text)


def test_a_stage_for_these_screens_takes_the_place_of_its_namesake() -> None:
    usual, pair, other = Stage("a", 2, 2, ()), Stage("a", 1, 2, (), screens=("two portrait",)), Stage("b", 1, 1, ())
    assert stages_for((usual, pair, other), "one landscape") == (usual, other)
    assert stages_for((usual, pair, other), "two portrait") == (pair, other)


@pytest.mark.parametrize(
    ("screens", "laid_out"),
    [
        ("one landscape", [(1, 3, 3), (2, 3, 6), (1, 1, 1), (2, 2, 4)]),
        ("two portrait", [(2, 2, 3), (3, 2, 6), (1, 1, 1), (2, 2, 4)]),
        ("two landscape", [(1, 4, 3), (2, 4, 6), (1, 1, 1), (2, 2, 4)]),
        ("one portrait", [(3, 1, 3), (3, 2, 6), (1, 1, 1), (2, 2, 4)]),
    ],
)
def test_layouts_are_fitted(screens: str, laid_out: list[tuple[int, int, int]]) -> None:
    stages = [Stage("", 1, 3, ()), Stage("", 2, 3, ()), Stage("", 1, 1, ()), Stage("", 2, 2, ())]
    counts = [3, 6, 1, 4]
    found = [fitted(each.rows, each.columns, n, each, screens) for each, n in zip(stages, counts, strict=True)]
    assert [(*each, n) for each, n in zip(found, counts, strict=True)] == laid_out


def test_chest_walls_keep_touching() -> None:
    stage = Stage("CC", 1, 2, (TileRule(show="rcc", chest_wall="right"), TileRule(show="lcc", chest_wall="left")))
    assert all(fitted(1, 2, 2, stage, screens) == (1, 2) for screens in SCREENS)


@pytest.mark.parametrize("screens", SCREENS)
def test_every_study_hangs_on_every_screen(screens: str) -> None:
    for study in STUDIES:
        made = built(study)
        plan = best_plan(PROTOCOLS, made.sets, made.priors, screens=screens).plan
        assert plan.protocol == best_plan(PROTOCOLS, made.sets, made.priors).plan.protocol
        for stage in plan.stages:
            assert len(stage.tiles) <= stage.rows * stage.columns
            across = screens.startswith("two") and stage.columns % 2 and len(stage.tiles) > 1
            assert not across, (study.name, stage)
        assert {each.key for each in made.sets} <= {tile.display_set for stage in plan.stages for tile in stage.tiles}


def test_two_upright_screens_show_film_beside_film() -> None:
    study = next(each for each in STUDIES if each.protocol == "dx-chest" and each.priors)
    made = built(study)
    wide, upright = (
        best_plan(PROTOCOLS, made.sets, made.priors, screens=each).plan.stages[0]
        for each in ("one landscape", "two portrait")
    )
    assert (upright.name, upright.rows, upright.columns) == ("beside the prior", 1, 2)
    assert [tile.prior for tile in upright.tiles] == [False, True]
    assert len(wide.tiles) >= len(upright.tiles)
