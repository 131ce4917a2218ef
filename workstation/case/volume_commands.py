"""Commands of 3D: a tile's volume, its presets, views and light."""

from dataclasses import replace

from workstation.case import cutting, volume
from workstation.case import reasons as no
from workstation.case.command import command
from workstation.case.state import Case
from workstation.imaging.camera import Side
from workstation.imaging.uneven import Uneven

FOUND = "3d volume rendering vr vrt cinematic surface turn rotate"
UNEVEN = "Images at uneven distances are not shown in 3D."
COLOURS = "Colour images are not shown in 3D."


def no_3d(case: Case) -> str:
    """The series cannot be shown in 3D."""
    if sentence := no.no_volume(case):
        return sentence
    display_set = no.active_set(case)
    if display_set is not None and isinstance(display_set.lattice, Uneven):
        return UNEVEN
    return COLOURS if display_set is not None and display_set.pixels.SamplesPerPixel > 1 else ""


def not_3d(case: Case) -> str:
    """The active tile is flat."""
    return no.no_image(case) or ("" if volume.is_3d(case, case.active) else "F8 shows the active tile in 3D.")


@command("3D", "F8", group="3D", why_not=no_3d, found_by=FOUND)
def three_d(case: Case) -> None:
    """Show the volume of the active tile in 3D, or its images again."""
    if volume.is_3d(case, case.active):
        volume.show_flat(case, case.active)
    else:
        volume.show_3d(case, case.active)


@command("Next 3D preset", "Shift+F8", group="3D", why_not=not_3d, found_by=FOUND)
def next_3d_preset(case: Case) -> None:
    """Show the volume by the next preset: bone, skin, soft tissue, vessels, lung, airways, metal, MIP."""
    names = volume.preset_names(case, case.active)
    scene = case.tiles[case.active].scene
    if scene is not None:
        after = names.index(scene.preset) + 1 if scene.preset in names else 0
        volume.set_preset(case, case.active, names[after % len(names)])


def _standard_view(side: Side, key: str, words: str) -> None:
    def see(case: Case) -> None:
        volume.see_from(case, case.active, side)

    see.__name__ = f"3d_from_{side.value}"
    see.__doc__ = f"Look at the volume {words}."
    command(f"3D {words}", key, group="3D", why_not=not_3d, found_by=f"{FOUND} {side.value} standard view")(see)


_standard_view(Side.ANTERIOR, "Ctrl+Alt+1", "from the front")
_standard_view(Side.POSTERIOR, "Ctrl+Alt+2", "from behind")
_standard_view(Side.LEFT, "Ctrl+Alt+3", "from the left")
_standard_view(Side.RIGHT, "Ctrl+Alt+4", "from the right")
_standard_view(Side.HEAD, "Ctrl+Alt+5", "from the head")
_standard_view(Side.FEET, "Ctrl+Alt+6", "from the feet")


@command("Perspective", "Ctrl+Alt+7", group="3D", why_not=not_3d, found_by=FOUND + " parallel orthographic")
def perspective(case: Case) -> None:
    """Draw what is nearer larger, or all in one scale with its scale bar."""
    volume.change(case, case.active, lambda scene: scene.with_perspective(scene.camera.is_parallel))


@command("Crop box", "Ctrl+Alt+9", group="3D", why_not=not_3d, found_by=FOUND + " clip cut box")
def crop_box(case: Case) -> None:
    """Draw the box that cuts the volume, with a handle on each face, or put it away; what is cut stays cut."""
    cutting.toggle_box(case, case.active)


@command("Clip plane", "Ctrl+Alt+0", group="3D", why_not=not_3d, found_by=FOUND + " cut slice")
def clip_plane(case: Case) -> None:
    """Cut away what lies before a plane through the crosshair that faces you, or bring it back."""
    cutting.toggle_plane(case, case.active)


def _nothing_cut(case: Case) -> str:
    if sentence := not_3d(case):
        return sentence
    return "" if cutting.history(case, case.active).value != cutting.Cutting() else "Nothing is cut away."


@command("Bring back what was cut", "Ctrl+Alt+Backspace", group="3D", why_not=_nothing_cut, found_by=FOUND + " uncut")
def bring_back_cuts(case: Case) -> None:
    """Show the whole volume again; Ctrl+Z cuts it as it was."""
    cutting.uncut(case, case.active)


@command("3D light", "Ctrl+Alt+8", group="3D", why_not=not_3d, found_by=FOUND + " shading shaded lighting")
def three_d_light(case: Case) -> None:
    """Let light fall on surfaces, or show every depth alike bright."""
    volume.change(case, case.active, lambda scene: replace(scene, shaded=not scene.shaded))
