"""Commands that look: snapshot, stats, open."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from workstation import jobs, paths
from workstation.cli import curves, fusion, planes, suv, volume
from workstation.cli.result import Result
from workstation.errors import HounsfieldError, NotFound, Reason, Refused

STAYS_LOCKED = "the studies stay locked: nobody typed their passphrase"

WAIT_S = 600.0
"""No series takes this long to load; a command that waits longer has failed."""


def add(commands: Any) -> None:
    """Add this module's commands."""
    _add_snapshot(commands)
    _add_stats(commands)
    opened = commands.add_parser("open", help="open a study in the window")
    opened.add_argument("study", nargs="?", help="UID, beginning of a UID, or row of `hounsfield studies`")
    opened.add_argument("--protocol", help="hang every study by this protocol instead of the one that fits best")
    opened.add_argument("--state", type=Path, metavar="FILE", help="keep FILE saying what is on screen, for scripts")
    opened.add_argument("--json", action="store_true", help="one JSON document on stdout")
    opened.set_defaults(run=_open)


def _add_snapshot(commands: Any) -> None:
    snapshot = commands.add_parser("snapshot", help="draw a study as it hangs into a PNG")
    snapshot.add_argument("study", help="UID, beginning of a UID, or row of `hounsfield studies`")
    snapshot.add_argument("--protocol", default=None, help="hanging protocol by name")
    snapshot.add_argument("--stage", type=int, default=1, help="stage of the protocol, from 1")
    snapshot.add_argument("--size", type=page_size, default=(1600, 1000), metavar="WxH", help="device pixels")
    snapshot.add_argument("--ratio", type=float, default=1.0, help="device pixels per logical pixel, for text sizes")
    snapshot.add_argument("--at", type=_point, metavar="X,Y,Z", help="put the crosshair here (LPS, mm)")
    snapshot.add_argument("--window", type=_window, metavar="C,W", help="centre and width for every tile")
    snapshot.add_argument("--presentation", metavar="UID", help="show as this presentation state of the study says")
    planes.add(snapshot, _point, length)
    curves.add(snapshot, length)
    volume.add(snapshot)
    fusion.add(snapshot)
    snapshot.add_argument("--overlays", action="store_true", help="draw the study's structures, segments and dose")
    snapshot.add_argument("--out", type=Path, required=True, metavar="FILE.png")
    snapshot.add_argument("--json", action="store_true", help="one JSON document on stdout")
    snapshot.set_defaults(run=_snapshot)


def _add_stats(commands: Any) -> None:
    stats = commands.add_parser("stats", help="statistics of stored voxels in a region")
    stats.add_argument(
        "series", help="UID, beginning of a UID, or row of `hounsfield studies` (ROW.N: its N-th series)"
    )
    where = stats.add_mutually_exclusive_group(required=True)
    where.add_argument("--sphere", type=_sphere, metavar="X,Y,Z,R_MM", help="centre (LPS) and radius, mm")
    where.add_argument("--roi", metavar="NAME", help="region of --from: its name, or a beginning that it alone has")
    stats.add_argument(
        "--from", dest="source", metavar="OBJECT", help="structure set or segmentation of the study: UID, or ROW.N"
    )
    suv.add_unit(stats)
    stats.add_argument("--json", action="store_true", help="one JSON document on stdout")
    stats.set_defaults(run=_stats, wrong=stats.error)


def numbers(text: str, count: int) -> tuple[float, ...]:
    """So many finite numbers with commas between; what argparse says of anything else."""
    try:
        values = tuple(float(each) for each in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not {count} numbers with commas between") from error
    if len(values) != count or any(value != value or abs(value) == float("inf") for value in values):
        raise argparse.ArgumentTypeError(f"{text!r} is not {count} numbers with commas between")
    return values


def _point(text: str) -> tuple[float, ...]:
    return numbers(text, 3)


def length(text: str) -> float:
    """A length in mm."""
    (value,) = numbers(text, 1)
    if not 0 <= value <= 1000:
        raise argparse.ArgumentTypeError("a length is from 0 to 1000 mm")
    return value


def _window(text: str) -> tuple[float, ...]:
    values = numbers(text, 2)
    if values[1] <= 0:
        raise argparse.ArgumentTypeError("a window's width is above 0")
    return values


def _sphere(text: str) -> tuple[float, ...]:
    values = numbers(text, 4)
    if values[3] <= 0:
        raise argparse.ArgumentTypeError("a sphere's radius is above 0")
    return values


def page_size(text: str) -> tuple[int, int]:
    """Width and height in device pixels, from WxH."""
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and 64 <= int(width) <= 16384 and 64 <= int(height) <= 16384):
        raise argparse.ArgumentTypeError(f"{text!r} is not WxH with both from 64 to 16384")
    return int(width), int(height)


