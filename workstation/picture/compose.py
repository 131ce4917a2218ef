"""One composer: a captured tile and its voxels become a picture and the facts that describe it.

The window, `snapshot` and every export call `compose`; nothing else makes pixels of a patient. It may run on any
thread: it reads values, and `filled` of the voxels, and keeps nothing but look-up tables.
"""

import threading
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from workstation.case.state import TileView
from workstation.imaging.greyscale import Chain, Window, as_window
from workstation.imaging.oblique import THIN
from workstation.imaging.scene import Scene
from workstation.imaging.view import ScreenPlane, screen_plane
from workstation.imaging.volume import Voxels
from workstation.paint.lines import Knob
from workstation.paint.marks import Box, Mark, Stroke
from workstation.paint.regions import Region
from workstation.paint.tile import TileMarks, corner_boxes, paint_tile
from workstation.picture.breast import air_kept_black, plane_of
from workstation.picture.chain import (
    chain_in_force,
    difference,
    is_subtracted,
    mask_shift,
)
from workstation.picture.contours import drawn_over
from workstation.picture.facts import mark_facts, picture_facts
from workstation.picture.fused import LayerPixels, LoadedLayer, fused, layer_pixels, shows_difference
from workstation.picture.fused_words import bars, edges, layer_facts, layer_lines, layer_notices
from workstation.picture.landmarks import landmark_knobs, landmark_lines
from workstation.picture.letters import letters_of
from workstation.picture.marks import facts_of, laid_out
from workstation.picture.overlaid import cover, graphics
from workstation.picture.plane_lines import crosshair_lines, knobs
from workstation.picture.range_preview import tinted
from workstation.picture.reference import reference_lines
from workstation.picture.said import fidelity, notices
from workstation.picture.scale_bar import scale_bar
from workstation.picture.segments import facts_of as segment_facts
from workstation.picture.segments import segment_regions
from workstation.picture.surround import surrounded
from workstation.picture.text import PRIOR, corners, through_slab
from workstation.picture.waiting import larger, standing_marks
from workstation.render import planar
from workstation.render.planar import Sampled, colour_to_rgb32, sample, to_rgb32

SCREEN_PX: Final = 2560 * 1600
DIGEST_ROWS: Final = 8


@dataclass(frozen=True, eq=False)
class Pixels:
    """The pixels under the marks of a picture, of `voxels`, and what else they follow from.

    `sampled` follows from `placed` alone, and while it lacks something from how much had `arrived`: a window that is
    dragged needs nothing sampled again, nor does an image that is there while its series still comes. `below` is what
    lies under the `layers`.
    """

    rgb32: NDArray[np.uint32]
    below: NDArray[np.uint32]
    voxels: Voxels
    sampled: Sampled
    arrived: int
    placed: tuple[Any, ...]
    follow_from: tuple[Any, ...]
    layers: tuple[LayerPixels, ...] = ()

    @property
    def lacks(self) -> bool:
        """Whether anything that belongs here has not arrived."""
        return self.sampled.missing is not None or any(each.lacks for each in self.layers)


@dataclass(frozen=True)
class Picture:
    """A painted tile with what it shows: `facts` are plain JSON values, `window` the one in force."""

    image: QImage
    facts: dict[str, Any] = field(default_factory=dict)
    window: Window | None = None
    screen: ScreenPlane | None = None
    pixels: Pixels | None = None
    marks: tuple[Mark, ...] = ()
    revision: int = 0
    """Of the marks it shows."""
    words: tuple[Box, ...] = ()
    """Where the lines of its corners stand; labels of marks stand beside them."""
    scene: Scene | None = None
    """In 3D, what was drawn: camera and transfer function in force."""

    @cached_property
    def digest(self) -> int:
        """CRC-32 of the green of each eighth row: who reads a screen knows by it that this picture has come there."""
        lines = np.frombuffer(self.image.constBits(), np.uint8).reshape(self.image.height(), -1)
        return zlib.crc32(lines[::DIGEST_ROWS, 1 : 4 * self.image.width() : 4].tobytes())


_first = threading.Lock()
_warm: list[bool] = []


def warm_up() -> None:
    """What a first picture takes longer for than the next, before somebody waits for one: VTK, fonts and letters.

    Only once, and by one thread: PySide makes types and enums when they are first met, and two threads that meet one
    at the same time end the program or lose their picture.
    """
    with _first:
        if _warm:
            return
        planar.warm_up()
        letters = "".join(map(chr, range(32, 127)))
        words: dict[str, tuple[str, ...]] = {"top_left": (letters, letters)}
        strokes = (Stroke(((9.0, 9.0), (29.0, 29.0))), Stroke(((9.0, 9.0), (9.0, 29.0), (29.0, 29.0)), True, True))
        marked = Mark("", strokes, ((9.0, 9.0),), (letters,), (40.0, 40.0, 50.0, 20.0), (9.0, 9.0), selected=True)
        marks = TileMarks(
            corners=words,
            findings=(marked,),
            regions=(Region("", (np.array([(9.0, 9.0), (29.0, 9.0), (9.0, 29.0)]),), (230, 159, 0), 0.3),),
            letters={"left": "L"},
            scale=(20.0, "2 cm"),
            chips=("chip",),
            knobs=(Knob((9.0, 9.0), "axial"), Knob((9.0, 9.0), "axial", (0.0, 1.0))),
            plane="axial",
            active=True,
            linked=True,
        )
        paint_tile(None, marks, (2000, 64), 1.0)
        paint_tile(np.zeros((400, 400), np.uint32), replace(marks, message="message"), (400, 400), 1.0)
        _warm.append(True)


