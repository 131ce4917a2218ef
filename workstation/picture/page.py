"""A whole page of tiles: where each lies, and all of them composed into one picture."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter

from workstation import jobs
from workstation.case.state import Case, Tile, TileView
from workstation.case.tile import LayerView
from workstation.errors import HounsfieldError, Refused
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.picture import turning
from workstation.picture.bent import bent
from workstation.picture.compose import Picture, compose
from workstation.picture.fused import NOT_LOADED, LoadedLayer, nearest_image

GIVES_WAY_S: Final = 0.4
"""A thumbnail waits so long for pictures on their way to the screen."""


def tile_rects(width: int, height: int, rows: int, columns: int) -> list[QRect]:
    """The tiles of a `width` x `height` page in reading order; neighbours touch, the remainder is spread."""
    xs = [width * column // columns for column in range(columns + 1)]
    ys = [height * row // rows for row in range(rows + 1)]
    return [
        QRect(xs[column], ys[row], xs[column + 1] - xs[column], ys[row + 1] - ys[row])
        for row in range(rows)
        for column in range(columns)
    ]


def picture_of(case: Case, number: int, loader: Loader, size: tuple[int, int], ratio: float) -> Picture:
    """One tile of a case as it stands now, with what is loaded of it."""
    view = case.view(number)
    voxels, problem = loaded_for(view, case, loader)
    if voxels is not None:
        turning.prepare(view, voxels)
    return compose(view, voxels, problem, size, ratio, layered=layers_for(view, case, loader))


def loaded_for(view: TileView, case: Case, loader: Loader) -> tuple[Voxels | None, str]:
    """The voxels a tile needs, which begin to load if they have not, and the sentence for what will not come."""
    if view.display_set is None:
        return None, ""
    try:
        loading = loader.open(view.display_set, case.digests, view.image)
    except Refused as refused:
        return None, sentence_of(refused)
    loading.want(view.image)
    problem = loading.problems.get(view.image)
    return loading.voxels, sentence_of(problem) if problem else ""


def layers_for(view: TileView, case: Case, loader: Loader) -> tuple[LoadedLayer, ...]:
    """The voxels of a tile's layers, in their order, which begin to load if they have not: after those of its own set,
    from where the tile looks outwards. One that may not be drawn is not loaded for it."""
    return tuple(_loaded_layer(view, each, case, loader) for each in view.layers)


def _loaded_layer(view: TileView, layer: LayerView, case: Case, loader: Loader) -> LoadedLayer:
    if layer.grid is None:
        return NOT_LOADED
    image = nearest_image(view, layer, layer.grid)
    try:
        loading = loader.open(layer.display_set, case.digests, image)
    except Refused as refused:
        return LoadedLayer(None, None, sentence_of(refused))
    loading.want(image)
    problem = next(iter(loading.problems.values()), None)
    if layer.laid is not None and layer.laid.is_bent and problem is None:
        showing = partial(_emit_showing, case, layer.layer.display_set)
        return bent(layer.laid, layer.grid, loading.voxels, showing)
    return LoadedLayer(loading.voxels, layer.grid, sentence_of(problem) if problem else "")


def _emit_showing(case: Case, key: str) -> None:
    """The tiles that show a set are to be painted again."""
    case.emit_changed(number for number, tile in enumerate(case.tiles) if tile.shows(key))


def sentence_of(error: Exception) -> str:
    """A refusal as a sentence for the tile."""
    text = getattr(error, "sentence", "") or type(error).__name__
    return f"Cannot be shown: {text}."


def page_picture(
    case: Case, loader: Loader, size: tuple[int, int], ratio: float = 1.0
) -> tuple[QImage, list[dict[str, Any]]]:
    """All tiles on screen of a case as one picture of `size` (width, height) device pixels, and the facts of each."""
    width, height = case.page_px = size
    page = QImage(width, height, QImage.Format.Format_RGB32)
    page.fill(Qt.GlobalColor.black)
    facts = []
    rows, columns = case.layout
    with QPainter(page) as painter:
        for number, rect in zip(case.shown, tile_rects(width, height, rows, columns), strict=False):
            picture = picture_of(case, number, loader, (rect.width(), rect.height()), ratio)
            painter.drawImage(rect.topLeft(), picture.image)
            place = [rect.x(), rect.y(), rect.width(), rect.height()]
            facts.append({**picture.facts, "tile": number + 1, "rect": place})
    return page, facts


def thumbnail(
    display_set: DisplaySet, digests: Mapping[str, str], home: Home, size: int, check: Callable[[], None]
) -> QImage | None:
    """The middle image of a set without marks, `size` x `size` device pixels; None when it cannot be shown.

    Loads that one image, whatever else of the set is wanted. Runs on a thread; `check` raises to stop it.
    """
    middle = display_set.images[len(display_set.images) // 2]
    key = f"{display_set.key} thumbnail"
    single = replace(display_set, key=key, images=(middle,), grid=None, uneven=None, notices=())
    loader = Loader(home)
    jobs.give_way(GIVES_WAY_S)
    check()
    try:
        loading = loader.open(single, digests)
        while not loading.wait(0.1):
            check()
    except HounsfieldError:
        check()  # a stop is passed on, a refusal means no picture
        return None
    finally:
        loader.close_all()
    if loading.problems:
        return None
    view = TileView(0, Tile(single.key), single, None, active=False, linked=False)
    return compose(view, loading.voxels, "", (size, size), 1.0, bare=True).image
