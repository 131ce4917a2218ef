"""Scissors over a 3D tile: an outline that the hand draws; what is seen inside or outside of it is cut when it lets go.

Places in device pixels of a tile. The outline lies over the picture and costs it nothing.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from workstation.case.state import Case
from workstation.imaging.camera import Camera
from workstation.ui.screen_tile import ScreenTile

Place = tuple[float, float]

SCISSORS: Final = "scissors in 3D"
"""What a press does that draws the outline."""

TRACE_PX: Final = 2
"""The outline has a point each time the hand went so far. Logical pixels."""


class Side(StrEnum):
    """What is cut away."""

    INSIDE = "inside"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Snip:
    """An outline that was closed: points (x, y) as the camera counts pixels, in a tile of `size`."""

    case: Case
    number: int
    camera: Camera
    outline: tuple[Place, ...]
    size: tuple[int, int]
    side: Side


@dataclass
class _Under:
    tile: ScreenTile
    case: Case
    camera: Camera
    outline: list[Place] = field(default_factory=list)


class Scissors:
    """One outline at a time. `side` is None while they lie on the table; `cut` takes what was drawn."""

    def __init__(self, cut: Callable[[Snip], None]) -> None:
        self._cut = cut
        self.side: Side | None = None
        self._under: _Under | None = None

    @property
    def busy(self) -> bool:
        """Whether a button is down for them."""
        return self._under is not None

    @property
    def outline(self) -> tuple[Place, ...]:
        """What was drawn so far, on its tile."""
        return tuple(self._under.outline) if self._under is not None else ()

    def takes(self, tile: ScreenTile) -> bool:
        """Whether a press on a tile begins an outline."""
        case = tile.case
        return self.side is not None and case is not None and case.tiles[tile.number].scene is not None

    def press(self, tile: ScreenTile, place: Place) -> bool:
        """Take a press of the left button, or leave it to others."""
        case = tile.case
        scene = case.tiles[tile.number].scene if case is not None else None
        if case is None or scene is None or self.side is None:
            return False
        self._under = _Under(tile, case, scene.camera, [place])
        return True

    def move(self, place: Place) -> bool:
        """The hand went on; whether there is more to paint."""
        under = self._under
        if under is None or math.dist(place, under.outline[-1]) < TRACE_PX * under.tile.ratio:
            return False
        under.outline.append(place)
        return True

    def release(self) -> None:
        """The outline is closed where it ends; one with nothing inside cuts nothing."""
        under, self._under = self._under, None
        if under is None or self.side is None or len(under.outline) < 3:
            return
        outline = tuple((x - 0.5, y - 0.5) for x, y in under.outline)
        self._cut(Snip(under.case, under.tile.number, under.camera, outline, under.tile.size, self.side))

    def forget(self) -> None:
        """What was drawn so far is not wanted."""
        self._under = None

    def paint(self, painter: QPainter, tile: ScreenTile) -> None:
        """The outline over the picture of its tile, closed by a dashed line; to be seen on any ground."""
        under = self._under
        if under is None or under.tile is not tile:
            return
        line = QPolygonF([QPointF(*each) for each in under.outline])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for ink, width in ((QColor(0, 0, 0, 160), 3.4), (QColor(255, 255, 255), 1.6)):
            painter.setPen(QPen(ink, width * tile.ratio))
            painter.drawPolyline(line)
        painter.setPen(QPen(QColor(255, 255, 255), 1.2 * tile.ratio, Qt.PenStyle.DashLine))
        painter.drawLine(line.last(), line.first())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
