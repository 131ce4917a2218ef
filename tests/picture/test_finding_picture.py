"""Small pictures of findings: the finding in the middle, its lines alone, and never larger than its pixels allow."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from workstation.case.tile import Tile, TileView
from workstation.findings.finding import Finding, Kind
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale
from workstation.imaging.view import Display
from workstation.imaging.volume import Voxels
from workstation.paint.marks import MARK
from workstation.picture.exported import exported
from workstation.picture.finding_picture import SHARE, finding_picture, image_picture

pytestmark = pytest.mark.usefixtures("qapp")
SIDE = 200


def of(display_set: DisplaySet) -> Voxels:
    shape = (len(display_set.images), *display_set.images[0].shape)
    return Voxels(display_set, np.zeros(shape, np.int16), np.ones(shape[0], np.bool_), Rescale(), None, "HU")


def marked(picture: QImage) -> NDArray[np.bool_]:
    """Where the colour of marks is, but for soft edges."""
    rgb = picture.convertToFormat(QImage.Format.Format_RGB32)
    bits = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.width(), 4)[..., 2::-1].astype(int)
    return np.asarray(np.abs(bits - [MARK.red(), MARK.green(), MARK.blue()]).sum(axis=-1) < 60)


def drawn(display_set: DisplaySet, made: Finding) -> NDArray[np.bool_]:
    return marked(finding_picture(made, display_set, 4, Display(), of(display_set), SIDE, 1.0))


def test_a_finding_is_in_the_middle_of_its_picture_and_takes_its_share() -> None:
    display_set = stack("1", spacing=(0.8, 0.6), step_mm=5.0)
    middle = beside(display_set, image=4).view(0).plane.center_lps
    x, y, z = middle[0] + 4, middle[1] - 3, 20.0
    seen = drawn(display_set, finding(Kind.LENGTH, [(x - 15, y, z), (x + 15, y, z)]))
    rows, columns = np.nonzero(seen)
    assert abs(columns.mean() - SIDE / 2) < 2 and abs(rows.mean() - SIDE / 2) < 2
    assert np.ptp(columns) == pytest.approx(SHARE * SIDE, abs=4)


def test_a_point_is_seen_among_what_lies_round_it() -> None:
    display_set = stack("1", spacing=(0.8, 0.6), step_mm=5.0)
    x, y, _ = beside(display_set, image=4).view(0).plane.center_lps
    rows, columns = np.nonzero(drawn(display_set, finding(Kind.PROBE, [(x, y, 20.0)])))
    assert abs(columns.mean() - SIDE / 2) < 2 and abs(rows.mean() - SIDE / 2) < 2


def test_a_key_image_is_shown_without_marks() -> None:
    display_set = stack("1", spacing=(0.8, 0.6), step_mm=5.0)
    assert not marked(image_picture(display_set, 4, Display(), of(display_set), SIDE, 1.0)).any()


@pytest.mark.parametrize(("size", "reduced"), [((50, 40), True), ((900, 700), False)])
def test_an_exported_picture_says_when_it_is_smaller_than_its_pixels(size: tuple[int, int], reduced: bool) -> None:
    display_set = stack("1", spacing=(0.8, 0.6), step_mm=5.0)
    view = TileView(0, Tile(display_set.key, image=4), display_set, None, active=True, linked=False)
    picture, words = exported(view, of(display_set), size, 1.0)
    assert picture.width() == size[0] and picture.height() > size[1]
    assert any(each.startswith("reduced to") for each in words) is reduced
    assert picture.text("Description") == "   ".join(words)
