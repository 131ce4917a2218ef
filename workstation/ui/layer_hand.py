"""The hand on layers: the edge of a swipe, the spyglass, and the colour bar, whose ends are dragged.

All places in device pixels of a tile. The wheel over a bar mixes more or less of its layer in.
"""

from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtGui import QPainter

from workstation.case import layering
from workstation.case.state import Case
from workstation.imaging.layers import Blend, ends_of
from workstation.paint.colour_bar import bar_places
from workstation.paint.labels import elided
from workstation.paint.marks import text_px
from workstation.picture.fused import value_at as layer_value
from workstation.picture.fused_words import bars, title, unit_of
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.segment_ink import point_under, say, value_at

EDGE_REACH_PX: Final = 7
"""A press this near takes hold of the edge of a swipe. Logical pixels."""

WHEEL_STEP: Final = 0.05
"""Of the opacity, by a notch."""

LAYER: Final = "layer"
"""What a press does that moves a swipe or an end of a colour bar."""

BELOW_PX: Final = 14
"""From the middle of the tile, where lines of planes end, to the values under the pointer; LINE_PX to the next."""
LINE_PX: Final = 18
EDGE_PX: Final = 12
CLEAR_PX: Final = 24
"""So near the pointer, and the pixels it is aimed at, no values stand."""

Place = tuple[float, float]


@dataclass(frozen=True)
class Bar:
    """A colour bar under a place: the key of its layer, how high it is, and which of its ends a drag there moves."""

    key: str
    high_px: float
    ends: tuple[float, float]
    moves: tuple[bool, bool]


@dataclass(frozen=True)
class _Held:
    tile: ScreenTile
    case: Case
    start: Place
    bar: Bar | None


def bar_at(tile: ScreenTile, place: Place) -> Bar | None:
    """The colour bar at a place: its upper third moves the upper end, the lower third the lower, the middle both."""
    if tile.picture is None or tile.picture.pixels is None or tile.case is None:
        return None
    drawn = [each for each in tile.picture.pixels.layers if each.window is not None]
    places = bar_places(bars(drawn), tile.size, tile.ratio, tile.picture.words)
    for each, box in zip(drawn, places, strict=False):
        window = each.window
        if window is not None and box.contains(*place):
            down = (place[1] - box.y()) / box.height()
            ends = (down > 1 / 3, down < 2 / 3)
            return Bar(each.view.layer.display_set, box.height(), ends_of(window), ends)
    return None


def over_edge(tile: ScreenTile, place: Place) -> bool:
    """Whether a place is on the edge of a swipe."""
    if tile.case is None:
        return False
    layers = tile.case.tiles[tile.number].layers
    reach = EDGE_REACH_PX * tile.ratio
    return any(
        each.blend is Blend.SWIPE and not each.hidden and abs(place[0] - each.at[0] * tile.size[0]) <= reach
        for each in layers
    )


def over_handle(tile: ScreenTile, place: Place) -> bool:
    """Whether a press would take hold of a swipe's edge or of a colour bar."""
    return bool(tile.case and tile.case.tiles[tile.number].layers) and (
        over_edge(tile, place) or bar_at(tile, place) is not None
    )


