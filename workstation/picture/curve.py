"""What is shown along a line: the volume unrolled, the cut across it at one place, what is measured; for any thread."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PySide6.QtGui import QImage

from workstation.errors import Refused
from workstation.imaging.centerline import Centerline, centerline
from workstation.imaging.curved import Unrolled, across, straightened, stretched
from workstation.imaging.geometry import Vec3
from workstation.imaging.greyscale import Chain, as_window
from workstation.imaging.lumen import Block, Lumen, Narrowing, lumen, narrowing
from workstation.imaging.sampling import at_points
from workstation.imaging.view import Framing, Interpolation, ScreenPlane, screen_plane
from workstation.imaging.volume import Voxels
from workstation.picture.text import window_text
from workstation.render.curved import unrolled_rgb
from workstation.render.planar import sample, to_rgb32

WIDEST_MM: Final = 90.0
"""Of what is shown across the line."""

SECTIONS_MM: Final = (20.0, 30.0, 40.0, 60.0)
"""Edges of the cut across: the least that is four times as wide as the vessel usually is."""

LOOKS_WIDE: Final = 4.0


@dataclass(frozen=True, eq=False)
class Followed:
    """A line with the outlines of what it runs in; `why_none` is the sentence where there are none.

    `coarse_mm` is the largest spacing of the voxels, `outside_mm` how much of the line lies where there is no image.
    """

    points: tuple[Vec3, ...]
    line: Centerline
    lumen: Lumen | None
    why_none: str = ""
    coarse_mm: float = 0.0
    outside_mm: float = 0.0

    @property
    def section_mm(self) -> float:
        """Edge of the cut across that suits what the line runs in."""
        if self.lumen is None or not self.lumen.measured.any():
            return SECTIONS_MM[-1]
        wanted = LOOKS_WIDE * float(np.nanmedian(self.lumen.effective_mm))
        return next((each for each in SECTIONS_MM if each >= wanted), SECTIONS_MM[-1])


@dataclass(frozen=True, eq=False)
class CurvePicture:
    """The unrolled volume and where its pixels lie, and the cut across the line at `arc_mm` with its screen.

    `points` are those of the line. `window` says what both are shown with. `lacks` is the sentence where the place
    itself has no image.
    """

    image: QImage
    unrolled: Unrolled
    section: QImage
    screen: ScreenPlane
    points: tuple[Vec3, ...]
    arc_mm: float
    degrees: float
    stretched: bool
    window: str
    lacks: str = ""


def block_of(voxels: Voxels) -> Block:
    """What the inside is measured in. ValueError for a set that is no volume."""
    if voxels.display_set.lattice is None:
        raise ValueError("lines are followed through volumes")
    return Block(voxels.stored, voxels.display_set.lattice, voxels.padding)


def followed(voxels: Voxels, points: tuple[Vec3, ...]) -> Followed:
    """The line through points, and how wide what it runs in is. Raises `Refused` for points that make no line."""
    line = centerline(points)
    block = block_of(voxels)
    coarse = max(block.grid.spacing)
    if not voxels.whole:
        return Followed(points, line, None, "Widths are measured once all images are here.", coarse)
    there = at_points(block.stored, block.grid, line.points_lps, block.padding)
    outside = float(np.mean(~there.known)) * line.length_mm
    try:
        return Followed(points, line, lumen(block, line), "", coarse, outside)
    except Refused as refused:
        return Followed(points, line, None, f"No widths: {refused.sentence}.", coarse, outside)


def narrowing_of(found: Followed | None, between: tuple[float, float] | None) -> Narrowing | None:
    """What is narrow between two marks; None without them, where they lie together, or without a wall between them."""
    if found is None or found.lumen is None or between is None:
        return None
    try:
        return narrowing(found.lumen, *between)
    except Refused:
        return None


def curve_picture(
    voxels: Voxels,
    chain: Chain,
    found: Followed,
    arc_mm: float,
    degrees: float,
    is_stretched: bool,
    size: tuple[int, int],
    section_px: int,
) -> CurvePicture:
    """Both pictures: the unrolled one no larger than `size` (width, height), device pixels, its pixels square."""
    unrolled = _fitted(found.line, degrees, is_stretched, size)
    place = found.line.place(arc_mm)
    plane = across(place, found.section_mm, found.section_mm / section_px, degrees)
    screen = screen_plane(plane, Framing(), section_px, section_px)
    block = block_of(voxels)
    sampled = sample(voxels.stored, block.grid, screen, Interpolation.LINEAR, voxels.padding, voxels.filled)
    window = window_text(as_window(chain.voi), voxels.unit, chain.inverted)
    return CurvePicture(
        _image(unrolled_rgb(voxels, chain, unrolled)),
        unrolled,
        _image(to_rgb32(sampled, chain)),
        screen,
        found.points,
        arc_mm,
        degrees,
        is_stretched,
        window,
        _lacks(block, voxels, place.point_lps),
    )


def _lacks(block: Block, voxels: Voxels, point_lps: Vec3) -> str:
    """Why there is no image at a point; empty where there is one."""
    there = at_points(block.stored, block.grid, np.asarray(point_lps), block.padding, voxels.filled)
    if there.nothing:
        return "The curve lies outside the images here."
    return "Images are missing here." if there.missing else ""


def _fitted(line: Centerline, degrees: float, is_stretched: bool, size: tuple[int, int]) -> Unrolled:
    """As large as fits: the line as long as the picture is wide, as much across as there is room for."""
    width, height = max(8, size[0]), max(8, size[1])
    pixel_mm = line.length_mm / (width - 1)
    if not is_stretched:
        return straightened(line, min(height * pixel_mm, WIDEST_MM), pixel_mm, degrees)
    flat = stretched(line, 0.0, max(pixel_mm, 0.5), degrees)
    rise_mm, run_mm = float(np.ptp(flat.line_rows)) * flat.pixel_mm, flat.columns * flat.pixel_mm
    least_mm = min(40.0, WIDEST_MM)
    pixel_mm = max(run_mm / (width - 1), (rise_mm + least_mm) / height)
    return stretched(line, min(height * pixel_mm - rise_mm, WIDEST_MM), pixel_mm, degrees)


def _image(rgb: np.ndarray) -> QImage:
    height, width = rgb.shape
    return QImage(rgb.data, width, height, 4 * width, QImage.Format.Format_RGB32).copy()
