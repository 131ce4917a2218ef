"""What is written of the layers of a tile: lines in its corners, colour bars, what must be said, and plain facts."""

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from workstation.dicom.looks import lossy_text
from workstation.imaging.greyscale import as_rgb32
from workstation.imaging.layers import Blend, ends_of
from workstation.imaging.palettes import palette
from workstation.imaging.registration_reasons import said_of
from workstation.paint.colour_bar import ColourBar
from workstation.paint.tile import Graphic
from workstation.picture.corners import lines_for
from workstation.picture.fused import LayerPixels, glass_px
from workstation.picture.uptake import NO_UNIT, uptake_fields, uptake_notices

GREYS: Final = as_rgb32(np.arange(256, dtype=np.uint8))

EDGE_GREY: Final = 190
RIM_POINTS: Final = 96

Said = tuple[tuple[str, ...], tuple[str, ...]]


def title(pixels: LayerPixels, among: Sequence[LayerPixels] = ()) -> str:
    """A layer in a word: its modality, with the number of its series where another one has the same."""
    first = pixels.view.display_set.first
    word = first.Modality or "layer"
    alike = [each for each in among if each.view.display_set.first.Modality == first.Modality]
    return f"{word} {first.SeriesNumber}" if len(alike) > 1 and first.SeriesNumber is not None else word


def name(pixels: LayerPixels) -> str:
    """A layer's series as the corners write one: modality, number, description."""
    return "  ".join(each for each in (pixels.view.display_set.first.Modality, series(pixels)) if each)


def series(pixels: LayerPixels) -> str:
    """Number and description of a layer's series."""
    first = pixels.view.display_set.first
    parts = ("" if first.SeriesNumber is None else str(first.SeriesNumber), first.SeriesDescription)
    return "  ".join(each for each in parts if each)


def unit_of(pixels: LayerPixels) -> str:
    return pixels.loaded.voxels.unit if pixels.loaded.voxels is not None else ""


def _bar_unit(pixels: LayerPixels) -> str:
    return unit_of(pixels) or (NO_UNIT if pixels.view.display_set.first.Modality == "PT" else "")


def mixing(pixels: LayerPixels) -> str:
    """How a layer is laid over what is below it, and how it is sampled: "50 %  linear", or the word for another way.
    What is compared has no colours, but the ends that its greys were made with."""
    layer = pixels.view.layer
    if layer.hidden:
        return "hidden"
    way = f"{100 * layer.opacity:.0f} %" if layer.blend is Blend.MIX else layer.blend.value
    if layer.blend is Blend.DIFFERENCE:
        low, high = ends_of(pixels.window) if pixels.window is not None else (None, None)
        ends = "" if low is None or high is None else f"window {number_text(low)} to {number_text(high)}"
        return "  ".join(each for each in ("difference", f"{ends} {unit_of(pixels)}".strip()) if each)
    return f"{way}  {layer.display.interpolation.value}"


def layer_lines(
    corners: dict[str, tuple[str, ...]], layers: Sequence[LayerPixels], in_hand: str = ""
) -> dict[str, tuple[str, ...]]:
    """The corners of a tile with a line for each layer at the bottom right, the topmost first; that of the layer in
    hand begins with an arrow."""
    if not layers:
        return corners
    lines = list[str]()
    for each in reversed(layers):
        sign = "▸" if each.view.layer.display_set == in_hand else "+"
        lines += [f"{sign} {title(each)}  {mixing(each)}  {series(each)}", *_given(each)]
    return {**corners, "bottom_right": (*lines, *corners.get("bottom_right", ()))}


def _given(pixels: LayerPixels) -> tuple[str, ...]:
    """The palette of a layer; of a PET tracer, dose and uptake time, where its own tile would write them."""
    voxels, first = pixels.loaded.voxels, pixels.view.display_set.first
    written = str(lines_for(first.Modality))
    told = uptake_fields(pixels.view.display_set, voxels.suv if voxels is not None else None)
    colours = pixels.chain.palette if pixels.chain is not None and pixels.drawn else ""
    dose = (told.get(each, "") for each in ("tracer", "dose", "uptake") if f"{{{each}}}" in written)
    line = "  ".join(filter(None, (colours, *dose)))
    return (line,) if line else ()


def bars(layers: Sequence[LayerPixels], in_hand: str = "") -> tuple[ColourBar, ...]:
    """The colour bars of the layers that are drawn, the lowest first; none where greys are compared: what is on screen
    is a difference of greys then, which no bar of values tells."""
    if any(each.view.layer.blend is Blend.DIFFERENCE and each.drawn for each in layers):
        return ()
    found = []
    for each in layers:
        window, chain = each.window, each.chain
        if window is None or chain is None:
            continue
        low, high = ends_of(window)
        chosen = each.view.layer.display_set == in_hand
        levels = (255 - level if chain.inverted else level for level in range(256))
        table = palette(chain.palette) if chain.palette else GREYS
        colours = tuple(int(table[level]) for level in levels)
        found.append(
            ColourBar(colours, number_text(low), number_text(high), title(each, layers), _bar_unit(each), chosen)
        )
    return tuple(found)


