"""What of a snapshot says that tiles are drawn in 3D or as a rotating MIP, and how."""

import argparse
from collections.abc import Callable
from typing import Any, TypeVar

from workstation.errors import HounsfieldError

T = TypeVar("T")
SIDES = ("anterior", "posterior", "left", "right", "head", "feet")


def add(snapshot: Any) -> None:
    """Add the options."""
    snapshot.add_argument("--view", choices=("3d", "mip"), help="show one volume alone, in 3D or as a rotating MIP")
    snapshot.add_argument(
        "--angle", type=float, metavar="DEG", help="rotating MIP: from the front to the patient's left"
    )
    snapshot.add_argument("--preset", metavar="NAME", help="3D: bone, skin, vessels, lung, mip ...")
    snapshot.add_argument("--from", dest="side", choices=SIDES, help="3D: from which side it is looked at")
    snapshot.add_argument("--perspective", action="store_true", help="3D: nearer is larger")


def lay(case: Any, options: argparse.Namespace) -> None:
    """Show the case as the options say. Raises HounsfieldError where 3D cannot be had."""
    from workstation.case import volume
    from workstation.case.volume_commands import no_3d
    from workstation.imaging.camera import Side

    if options.view != "3d":
        if options.preset or options.side or options.perspective:
            raise HounsfieldError("--preset, --from and --perspective belong to --view 3d.")
        _turn(case, options)
        return
    if options.angle is not None:
        raise HounsfieldError("--angle belongs to rotating MIPs.")
    if reason := no_3d(case):
        raise HounsfieldError(reason)
    width, height = options.size
    case.page_px = (width, height)
    case.maximise(case.active)
    volume.show_3d(case, case.active, options.preset or "")
    if options.side:
        volume.see_from(case, case.active, Side(options.side))
    volume.change(case, case.active, lambda scene: scene.with_perspective(options.perspective))


def _turn(case: Any, options: argparse.Namespace) -> None:
    """The first PET, or the first tile, alone as a rotating MIP where that is asked for; all that turn, to an angle."""
    from workstation.case import turning
    from workstation.case.turning_commands import not_turning
    from workstation.imaging.sides import ANGLES

    if options.view == "mip":
        shown = [(number, case.view(number).display_set) for number in case.shown]
        emitting = (number for number, each in shown if each is not None and each.first.Modality in ("PT", "NM"))
        case.activate(next(emitting, case.active))
        if reason := not_turning(case):
            raise HounsfieldError(reason)
        case.maximise(case.active)
        turning.show_turning(case, case.active)
    turned = [number for number in range(len(case.tiles)) if turning.is_turning(case, number)]
    if options.angle is None:
        return
    if not turned:
        raise HounsfieldError("--angle belongs to rotating MIPs, and none is shown.")
    for number in turned:
        turning.to_angle(case, number, round(options.angle * ANGLES / 360) % ANGLES)


def settled(case: Any, drawn: Callable[[], T], timeout_s: float) -> T:
    """What `drawn` makes once all that is in 3D is drawn finely. Raises HounsfieldError when that takes too long."""
    found = drawn()
    if not any(tile.scene is not None for tile in case.tiles):
        return found
    from workstation.render.volume_process import volumes

    if not volumes().wait(timeout_s):
        raise HounsfieldError("Drawing in 3D took too long.")
    return drawn()
