"""A picture that fails costs itself alone: nothing of it stays open, on whatever thread it was made."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRect

from workstation.paint import tile
from workstation.paint.colour_bar import HEAD_LINES, STEP, TEXT_PX, ColourBar, bar_places
from workstation.paint.labels import label
from workstation.paint.lines import Line, line_colour
from workstation.paint.tile import TileMarks, corner_boxes, paint_tile

pytestmark = pytest.mark.usefixtures("qapp")


def test_a_mistake_in_a_mark_leaves_no_painter_on_its_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    """Qt says so where an image goes before its painter, and this test fails by Qt's words."""

    def mistaken(*arguments: object) -> None:
        raise LookupError

    monkeypatch.setattr(tile, "paint_marks", mistaken)
    with pytest.raises(LookupError):
        paint_tile(None, TileMarks(message="words"), (120, 80), 1.0)
    monkeypatch.undo()
    assert paint_tile(None, TileMarks(message="words"), (120, 80), 1.0).width() == 120


def test_lines_of_planes_give_way_to_the_words_of_the_corners() -> None:
    words = {"top_left": ("Whose image this is", "and when")}
    line = Line((0.0, 14.0), (400.0, 14.0), "axial")
    without = paint_tile(None, TileMarks(corners=words), (400, 200), 1.0)
    with_line = paint_tile(None, TileMarks(corners=words, lines=(line,)), (400, 200), 1.0)
    (x, y, wide, high), *_ = corner_boxes(TileMarks(corners=words), (400, 200), 1.0)
    assert y < 14 < y + high
    box = QRect(int(x), int(y), int(wide), int(high))
    assert with_line.copy(box) == without.copy(box)
    assert with_line.pixelColor(int(x + wide) + 20, 14) == line_colour("axial")


def test_the_image_lies_under_its_words_as_it_was_given() -> None:
    rgb32 = np.arange(80 * 123, dtype=np.uint32).reshape(80, 123) | np.uint32(0xFF000000)
    image = paint_tile(rgb32, None, (123, 80), 1.0)
    assert np.array_equal(np.frombuffer(image.constBits(), np.uint32).reshape(80, 123), rgb32)


@pytest.mark.skipif(sys.platform != "linux", reason="counts the threads of Linux")
def test_words_are_painted_by_the_thread_that_wants_them() -> None:
    """Threads of Qt would be waited for with Python's lock held: on busy cores the main thread waits as well."""

    def threads() -> dict[str, str]:
        return {each.name: (each / "comm").read_text() for each in Path("/proc/self/task").iterdir()}

    before = threads()
    label("Many letters make more parts than Qt fills on one thread.", 23.7, False, 0xFFCDD1D6)
    assert not {name for number, name in threads().items() if number not in before and "pooled" in name}


def test_a_colour_bar_stands_below_the_lines_of_its_corner() -> None:
    bar = ColourBar((0xFF000000, 0xFFFFFFFF), "0", "7", "PT", "SUVbw")
    for count in (1, 6):
        words = corner_boxes(TileMarks(corners={"top_right": ("2024-02-20",) * count}), (700, 500), 1.0)
        (place,) = bar_places((bar,), (700, 500), 1.0, words)
        assert place.top() - HEAD_LINES * STEP * TEXT_PX >= max(y + high for _, y, _, high in words)
        assert place.bottom() < 250
