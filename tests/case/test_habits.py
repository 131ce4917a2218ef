"""What a person wants every study to begin with reaches the tiles, the links and the films."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.case.stacks import beside, stack
from workstation import paths
from workstation.case import cine, view_tools
from workstation.case.habits import Habits, habits_of
from workstation.case.state import Case
from workstation.imaging.view import Interpolation
from workstation.settings import load

THIN, THICK = stack("1", count=41, step_mm=1.25), stack("2", count=11, step_mm=5.0)


def begun_with(habits: Habits) -> Case:
    plan = beside(THIN, THICK, link="a", image=0).plan
    return Case((THIN, THICK), plan, {}, habits)


def test_settings_as_shipped_are_what_a_case_begins_with_anyway(tmp_path: Path) -> None:
    assert habits_of(load(paths.resources() / "settings.toml", tmp_path)) == Habits()


def test_each_setting_reaches_its_habit(tmp_path: Path) -> None:
    settings = load(paths.resources() / "settings.toml", tmp_path)
    for name, value in (
        ("tiles.interpolation", "nearest"),
        ("tiles.reference_lines", False),
        ("tiles.crosshair", False),
        ("link.scroll", False),
        ("link.pan", False),
        ("cine.speed", 25.0),
    ):
        settings.set(name, value)
    wanted = Habits(Interpolation.NEAREST, False, False, frozenset(("window", "zoom")), 25.0)
    assert habits_of(settings) == wanted
    case = begun_with(wanted)
    assert {tile.display.interpolation for tile in case.tiles} == {Interpolation.NEAREST}
    assert (case.reference_lines, case.crosshair_lines) == (False, False)


def test_tiles_follow_only_in_what_the_habit_shares() -> None:
    following = begun_with(Habits())
    view_tools.to_image(following, 0, 20)
    assert [tile.image for tile in following.tiles] == [20, 5]
    alone = begun_with(replace(Habits(), shares=frozenset(("window",))))
    view_tools.to_image(alone, 0, 20)
    assert [tile.image for tile in alone.tiles] == [20, 0]


@pytest.mark.parametrize(("per_s", "image"), [(10.0, 4), (25.0, 10)])
def test_a_film_without_times_plays_at_the_habit(per_s: float, image: int) -> None:
    case = begun_with(replace(Habits(), cine_per_s=per_s, shares=frozenset()))
    cine.toggle(case, 0, now_s=100.0)
    cine.tick(case, now_s=100.0 + 0.405)
    assert case.tiles[0].image == image
