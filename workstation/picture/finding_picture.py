"""A finding by itself, for lists: the part of its image round it, with its lines and no words."""

from dataclasses import replace
from typing import Final

import numpy as np
from PySide6.QtGui import QImage, QPainter

from workstation.case.drawing_tools import ground
from workstation.case.tile import Tile, TileView
from workstation.findings.finding import Finding
from workstation.findings.outline import outline
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.view import Display, Framing, screen_plane
from workstation.imaging.volume import Voxels
from workstation.paint.marks import paint_marks
from workstation.picture.breast import plane_of
from workstation.picture.compose import compose
from workstation.picture.marks import one_laid_out

SHARE: Final = 0.55
"""Of the picture's side that the finding takes."""

LEAST_PIXELS: Final = 32
"""Of the image across a picture: a point too is seen among what lies round it."""


def image_picture(
    display_set: DisplaySet, image: int, display: Display, voxels: Voxels, side_px: int, ratio: float
) -> QImage:
    """A whole image of a set, `side_px` x `side_px` device pixels. Runs on a thread."""
    return compose(_view(display_set, image, display), voxels, "", (side_px, side_px), ratio, bare=True).image


def finding_picture(
    finding: Finding,
    display_set: DisplaySet,
    image: int,
    display: Display,
    voxels: Voxels,
    side_px: int,
    ratio: float,
) -> QImage:
    """A finding on the image of `display_set` it was drawn on, `side_px` x `side_px` device pixels, in the window of
    `display`. Runs on a thread.
    """
    view = _framed(_view(display_set, image, display), finding, side_px)
    picture = compose(view, voxels, "", (side_px, side_px), ratio, bare=True).image
    paint_finding(picture, finding, view, voxels, ratio)
    return picture


def paint_finding(picture: QImage, finding: Finding, view: TileView, voxels: Voxels, ratio: float) -> None:
    """Lay the lines of a finding, without its words, over a picture of a tile."""
    size = (picture.width(), picture.height())
    screen = screen_plane(plane_of(view, voxels), view.tile.framing, *size)
    marks = one_laid_out(finding, view, screen, ratio, size)
    with QPainter(picture) as painter:
        paint_marks(painter, tuple(replace(each, lines=(), label=None, selected=False) for each in marks), ratio)


def _view(display_set: DisplaySet, image: int, display: Display) -> TileView:
    tile = Tile(display_set.key, image=image, display=display)
    return TileView(0, tile, display_set, None, active=False, linked=False)


def _framed(view: TileView, finding: Finding, side_px: int) -> TileView:
    """Round the finding, so that it takes its share of the picture."""
    under = ground(view)
    assert under is not None  # noqa: S101  it shows a set
    corners = outline(finding.kind, finding.points) if finding.encloses else finding.points
    away = np.asarray(under.spread(corners)) - np.asarray(view.plane.center_lps)
    seen = away @ np.column_stack([view.plane.right, view.plane.down])
    low, high = seen.min(axis=0), seen.max(axis=0)
    across_mm = max(float((high - low).max()) / SHARE, LEAST_PIXELS * min(view.plane.pixel_mm))
    right, down = (low + high) / 2
    framing = Framing(px_per_mm=side_px / across_mm, pan_mm=(-float(right), -float(down)))
    return replace(view, tile=replace(view.tile, framing=framing))