def edges(layers: Sequence[LayerPixels], size: tuple[int, int]) -> tuple[Graphic, ...]:
    """The edge of a swipe and the rim of a spyglass on a tile of (width, height), as lines."""
    width, height = size
    found = []
    for each in layers:
        layer, (x, y) = each.view.layer, (each.view.layer.at[0] * width, each.view.layer.at[1] * height)
        if layer.blend is Blend.SWIPE and each.drawn:
            found.append(Graphic(((x, 0.0), (x, float(height))), grey=EDGE_GREY))
        elif layer.blend is Blend.SPYGLASS and each.drawn:
            radius = glass_px(size)
            turns = [2 * math.pi * step / RIM_POINTS for step in range(RIM_POINTS + 1)]
            rim = tuple((x + 0.5 + radius * math.cos(turn), y + 0.5 + radius * math.sin(turn)) for turn in turns)
            found.append(Graphic(rim, grey=EDGE_GREY))
    return tuple(found)


def number_text(value: float) -> str:
    """An end of a bar: whole from a hundred on, else three digits."""
    return f"{value:.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"


def layer_notices(layers: Sequence[LayerPixels], base: Said) -> Said:
    """Chips and sentences of a tile with those of its layers, the layers' first: they say what is not on screen."""
    said = [each for pixels in layers for each in _notices(pixels, title(pixels, layers))]
    return (*(chip for chip, _ in said), *base[0]), (*(sentence for _, sentence in said), *base[1])


def _notices(pixels: LayerPixels, word: str) -> list[tuple[str, str]]:
    view, loaded = pixels.view, pixels.loaded
    called = name(pixels)
    if view.why_not:
        return [(f"{word} not drawn", f"{called} is not drawn over this image: {view.why_not}.")]
    if loaded.voxels is None:
        return [
            (f"{word} refused" if loaded.problem else f"{word} not loaded", loaded.problem or f"{called}: waiting.")
        ]
    said = []
    if view.laid is not None and view.laid.said:
        sentence = f"{called} lies over this image as: {view.laid.said}.{said_of(view.laid.quality)}"
        said.append((f"{word} {view.laid.said}", sentence))
    if not loaded.voxels.whole:
        count = f"{loaded.voxels.arrived} of {len(view.display_set.images)}"
        problem = f" {loaded.problem}" if loaded.problem else ""
        said.append((f"{word} {count}", f"{called}: {count} images are loaded.{problem}"))
    said += [(f"{word}: {chip}", f"{called}: {sentence}") for chip, sentence in uptake_notices(loaded.voxels)]
    lossy = lossy_text(view.display_set.images[pixels.image].instance)
    if lossy:
        said.append((f"{word} {lossy}", f"{called} was compressed with loss; fine detail may be missing or made up."))
    said += [(f"{word}: {each.chip}", f"{called}: {each.sentence}") for each in view.display_set.notices]
    if view.layer.blend is Blend.DIFFERENCE and not view.layer.hidden:
        said.append(("difference", f"Shown is how far the greys of this image and {called} differ, not an image."))
    if view.layer.hidden:
        said.append((f"{word} hidden", f"{called} is laid over this image and hidden."))
    return said


def layer_facts(layers: Sequence[LayerPixels]) -> list[dict[str, Any]]:
    """The layers of a tile as plain JSON values."""
    return [_facts(each) for each in layers]


def _facts(pixels: LayerPixels) -> dict[str, Any]:
    view, window = pixels.view, pixels.window
    layer = view.layer
    ends = ends_of(window) if window is not None else None
    return {
        "series_instance_uid": view.display_set.series_instance_uid,
        "display_set": layer.display_set,
        "name": name(pixels),
        "drawn": pixels.drawn,
        "why_not": view.why_not or pixels.loaded.problem,
        "window": window and {"center": window.center, "width": window.width, "name": window.name},
        "ends": ends,
        "unit": unit_of(pixels),
        "palette": layer.display.palette,
        "opacity": layer.opacity,
        "blend": layer.blend.value,
        "below_is_clear": layer.clear_below,
        "hidden": layer.hidden,
        "at": list(layer.at),
        "interpolation": layer.display.interpolation.value,
        "resampled": pixels.loaded.stored is not None,
        "standing": view.laid.standing.value if view.laid is not None else None,
        "registration": view.laid.uid if view.laid is not None else "",
    }
