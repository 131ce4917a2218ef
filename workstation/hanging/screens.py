"""The screens a study hangs on: which of a protocol's stages are for them, and layouts that fit them.

A stage may name the screens it is for; where those are present it takes the place of one of the same name that names
none. Other stages are fitted: no tile lies across the gap between two screens, and an upright screen has its tiles
below each other.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workstation.errors import HounsfieldError
from workstation.hanging.protocol import Stage
from workstation.hanging.schema import ONE_LANDSCAPE

_TEXT: Final = re.compile(r"(?:([1-9])x)?([1-9]\d{2,4})x([1-9]\d{2,4})")
_SAME_SIZE: Final = 0.05
"""Screens whose pixels or mm differ by less than this part are a pair."""


@dataclass(frozen=True)
class Monitor:
    """Width and height of a screen for images: device pixels, and mm where they are known."""

    width_px: int
    height_px: int
    width_mm: float = 0.0
    height_mm: float = 0.0

    @property
    def upright(self) -> bool:
        return self.height_px > self.width_px

    def pairs_with(self, other: "Monitor") -> bool:
        """Whether an image has about the same size on both."""
        mine = (self.width_px, self.height_px, self.width_mm, self.height_mm)
        theirs = (other.width_px, other.height_px, other.width_mm, other.height_mm)
        return all(abs(a - b) <= _SAME_SIZE * max(a, b) for a, b in zip(mine, theirs, strict=True))


def monitors(text: str) -> tuple[Monitor, ...]:
    """Screens from "1600x1200" or "2x2048x2560", several separated by commas. Raises HounsfieldError."""
    found: list[Monitor] = []
    for part in text.split(","):
        sizes = _TEXT.fullmatch(part.strip())
        if sizes is None:
            raise HounsfieldError(f"{part!r} is no screen; say 1600x1200, or 2x2048x2560 for two")
        found += [Monitor(int(sizes[2]), int(sizes[3]))] * int(sizes[1] or 1)
    return tuple(found)


def role(present: Sequence[Monitor]) -> str:
    """What screens are there, in the words of protocols: the largest one, or a pair of it."""
    if not present:
        return ONE_LANDSCAPE
    largest = max(present, key=lambda each: each.width_px * each.height_px)
    count = "two" if sum(each.pairs_with(largest) for each in present) > 1 else "one"
    return f"{count} {'portrait' if largest.upright else 'landscape'}"


def stages_for(stages: Sequence[Stage], screens: str) -> tuple[Stage, ...]:
    """The stages for these screens, in the order of the protocol; an own one stands where its namesake stood."""
    own = {stage.name: stage for stage in stages if screens in stage.screens}
    kept = [stage for stage in stages if not stage.screens or screens in stage.screens]
    return tuple(dict.fromkeys(own.get(stage.name, stage) for stage in kept))


def fitted(rows: int, columns: int, tiles: int, stage: Stage, screens: str) -> tuple[int, int]:
    """Rows and columns of so many tiles of a stage on these screens.

    They are as they are where the stage was made for the screens, or where chest walls touch in it.
    """
    if screens in stage.screens or tiles < 2 or any(tile.chest_wall for tile in stage.tiles):
        return rows, columns
    if screens == "one portrait":
        return max(rows, columns), min(rows, columns)
    if screens.startswith("two") and columns % 2:
        columns = 2 if screens == "two portrait" else columns + 1
        return -(-tiles // columns), columns
    return rows, columns
