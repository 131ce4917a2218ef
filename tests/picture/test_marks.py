"""What a tile wears that must not be overlooked: a prior in its own colour, a frame where two patients are shown."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QGuiApplication

from tests.case.stacks import BERT, beside, stack
from workstation.case.state import Case
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale
from workstation.imaging.volume import Voxels
from workstation.paint.tile import CHIP, PRIOR
from workstation.picture.compose import Picture, compose

SIZE = 500, 380
Drawn = Callable[[Case, int], Picture]


def of(display_set: DisplaySet) -> Voxels:
    shape = (len(display_set.images), *display_set.images[0].shape)
    return Voxels(display_set, np.zeros(shape, np.int16), np.ones(shape[0], np.bool_), Rescale(), None, "HU")


@pytest.fixture
def drawn(qapp: QGuiApplication) -> Drawn:
    def drawn(case: Case, number: int) -> Picture:
        view = case.view(number)
        assert view.display_set is not None
        return compose(view, of(view.display_set), "", SIZE, 1.0)

    return drawn


def colours(picture: Picture) -> NDArray[np.uint32]:
    bits = np.frombuffer(picture.image.constBits(), np.uint32).reshape(SIZE[1], SIZE[0])
    return bits & np.uint32(0xFFFFFF)


def of_colour(picture: Picture, rgb: int) -> NDArray[np.bool_]:
    """Pixels within a little of a colour."""
    bits = colours(picture).astype(np.int64)
    apart = sum(abs((bits >> shift & 255) - (rgb >> shift & 255)) for shift in (16, 8, 0))
    return np.asarray(apart < 40)


def test_two_patients_in_one_layout_are_framed_on_each_tile_and_said(drawn: Drawn) -> None:
    case = beside(stack("1"), stack("2", study="2.2", patient=BERT, frame="2.9"))
    for number in (0, 1):
        picture = drawn(case, number)
        amber = of_colour(picture, CHIP.rgb())
        edge = np.concatenate([amber[1:5].any(axis=0), amber[-5:-1].any(axis=0), amber[:, 1:5].any(axis=1)])
        assert 0.5 < edge.mean() < 0.95, "a broken frame all round"
        assert any("more than one patient" in each for each in picture.facts["notices"])
    alone = drawn(beside(stack("1"), stack("2")), 0)
    assert of_colour(alone, CHIP.rgb())[1:5].sum() == 0


def test_a_prior_has_its_own_colour_and_the_word(drawn: Drawn) -> None:
    case = beside(stack("1"), stack("2", study="2.2", frame="2.9"))
    case.tiles[1] = replace(case.tiles[1], prior=True, study_date="20230301")
    prior, current = drawn(case, 1), drawn(case, 0)
    top_right = (slice(0, 40), slice(SIZE[0] // 2, SIZE[0]))
    assert of_colour(prior, PRIOR.rgb())[top_right].sum() > 40
    assert of_colour(current, PRIOR.rgb()).sum() == 0
    assert prior.facts["text"]["top_right"][0].startswith("PRIOR  2024-01-02")
