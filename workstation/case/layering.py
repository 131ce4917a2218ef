"""Laying sets over a tile's own, and how they are mixed. Planes of one volume that bear the same layers go together."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from workstation.case.layered import why_not_over
from workstation.case.state import Case, Tile
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.layers import MOST_LAYERS, Blend, Layer
from workstation.imaging.palettes import PALETTES
from workstation.imaging.view import Display

EMITTED: Final = ("PT", "NM")
"""Modalities that show a function: they lie over what shows a form, in colours."""

FEW_SLICES: Final = 8
"""Fewer are a localizer."""

COLOURS: Final = {"PT": "HOT_IRON", "NM": "HOT_IRON"}
OTHER_COLOURS: Final = ("HOT_METAL_BLUE", "SUMMER", *PALETTES)


def candidates(case: Case, number: int) -> tuple[str, ...]:
    """The keys of the sets that can lie over a tile's own, what is most likely meant first."""
    own = case.sets.get(case.tiles[number].display_set or "")
    if own is None:
        return ()
    fitting = [key for key, other in case.sets.items() if other is not own and _may_lie(case, own, other)]
    return tuple(sorted(fitting, key=lambda key: _rank(own, case.sets[key])))


def _may_lie(case: Case, own: DisplaySet, other: DisplaySet) -> bool:
    if why_not_over(own, other) or len(other.images) < FEW_SLICES:
        return False
    return case.alignment.between(own.first.FrameOfReferenceUID, other.first.FrameOfReferenceUID) is not None


def _rank(own: DisplaySet, other: DisplaySet) -> tuple[object, ...]:
    """What shows a function over what shows a form, of the same study, corrected for attenuation; then other kinds."""
    alike = (own.first.Modality in EMITTED) == (other.first.Modality in EMITTED)
    same_kind = own.first.Modality == other.first.Modality
    uncorrected = other.first.Modality == "PT" and "ATTN" not in other.first.CorrectedImage
    elsewhen = own.study_instance_uid != other.study_instance_uid
    return elsewhen, alike, same_kind, uncorrected, -len(other.images)


def layer_of(case: Case, number: int, key: str) -> Layer:
    """A set as it lies over a tile before anybody has changed anything: half of it, in colours nothing else has."""
    used = {each.display.palette for each in case.tiles[number].layers}
    wanted = COLOURS.get(case.sets[key].first.Modality, OTHER_COLOURS[0])
    palette = next(each for each in (wanted, *OTHER_COLOURS) if each not in used)
    return Layer(key, Display(interpolation=case.habits.interpolation, palette=palette))


def fuse(case: Case, number: int, key: str) -> None:
    """Lay a set over a tile's own, above the layers that are there; the lowest gives way where there are too many."""
    layer = layer_of(case, number, key)

    def laid(tile: Tile) -> tuple[Layer, ...]:
        kept = [each for each in tile.layers if each.display_set != key]
        return (*kept, layer)[-MOST_LAYERS:]

    _relayer(case, number, laid)


def take_off(case: Case, number: int, key: str | None = None) -> None:
    """Take one layer off, or all."""
    _relayer(case, number, lambda tile: tuple(each for each in tile.layers if key not in (None, each.display_set)))


def top(tile: Tile) -> Layer | None:
    """The layer that commands act on: the one in hand, or the topmost."""
    return tile.layer_in_hand or (tile.layers[-1] if tile.layers else None)


def change(case: Case, number: int, changed: Callable[[Layer], Layer], key: str | None = None) -> None:
    """Change a layer, by default the one that commands act on, also in the planes that bear the same ones."""
    acted_on = top(case.tiles[number])
    wanted = key or (acted_on.display_set if acted_on else "")
    _relayer(
        case,
        number,
        lambda tile: tuple(changed(each) if each.display_set == wanted else each for each in tile.layers),
    )


def move_to(case: Case, number: int, at: tuple[float, float]) -> None:
    """Put the edge of a swipe or the middle of a spyglass somewhere, in shares of the tile's width and height."""
    tile = case.tiles[number]
    x, y = (min(max(each, 0.0), 1.0) for each in at)
    moved = tuple(replace(each, at=(x, y)) if each.blend in FOLLOWING else each for each in tile.layers)
    if moved != tile.layers:
        case.put(number, replace(tile, layers=moved))


FOLLOWING: Final = (Blend.SWIPE, Blend.SPYGLASS)
"""Ways of laying over that depend on a place in the tile."""


def relight(case: Case, number: int, change_display: Callable[[Display], Display]) -> bool:
    """Change how the layer in hand is displayed; False where none is, and nothing was changed."""
    layer = case.tiles[number].layer_in_hand
    if layer is None:
        return False
    change(case, number, lambda each: replace(each, display=change_display(each.display)), layer.display_set)
    return True


def lit_set(case: Case, number: int) -> DisplaySet | None:
    """The set that windows, presets and palettes act on: that of the layer in hand, or the tile's own."""
    if number >= len(case.tiles):
        return None
    tile = case.tiles[number]
    layer = tile.layer_in_hand
    return case.sets.get((layer.display_set if layer else tile.display_set) or "")


def take_in_hand(case: Case, number: int, key: str) -> None:
    """Have what changes light act on a layer, or on the tile's own set where it is empty."""
    together = _together(case, number)
    for each in together:
        case.tiles[each] = replace(case.tiles[each], in_hand=key)
    case.emit_changed(together)


def _together(case: Case, number: int) -> tuple[int, ...]:
    """The tile, and the planes of the same volume that look another way and bear the same layers: CT and fused tile
    side by side stay two."""
    own = case.tiles[number]
    others = [(each, case.tiles[each]) for each in case.linked(number) if each != number]
    alike = [each for each, tile in others if tile.orientation != own.orientation and tile.layered == own.layered]
    return (number, *alike)


def _relayer(case: Case, number: int, layers_of: Callable[[Tile], tuple[Layer, ...]]) -> None:
    together = _together(case, number)
    for each in together:
        tile = case.tiles[each]
        layers = layers_of(tile)
        kept = tile.in_hand if any(layer.display_set == tile.in_hand for layer in layers) else ""
        case.tiles[each] = replace(tile, layers=layers, in_hand=kept)
    case.emit_changed(together)
