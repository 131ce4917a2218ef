"""An image that comes while its picture is made: what was read before it was there is never taken for it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.picture.test_chain import COLUMNS, ROWS, levels, view_of
from workstation.case.state import TileView
from workstation.dicom.entities import Frame
from workstation.imaging.greyscale import Rescale
from workstation.imaging.view import Framing
from workstation.imaging.volume import Voxels
from workstation.picture import chain
from workstation.picture.compose import compose, warm_up
from workstation.render import planar
from workstation.render.reslice import Reslicer

pytestmark = pytest.mark.usefixtures("qapp")

WIDE, HIGH = COLUMNS * 3, ROWS * 3


def waiting_for(view: TileView, image: NDArray[Any]) -> Voxels:
    """Voxels of an image that has not come."""
    assert view.display_set is not None
    empty = np.zeros_like(image)[None]
    return Voxels(view.display_set, empty, np.zeros(1, np.bool_), Rescale(), None, "", [None])


def comes_after(where: Any, name: str, voxels: Voxels, image: NDArray[Any], patch: pytest.MonkeyPatch) -> None:
    """Have the whole image come right after something was read of it."""
    read = getattr(where, name)

    def read_then_come(*given: Any, **named: Any) -> Any:
        found = read(*given, **named)
        voxels.stored[0] = image
        voxels.filled[0] = True
        return found

    patch.setattr(where, name, read_then_come)


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("shrunk", [False, True])
def test_an_image_that_comes_while_it_is_sampled_is_missing_then_there(
    colour: bool, shrunk: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = view_of(Frame(PixelSpacing=(0.7, 0.5)), photometric="RGB" if colour else "MONOCHROME2")
    view = replace(view, tile=replace(view.tile, framing=Framing()))
    dtype, shape = (np.uint8, (ROWS, COLUMNS, 3)) if colour else (np.uint16, (ROWS, COLUMNS))
    image = np.random.default_rng(5).integers(90, 250, shape).astype(dtype)
    voxels = waiting_for(view, image)
    size = (WIDE // 6, HIGH // 6) if shrunk else (WIDE, HIGH)
    warm_up()  # which samples too
    with monkeypatch.context() as patch:
        where, name = (planar, "averaged") if shrunk else (Reslicer, "at")
        comes_after(where, name, voxels, image, patch)
        first = compose(view, voxels, "", size, 1.0, bare=True)
    assert voxels.whole
    assert first.pixels is not None
    assert first.pixels.sampled.missing is not None
    assert first.pixels.sampled.missing.all()

    second = compose(view, voxels, "", size, 1.0, bare=True, before=first)
    alone = compose(view, voxels, "", size, 1.0, bare=True)
    assert second.pixels is not None
    assert second.pixels.sampled.missing is None
    assert np.array_equal(levels(second), levels(alone))


def test_a_window_measured_before_the_image_came_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    view = view_of(Frame(PixelSpacing=(0.7, 0.5)))
    image = np.random.default_rng(6).integers(1000, 4000, (ROWS, COLUMNS)).astype(np.uint16)
    voxels = waiting_for(view, image)
    with monkeypatch.context() as patch:
        comes_after(chain, "_measured", voxels, image, patch)
        chain.percentile_window(view, voxels, "")
    window = chain.percentile_window(view, voxels, "")
    assert window.center == pytest.approx(float(np.median(image)), abs=200)
