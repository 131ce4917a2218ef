"""A magnifier under the pointer: the place beneath it, composed anew at a larger scale, not blown-up screen pixels."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from workstation import jobs
from workstation.case.state import Case, TileView
from workstation.findings.finding import Finding
from workstation.imaging.view import ScreenPlane
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.picture.compose import compose
from workstation.picture.finding_picture import paint_finding
from workstation.picture.fused import LoadedLayer
from workstation.picture.page import layers_for, loaded_for
from workstation.ui.screen_tile import ScreenTile, Submit
from workstation.ui.theme import DARK

SIZE_PX, FACTOR = 260, 2.0


def magnified(view: TileView, screen: ScreenPlane, place: tuple[float, float], factor: float) -> TileView:
    """A tile framed so that what lies at `place` (device pixels of it) is in the middle, `factor` times as large."""
    right_mm = (place[0] - screen.width / 2) / screen.px_per_mm
    down_mm = (place[1] - screen.height / 2) / screen.px_per_mm
    larger = replace(view.tile.framing, px_per_mm=screen.px_per_mm * factor, one_to_one=False, area_mm=None, closer=1.0)
    return replace(view, tile=replace(view.tile, framing=larger.panned(-right_mm, -down_mm)))


class Magnifier:
    """Follows the pointer while it is on. One picture is made at a time; the newest place is the next."""

    def __init__(self, loader: Loader, arrived: Callable[[QRect], None], submit: Submit = jobs.submit) -> None:
        self.on = False
        self.size_px, self.factor = SIZE_PX, FACTOR
        self._loader, self._arrived, self._submit = loader, arrived, submit
        self._tile: ScreenTile | None = None
        self._place = (0.0, 0.0)
        self._shown: tuple[QImage, QRect, Case] | None = None
        self._busy = self._again = False

    @property
    def rect(self) -> QRect:
        """Where it is painted now, device pixels of the grid; empty while nothing is."""
        return self._shown[1] if self._shown and self.on else QRect()

    def switch(self, on: bool) -> None:
        """Turn it on or off."""
        before, self.on = self.rect, on
        self._shown = None
        if on:
            self._ask()
        self._arrived(before)

    def move(self, tile: ScreenTile | None, place: tuple[float, float]) -> None:
        """The pointer is at a place of a tile, or over none."""
        self._tile, self._place = tile, place
        if self.on:
            self._ask()

    def _ask(self) -> None:
        tile = self._tile
        if tile is None or tile.case is None:
            return
        if self._busy:
            self._again = True
            return
        screen, view = tile.screen(), tile.case.view(tile.number)
        if screen is None:
            return
        side = round(self.size_px * tile.ratio)
        corner = QPoint(tile.rect.x() + round(self._place[0]), tile.rect.y() + round(self._place[1]))
        rect = QRect(corner.x() - side // 2, corner.y() - side // 2, side, side)
        wanted = magnified(view, screen, self._place, self.factor)
        self._busy, self._again = True, False
        loaded = (*loaded_for(view, tile.case, self._loader), layers_for(view, tile.case, self._loader))
        held = tile.case.marks.in_hand
        self._submit(self._make, wanted, loaded, rect, tile.ratio, (tile.case, held), lane=jobs.Lane.SCREEN)

    def _make(
        self,
        view: TileView,
        loaded: tuple[Voxels | None, str, tuple[LoadedLayer, ...]],
        rect: QRect,
        ratio: float,
        of: tuple[Case, Finding | None],
    ) -> None:
        """On a thread. The lines of the mark in hand lie over it: where its end goes is what one looks for."""
        (voxels, problem, layered), (case, held) = loaded, of
        size = (rect.width(), rect.height())
        image = compose(view, voxels, problem, size, ratio, bare=True, layered=layered).image
        if held is not None and voxels is not None:
            paint_finding(image, held, view, voxels, ratio)
        jobs.post(partial(self._made, image, rect, case, view.tile.display_set))

    def _made(self, image: QImage, rect: QRect, case: Case, key: str | None) -> None:
        self._busy = False
        tile = self._tile
        same = tile is not None and tile.case is case and case.tiles[tile.number].display_set == key
        before = self.rect
        self._shown = (image, rect, case) if same and self.on else None
        self._arrived(before.united(self.rect))
        if self._again:
            self._ask()

    def paint(self, painter: QPainter, case: Case | None) -> None:
        """Over the tiles, in device pixels; nothing of another case is ever painted."""
        if not self.on or self._shown is None or self._shown[2] is not case or self._tile is None:
            return
        image, rect, _ = self._shown
        painter.setClipRect(self._tile.rect)
        painter.drawImage(rect.topLeft(), image)
        painter.setPen(QPen(Qt.GlobalColor.black, 3 * self._tile.ratio))
        painter.drawRect(rect)
        painter.setPen(QPen(QColor(DARK.accent), self._tile.ratio))
        painter.drawRect(rect)
        painter.setPen(Qt.GlobalColor.white)
        painter.drawText(rect.adjusted(6, 4, -6, -4), Qt.AlignmentFlag.AlignBottom, f"× {self.factor:g}")
