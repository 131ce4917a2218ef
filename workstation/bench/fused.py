"""A plane of a CT with a PET over it, scrolled: what a step costs beside the same CT alone."""

import os
import time
from dataclasses import replace
from typing import Any, Final

import numpy as np

from workstation import jobs
from workstation.bench.data import Study
from workstation.bench.rows import Row

SIZE: Final = (960, 600)
"""One of four tiles on a full HD screen."""

PET: Final = (300, 168, 168)
STEPS: Final = 20


def repainted(study: Study, runs: int) -> list[Row]:
    """Another plane with its layer, and another window of the layer; nothing sampled before is of use to the first."""
    from workstation.picture.compose import make_room

    if not os.environ.get("DISPLAY"):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from workstation.app import application

    under = application()
    make_room()
    case, key, base, layer, over = _laid(study)
    scrolled = [(_scrolled(case, key, base, layer, over), _scrolled(case, key, base, None, over)) for _ in range(runs)]
    windowed = [(_windowed(case, base, layer, over), _scrolled(case, key, base, None, over)) for _ in range(runs)]
    del under
    jobs.shutdown()
    return [
        Row("fused tile, another plane", "ms", "the CT alone", 12, *_apart(scrolled)),
        Row("fused tile, another window", "ms", "another plane of the CT alone", 12, *_apart(windowed)),
    ]


def _apart(pairs: list[tuple[float, float]]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(ours for ours, _ in pairs), tuple(alone for _, alone in pairs)


def _laid(study: Study) -> tuple[Any, str, Any, Any, Any]:
    """A case with a coronal plane of the CT, the CT's voxels, and a PET that covers it."""
    from workstation.cache.index import Index
    from workstation.case.open import open_study
    from workstation.case.state import Tile
    from workstation.case.tile import LayerView
    from workstation.imaging.alignment import SAME
    from workstation.imaging.geometry import Grid
    from workstation.imaging.greyscale import Rescale, Window
    from workstation.imaging.layers import Layer, ends_window
    from workstation.imaging.view import Display, Orientation
    from workstation.imaging.volume import Voxels
    from workstation.loading.load import Loader
    from workstation.picture.fused import LoadedLayer

    with Index(study.home) as index:
        case = open_study(study.home, next(iter(index.studies())).study_instance_uid, None)
    key = max((key for key, each in case.sets.items() if each.grid), key=lambda key: len(case.sets[key].images))
    ct, loader = case.sets[key], Loader(study.home)
    loading = loader.open(ct, case.digests)
    loader.wait(600)
    case.tiles[0] = Tile(key, Orientation.CORONAL, 0, display=Display(Window(40.0, 400.0)))
    assert ct.grid is not None  # noqa: S101  chosen for it
    count, rows, columns = PET
    wide, high, deep = ct.grid.extent_mm
    grid = Grid(ct.grid.origin_lps, ct.grid.axes, (wide / columns, high / rows, deep / count), (columns, rows, count))
    stored = np.random.default_rng(3).gamma(1.2, 1.5, PET).astype(np.float32)
    pet = Voxels(ct, stored, np.ones(count, np.bool_), Rescale(), None, "SUVbw")
    layer = Layer("pet", Display(ends_window(0.0, 7.0), palette="HOT_IRON"))
    over = [LoadedLayer(pet, grid)]
    return case, key, loading.voxels, LayerView(layer, ct, grid, SAME), over


def _scrolled(case: Any, key: str, base: Any, layer: Any, over: Any) -> float:
    """Median of steps from plane to plane, ms; without a layer of the CT alone."""
    from workstation.picture.compose import compose

    ct, found = case.sets[key], []
    x, y, z = ct.grid.middle_lps
    for step in range(STEPS):
        case.place_crosshair(ct, (x, y + 2.0 * step, z))
        view = replace(case.view(0), layers=(layer,) if layer is not None else ())
        begun = time.perf_counter()
        compose(view, base, "", SIZE, 1.0, layered=over if layer is not None else ())
        found.append(1000 * (time.perf_counter() - begun))
    return float(np.median(found))


def _windowed(case: Any, base: Any, layer: Any, over: Any) -> float:
    """Median of steps of the layer's upper end, ms."""
    from workstation.picture.compose import compose

    view = case.view(0)
    before, found = compose(replace(view, layers=(layer,)), base, "", SIZE, 1.0, layered=over), []
    for step in range(STEPS):
        moved = replace(layer, layer=layer.layer.windowed(0.0, 5.0 + 0.1 * step))
        begun = time.perf_counter()
        before = compose(replace(view, layers=(moved,)), base, "", SIZE, 1.0, before=before, layered=over)
        found.append(1000 * (time.perf_counter() - begun))
    return float(np.median(found))
