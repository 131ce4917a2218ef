"""A picture that fails costs itself alone: nothing of it stays open, on whatever thread it was made."""

import pytest

from workstation.paint import tile
from workstation.paint.tile import TileMarks, paint_tile

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