def is_warm() -> bool:
    """Whether words may be painted beside the threads that make pictures."""
    return bool(_warm)


def make_room() -> None:
    """Have this thread's allocator keep what a picture of a whole screen takes, before somebody waits for one.

    What the allocator gives back to the system comes again as fresh pages, which cost a first picture 15 to 50 ms.
    """
    for _ in range(2):
        np.ones(SCREEN_PX, np.uint32)


def compose(
    view: TileView,
    voxels: Voxels | None,
    problem: str,
    size: tuple[int, int],
    ratio: float,
    bare: bool = False,
    before: Picture | None = None,
    layered: Sequence[LoadedLayer] = (),
) -> Picture:
    """Paint a tile of `size` (width, height) device pixels at a device pixel ratio.

    `voxels` is None while there are none; `problem` is the sentence for what cannot be shown. A `bare` picture
    has no marks: for thumbnails, which stand beside their words. Pixels of the picture `before` in the same place
    are used again where nothing has changed but the marks, as in planes while the crosshair moves along them.
    `layered` are the voxels of the view's layers, in their order; those not in memory are said to be missing.
    """
    warm_up()
    if view.display_set is None or voxels is None or view.tile.scene is not None or view.tile.turning is not None:
        return _no_plane(view, voxels, problem, size, ratio, bare, layered)
    screen = screen_plane(plane_of(view, voxels), view.tile.framing, *size)
    # The image counts for planes too: windows and tables come from the image nearest to the crosshair.
    chain = _chain(view, voxels)
    window = as_window(chain.voi) if chain else None
    pixels = _pixels(view, voxels, screen, chain, before.pixels if before else None, layered)
    letters = letters_of(view, screen)
    arrived = _has_arrived(view, voxels)
    outside = arrived and view.tile.orientation and _is_empty(pixels.sampled)
    chips, sentences = layer_notices(pixels.layers, notices(view, voxels, problem, (bool(letters), not outside)))
    references = reference_lines(view, screen)
    regions = () if bare else segment_regions(view, screen)
    over = drawn_over(view, screen, bare)
    marks = replace(
        _round_about(view, voxels, screen, ratio, window, pixels),
        regions=(*over.regions, *regions),
        isodoses=over.isodoses,
        legend=over.legend,
        letters=letters,
        chips=chips,
        lines=(*crosshair_lines(view, screen, ratio), *references, *landmark_lines(view, screen, ratio)),
        message=problem if problem and not arrived else "",
    )
    words = () if bare else corner_boxes(marks, size, ratio)
    found = () if bare else laid_out(view, screen, ratio, size, words)
    marks = replace(marks, findings=found)
    rgb32 = pixels.rgb32 if bare else tinted(pixels.rgb32, pixels.sampled, view, voxels, screen)
    image = paint_tile(rgb32, None if bare else marks, size, ratio)
    facts = picture_facts(view, voxels, window, screen, letters)
    facts.update(
        notices=list(sentences), fidelity=fidelity(view, voxels, screen), zoom=round(_pixel_px(view, screen), 4)
    )
    facts["layers"] = layer_facts(pixels.layers)
    facts |= {"drawn_over": over.facts, **mark_facts(marks, references)}
    facts |= {"findings": facts_of(view, found), "segments": segment_facts(view.marks.segments, regions)}
    return Picture(image, facts, window, screen, pixels, found, view.marks.revision, words)


def _round_about(
    view: TileView, voxels: Voxels, screen: ScreenPlane, ratio: float, window: Window | None, pixels: Pixels
) -> TileMarks:
    """What stands at the edges of a picture, and what it is taken hold of by."""
    told = corners(view, *through_slab(view, window, voxels.unit), _pixel_px(view, screen), voxels.suv)
    return TileMarks(
        corners=layer_lines(told, pixels.layers, view.tile.in_hand),
        scale=scale_bar(view, screen, ratio),
        knobs=(*knobs(view, screen, ratio), *landmark_knobs(view, screen)),
        graphics=(*graphics(view, screen, ratio), *edges(pixels.layers, (screen.width, screen.height))),
        plane=view.tile.orientation.value if view.tile.orientation else "",
        active=view.active,
        linked=view.linked,
        prior=PRIOR if view.tile.prior else "",
        guarded=view.patients > 1,
        larger=larger(view),
        bars=bars(pixels.layers, view.tile.in_hand),
    )


