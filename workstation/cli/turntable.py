"""The command that writes a volume turned once round as a film or as pictures."""

import argparse
from pathlib import Path
from typing import Any

from workstation import jobs, paths
from workstation.cli.look import WAIT_S, gui, page_size
from workstation.cli.result import Result
from workstation.cli.volume import SIDES
from workstation.errors import HounsfieldError, NotFound


def add(commands: Any) -> None:
    """Add this module's command."""
    added = commands.add_parser("turntable", help="write a volume in 3D turned once round: GIF, MP4 or PNG files")
    added.add_argument(
        "series", help="UID, beginning of a UID, or row of `hounsfield studies` (ROW.N: its N-th series)"
    )
    added.add_argument("--preset", default="", metavar="NAME", help="bone, skin, vessels, lung, mip ...")
    added.add_argument("--from", dest="side", choices=SIDES, default=SIDES[0], help="from which side it begins")
    added.add_argument("--frames", type=_count, default=72, metavar="N", help="pictures of the turn, 2 to 720")
    added.add_argument("--size", type=page_size, default=(720, 720), metavar="WxH", help="device pixels")
    added.add_argument("--out", type=Path, required=True, metavar="FILE", help="ends in .gif or .mp4, or is a folder")
    added.add_argument("--json", action="store_true", help="one JSON document on stdout")
    added.set_defaults(run=_turntable, wrong=added.error)


def _count(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= 720:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 2 to 720")
    return int(text)


def _turntable(options: argparse.Namespace) -> Result:
    from workstation.cache.index import Index
    from workstation.picture.turntable import KINDS, why_not
    from workstation.security import acts

    ending = options.out.suffix.lower().removeprefix(".")
    if ending and ending not in KINDS[:2]:
        options.wrong("a film ends in .gif or .mp4; a folder of PNG files has no ending")
    kind = ending or "png"
    if sentence := why_not(kind):
        raise HounsfieldError(sentence)
    if options.out.exists():
        raise HounsfieldError(f"{options.out} is there already")
    home = paths.home()
    with Index(home) as index:
        study, series = index.resolve_series(options.series)
    acts.permit(acts.Kind.EXPORT, study=study)
    _draw(options, home, study, series, kind)
    document = {"file": str(options.out), "kind": kind, "frames": options.frames, "series_instance_uid": series}
    return Result(document, text=f"{options.out}: {options.frames} pictures; they name no patient")


def _draw(options: argparse.Namespace, home: paths.Home, study: str, series: str, kind: str) -> None:
    application = gui()
    from workstation.case import volume
    from workstation.case.commands import show_set
    from workstation.case.open import open_study
    from workstation.case.volume_commands import no_3d
    from workstation.imaging.camera import Side
    from workstation.loading.load import Loader
    from workstation.picture.turntable import frames, write

    case = open_study(home, study, None)
    own = [each for each in case.sets.values() if each.series_instance_uid == series]
    if not own or not case.tiles:
        raise NotFound("The series shows no images.")
    chosen = max(own, key=lambda each: (each.lattice is not None, len(each.images)))
    case.active = 0
    show_set(case, 0, chosen.key)
    if reason := no_3d(case):
        raise HounsfieldError(reason)
    volume.show_3d(case, 0, options.preset)
    volume.see_from(case, 0, Side(options.side))
    loader = Loader(home)
    try:
        loading = loader.open(chosen, case.digests)
        loader.wait(WAIT_S)
        images = frames(case.view(0), loading.voxels, options.size, 1.0, options.frames, lambda done, of: None)
        write(options.out, kind, images, options.frames)
    except OSError as error:
        raise HounsfieldError(f"{options.out} could not be written.") from error
    finally:
        loader.close_all()
        jobs.shutdown()
    del application
