"""What a tile begins with that a protocol plans: its window, its layers, its scene in 3D, its side when it turns."""

from collections.abc import Iterator, Mapping

from workstation.case.scenes import begin
from workstation.hanging.hang import Plan, PlannedTile
from workstation.hanging.schema import THREE_D, TURNING
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Window
from workstation.imaging.layers import Layer
from workstation.imaging.presets import preset_named
from workstation.imaging.scene import Scene
from workstation.imaging.turning import Turning, why_not
from workstation.imaging.view import Display, Interpolation


def fixed_window(display_set: DisplaySet, name: str) -> Window | None:
    """The window that a protocol names, where it is fixed for the modality of a set."""
    preset = preset_named(display_set.first.Modality, name) if name else None
    return preset.fixed if preset is not None and preset.percentiles is None else None


def volumes_cut(plan: Plan, sets: Mapping[str, DisplaySet]) -> Iterator[DisplaySet]:
    """The volumes of which a plan shows planes, or that turn, from its first stage on."""
    for stage in plan.stages:
        for each in stage.tiles:
            display_set = sets.get(each.display_set or "")
            is_cut = each.orientation is not None or each.plane == TURNING
            if is_cut and display_set is not None and display_set.lattice is not None:
                yield display_set


def planned_layers(
    sets: Mapping[str, DisplaySet], planned: PlannedTile, interpolation: Interpolation
) -> tuple[Layer, ...]:
    """What lies over the set of a tile."""
    layers = []
    for each in planned.layers:
        display = Display(fixed_window(sets[each.display_set], each.window), False, interpolation, palette=each.palette)
        layers.append(Layer(each.display_set, display, each.opacity, clear_below=each.clear_below))
    return tuple(layers)


def planned_scene(display_set: DisplaySet, planned: PlannedTile) -> Scene | None:
    """What a tile begins with that is planned in 3D."""
    if planned.plane != THREE_D or display_set.lattice is None:
        return None
    return begin(display_set.lattice, display_set.first.Modality, planned.preset)


def planned_turning(display_set: DisplaySet, planned: PlannedTile) -> Turning | None:
    """From the front, where a rotating MIP is planned and can be."""
    return Turning() if planned.plane == TURNING and not why_not(display_set) else None
