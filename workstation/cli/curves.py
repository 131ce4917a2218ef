"""What of a snapshot draws along a line that was kept as a finding."""

import argparse
from typing import Any

from workstation import jobs, paths
from workstation.errors import HounsfieldError, NotFound

WAIT_S = 600.0


def add(snapshot: Any, length: Any) -> None:
    """Add the options; `length` reads millimetres from text."""
    snapshot.add_argument("--curve", metavar="N", help="draw along this finding's line: its number or tracking UID")
    snapshot.add_argument(
        "--along", type=length, default=0.0, metavar="MM", help="with --curve: where it is cut across"
    )
    snapshot.add_argument("--turn", type=float, default=0.0, metavar="DEG", help="with --curve: turned about it")
    snapshot.add_argument("--stretched", action="store_true", help="with --curve: stretched, not straightened")


def draw(home: paths.Home, study: str, case: Any, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Draw along the line into `options.out` and return the facts of it; raises HounsfieldError."""
    from dataclasses import replace

    from workstation.case.curve_finding import placed_points
    from workstation.case.state import TileView
    from workstation.imaging.greyscale import Window
    from workstation.loading.load import Loader
    from workstation.picture.curve import followed
    from workstation.picture.curve_still import shown_at, still

    finding = _line(home, study, case, options.curve)
    display_set = _volume(case, finding)
    loader = Loader(home)
    try:
        loading = loader.open(display_set, case.digests)
        loader.wait(WAIT_S)
        if loading.problems:
            raise next(iter(loading.problems.values()))
        found = followed(loading.voxels, placed_points(finding))
        tile = case.stack_of(display_set.key)
        if options.window:
            tile = replace(tile, display=replace(tile.display, window=Window(*options.window)))
        view = TileView(0, tile, display_set, None, False, False)
        pane = shown_at(view, loading.voxels, found, options.along, options.turn % 360, options.stretched)
        image, facts = still(view, loading.voxels, replace(pane, title=finding.title), options.size, options.ratio)
    finally:
        loader.close_all()
        jobs.shutdown()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    if not image.save(str(options.out)):
        raise HounsfieldError(f"{options.out} could not be written.")
    return [{"curve": finding.number, "series_instance_uid": display_set.series_instance_uid, **facts}]


def _line(home: paths.Home, study: str, case: Any, wanted: str) -> Any:
    """The finding that is meant. Raises NotFound, or HounsfieldError where it is no line."""
    from workstation.case.curve_finding import can_be_followed
    from workstation.case.saved import standing
    from workstation.findings.finding import Finding

    drafts, _ = standing(home, (study,), case.sets.values())
    marks = [each for each in drafts if isinstance(each, Finding)]
    meant = [each for each in marks if wanted in (str(each.number), each.tracking_uid)]
    if not meant:
        raise NotFound(f"The study has no finding {wanted}; `hounsfield findings` lists them.")
    if not can_be_followed(meant[0], meant[0].frame_of_reference_uid):
        raise HounsfieldError(f"{meant[0].title} is no line in the patient.")
    return meant[0]


def _volume(case: Any, finding: Any) -> Any:
    """The volume that a line was drawn on, else the largest of its space."""
    sets = [each for each in case.sets.values() if each.lattice is not None and each.pixels.SamplesPerPixel == 1]
    same = [each for each in sets if each.first.FrameOfReferenceUID == finding.frame_of_reference_uid]
    if not same:
        raise HounsfieldError("No volume of the study lies where that line does.")
    return max(same, key=lambda each: (each.series_instance_uid == finding.series_instance_uid, len(each.images)))
