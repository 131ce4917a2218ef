"""What of a snapshot says that a series lies over what hangs: which, how much of it, in which colours and window."""

import argparse
from dataclasses import replace
from typing import Any

from workstation.errors import HounsfieldError, NotFound


def add(snapshot: Any) -> None:
    """Add the options; the n-th of the others belongs to the n-th --fuse."""
    snapshot.add_argument(
        "--fuse",
        action="append",
        default=[],
        metavar="SERIES",
        help="lay this series over the others: UID, beginning of a UID, ROW.N or modality; twice for three series",
    )
    snapshot.add_argument("--opacity", action="append", type=share, default=[], metavar="A", help="its share, 0 to 1")
    snapshot.add_argument("--palette", action="append", default=[], metavar="NAME", help="HOT_IRON, PET, ... or GREY")
    snapshot.add_argument("--blend", action="append", default=[], metavar="WAY", help="mix, difference, swipe, ...")
    snapshot.add_argument(
        "--layer-window", action="append", type=_ends, default=[], metavar="LOW,HIGH", help="the ends of its colours"
    )


def share(text: str) -> float:
    """A share, 0 to 1."""
    try:
        value = float(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from error
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("a share is from 0 to 1")
    return value


def _ends(text: str) -> tuple[float, float]:
    try:
        low, high = (float(each) for each in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not LOW,HIGH") from error
    if not -1e30 < low < high < 1e30:
        raise argparse.ArgumentTypeError("the lower end is below the upper one")
    return low, high


def choose_below(case: Any, options: argparse.Namespace, resolve: Any) -> None:
    """Where one volume is to be shown alone, with series over it: take the first tile in hand that shows another one.

    Raises HounsfieldError where a series is not there.
    """
    if not options.fuse or not (options.plane or options.view):
        return
    keys = {_set_of(case, named, resolve) for named in options.fuse}
    others = [each for each in case.shown if case.tiles[each].display_set not in (None, *keys)]
    able = [each for each in others if case.sets[case.tiles[each].display_set].lattice is not None]
    if able and case.tiles[case.active].display_set in keys:
        case.activate(able[0])


def lay(case: Any, options: argparse.Namespace, resolve: Any) -> None:
    """Lay the series over every tile on screen that shows another one. `resolve` finds a series by how it is named.

    Raises HounsfieldError where a series or a palette is not there, or no tile can bear it.
    """
    if not options.fuse and (options.opacity or options.palette or options.blend or options.layer_window):
        raise HounsfieldError("--opacity, --palette, --blend and --layer-window belong to --fuse.")
    for number, named in enumerate(options.fuse):
        key = _set_of(case, named, resolve)
        shown = [each for each in case.shown if _may_bear(case, each, key)]
        if not shown:
            raise HounsfieldError(
                f"{named} lies over no tile of this stage: they show it alone, turn, or are empty. --stage chooses a "
                "stage with another series."
            )
        for each in shown:
            _lay(case, each, key, {name: values[number] for name, values in _given(options, number).items()})


def bend(drawn: Any, timeout_s: float) -> None:
    """Wait until layers are bent that a deformable registration bends; `drawn` asks for them."""
    import time

    from workstation import jobs
    from workstation.picture.bent import is_bending

    drawn()
    until = time.monotonic() + timeout_s
    while is_bending():
        if time.monotonic() > until:
            raise HounsfieldError("Bending a layer took too long.")
        jobs.drain(0.05)


def _given(options: argparse.Namespace, number: int) -> dict[str, list[Any]]:
    every = {name: getattr(options, name) for name in ("opacity", "palette", "blend", "layer_window")}
    return {name: values for name, values in every.items() if number < len(values)}


def _set_of(case: Any, named: str, resolve: Any) -> str:
    """The key of the largest set of a series."""
    own = [each for each in case.sets.values() if each.first.Modality == named.upper()]
    if not own:
        series = resolve(named)
        own = [each for each in case.sets.values() if each.series_instance_uid == series]
    if not own:
        raise NotFound(f"{named} is no series with images of this study.")
    return str(max(own, key=lambda each: (each.lattice is not None, len(each.images))).key)


def _may_bear(case: Any, number: int, key: str) -> bool:
    tile = case.tiles[number]
    return tile.display_set not in (None, key) and tile.turning is None


def _lay(case: Any, number: int, key: str, given: dict[str, Any]) -> None:
    from workstation.case import layering
    from workstation.imaging.layers import MOST_LAYERS, Blend
    from workstation.imaging.palettes import PALETTES

    layer = layering.layer_of(case, number, key)
    if "palette" in given:
        palette = "" if given["palette"].upper() == "GREY" else given["palette"].upper()
        if palette not in ("", *PALETTES):
            raise HounsfieldError(f"There is no palette {given['palette']}; there are GREY, {', '.join(PALETTES)}.")
        layer = replace(layer, display=replace(layer.display, palette=palette))
    if "blend" in given:
        if given["blend"] not in [each.value for each in Blend]:
            ways = ", ".join(each.value for each in Blend)
            raise HounsfieldError(f"Nothing is laid over another as {given['blend']!r}; the ways are {ways}.")
        layer = replace(layer, blend=Blend(given["blend"]))
    if "layer_window" in given:
        layer = layer.windowed(*given["layer_window"])
    layer = replace(layer, opacity=given.get("opacity", layer.opacity))
    tile = case.tiles[number]
    kept = [each for each in tile.layers if each.display_set != key]
    case.tiles[number] = replace(tile, layers=(*kept, layer)[-MOST_LAYERS:])