def _pixel_px(view: TileView, screen: ScreenPlane) -> float:
    """Device pixels for the finer spacing of the image's own."""
    return screen.px_per_mm * min(view.plane.pixel_mm)


def _no_plane(
    view: TileView,
    voxels: Voxels | None,
    problem: str,
    size: tuple[int, int],
    ratio: float,
    bare: bool,
    layered: Sequence[LoadedLayer],
) -> Picture:
    """A tile without an image, in 3D, or one that turns."""
    if view.display_set is None or voxels is None:
        return _empty(view, problem, size, ratio)
    if view.tile.turning is not None:
        from workstation.picture.turning import compose_turning  # builds on this module

        return compose_turning(view, voxels, problem, size, ratio, bare)
    from workstation.picture.volume import compose_3d  # builds on this module

    return compose_3d(view, voxels, problem, size, ratio, layered)


def _empty(view: TileView, problem: str, size: tuple[int, int], ratio: float) -> Picture:
    """A tile without an image still says whose it is (safety.md 1)."""
    display_set = view.display_set
    message = problem or view.why_empty or ("Loading …" if display_set else "Empty. N shows the next series here.")
    marks = standing_marks(view, message)
    image = paint_tile(None, marks, size, ratio)
    facts: dict[str, Any] = {
        "series_instance_uid": display_set.series_instance_uid if display_set else None,
        "study_instance_uid": display_set.study_instance_uid if display_set else None,
        "message": message,
        "notices": [],
        "letters": {},
        "text": {corner: list(lines) for corner, lines in marks.corners.items()},
        "active": view.active,
    }
    return Picture(image, facts, revision=view.marks.revision)


def _chain(view: TileView, voxels: Voxels) -> Chain | None:
    """What turns values into light; None for colours. Where greys are compared there is no palette."""
    if voxels.is_colour:
        return None
    chain = chain_in_force(view, voxels)
    return replace(chain, palette="") if shows_difference(view) else chain


def _pixels(
    view: TileView,
    voxels: Voxels,
    screen: ScreenPlane,
    chain: Chain | None,
    before: Pixels | None,
    layered: Sequence[LoadedLayer],
) -> Pixels:
    tile = view.tile
    arrived = int(voxels.filled[view.image]) if tile.orientation is None else voxels.arrived
    shown = tile.image if tile.orientation is None else None
    mask = mask_shift(view) if is_subtracted(view, voxels) else None
    placed = (screen, tile.orientation, shown, tile.display.interpolation, mask, tile.slab, view.coarse)
    follow_from = (placed, tile.display, chain)
    same = before if before is not None and before.voxels is voxels and before.placed == placed else None
    if same is not None and same.sampled.missing is not None and same.arrived != arrived:
        same = None
    coloured = same is not None and same.follow_from == follow_from
    if same is not None and coloured and not view.layers and not same.layers:
        return same
    sampled = same.sampled if same is not None else _sampled(view, voxels, screen)
    if same is not None and coloured:
        below = same.below
    else:
        below = air_kept_black(_rgb32(view, voxels, chain, sampled), view, voxels, chain, sampled, screen)
        below = surrounded(below, view, sampled.nothing)
    layers = layer_pixels(view, layered, screen, before.layers if before else ())
    rgb32 = cover(
        fused(below, sampled.nothing, sampled.missing, layers, chain is not None and not chain.palette),
        view,
        voxels,
        screen,
    )
    return Pixels(rgb32, below, voxels, sampled, arrived, placed, follow_from, layers)


def _sampled(view: TileView, voxels: Voxels, screen: ScreenPlane) -> Sampled:
    if view.tile.orientation is None:
        image = view.tile.image
        stored = voxels.stored[image : image + 1]
        filled = voxels.filled[image : image + 1].copy()  # before the difference is taken of what may still come
        masked = is_subtracted(view, voxels)
        if masked:
            stored = difference(view, voxels)[None]
    else:
        stored, filled, masked = voxels.stored, voxels.filled, False
    return sample(
        stored,
        view.grid,
        screen,
        view.tile.display.interpolation,
        None if masked else voxels.padding,
        filled,
        view.tile.slab if view.tile.orientation else THIN,
        view.coarse,
        voxels.padded if view.tile.orientation else None,
    )


def _rgb32(view: TileView, voxels: Voxels, chain: Chain | None, sampled: Sampled) -> NDArray[np.uint32]:
    if chain is None:
        return colour_to_rgb32(sampled, view.tile.display.inverted)
    dtype = voxels.stored.dtype
    small = dtype.itemsize <= 2 and dtype.kind in "iu"
    return to_rgb32(sampled, chain, _table(chain, dtype.str) if small else None)


@lru_cache(maxsize=64)
def _table(chain: Chain, dtype: str) -> NDArray[np.uint32]:
    return chain.table(np.dtype(dtype))


def _has_arrived(view: TileView, voxels: Voxels) -> bool:
    if view.tile.orientation is None:
        return bool(voxels.filled[view.tile.image])
    return voxels.arrived > 0


def _is_empty(sampled: Sampled) -> bool:
    return sampled.nothing is not None and bool(sampled.nothing.all())
