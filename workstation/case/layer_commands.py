"""Commands that lay other series over an image, and say how they are mixed with it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from workstation.case import cycle, layering
from workstation.case.command import command
from workstation.case.reasons import EMPTY, active_set
from workstation.case.state import Case
from workstation.imaging.layers import Blend, Layer
from workstation.imaging.palettes import PALETTES

GROUP: Final = "Fusion"
STEP: Final = 0.1
"""Of the opacity, by a press."""

NOTHING_FITS: Final = "No other series of this patient lies in the same space: register one with it, or show it anyway."
IN_3D: Final = "Layers of 3D are laid on and taken off there, and changed over images; none lies over what turns."


def _no_tile(case: Case) -> str:
    if active_set(case) is None:
        return EMPTY
    tile = case.tiles[case.active]
    return IN_3D if tile.scene is not None or tile.turning is not None else ""


def _nothing_to_fuse(case: Case) -> str:
    if active_set(case) is None:
        return EMPTY
    turns = case.tiles[case.active].turning is not None
    return (IN_3D if turns else "") or ("" if layering.candidates(case, case.active) else NOTHING_FITS)


def _no_layer(case: Case) -> str:
    return _no_tile(case) or ("" if case.tiles[case.active].layers else "No series lies over this one; F5 lays one.")


def _no_mix(case: Case) -> str:
    if sentence := _no_layer(case):
        return sentence
    layer = layering.top(case.tiles[case.active])
    return "" if layer is not None and layer.blend is Blend.MIX else "This layer is not mixed in: Ctrl+F11 mixes it."


def _no_swap(case: Case) -> str:
    if sentence := _no_layer(case):
        return sentence
    own, layer = active_set(case), layering.top(case.tiles[case.active])
    other = case.sets.get(layer.display_set) if layer is not None else None
    if own is None or other is None:
        return EMPTY
    same = own.first.FrameOfReferenceUID == other.first.FrameOfReferenceUID
    return "" if same else "The two lie in different frames of reference; only one of them can be the lower one."


@command("Fuse", "F5", group=GROUP, why_not=_nothing_to_fuse, found_by="fusion overlay pet ct mr layer blend hybrid")
def fuse(case: Case) -> None:
    """Lay the series that fits best over the one in the active tile: PET over CT; or take all layers off again."""
    number = case.active
    if case.tiles[number].layers:
        layering.take_off(case, number)
        return
    own = active_set(case)
    key = next(iter(layering.candidates(case, number)), None)
    if key is None:
        return
    flat = case.tiles[number].scene is None
    if own is not None and flat and _belongs_below(own.first.Modality, case.sets[key].first.Modality):
        lower, key = key, own.key
        cycle.show_in_place(case, number, lower)
    layering.fuse(case, number, key)


def _belongs_below(own: str, other: str) -> bool:
    """Whether the other one is the image that a tile's own set is laid over."""
    return own in layering.EMITTED and other not in layering.EMITTED


@command("Fuse with the next series", "Shift+F5", group=GROUP, why_not=_nothing_to_fuse, found_by="fusion choose layer")
def fuse_with_the_next(case: Case) -> None:
    """Lay the next series that can lie over this one in place of the topmost layer."""
    number = case.active
    keys, layer = layering.candidates(case, number), layering.top(case.tiles[number])
    if not keys:
        return
    shown = layer.display_set if layer is not None else None
    following = keys[(keys.index(shown) + 1) % len(keys)] if shown in keys else keys[0]
    if shown is not None:
        layering.take_off(case, number, shown)
    layering.fuse(case, number, following)


@command("Add a second layer", "Alt+F5", group=GROUP, why_not=_nothing_to_fuse, found_by="fusion third series three")
def add_a_layer(case: Case) -> None:
    """Lay one more series over this one and its layers; three in all can be told apart."""
    laid = case.tiles[case.active].layered
    keys = layering.candidates(case, case.active)
    if keys:
        layering.fuse(case, case.active, next((key for key in keys if key not in laid), keys[0]))


@command("Take the layers off", "Ctrl+F5", group=GROUP, why_not=_no_layer, found_by="unfuse remove fusion original")
def take_layers_off(case: Case) -> None:
    """Show the series alone again, without what was laid over it."""
    layering.take_off(case, case.active)


@command("Hide or show the layer", "F11", group=GROUP, why_not=_no_layer, found_by="flicker blink toggle original")
def flicker_layer(case: Case) -> None:
    """Leave the layer away, and lay it over again with the next press: what differs is seen as it moves."""
    layering.change(case, case.active, lambda each: replace(each, hidden=not each.hidden))


