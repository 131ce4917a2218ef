"""Planes that are turned are counted in jobs: never on the main thread, one at a time, of each place the newest."""

import threading
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from tests.ui.conftest import settle
from tests.ui.test_tile_grid import painted
from workstation import jobs
from workstation.case import coverage, planes
from workstation.case.coverage import Blocks, Coverage
from workstation.case.state import Case
from workstation.loading.load import Loader
from workstation.phantom.trunk import ADA
from workstation.ui.coverage_watch import CountedAside, CoverageWatch, _showing
from workstation.ui.tile_grid import TileGrid


def test_a_plane_that_is_turned_costs_the_main_thread_no_counting(
    opened: Callable[[str, str, int], Case], loader: Loader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage, "LEAST_S", 0.0)  # however fast the pictures come here
    counted_on: list[threading.Thread] = []
    find = coverage._passed_through

    def found(*given: object) -> Blocks:
        counted_on.append(threading.current_thread())
        return find(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(coverage, "_passed_through", found)
    grid = TileGrid(loader)
    grid.resize(900, 320)
    grid.show()
    watch = CoverageWatch(grid)
    watch.watch(grid)
    case = opened(ADA.study_instance_uid, "images", 1)
    grid.show_case(case)
    watch.show_case(case)
    planes.show_planes(case, 0)
    painted(grid)
    for _ in range(4):
        planes.tip(case, grid.tiles[0].number, 7.0, to_the_right=True)
        painted(grid)
    watch.facts()
    settle()
    assert counted_on and threading.main_thread() not in counted_on
    spot = Coverage(case.sets)
    for tile in grid.tiles:
        spot.painted(tile.number, _showing(tile.picture, case), 1.0)
    spot.cleared(2.0)
    assert watch._coverage is not None
    for key, account in spot._accounts.items():
        assert account.seen.any()
        assert np.all(watch._coverage._accounts[key].seen >= account.seen), "what stands in the end is counted"
    grid.show_case(None)
    watch.show_case(None)
    grid.close()


def test_of_each_place_the_newest_is_counted_one_at_a_time(qapp: QApplication) -> None:
    said: list[str] = []
    found: list[str] = []
    go_on = threading.Event()

    def find(name: str) -> Blocks:
        assert go_on.wait(30)
        found.append(name)
        return np.zeros(0, dtype=np.int64)

    aside = CountedAside(lambda: said.append("noted"))
    for place, name in (("a", "a1"), ("a", "a2"), ("b", "b1"), ("a", "a3")):
        aside(place, partial(find, name), lambda blocks, name=name: said.append(name))  # type: ignore[misc]
    assert len(jobs.active()) == 1 and said == []
    go_on.set()
    settle()
    assert found == ["a1", "a3", "b1"]
    assert said == ["a1", "noted", "a3", "noted", "b1", "noted"]


@pytest.mark.expects_log("what was on the screen could not be counted")
def test_a_picture_that_cannot_be_counted_stays_unseen_and_holds_up_no_other(qapp: QApplication) -> None:
    noted: list[int] = []

    def broken() -> Blocks:
        raise ValueError

    aside = CountedAside(lambda: None)
    aside("a", broken, lambda blocks: noted.append(0))
    aside("b", lambda: np.zeros(1, dtype=np.int64), lambda blocks: noted.append(1))
    settle()
    assert noted == [1]


def test_a_count_that_comes_after_its_window_is_gone_harms_nobody(qapp: QApplication) -> None:
    parent, noted = QObject(), []
    watch = CoverageWatch(parent)
    watch._counter("a", lambda: np.zeros(1, dtype=np.int64), lambda blocks: noted.append(len(blocks)))
    delete(parent)
    settle()
    assert noted == [1]
