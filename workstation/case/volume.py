"""A tile in 3D: the gestures on it as new scenes. Each changes the Case once; what is linked follows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from workstation.case.scenes import begin
from workstation.case.state import Case
from workstation.imaging.camera import Camera, Side, framed
from workstation.imaging.geometry import Grid
from workstation.imaging.scene import Scene
from workstation.imaging.transfer import TransferFunction, preset_called, presets_for

STEP_DEG: Final = 10.0
"""A step of a key turns by so much."""

NUDGE: Final = 0.05
"""Of what is seen, a step of a key moves."""


def is_3d(case: Case, number: int) -> bool:
    return number < len(case.tiles) and case.tiles[number].scene is not None


def show_3d(case: Case, number: int, preset: str = "") -> None:
    """Show the volume of a tile's series in 3D, from the front, by a preset or the first of its modality.

    Raises NotFound for a preset that is not there.
    """
    view = case.view(number)
    if view.display_set is None or view.display_set.lattice is None:
        return
    modality = view.display_set.first.Modality
    chosen = preset_called(preset, modality) if preset else presets_for(modality)[0]
    begun = view.tile.scene or begin(view.display_set.lattice, modality, chosen.name)
    scene = replace(begun, preset=chosen.name, transfer=None)
    stays = view.tile.scene is not None or view.tile.turning is not None
    flat = view.tile.flat if stays else view.tile.orientation
    case.put(number, replace(view.tile, orientation=None, scene=scene, flat=flat, image=view.image, turning=None))


def show_flat(case: Case, number: int) -> None:
    """Show again what a tile showed before it went 3D."""
    tile = case.tiles[number]
    case.put(number, replace(tile, orientation=tile.flat, scene=None, flat=None))


def change(case: Case, number: int, changed: Callable[[Scene], Scene]) -> None:
    """Another scene for a tile; nothing for one that is not 3D."""
    tile = case.tiles[number]
    if tile.scene is not None:
        case.put(number, replace(tile, scene=changed(tile.scene)))


def look(case: Case, number: int, moved: Callable[[Camera], Camera]) -> None:
    """Another camera for a tile, and by the same movement for the 3D tiles linked with it, as a prior's."""
    _look(case, number, lambda camera, grid: moved(camera))


def _look(case: Case, number: int, moved: Callable[[Camera, Grid], Camera]) -> None:
    together = [each for each in case.group(number) if is_3d(case, each)]
    for each in together:
        tile, grid = case.tiles[each], case.sets[case.tiles[each].display_set or ""].lattice
        if tile.scene is not None and grid is not None:
            case.tiles[each] = replace(tile, scene=replace(tile.scene, camera=moved(tile.scene.camera, grid)))
    case.emit_changed(together)


def turn(case: Case, number: int, right_deg: float, down_deg: float) -> None:
    look(case, number, lambda camera: camera.turned(right_deg, down_deg))


def roll(case: Case, number: int, clockwise_deg: float) -> None:
    look(case, number, lambda camera: camera.rolled(clockwise_deg))


def zoom(case: Case, number: int, factor: float, right_mm: float = 0.0, down_mm: float = 0.0) -> None:
    look(case, number, lambda camera: camera.zoomed(factor, right_mm, down_mm))


def pan(case: Case, number: int, right_mm: float, down_mm: float) -> None:
    look(case, number, lambda camera: camera.panned(right_mm, down_mm))


def nudge(case: Case, number: int, right: int, down: int) -> None:
    """Move what is seen by steps of a twentieth of what is seen."""
    look(case, number, lambda camera: camera.panned(*(camera.across_mm * NUDGE * each for each in (right, down))))


def see_from(case: Case, number: int, side: Side) -> None:
    """A standard view of the whole volume."""
    _look(case, number, lambda camera, grid: replace(framed(grid, side), perspective_deg=camera.perspective_deg))


def fit(case: Case, number: int) -> None:
    """The whole volume in the tile, from where it is looked at."""

    def fitted(camera: Camera, grid: Grid) -> Camera:
        whole = framed(grid)
        return replace(camera, focus_lps=whole.focus_lps, across_mm=whole.across_mm)

    _look(case, number, fitted)


def reset(case: Case, number: int) -> None:
    """The whole volume from the front by its preset; nothing is cut but what was taken away for good."""
    display_set = case.view(number).display_set
    if display_set is None or display_set.lattice is None:
        return
    camera = framed(display_set.lattice)
    change(case, number, lambda scene: Scene(camera, scene.preset, cuts=scene.cuts, crosshair=scene.crosshair))


def set_preset(case: Case, number: int, name: str) -> None:
    """Raises NotFound for one that the modality does not have."""
    display_set = case.view(number).display_set
    if display_set is not None:
        preset_called(name, display_set.first.Modality)
        change(case, number, lambda scene: replace(scene, preset=name, transfer=None))


def preset_names(case: Case, number: int) -> tuple[str, ...]:
    """The presets of a tile's modality, in the order of their keys."""
    display_set = case.view(number).display_set
    return tuple(each.name for each in presets_for(display_set.first.Modality)) if display_set else ()


def set_numbered_preset(case: Case, number: int, which: int) -> None:
    """The preset on a number key, from 1; nothing where there are fewer."""
    names = preset_names(case, number)
    if which <= len(names):
        set_preset(case, number, names[which - 1])


def set_transfer(case: Case, number: int, transfer: TransferFunction) -> None:
    """A transfer function of the reader's own."""
    change(case, number, lambda scene: replace(scene, transfer=transfer))
