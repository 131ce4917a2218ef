"""What must be said of a picture: chips for the tile, sentences for everybody else, and one word for how true it is."""

import math
from typing import Final

from workstation.case.drawing_tools import space_of
from workstation.case.key_commands import chosen
from workstation.case.state import TileView
from workstation.dicom.looks import lossy_text
from workstation.findings.key_image import Purpose
from workstation.findings.scale import brings_calibration, why_pixels
from workstation.imaging.oblique import SlabMode
from workstation.imaging.view import ScreenPlane
from workstation.imaging.volume import Voxels
from workstation.picture.across import notices_across
from workstation.picture.chain import is_subtracted, presentation_in_force
from workstation.picture.compared import compared_notices
from workstation.picture.contours import notice
from workstation.picture.facts import instead_of
from workstation.picture.text import age_contradicts
from workstation.picture.uptake import uptake_notices

OUTSIDE: Final = "The plane lies where this series has no image."
SUMMED: Final = (
    "Summed through the slab: the mean times the thickness, with a window as many times as wide. Where the slab leaves "
    "the series, what lies inside stands for all of it."
)
ON_DISK: Final = (
    "The series takes more than a quarter of the memory: while it is open its pixels lie in a file on the disk, as the "
    "setting allows, and planes through them may come later."
)


def notices(
    view: TileView, voxels: Voxels, problem: str, is_known: tuple[bool, bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Chips for the tile and sentences for everybody else, the most serious first.

    `is_known`: how the image lies in the patient, and that anything of the series lies in the plane.
    """
    assert view.display_set is not None  # noqa: S101  compose() has dealt with empty tiles
    placed, inside = is_known
    said: list[tuple[str, str]] = [] if inside else [("outside this series", OUTSIDE)]
    total = len(view.display_set.images)
    if problem:
        said.append(("refused", problem))
    if view.patients > 1:
        sentence = "Tiles of this layout show more than one patient. Check whose image each of them is."
        said.append((f"{view.patients} patients", sentence))
    if view.tile.stands_in and instead_of(view):
        said.append(("swapped", "You swapped this series for the one planned here; Ctrl+Backspace hangs as planned."))
    if view.tile.framing.mirrored is not bool(view.tile.planned and view.tile.planned.mirrored):
        said.append(("mirrored", "You mirrored this image; the letters follow. Backspace brings it back."))
    if view.tile.display.subtracted:
        done = is_subtracted(view, voxels)
        sentence = "Shown is the change to the mask, not the image." if done else "There is nothing to subtract here."
        said.append(("subtracted" if done else "no subtraction", sentence))
    if not voxels.whole and not problem:
        said.append((f"arriving {voxels.arrived} of {total}", f"{voxels.arrived} of {total} images are loaded."))
    if view.tile.orientation is not None and view.tile.slab.is_thick and view.tile.slab.mode is SlabMode.SUM:
        said.append(("sum", SUMMED))
    if voxels.on_disk:
        said.append(("on disk", ON_DISK))
    if view.coarse:
        sentence = "The slab is shown with fewer samples while it moves; it is exact as soon as the hand rests."
        said.append(("coarse while moving", sentence))
    if not placed:
        said.append(("orientation unknown", "The object does not say how the image lies in the patient."))
    said += notices_across(view)
    said += uptake_notices(voxels)
    said += compared_notices(view)
    said += _calibration(view)
    said += _what_the_image_says(view, voxels)
    if (hidden := notice(view)) is not None:
        said.append(hidden)
    said += [(notice.chip, notice.sentence) for notice in view.display_set.notices]
    return tuple(chip for chip, _ in said), tuple(sentence for _, sentence in said)


def _calibration(view: TileView) -> list[tuple[str, str]]:
    """Of an image whose marks lie in its pixels: whose millimetres they are, or why there are none (safety.md 8)."""
    display_set = view.display_set
    if display_set is None or space_of(display_set, view.image) is not None:
        return []
    ref = display_set.images[view.image]
    if ref.instance.SOPInstanceUID in view.marks.calibrated and not brings_calibration(ref):
        return [("calibrated by hand", "Lengths on this image are by your calibration line, not by the object.")]
    why = why_pixels(ref)
    return [("not calibrated", why)] if why else []


def _what_the_image_says(view: TileView, voxels: Voxels) -> list[tuple[str, str]]:
    """Of the image on screen alone: loss, a colour profile, what of its look cannot be shown, a presentation state."""
    assert view.display_set is not None  # noqa: S101  compose() has dealt with empty tiles
    said: list[tuple[str, str]] = []
    if (key := chosen(view)) is not None:
        what_for = "" if key.purpose is Purpose.OF_INTEREST else f", {key.purpose}"
        said.append((f"key image{what_for}", "You chose this as a key image; Shift+J takes that back."))
    lossy = lossy_text(view.display_set.images[view.image].instance)
    if lossy:
        said.append((lossy, "The image was compressed with loss; fine detail may be missing or made up."))
    if age_contradicts(view.display_set.first):
        said.append(
            ("age disagrees", "PatientAge contradicts birth date and study date; the age shown is by the dates.")
        )
    look = voxels.look(view.image)
    if look is not None and look.colour_profile:
        said.append(("colour profile", f"By its colour profile ({look.colour_profile}) colours are shown as sRGB."))
    said += [("look", f"Not shown as it asks: {sentence}.") for sentence in (look.odd if look else ())]
    if look is not None and look.overlays and not view.tile.display.overlays:
        said.append(("overlay hidden", "The image brings overlay planes, which are hidden."))
    state = presentation_in_force(view)
    if state is not None:
        said.append((state.label or "presentation", f"Shown as presentation state {state.label} says."))
        said += [("look", f"The presentation state is not followed in all: {sentence}.") for sentence in state.odd]
    return said


def fidelity(view: TileView, voxels: Voxels, screen: ScreenPlane) -> str:
    """One word for how true the picture is; "full" means each pixel of the screen shows a stored voxel."""
    assert view.display_set is not None  # noqa: S101  compose() has dealt with empty tiles
    if not voxels.whole:
        return f"arriving {voxels.arrived} of {len(view.display_set.images)}"
    if lossy := lossy_text(view.display_set.images[view.image].instance):
        return lossy
    right, down = view.plane.pixel_mm
    if view.tile.framing.quarter_turns % 2:
        right, down = down, right
    if view.coarse:
        return "coarse while moving"
    exact = math.isclose(screen.px_per_mm * right, 1.0, abs_tol=1e-9) and math.isclose(right, down, abs_tol=1e-9)
    own = view.tile.orientation is None or (view.triad is None and not view.tile.slab.is_thick)
    return "full" if exact and own else "interpolated"