def gui() -> object:
    """A QGuiApplication, offscreen where there is no screen: text needs one before it is painted."""
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")) and sys.platform == "linux":
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtGui import QGuiApplication

    return QGuiApplication.instance() or QGuiApplication(["hounsfield"])


def _snapshot(options: argparse.Namespace) -> Result:
    from workstation.cache.index import Index

    home = paths.home()
    with Index(home) as index:
        study = index.resolve_study(options.study)
    tiles = draw(home, study, options)
    document = {"file": str(options.out), "study_instance_uid": study, "tiles": tiles}
    return Result(document, text=f"{options.out}: {len(tiles)} tiles")


def draw(home: paths.Home, study: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Draw a study into `options.out` and return the facts of its tiles; raises HounsfieldError."""
    application = gui()
    from workstation.case import apart
    from workstation.case.open import open_study
    from workstation.case.overlay_reading import read_overlays
    from workstation.case.registration_documents import read_registrations, take_up
    from workstation.imaging.greyscale import Window
    from workstation.loading.load import Loader
    from workstation.picture.page import page_picture

    _corner_text(home)
    case = open_study(home, study, options.protocol)
    if not 1 <= options.stage <= len(case.plan.stages):
        raise HounsfieldError(f"Protocol {case.plan.protocol} has stages 1 to {len(case.plan.stages)}.")
    case.hang_stage(options.stage - 1)
    for display_set in case.sets.values() if options.at else ():
        case.place_crosshair(display_set, options.at)
    documents, _, rejected = read_registrations(home, case.sets)
    take_up(case, documents, rejected)
    fusion.choose_below(case, options, lambda named: _series(home, named))
    planes.lay(case, options)
    volume.lay(case, options)
    fusion.lay(case, options, lambda named: _series(home, named))
    if options.window:
        from workstation.case.view_tools import set_window

        for number in range(len(case.tiles)):
            set_window(case, number, Window(*options.window))
    if options.presentation:
        _present(case, home, study, options.presentation)
    if options.curve:
        return curves.draw(home, study, case, options)
    case.overlays.put(*read_overlays(home, case.sets))
    apart.tell(case)
    if options.overlays:
        case.overlays.toggle_all()
    loader = Loader(home)
    try:
        page_picture(case, loader, options.size, options.ratio)  # asks for what is needed
        loader.wait(WAIT_S)
        fusion.bend(lambda: page_picture(case, loader, options.size, options.ratio), WAIT_S)
        image, facts = volume.settled(case, lambda: page_picture(case, loader, options.size, options.ratio), WAIT_S)
    finally:
        loader.close_all()
        jobs.shutdown()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(options.out)):
        raise HounsfieldError(f"{options.out} could not be written.")
    del application
    return facts


def _series(home: paths.Home, named: str) -> str:
    """The SeriesInstanceUID of a series as it is named on the command line."""
    from workstation.cache.index import Index

    with Index(home) as index:
        return index.resolve_series(named)[1]


def _corner_text(home: paths.Home) -> None:
    """Write into the corners what the window of this home would."""
    from workstation.picture import corners
    from workstation.settings import load

    settings = load(paths.resources() / "settings.toml", home.root)
    corners.use(corners.read_own(home.root / corners.FILE)[0], settings.text("corners.amount"))


def _present(case: Any, home: paths.Home, study: str, uid: str) -> None:
    """Show the tiles whose images a presentation state speaks of as it says; NotFound when there are none."""
    from workstation.case.presentation import apply_presentation, presentations

    states = [each for each in presentations(home, study) if each.sop_instance_uid.startswith(uid)]
    if len(states) != 1:
        raise NotFound(f"{len(states)} presentation states of that study begin with {uid}.")
    applied = 0
    for number, tile in enumerate(case.tiles):
        display_set = case.sets.get(tile.display_set)
        names = ((ref.instance.SOPInstanceUID, ref.frame) for ref in display_set.images) if display_set else ()
        if any(states[0].covers(*name) for name in names):
            case.put(number, apply_presentation(tile, display_set, states[0]))
            applied += 1
    if not applied:
        raise NotFound("The presentation state speaks of no image on this stage.")


def _stats(options: argparse.Namespace) -> Result:
    from dataclasses import asdict

    if (options.roi is None) != (options.source is None):
        options.wrong("--roi and --from go together")
    from workstation.cache.index import Index
    from workstation.case.open import study_sets
    from workstation.findings.statistics import SPHERE_RULE, Sphere, sphere_statistics

    home = paths.home()
    with Index(home) as index:
        study, series = index.resolve_series(options.series)
    sets, digests = study_sets(home, study)
    if options.roi is not None:
        return _of_region(home, options, sets, series, digests)
    x, y, z, radius = options.sphere
    sphere = Sphere((x, y, z), radius)
    voxels = _loaded(home, _set_with(sets, series, sphere), digests, options.unit)
    found = sphere_statistics(voxels, sphere)
    document = {"series_instance_uid": series, "rule": SPHERE_RULE, **asdict(found)}
    return _told(document, (*found.notices, *suv.why_none(voxels, options.unit)))


def _of_region(
    home: paths.Home, options: argparse.Namespace, sets: Any, series: str, digests: dict[str, str]
) -> Result:
    """Statistics of a series inside a region of another object."""
    from dataclasses import asdict

    from workstation.cache.index import Index
    from workstation.case import regions
    from workstation.case.registration_documents import as_registered
    from workstation.findings.roi import check, region_statistics, rule_of
    from workstation.imaging.parted import frame_in

    sets = as_registered(home, sets)
    own = [each for each in sets if each.series_instance_uid == series]
    if not own:
        raise Refused(Reason.NOT_AN_IMAGE, "the series")
    display_set = max(own, key=lambda each: len(each.images))
    with Index(home) as index:
        stored = regions.find(index, display_set.study_instance_uid, options.source)
    read = regions.read(home, stored, sets).placed(frame_in(sets))
    region = regions.named(read.regions, options.roi)
    check(display_set, region)
    voxels = _loaded(home, display_set, digests, options.unit)
    found = region_statistics(voxels, region)
    document = {
        "series_instance_uid": series,
        "roi": regions.name_of(region),
        "from": read.sop_instance_uid,
        "rule": rule_of(region),
        **asdict(found),
    }
    return _told(document, (*found.notices, *read.odd, *suv.why_none(voxels, options.unit)))


def _told(document: dict[str, Any], problems: tuple[str, ...]) -> Result:
    return Result(document, text="\n".join(f"{name:10} {value}" for name, value in document.items()), problems=problems)


def _set_with(sets: Any, series: str, sphere: Any) -> Any:
    """The display set of a series that the sphere lies in; the largest when none or several do."""
    from workstation.findings.statistics import images_touched

    own = [each for each in sets if each.series_instance_uid == series]
    if not own:
        raise Refused(Reason.NOT_AN_IMAGE, "the series")
    return max(own, key=lambda each: (len(images_touched(each, sphere)), len(each.images)))


def _loaded(home: paths.Home, display_set: Any, digests: dict[str, str], unit: str | None) -> Any:
    from workstation.loading.load import Loader

    loader = Loader(home, measure=suv.measure(unit))
    try:
        loading = loader.open(display_set, digests)
        loader.wait(WAIT_S)
    finally:
        jobs.shutdown()
    if loading.problems:
        raise next(iter(loading.problems.values()))
    return loading.voxels


def unlocked() -> bool:
    """Whether the home can be opened, after the window has asked for its passphrase where it needs one."""
    from workstation.security import keys

    if not keys.wants_passphrase(paths.home().root):
        return True
    from workstation.app import unlocked as asked

    return asked(paths.home())


def shown_by_another(study: str | None) -> bool:
    """Whether the program that shows this home already came to the front, with the study."""
    from workstation.cache import handover

    return handover.ask(paths.home(), {"act": "open", "study": study or ""}) is not None


def _open(options: argparse.Namespace) -> Result:
    from workstation.cache.index import Index

    if not unlocked():
        return Result({"error": STAYS_LOCKED}, problems=(STAYS_LOCKED,), code=1)
    study = None
    if options.study:
        with Index(paths.home()) as index:
            study = index.resolve_study(options.study)
    if options.state is None and options.protocol is None and shown_by_another(study):
        return Result({"study_instance_uid": study}, "shown in the window that is open")
    from workstation.cli.window import open_window

    return Result({"study_instance_uid": study}, code=open_window(study, options.state, options.protocol))
