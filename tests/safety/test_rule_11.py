"""Safety rule 11: steps of wheel and keys are each painted; what a drag or a fast wheel jumped over is not seen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from tests.loading.opened import imported, studies
from workstation import jobs
from workstation.case import coverage, view_tools
from workstation.case.coverage import Coverage, fractions
from workstation.case.open import open_study
from workstation.loading.load import Loader
from workstation.phantom.coded import coded_ct
from workstation.phantom.dicom import write_series
from workstation.ui.coverage_watch import _showing
from workstation.ui.tile_grid import TileGrid

IMAGES, EACH_S = 30, 1 / 30


@pytest.fixture
def read(tmp_path: Path, qapp: QApplication) -> Callable[[bool], tuple[int, int]]:
    """`read(steps)`: scroll through all images by steps or in one drag; images painted, and images seen."""
    write_series(coded_ct(IMAGES, 64), tmp_path / "in")
    home = imported(tmp_path, tmp_path / "in")

    def read(steps: bool) -> tuple[int, int]:
        loader = Loader(home)
        (study,) = studies(home)
        case = open_study(home, study, protocol="images")
        (key,) = case.sets
        loader.open(case.sets[key], case.digests)
        loader.wait(60)
        account, now_s, painted = Coverage(case.sets), [0.0], set()
        grid = TileGrid(loader)
        grid.resize(200, 200)

        def came() -> None:
            now_s[0] += EACH_S
            picture = grid.tiles[0].picture
            assert picture is not None
            painted.add(picture.facts["image"])
            account.painted(0, _showing(picture, case), now_s[0])

        grid.painted.connect(came)
        grid.show_case(case)
        view_tools.to_image(case, 0, 0)
        _until_painted(grid)
        for image in range(1, IMAGES):
            with grid.stepping(0 if steps else -1):
                view_tools.to_image(case, 0, image)
        _until_painted(grid)
        account.cleared(now_s[0] + EACH_S)
        grid.show_case(None)
        loader.close_all()
        jobs.shutdown()
        jobs.drain()
        return len(painted), fractions(account)[key][0]

    return read


def _until_painted(grid: TileGrid) -> None:
    while any(tile.busy for tile in grid.tiles):
        assert jobs.drain(timeout_s=30)


def test_each_step_is_painted_and_seen(read: Callable[[bool], tuple[int, int]]) -> None:
    painted, seen = read(True)
    assert painted >= IMAGES and seen >= IMAGES


def test_what_a_drag_jumped_over_is_not_seen(read: Callable[[bool], tuple[int, int]]) -> None:
    painted, seen = read(False)
    assert seen <= painted < IMAGES


def test_without_the_rule_a_glimpse_would_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture replaced within one refresh of the screen counts only when the least time is taken away."""
    from tests.imaging.stacks import stack
    from workstation.imaging.displaysets import display_sets
    from workstation.imaging.view import Framing, image_plane, screen_plane

    (one,) = display_sets(stack([0.0, 2.0, 4.0]))
    screen = screen_plane(image_plane(one.image_grid(0)), Framing(), 40, 40)
    glimpse = coverage.Showing(one.key, 0, screen, np.ones(3, dtype=np.bool_))

    def seen() -> int:
        account = Coverage({one.key: one})
        account.painted(0, glimpse, 1.0)
        account.painted(0, replace(glimpse, image=1), 1.0 + 1 / 120)
        account.cleared(1.0 + 1 / 60)
        return fractions(account)[one.key][0]

    assert seen() == 0
    monkeypatch.setattr(coverage, "LEAST_S", 0.0)
    assert seen() == 2
