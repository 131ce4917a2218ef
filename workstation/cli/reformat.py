"""The command that cuts a series of planes out of another and writes it as DICOM."""

import argparse
from pathlib import Path
from typing import Any

from workstation import jobs, paths
from workstation.cli.look import WAIT_S, numbers
from workstation.cli.result import Result
from workstation.errors import HounsfieldError, Reason, Refused

OBLIQUE = "oblique"


def add(commands: Any) -> None:
    """Add this module's command."""
    added = commands.add_parser("reformat", help="write planes cut out of a series as a new DICOM series")
    added.add_argument(
        "series", help="UID, beginning of a UID, or row of `hounsfield studies` (ROW.N: its N-th series)"
    )
    added.add_argument("--plane", choices=("axial", "coronal", "sagittal", OBLIQUE), default="axial")
    added.add_argument("--normal", type=_point, metavar="X,Y,Z", help="oblique: the direction the planes are square to")
    added.add_argument(
        "--through", type=_point, nargs=3, metavar="X,Y,Z", help="oblique: three points (LPS, mm) of one of the planes"
    )
    added.add_argument("--slab", type=_length, default=0.0, metavar="MM", help="how thick each plane is")
    added.add_argument("--mode", choices=("mip", "minip", "mean"), default="mean", help="what is kept of the thickness")
    added.add_argument("--spacing", type=_length, metavar="MM", help="from plane to plane; without a gap if not given")
    added.add_argument("--pixel", type=_length, metavar="MM", help="edge of a pixel; that of the series if not given")
    added.add_argument("--out", type=Path, required=True, metavar="DIR", help="an empty or a new folder")
    added.add_argument("--json", action="store_true", help="one JSON document on stdout")
    added.set_defaults(run=_reformat)


def _point(text: str) -> tuple[float, ...]:
    return numbers(text, 3)


def _length(text: str) -> float:
    (value,) = numbers(text, 1)
    if not 0 <= value <= 1000:
        raise argparse.ArgumentTypeError("a length is from 0 to 1000 mm")
    return value


def _reformat(options: argparse.Namespace) -> Result:
    from workstation.cache.index import Index
    from workstation.case.open import study_sets
    from workstation.documents.derived import check

    if options.out.is_dir() and any(options.out.iterdir()):
        raise HounsfieldError(f"{options.out} is not empty.")
    home = paths.home()
    with Index(home) as index:
        study, series = index.resolve_series(options.series)
    sets, digests = study_sets(home, study)
    own = [each for each in sets if each.series_instance_uid == series]
    if not own:
        raise Refused(Reason.NOT_AN_IMAGE, "the series")
    display_set = max(own, key=lambda each: (each.lattice is not None, len(each.images)))
    check(display_set)
    order = _order(options, display_set.lattice)
    count, uid = _write(home, digests, display_set, order, options.out)
    document = {
        "folder": str(options.out),
        "source_series_instance_uid": series,
        "series_instance_uid": uid,
        "images": count,
        "columns": order.grid.size[0],
        "rows": order.grid.size[1],
        "pixel_mm": order.grid.spacing[0],
        "spacing_mm": order.grid.spacing[2],
        "slab_mm": order.slab.thickness_mm,
        "mode": order.slab.mode.value if order.slab.is_thick else None,
    }
    return Result(document, text=f"{options.out}: {count} images, {order.name.lower()}")


def _order(options: argparse.Namespace, grid: Any) -> Any:
    from workstation.imaging.oblique import Slab, SlabMode
    from workstation.imaging.reformat import NAMES, axes_across, axes_through, own_axes, reformat
    from workstation.imaging.reformat import OBLIQUE as NAME
    from workstation.imaging.view import Orientation

    if options.plane == OBLIQUE and (options.normal is None) == (options.through is None):
        raise HounsfieldError("An oblique plane is said by its normal or by three points of it.")
    if options.plane != OBLIQUE and (options.normal or options.through):
        raise HounsfieldError("A normal and points are for oblique planes.")
    if options.normal:
        axes, name = axes_across(options.normal), NAME
    elif options.through:
        axes, name = axes_through(*options.through), NAME
    else:
        orientation = Orientation(options.plane)
        axes, name = own_axes(grid, orientation), NAMES[orientation]
    slab = Slab(options.slab, SlabMode(options.mode))
    return reformat(grid, axes, name, slab, options.spacing or None, options.pixel or None)


def _write(home: paths.Home, digests: dict[str, str], display_set: Any, order: Any, out: Path) -> tuple[int, str]:
    """Write all files; how many there are, and the UID of their series."""
    from workstation.dicom.header import read_instance
    from workstation.loading.load import Loader
    from workstation.picture.reformat import written

    loader = Loader(home)
    try:
        loading = loader.open(display_set, digests)
        loader.wait(WAIT_S)
        if loading.problems:
            raise next(iter(loading.problems.values()))
        files = written(home, digests, loading.voxels, order)
        first = next(files)
        out.mkdir(parents=True, exist_ok=True)
        uid = read_instance(first).SeriesInstanceUID
        (out / "IM00001.dcm").write_bytes(first)
        count = 1
        for count, data in enumerate(files, start=2):
            (out / f"IM{count:05d}.dcm").write_bytes(data)
    finally:
        jobs.shutdown()
    return count, uid
