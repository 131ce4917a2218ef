"""What a tile shows as a presentation: its window, how it is turned, framed and marked, for its whole series.

Only of a stack: a plane through a volume is no stored image, and nothing else could show it again (PS3.4 N.1).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from workstation.case.state import TileView
from workstation.errors import Reason, Refused
from workstation.findings.finding import Finding
from workstation.imaging.displaysets import DisplaySet, ImageRef
from workstation.imaging.geometry import Grid
from workstation.imaging.greyscale import Rescale, Window
from workstation.imaging.softcopy import DisplayedArea, Drawing, Layer, Points, Presentation, Reference, Text
from workstation.imaging.view import ScreenPlane, screen_plane
from workstation.imaging.volume import Voxels
from workstation.paint.marks import Mark
from workstation.picture.chain import chain_in_force, is_subtracted
from workstation.picture.marks import laid_out

LAYER: Final = "MARKS"
MOST_MARKED: Final = 500
"""Images whose marks are laid out; more are seldom looked at one by one."""


def presentation_of(view: TileView, voxels: Voxels, size: tuple[int, int], label: str = "AS SHOWN") -> Presentation:
    """What a tile of `size` (width, height) device pixels shows of its series.

    Raises `Refused` with NOT_STORED for planes, colours, subtraction and images that are shown by a table.
    """
    display_set = view.display_set
    if display_set is None or view.tile.orientation is not None or voxels.is_colour or is_subtracted(view, voxels):
        raise Refused(Reason.NOT_STORED)
    chain = chain_in_force(view, voxels)
    if not isinstance(chain.voi, Window) or chain.modality is not None or chain.presentation is not None:
        raise Refused(Reason.NOT_STORED)
    screen = screen_plane(view.plane, view.tile.framing, *size)
    shown = display_set.images[view.image]
    alike = [ref for ref in display_set.images if _rescale(ref) == _rescale(shown) and ref.crop is None]
    framing = view.tile.framing
    turns = -framing.quarter_turns % 4 if framing.mirrored else framing.quarter_turns
    layers = (Layer(LAYER, 1, 255, tuple(_marked(view, size, screen))),)
    return Presentation(
        sop_instance_uid="",
        label=label,
        description=chain.voi.name,
        references=_references(alike),
        rescale=_rescale(shown),
        voi=(((), (chain.voi.times(1.0 / voxels.factor(view.image)),)),),  # of the object's own values
        inverse=chain.inverse != chain.inverted,
        areas=(_area(view.grid, screen),),
        quarter_turns=turns,
        flipped=framing.mirrored,
        layers=layers if layers[0].annotations else (),
    )


def _rescale(ref: ImageRef) -> Rescale | None:
    frame = ref.attributes
    if frame.RescaleSlope is None:
        return None
    return Rescale(frame.RescaleSlope, frame.RescaleIntercept or 0.0)


def _references(refs: Sequence[ImageRef]) -> tuple[Reference, ...]:
    """Images by name; the frames of one that has many, all of them or those that are meant."""
    frames: dict[str, list[int]] = {}
    whole = {ref.instance.SOPInstanceUID: ref.instance.images for ref in refs}
    for ref in refs:
        frames.setdefault(ref.instance.SOPInstanceUID, []).append(ref.frame + 1)
    return tuple(
        Reference(uid, () if len(numbers) == whole[uid] else tuple(sorted(numbers))) for uid, numbers in frames.items()
    )


def _area(grid: Grid, screen: ScreenPlane) -> DisplayedArea:
    """The pixels of the image at the tile's corners: of the top left one, and of the one at the bottom right (C.10.4).

    What of the tile lies beside the image is left out: others take numbers below 1 for very large ones.
    """
    corners = [grid.index(screen.point(x - 0.5, y - 0.5)) for x, y in ((0, 0), (screen.width, screen.height))]
    (left, top, _), (right, bottom, _) = corners
    columns, rows = _ends(left, right, grid.size[0]), _ends(top, bottom, grid.size[1])
    return DisplayedArea((), (columns[0], rows[0]), (columns[1], rows[1]))


def _ends(one: float, other: float, count: int) -> tuple[int, int]:
    """The first and the last of `count` pixels, from 1, between two places counted from the centre of the first."""
    low, high = round(min(one, other) + 0.5) + 1, round(max(one, other) + 0.5)
    first, last = min(max(low, 1), count), min(max(high, low, 1), count)
    return (first, last) if one <= other else (last, first)


def _marked(
    view: TileView, size: tuple[int, int], screen: ScreenPlane
) -> Iterator[tuple[tuple[Reference, ...], tuple[Drawing, ...], tuple[Text, ...]]]:
    """What is drawn on each image that has marks."""
    display_set = view.display_set
    assert display_set is not None  # noqa: S101  asked for before
    for image in sorted({view.image, *_images_with(display_set, view.marks.findings)})[:MOST_MARKED]:
        there = view if image == view.image else replace(view, tile=replace(view.tile, image=image))
        plane = screen if image == view.image else screen_plane(there.plane, there.tile.framing, *size)
        marks = laid_out(there, plane, 1.0, size)
        if marks:
            grid, ref = there.grid, display_set.images[image]
            drawings = tuple(each for mark in marks for each in _drawings(mark, grid, plane))
            texts = tuple(each for mark in marks for each in _text(mark, grid, plane))
            yield _references_of(ref), drawings, texts


def _images_with(display_set: DisplaySet, findings: Sequence[Finding]) -> Iterator[int]:
    wanted = {(each.sop_instance_uid, each.frame) for finding in findings for each in finding.sources}
    for image, ref in enumerate(display_set.images):
        if (ref.instance.SOPInstanceUID, ref.frame) in wanted:
            yield image


def _references_of(ref: ImageRef) -> tuple[Reference, ...]:
    return (Reference(ref.instance.SOPInstanceUID, (ref.frame + 1,) if ref.instance.images > 1 else ()),)


def _drawings(mark: Mark, grid: Grid, screen: ScreenPlane) -> Iterator[Drawing]:
    for stroke in mark.strokes:
        points = _pixels(stroke.points, grid, screen)
        if len(points) > 1:
            yield Drawing("POLYLINE", (*points, points[0]) if stroke.closed else points)


def _text(mark: Mark, grid: Grid, screen: ScreenPlane) -> Iterator[Text]:
    if mark.label is None or not mark.lines:
        return
    x, y, width, height = mark.label
    box = _pixels(((x, y), (x + width, y + height)), grid, screen)
    anchor = _pixels((mark.anchor,), grid, screen)[0] if mark.anchor is not None else None
    words = "\n".join(mark.lines).replace("…", "...")  # Latin-1 lacks it, and many programs know no other letters
    yield Text(words, box, "PIXEL", anchor, "PIXEL", anchor is not None)


def _pixels(places: Sequence[tuple[float, float]], grid: Grid, screen: ScreenPlane) -> Points:
    """Places of the tile, from its outer corner, as (column, row) of the image from its own (C.10.5.1.2)."""
    found = [grid.index(screen.point(x - 0.5, y - 0.5)) for x, y in places]
    return tuple((i + 0.5, j + 0.5) for i, j, _ in found)
