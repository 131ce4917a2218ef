"""What of a snapshot says which plane is drawn, how thick, and how values between voxels are worked out."""

import argparse
from dataclasses import replace
from typing import Any

from workstation.errors import HounsfieldError

OBLIQUE = "oblique"
PLANES = ("axial", "coronal", "sagittal", OBLIQUE)


def add(snapshot: Any, point: Any, length: Any) -> None:
    """Add the options; `point` and `length` read numbers from text."""
    snapshot.add_argument("--plane", choices=PLANES, help="show the first tile's volume alone, in this plane")
    snapshot.add_argument("--normal", type=point, metavar="X,Y,Z", help="oblique: the direction it is square to (LPS)")
    snapshot.add_argument("--slab", type=length, metavar="MM", help="how thick each plane is")
    snapshot.add_argument("--mode", choices=("mip", "minip", "mean", "sum"), help="what is shown of the thickness")
    snapshot.add_argument("--interpolation", choices=("nearest", "linear", "cubic"))


def lay(case: Any, options: argparse.Namespace) -> None:
    """Show the case as the options say. Raises HounsfieldError where a plane cannot be had."""
    from workstation.case import planes
    from workstation.imaging.oblique import FIRST_MODE, SlabMode
    from workstation.imaging.view import Interpolation

    if (options.plane == OBLIQUE) != (options.normal is not None):
        raise HounsfieldError("--plane oblique and --normal belong together.")
    if options.plane:
        _one_plane(case, options)
    cut = [number for number in case.shown if case.tiles[number].orientation is not None]
    if not cut and (options.slab or options.mode):
        raise HounsfieldError("No tile of this stage is a plane; --plane makes one.")
    mode = SlabMode(options.mode) if options.mode else None
    for number in cut:
        if options.slab is not None or mode is not None:
            planes.set_slab(case, number, options.slab, mode or FIRST_MODE)
    for number in case.shown if options.interpolation else ():
        display = replace(case.tiles[number].display, interpolation=Interpolation(options.interpolation))
        case.tiles[number] = replace(case.tiles[number], display=display)


def _one_plane(case: Any, options: argparse.Namespace) -> None:
    from workstation.case import planes
    from workstation.case.reasons import no_volume
    from workstation.imaging.oblique import own_triad
    from workstation.imaging.reformat import axes_across
    from workstation.imaging.view import Orientation

    if reason := no_volume(case):
        raise HounsfieldError(reason)
    planes.show_planes(case, case.active)
    oblique = options.plane == OBLIQUE
    wanted = _nearest(options.normal) if oblique else Orientation(options.plane)
    number = next(each for each in case.shown if case.tiles[each].orientation is wanted)
    case.activate(number)
    case.maximise(number)
    if oblique:
        view = case.view(number)
        triad = view.triad or own_triad(view.grid)
        case.triads[case.space_of(view.tile)] = triad.with_axes(wanted, axes_across(options.normal))


def _nearest(normal: tuple[float, float, float]) -> Any:
    """The orientation whose plane in the patient is most nearly square to a direction."""
    from workstation.imaging.oblique import PATIENT
    from workstation.imaging.view import Orientation

    def along(each: Orientation) -> float:
        return abs(sum(a * b for a, b in zip(normal, PATIENT.of(each).normal, strict=True)))

    return max(Orientation, key=along)
