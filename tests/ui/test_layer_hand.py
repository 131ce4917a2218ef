"""The hand on layers: a colour bar and its wheel, the edge of a swipe, the spyglass, values under the pointer."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from workstation import jobs
from workstation.case.state import Case
from workstation.imaging.layers import Blend, Layer, ends_of, ends_window
from workstation.imaging.view import Display
from workstation.loading.load import Loader
from workstation.paint.colour_bar import bar_places
from workstation.phantom.coded import STUDY
from workstation.picture.fused_words import bars
from workstation.ui.hand import Hand
from workstation.ui.layer_hand import LAYER, over_edge, values_under, words_place
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.tile_grid import TileGrid

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def tile(loader: Loader, opened: Callable[[str, str, int], Case], qapp: Any) -> Iterator[ScreenTile]:
    """An axial plane of twelve numbered images with the series of six over it, painted."""
    works: list[Callable[[], None]] = []
    grid = TileGrid(loader, submit=lambda work, *asked, lane: works.append(partial(work, *asked)))
    grid.resize(640, 520)
    case = opened(STUDY.study_instance_uid, "images", 2)
    key = next(key for key, each in case.sets.items() if len(each.images) == 6)
    case.maximise(0)
    layer = Layer(key, Display(ends_window(0.0, 100.0), palette="HOT_IRON"))
    case.put(0, replace(case.tiles[0], layers=(layer,)))
    grid.show_case(case)
    (made,) = grid.tiles
    draw(made, works)
    yield made
    grid.show_case(None)


def draw(tile: ScreenTile, works: list[Callable[[], None]]) -> None:
    while works:
        works.pop(0)()
        jobs.drain()
    assert tile.picture is not None


def layer(tile: ScreenTile) -> Layer:
    assert tile.case is not None
    return tile.case.tiles[0].layers[0]


def bar(tile: ScreenTile) -> tuple[float, float, float]:
    """The middle of the colour bar's width, its top and its height."""
    assert tile.picture is not None and tile.picture.pixels is not None
    (place,) = bar_places(bars(tile.picture.pixels.layers), tile.size, tile.ratio, tile.picture.words)
    return place.center().x(), place.y(), place.height()


@pytest.mark.parametrize(
    ("share", "ends"), [(0.1, (0.0, 125.0)), (0.9, (25.0, 100.0)), (0.5, (25.0, 125.0))], ids=["top", "low", "both"]
)
def test_a_drag_on_the_bar_moves_the_end_that_is_under_it(
    tile: ScreenTile, share: float, ends: tuple[float, float]
) -> None:
    x, top, high = bar(tile)
    hand, y = Hand(), top + share * high
    hand.press(tile, (x, y), LEFT, PLAIN)
    hand.move((x, y - high / 4))
    assert hand.does == LAYER
    hand.release((x, y - high / 4))
    window = layer(tile).display.window
    assert window is not None and not isinstance(window, str | int)
    assert ends_of(window) == pytest.approx(ends)  # type: ignore[arg-type]


def test_the_wheel_over_the_bar_mixes_more_in_and_elsewhere_scrolls(tile: ScreenTile) -> None:
    x, top, high = bar(tile)
    hand = Hand()
    assert hand.layers.wheel(tile, (x, top + high / 2), 2)
    assert layer(tile).opacity == 0.6
    assert not hand.layers.wheel(tile, (x / 2, top), 2)
    assert layer(tile).opacity == 0.6


def test_the_edge_of_a_swipe_is_dragged_and_only_it(tile: ScreenTile) -> None:
    case = tile.case
    assert case is not None
    case.put(0, replace(case.tiles[0], layers=(replace(layer(tile), blend=Blend.SWIPE),)))
    width, height = tile.size
    hand = Hand()
    assert over_edge(tile, (width / 2 + 3, 40.0)) and not over_edge(tile, (width / 3, 40.0))
    hand.press(tile, (width / 2, height / 4), LEFT, PLAIN)
    hand.move((width / 4, height / 4))
    hand.release((width / 4, height / 4))
    assert layer(tile).at[0] == pytest.approx(0.25)


def test_a_spyglass_follows_the_pointer_without_a_press(tile: ScreenTile) -> None:
    case = tile.case
    assert case is not None
    case.put(0, replace(case.tiles[0], layers=(replace(layer(tile), blend=Blend.SPYGLASS),)))
    width, height = tile.size
    Hand().hover(tile, (width * 0.3, height * 0.6))
    assert layer(tile).at == pytest.approx((0.3, 0.6))


def test_the_pointer_tells_what_is_stored_in_both_series(tile: ScreenTile, loader: Loader) -> None:
    case, screen = tile.case, tile.screen()
    assert case is not None and screen is not None
    own, other = case.sets[case.tiles[0].display_set or ""], case.sets[layer(tile).display_set]
    assert own.lattice is not None and other.lattice is not None
    x, y = screen.width // 2 + 7, screen.height // 2 - 11
    point = screen.point(x, y)
    said = values_under(tile, (x + 0.5, y + 0.5))
    expected = []
    for each in (own, other):
        loading = loader.get(each.key)
        assert loading is not None and each.lattice is not None
        i, j, k = (int(np.floor(index + 0.5)) for index in each.lattice.index(point))
        expected.append(float(loading.voxels.values(k)[j, i]))
    assert [float(words.split()[1]) for words in said] == pytest.approx(expected, abs=0.5)
    assert [words.split()[0] for words in said] == ["CT", "CT"]


def test_values_never_stand_over_the_place_they_tell_of(tile: ScreenTile) -> None:
    width, height = tile.size
    words, aside = ["CT -123 HU", "PT 4.56 SUVbw"], words_place(tile, ["CT -123 HU", "PT 4.56 SUVbw"], (5.0, 5.0))
    assert aside is not None and aside[0] > width / 2, "below the bar, at the right"
    for place in (aside, (aside[0] + 9, aside[1] + 20), (aside[0] - 6, aside[1] - 6), (width - 1.0, aside[1] + 30)):
        there = words_place(tile, words, place)
        assert there is not None and there[0] < width / 4 and there[1] == aside[1]
    assert words_place(tile, words, (aside[0] + 9, height - 9.0)) == aside
