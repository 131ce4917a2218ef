"""The sentences behind the chips of a tile, told where the pointer rests on the part of it with the chips."""

from typing import Final

from workstation.ui.screen_tile import ScreenTile

SHARE: Final = 1 / 3
LEAST_PX: Final = 110
"""Of a tile's height, from below: chips stand there, in rows. Higher up a tip would hide what is looked at."""


def tip_under(tile: ScreenTile | None, place: tuple[float, float]) -> str:
    """The sentences for a place of a tile (device pixels); none over what a tool is about to touch."""
    if tile is None or tile.picture is None or (tile.case is not None and tile.case.marks.tool):
        return ""
    height = tile.size[1]
    if height - place[1] > max(SHARE * height, LEAST_PX * tile.ratio):
        return ""
    return "\n".join(tile.picture.facts.get("notices", []))
