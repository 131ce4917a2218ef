"""The sentences behind chips are told where chips stand, and over nothing that is looked at."""

from types import SimpleNamespace
from typing import Any

import pytest

from workstation.ui.chip_tips import tip_under

SAID = ["PT lies over this image as: registered, not verified.", "CT: 3 of 9 images are loaded."]


def tile(height: int = 600, ratio: float = 1.0, tool: str = "") -> Any:
    """What a tip needs of a tile."""
    case = SimpleNamespace(marks=SimpleNamespace(tool=tool))
    picture = SimpleNamespace(facts={"notices": SAID})
    return SimpleNamespace(size=(900, height), ratio=ratio, case=case, picture=picture)


@pytest.mark.parametrize(
    ("height", "ratio", "y", "told"),
    [(600, 1.0, 560, True), (600, 1.0, 300, False), (180, 1.0, 90, True), (180, 1.0, 40, False), (180, 2.0, 20, True)],
)
def test_the_lower_part_of_a_tile_tells_and_the_middle_hides_nothing(
    height: int, ratio: float, y: float, told: bool
) -> None:
    assert tip_under(tile(height, ratio), (450.0, y)) == ("\n".join(SAID) if told else "")


def test_a_tool_in_hand_and_an_empty_place_are_not_told_of() -> None:
    assert tip_under(tile(tool="length"), (450.0, 590.0)) == ""
    assert tip_under(None, (450.0, 590.0)) == ""
