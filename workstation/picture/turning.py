"""A tile that turns about the patient's long axis, as a picture: one side of it, sampled and windowed as planes are."""

from dataclasses import replace
from typing import Any, Final

import numpy as np

from workstation.case.overlays import ShownOverlays
from workstation.case.state import TileView
from workstation.imaging.greyscale import as_window
from workstation.imaging.turning import fill, why_not
from workstation.imaging.view import ScreenPlane, screen_plane
from workstation.imaging.volume import Voxels
from workstation.paint.lines import Line
from workstation.paint.tile import TileMarks, corner_boxes, paint_tile
from workstation.picture.chain import chain_in_force
from workstation.picture.compose import Picture
from workstation.picture.facts import mark_facts, picture_facts
from workstation.picture.said import notices
from workstation.picture.scale_bar import scale_bar
from workstation.picture.segments import facts_of as segment_facts
from workstation.picture.shadows import shadow_regions
from workstation.picture.surround import surrounded
from workstation.picture.text import PRIOR, corners
from workstation.picture.waiting import larger
from workstation.render.planar import sample, to_rgb32

PREPARING: Final = "Preparing the rotating MIP …"
ARRIVING: Final = "The rotating MIP follows when all images are here."
NO_BLENDING: Final = "nearest voxels along each ray"
GAP_PX, ARM_PX = 7, 24
"""Of the crosshair: free about its middle, and how far its arms reach. Logical pixels."""


def missing(view: TileView, voxels: Voxels | None) -> bool:
    """Whether a tile turns and the side it shows has not been worked out, though it can be."""
    turning, display_set = view.tile.turning, view.display_set
    if turning is None or display_set is None or voxels is None or not voxels.whole or why_not(display_set):
        return False
    return not voxels.sides.has(turning.angle)


def prepare(view: TileView, voxels: Voxels) -> None:
    """Work out the side that a tile shows, here and now: for pictures that somebody waits for."""
    turning, display_set = view.tile.turning, view.display_set
    if turning is not None and display_set is not None and display_set.lattice is not None and missing(view, voxels):
        fill(voxels.sides, voxels.stored, display_set.lattice, voxels.padding, (turning.angle,))


def compose_turning(
    view: TileView, voxels: Voxels, problem: str, size: tuple[int, int], ratio: float, bare: bool = False
) -> Picture:
    """Paint one side of a volume, or the sentence for why it is not there. The letters are those of that side."""
    assert view.display_set is not None and view.tile.turning is not None  # noqa: S101  asked for before
    maxima, message = _side(view, voxels, problem)
    screen = screen_plane(view.plane, view.tile.framing, *size)
    chain = chain_in_force(view, voxels) if voxels.arrived and not voxels.is_colour else None
    window = as_window(chain.voi) if chain is not None else None
    letters = screen.letters
    chips, sentences = notices(replace(view, overlays=ShownOverlays()), voxels, problem, (True, True))
    pixel_px = screen.px_per_mm * min(view.plane.pixel_mm)
    regions = shadow_regions(view, screen) if maxima is not None and not bare else ()
    marks = TileMarks(
        corners=corners(view, window, voxels.unit, None, voxels.suv),
        letters=letters,
        scale=scale_bar(view, screen, ratio),
        chips=chips,
        lines=_cross(view, screen, ratio) if maxima is not None else (),
        regions=regions,
        active=view.active,
        linked=view.linked,
        message=message,
        prior=PRIOR if view.tile.prior else "",
        guarded=view.patients > 1,
        larger=larger(view),
    )
    rgb32 = None
    if maxima is not None and chain is not None:
        sampled = sample(maxima[None], view.grid, screen, view.tile.display.interpolation)
        rgb32 = surrounded(to_rgb32(sampled, chain), view, sampled.nothing)
    image = paint_tile(rgb32, None if bare else marks, size, ratio)
    facts = picture_facts(view, voxels, window, screen, letters) | mark_facts(marks, ())
    facts |= _facts(view, maxima is not None) | {"segments": segment_facts(view.marks.segments, regions)}
    facts |= {"notices": list(sentences), "zoom": round(pixel_px, 4)}
    words = () if bare else corner_boxes(marks, size, ratio)
    return Picture(image, facts, window, screen, revision=view.marks.revision, words=words)


def _side(view: TileView, voxels: Voxels, problem: str) -> tuple[np.ndarray[Any, Any] | None, str]:
    """What is seen, or the sentence why nothing is."""
    assert view.display_set is not None and view.tile.turning is not None  # noqa: S101  asked for before
    if problem or (sentence := why_not(view.display_set)):
        return None, problem or sentence
    if not voxels.whole:
        return None, ARRIVING
    maxima = voxels.sides.at(view.tile.turning.angle)
    return maxima, "" if maxima is not None else PREPARING


def _cross(view: TileView, screen: ScreenPlane, ratio: float) -> tuple[Line, ...]:
    """Where the crosshair lies behind the picture, with its middle free."""
    if view.crosshair_lps is None or not view.crossed:
        return ()
    x, y, _ = screen.pixel(view.crosshair_lps)
    found = []
    for right, down, colour in ((1, 0, "axial"), (-1, 0, "axial"), (0, 1, ""), (0, -1, "")):
        near, far = ((x + 0.5 + right * px * ratio, y + 0.5 + down * px * ratio) for px in (GAP_PX, ARM_PX))
        found.append(Line(near, far, colour))
    return tuple(found)


def _facts(view: TileView, there: bool) -> dict[str, Any]:
    """What is true of a side, in place of what is true of a stored image."""
    assert view.tile.turning is not None  # noqa: S101  asked for before
    return {
        "sop_instance_uid": None,
        "image": None,
        "reformat": None,
        "subtracted": False,
        "fidelity": "largest stored value of each ray" if there else "not prepared",
        "interpolation": f"{NO_BLENDING}, {view.tile.display.interpolation} between rays",
        "turning": {"angle": view.tile.turning.angle, "degrees": view.tile.turning.degrees, "prepared": there},
        "findings": [],
        "layers": [],
    }
