"""The bar of a series and its words; what comes to the grid's screen is what is counted."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QListWidget, QListWidgetItem

from tests.ui.test_tile_grid import painted
from workstation.case.state import Case
from workstation.loading.load import Loader
from workstation.phantom.coded import STUDY as CODED
from workstation.ui.coverage_bar import CoverageDelegate, in_words, paint_bar, told_to_readers
from workstation.ui.coverage_watch import CoverageWatch
from workstation.ui.tile_grid import TileGrid

BAND, LINE = QColor(0, 0, 255), QColor(255, 0, 0)


def bar(seen: list[bool], width: int = 100) -> NDArray[np.uint32]:
    """The bar in a 100 x 5 picture, as 0xffRRGGBB."""
    image = QImage(width, 5, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    paint_bar(painter, QRect(0, 0, width, 5), np.array(seen, dtype=np.bool_), BAND, LINE)
    painter.end()
    return np.frombuffer(image.constBits(), np.uint32).reshape(5, width).copy()


def test_seen_images_are_a_band_and_the_others_a_thin_line(qapp: QApplication) -> None:
    drawn = bar([True, False, False, True, True])
    band, line, nothing = 0xFF0000FF, 0xFFFF0000, 0xFF000000
    assert set(drawn[:, 5]) == {band} and set(drawn[:, 75]) == {band}
    assert list(drawn[:, 30]) == [nothing, nothing, line, nothing, nothing], "told apart by shape too"


def test_one_image_of_thousands_can_be_seen(qapp: QApplication) -> None:
    seen = [False] * 5000
    seen[2500] = True
    assert (bar(seen)[0] != 0xFF000000).sum() >= 1


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        ([True, False, True], "Seen so far: 2 of 3 images."),
        ([False], "Seen so far: 0 of 1 image."),
    ],
)
def test_the_words_of_the_bar(seen: list[bool], said: str) -> None:
    assert in_words(np.array(seen)) == said


def test_the_strip_draws_it_and_tells_it_to_screen_readers(qapp: QApplication) -> None:
    strip = QListWidget()
    item = QListWidgetItem("A series")
    item.setData(Qt.ItemDataRole.UserRole, "key")
    strip.addItem(item)
    strip.resize(200, 60)
    without = strip.grab().toImage()
    answers: dict[str, NDArray[np.bool_]] = {"key": np.array([True, True, False])}
    strip.setItemDelegate(CoverageDelegate(strip, answers.get))
    assert strip.grab().toImage() != without
    told_to_readers(strip.model(), answers.get)
    assert item.data(Qt.ItemDataRole.AccessibleDescriptionRole) == "Seen so far: 2 of 3 images."
    answers.clear()
    assert strip.grab().toImage() == without, "no bar for a set of another case"


def test_what_stands_on_the_screen_of_a_grid_is_counted_and_what_is_hidden_is_not(
    opened: Callable[[str, str, int], Case], loader: Loader
) -> None:
    case = opened(CODED.study_instance_uid, "images", 1)
    grid = TileGrid(loader)
    grid.resize(600, 300)
    watch = CoverageWatch(grid)
    watch.watch(grid)
    grid.show_case(case)
    watch.show_case(case)
    painted(grid)
    time.sleep(0.03)
    first, second = case.sets
    assert watch.facts()[first]["seen"] == 0, "a grid that is not shown is not on the screen"
    grid.show()
    painted(grid)
    shown = {each["key"]: each for each in _after(watch, case)}
    assert shown[first]["runs"] == [[7, 7]] and shown[second]["runs"] == [[4, 4]]
    assert "11 of 12 images of series 1" in watch.unseen_sentence()
    watch.show_bars(False)
    assert watch.seen(first) is None and watch.facts()[first]["seen"] == 1
    grid.show_case(None)
    watch.show_case(None)
    assert watch.facts() == {} and watch.unseen_sentence() == ""
    grid.close()


def _after(watch: CoverageWatch, case: Case) -> list[dict[str, object]]:
    """The facts once the pictures have stood long enough."""
    until = time.monotonic() + 60
    while time.monotonic() < until and not all(each["seen"] for each in watch.facts().values()):
        QApplication.processEvents()
    return [{"key": key, **facts} for key, facts in watch.facts().items()]