@command("More of the layer", "Alt+9", group=GROUP, why_not=_no_mix, found_by="opacity opaque blend fusion")
def more_of_the_layer(case: Case) -> None:
    """Mix a tenth more of the layer in."""
    layering.change(case, case.active, lambda each: _opaque(each, STEP))


@command("Less of the layer", "Alt+8", group=GROUP, why_not=_no_mix, found_by="opacity transparent blend fusion")
def less_of_the_layer(case: Case) -> None:
    """Mix a tenth less of the layer in."""
    layering.change(case, case.active, lambda each: _opaque(each, -STEP))


def _opaque(layer: Layer, by: float) -> Layer:
    return replace(layer, opacity=round(min(max(layer.opacity + by, 0.0), 1.0), 3))


@command("Next palette of the layer", "Alt+0", group=GROUP, why_not=_no_layer, found_by="colour color map hot iron lut")
def next_layer_palette(case: Case) -> None:
    """Give the layer the next palette of the standard, and after the last one grey."""
    order = ("", *PALETTES)

    def coloured(layer: Layer) -> Layer:
        following = order[(order.index(layer.display.palette) + 1) % len(order)]
        return replace(layer, display=replace(layer.display, palette=following))

    layering.change(case, case.active, coloured)


@command("Window tools on the layer", "F12", group=GROUP, why_not=_no_layer, found_by="level active layer fusion")
def window_on_the_layer(case: Case) -> None:
    """Have windows, presets, inversion and palettes act on the layer, on the next one, and then on the image again."""
    tile = case.tiles[case.active]
    order = ("", *tile.layered)
    at = order.index(tile.in_hand) if tile.in_hand in order else 0
    layering.take_in_hand(case, case.active, order[(at + 1) % len(order)])


@command("Low values of the layer clear", "Alt+F11", group=GROUP, why_not=_no_layer, found_by="threshold transparent")
def low_values_clear(case: Case) -> None:
    """Leave away what lies below the lower end of the layer's window, or mix it in again."""
    layering.change(case, case.active, lambda each: replace(each, clear_below=not each.clear_below))


def _blend(blend: Blend) -> Callable[[Case], None]:
    def lay(case: Case) -> None:
        layer = layering.top(case.tiles[case.active])
        wanted = Blend.MIX if layer is not None and layer.blend is blend else blend
        layering.change(case, case.active, lambda each: replace(each, blend=wanted, hidden=False))

    return lay


@command("Mix the layer", "Ctrl+F11", group=GROUP, why_not=_no_layer, found_by="blend alpha fusion")
def mix_layer(case: Case) -> None:
    """Mix the layer with the image by its opacity, as it lies when it is laid."""
    layering.change(case, case.active, lambda each: replace(each, blend=Blend.MIX, hidden=False))


@command("Swipe", "Shift+F11", group=GROUP, why_not=_no_layer, found_by="curtain split compare fusion wipe")
def swipe_layer(case: Case) -> None:
    """Show the layer to the right of an edge that is dragged, or mix it again."""
    _blend(Blend.SWIPE)(case)


@command("Spyglass", "Shift+F12", group=GROUP, why_not=_no_layer, found_by="lens round window compare fusion")
def spyglass_layer(case: Case) -> None:
    """Show the layer in a round glass that follows the pointer, or mix it again."""
    _blend(Blend.SPYGLASS)(case)


@command("Layer alone", "Ctrl+F12", group=GROUP, why_not=_no_layer, found_by="flicker only overlay fusion")
def layer_alone(case: Case) -> None:
    """Show the layer alone, so that F11 changes between it and the image; or mix it again."""
    _blend(Blend.FLICKER)(case)


@command("Difference", "Alt+F12", group=GROUP, why_not=_no_layer, found_by="subtract compare registration fusion")
def difference_layer(case: Case) -> None:
    """Show how far the greys of layer and image differ, each in its own window; or mix it again."""
    _blend(Blend.DIFFERENCE)(case)


@command("Swap image and layer", "Alt+Shift+F5", group=GROUP, why_not=_no_swap, found_by="exchange upper lower fusion")
def swap_layers(case: Case) -> None:
    """Make the layer the image and the image the layer; colours, windows and shares stay with their series."""
    number = case.active
    tile, layer = case.tiles[number], layering.top(case.tiles[case.active])
    if layer is None or tile.display_set is None:
        return
    below = Layer(tile.display_set, tile.display, round(1.0 - layer.opacity, 3))
    kept = tuple(below if each.display_set == layer.display_set else each for each in tile.layers)
    cycle.show_in_place(case, number, layer.display_set)
    case.put(number, replace(case.tiles[number], display=layer.display, layers=kept, in_hand=""))
