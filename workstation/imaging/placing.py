"""Where in a tile an image is put instead of in its middle: at an edge, levelled, or piece by piece.

Mammograms hang with the chest wall at the edge where two tiles meet and with nipples at one height, and are read at
full size in pieces that cover every pixel once. All places in device pixels.
"""

import math
from dataclasses import dataclass

Px = tuple[float, float]


@dataclass(frozen=True)
class Placing:
    """`edge` of the tile ("left" or "right") that the same edge of the image touches; `level`, the part of the tile's
    height at which the image's own level stands, where it has one. `piece` (row, column) shows the part of the image
    that follows after so many tiles full of it, columns counted from `edge`."""

    edge: str = ""
    level: float | None = None
    piece: tuple[int, int] | None = None


CENTERED = Placing()
"""In the middle of the tile."""


def anchor(placing: Placing, size: Px, level_px: float | None, tile: Px) -> tuple[Px, Px]:
    """A place of the tile and the place of the image, of `size`, that lies on it, each from its top left corner.

    The place stays put when the scale changes. `level_px` is where the image's level is, from its top.
    """
    (tile_x, x), (tile_y, y) = (tile[0] / 2, size[0] / 2), (tile[1] / 2, size[1] / 2)
    if placing.edge:
        tile_x, x = (tile[0], size[0]) if placing.edge == "right" else (0.0, 0.0)
    if placing.piece is not None:
        row, column = placing.piece
        away = column * tile[0]
        tile_x, x = (tile[0] + away, size[0]) if placing.edge == "right" else (-away, 0.0)
        return (tile_x, -row * tile[1]), (x, 0.0)
    if placing.level is not None and level_px is not None:
        tile_y, y = placing.level * tile[1], level_px
    return (tile_x, tile_y), (x, y)


def pieces(size: Px, tile: Px) -> tuple[int, int]:
    """Rows and columns of pieces that an image of `size` makes on a tile."""
    return max(1, math.ceil(size[1] / tile[1] - 1e-6)), max(1, math.ceil(size[0] / tile[0] - 1e-6))
