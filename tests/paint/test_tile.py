"""A picture that fails costs itself alone: nothing of it stays open, on whatever thread it was made."""

import pytest
from PySide6.QtCore import QRect

from workstation.paint import tile
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
