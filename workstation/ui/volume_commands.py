"""Commands of 3D that search in the voxels: what is removed in one press. Described as the commands of the case are."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from workstation.case.command import Command, Where
from workstation.case.volume_commands import not_3d
from workstation.imaging.displaysets import DisplaySet
from workstation.ui.volume_scissors import Side

if TYPE_CHECKING:
    from workstation.ui.window import MainWindow

VOLUME_COMMANDS: dict[str, Command] = {}
GROUP: Final = "3D"
WORDS: Final = "3d volume rendering cut hide segment"

WindowFunction = Callable[["MainWindow"], None]


def _command(
    title: str, key: str, why_not: Callable[[Any], str], found_by: str = "", permission: str = "read"
) -> Callable[[WindowFunction], WindowFunction]:
    def register(function: WindowFunction) -> WindowFunction:
        name = function.__name__.replace("_", "-")
        text = (function.__doc__ or "").strip()
        words = f"{WORDS} {found_by}"
        VOLUME_COMMANDS[name] = Command(
            name, title, (key,), function, text, GROUP, Where.READING, permission, why_not, found_by=words
        )
        return function

    return register


def _not_whole(window: "MainWindow") -> str:
    case = window.reading.case
    if case is None or not case.tiles:
        return "No study with images is open."
    if window.reading.volumes.is_busy:
        return ""
    return not_3d(case) or ("" if window.reading.volumes.voxels() is not None else "The volume is not whole yet.")


def _no_ct(window: "MainWindow") -> str:
    if sentence := _not_whole(window):
        return sentence
    case = window.reading.case
    shown: DisplaySet | None = case.view(case.active).display_set if case is not None else None
    return "" if shown is not None and shown.first.Modality == "CT" else "Bones and beds are found in CT images only."


@_command("Remove bones", "Ctrl+Shift+F8", _no_ct, "removal angio subtract")
def remove_bones(window: "MainWindow") -> None:
    """Take bones with their marrow out of the 3D view, vessels stay; pressed again while it searches: stop."""
    window.reading.volumes.remove_bones()


@_command("Remove the bed", "Alt+F8", _no_ct, "bed removal table couch")
def remove_the_bed(window: "MainWindow") -> None:
    """Take the table and all that is not the patient out of the 3D view."""
    window.reading.volumes.remove_bed()


@_command("Keep the largest part", "Alt+Shift+F8", _not_whole, "component island connected")
def keep_the_largest_part(window: "MainWindow") -> None:
    """Of what is seen in 3D keep the largest part that hangs together, and take the rest away."""
    window.reading.volumes.keep_largest()


def _flat(window: "MainWindow") -> str:
    case = window.reading.case
    return "No study with images is open." if case is None or not case.tiles else not_3d(case)


@_command("Scissors in 3D: cut inside off", "Ctrl+Alt+X", _flat, "scalpel lasso freehand cut away punch")
def scissors_inside(window: "MainWindow") -> None:
    """Draw round what is to go in the 3D view: it is cut away through the whole depth; again: scissors down."""
    window.reading.volumes.take_scissors(Side.INSIDE)


@_command("Scissors in 3D: keep inside", "Ctrl+Alt+Shift+X", _flat, "scalpel lasso freehand crop outside")
def scissors_outside(window: "MainWindow") -> None:
    """Draw round what is to stay in the 3D view: all else is cut away; pressed again: scissors down."""
    window.reading.volumes.take_scissors(Side.OUTSIDE)


# ----------------------------------------------------------------------------- surfaces


def _no_surface(window: "MainWindow") -> str:
    if window.surfaces.is_busy:
        return "The last surface is still being written."
    return _flat(window) or ("" if window.reading.volumes.voxels() is not None else "The volume is not whole yet.")


def _no_segment(window: "MainWindow") -> str:
    if sentence := _no_surface(window):
        return sentence
    return "" if window.surfaces.segment() is not None else "No segment of this volume is chosen."


@_command("Write the surface", "Ctrl+Alt+W", _no_surface, "stl mesh print export file threshold", "send")
def write_the_surface(window: "MainWindow") -> None:
    """Write the surface of what the 3D tile shows, without a name, as an STL file in mm; says its size and ml."""
    window.surfaces.to_file(of_segment=False)


@_command("Write the surface of the segment", "Ctrl+Alt+Shift+W", _no_segment, "stl mesh print export file", "send")
def write_the_surface_of_the_segment(window: "MainWindow") -> None:
    """Write the surface of the chosen segment, without a name, as an STL file in mm; says its size and ml."""
    window.surfaces.to_file(of_segment=True)


@_command("Save the surface", "Ctrl+Alt+S", _no_surface, "encapsulated stl mesh dicom m3d", "measure")
def save_the_surface(window: "MainWindow") -> None:
    """Keep the surface of what the 3D tile shows as an object of the study (Encapsulated STL)."""
    window.surfaces.to_study(of_segment=False)


@_command("Save the surface of the segment", "Ctrl+Alt+Shift+S", _no_segment, "encapsulated stl dicom m3d", "measure")
def save_the_surface_of_the_segment(window: "MainWindow") -> None:
    """Keep the surface of the chosen segment as an object of the study (Encapsulated STL)."""
    window.surfaces.to_study(of_segment=True)


# ----------------------------------------------------------------------------- turntable


def _no_turntable(window: "MainWindow") -> str:
    if window.turntables.is_busy:
        return ""
    return _flat(window) or ("" if window.reading.volumes.voxels() is not None else "The volume is not whole yet.")


@_command("Write a turntable", "Ctrl+Alt+V", _no_turntable, "movie film video gif mp4 png spin export", "send")
def write_a_turntable(window: "MainWindow") -> None:
    """Write the 3D view turned once round, without a name, as GIF, MP4 or PNG files; pressed again: stop."""
    window.turntables.write()


# ----------------------------------------------------------------------------- scenes


def _no_scene(window: "MainWindow") -> str:
    return "The last scene is still being kept." if window.reading.scenes.is_busy else _flat(window)


def _none_kept(window: "MainWindow") -> str:
    return "" if window.reading.scenes.scenes else "No scene is kept with this study."


@_command("Keep the scene", "Ctrl+Alt+Q", _no_scene, "save state view bookmark store", "measure")
def keep_the_scene(window: "MainWindow") -> None:
    """Keep view, preset, light, cuts, measures and segments as they are shown with the study, to be reopened so."""
    window.reading.scenes.keep()


@_command("Scene in large type", "Ctrl+Alt+T", _none_kept, "theatre operating room audience reopen scenes")
def scene_in_large_type(window: "MainWindow") -> None:
    """Reopen the newest scene kept with the study, alone and in large type, without names; pressed again: the next."""
    case, shelf = window.reading.case, window.reading.scenes
    if case is None:
        return
    if not window.audience.on:
        window.audience.toggle()
    window.reading.hide_panels()
    if case.maximised is None and len(case.tiles) > 1:
        case.maximise(case.active)
    shelf.reopen(0 if shelf.shown is None else (shelf.shown + 1) % len(shelf.scenes))