class LayerHand:
    """One press at a time."""

    def __init__(self) -> None:
        self._held: _Held | None = None
        self._over: tuple[ScreenTile, Place] | None = None
        """Where the pointer is, over a tile with layers."""

    def press(self, tile: ScreenTile, place: Place) -> str:
        """Take hold of what is there; what the press does, empty where there is nothing."""
        if tile.case is None or not tile.case.tiles[tile.number].layers:
            return ""
        bar = bar_at(tile, place)
        if bar is None and not over_edge(tile, place):
            return ""
        self._held = _Held(tile, tile.case, place, bar)
        return LAYER

    def move(self, place: Place) -> None:
        """The hand went there with the button down."""
        held = self._held
        if held is None or held.tile.case is not held.case:
            return
        if held.bar is None:
            _go(held.tile, place)
        else:
            _pull(held, held.bar, held.start[1] - place[1])

    def hover(self, tile: ScreenTile | None, place: Place) -> None:
        """A spyglass goes where the pointer is, and what is stored there is told."""
        self._over = None
        if tile is None or tile.case is None:
            return
        layers = tile.case.tiles[tile.number].layers
        self._over = (tile, place) if layers else None
        if any(each.blend is Blend.SPYGLASS and not each.hidden for each in layers):
            _go(tile, place)

    def speaks(self, tile: ScreenTile) -> bool:
        """Whether values under the pointer are told on a tile."""
        return self._over is not None and self._over[0] is tile

    def paint(self, painter: QPainter, tile: ScreenTile) -> None:
        """The values under the pointer, below the colour bars; the painter's origin is the tile's corner."""
        if self._over is None or self._over[0] is not tile:
            return
        words = values_under(tile, self._over[1])
        if words and (start := words_place(tile, words, self._over[1])) is not None:
            for number, each in enumerate(words):
                say(painter, (start[0], start[1] + number * LINE_PX * tile.ratio), each, tile.ratio)

    def wheel(self, tile: ScreenTile, place: Place, notches: int) -> bool:
        """Mix more or less of the layer in whose bar is under the pointer; False where there is none."""
        bar = bar_at(tile, place)
        if bar is None or tile.case is None:
            return False
        by = notches * WHEEL_STEP
        layering.change(
            tile.case,
            tile.number,
            lambda each: replace(each, opacity=round(min(max(each.opacity + by, 0.0), 1.0), 3)),
            bar.key,
        )
        return True

    def forget(self) -> None:
        self._held = None


def values_under(tile: ScreenTile, place: Place) -> list[str]:
    """What is stored under a place: of the image, then of each layer that is drawn, with their units."""
    pixels = tile.picture.pixels if tile.picture else None
    if pixels is None or tile.screen() is None:
        return []
    own, point = value_at(tile, place), point_under(tile, place)
    modality = pixels.voxels.display_set.first.Modality
    said = [f"{modality} {own}"] if own else []
    for each in pixels.layers:
        value = layer_value(each, point)
        if value is not None:
            said.append(f"{title(each)} {number_of(value)} {unit_of(each)}".rstrip())
    return said


def words_place(tile: ScreenTile, words: list[str], place: Place) -> Place | None:
    """Where the values under a place begin: below the colour bars, and at the other edge where they would lie over what
    they tell of. None where there is no bar.
    """
    drawn = tile.picture.pixels.layers if tile.picture and tile.picture.pixels else ()
    places = bar_places(bars(drawn), tile.size, tile.ratio, tile.picture.words if tile.picture else ())
    if not places:
        return None
    edge, clear = EDGE_PX * tile.ratio, CLEAR_PX * tile.ratio
    wide = max(elided(each, text_px(tile.ratio), False, 1e6)[1] for each in words)
    x = min(*(each.x() for each in places), tile.size[0] - wide - edge)
    y = tile.size[1] / 2 + BELOW_PX * tile.ratio
    is_under = place[0] > x - clear and y - clear < place[1] < y + len(words) * LINE_PX * tile.ratio + clear
    return (edge if is_under else x, y)


def number_of(value: float) -> str:
    """A value of a layer as the pointer says it."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"


def _go(tile: ScreenTile, place: Place) -> None:
    if tile.case is not None:
        layering.move_to(tile.case, tile.number, (place[0] / tile.size[0], place[1] / tile.size[1]))


def _pull(held: _Held, bar: Bar, up_px: float) -> None:
    """As far upwards as the hand goes beside the bar's height, so much of what it spans the ends rise."""
    (low, high), by = bar.ends, up_px / bar.high_px * (bar.ends[1] - bar.ends[0])
    new = (low + by if bar.moves[0] else low, high + by if bar.moves[1] else high)
    if new[0] < new[1]:
        layering.change(held.case, held.tile.number, lambda each: each.windowed(*new), bar.key)
