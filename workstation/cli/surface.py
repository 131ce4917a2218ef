"""The command that writes a surface out of a series: a threshold, or a segment, as STL, OBJ or PLY in mm."""

import argparse
import os
from pathlib import Path
from typing import Any

from workstation import jobs, paths
from workstation.cli.look import WAIT_S, numbers
from workstation.cli.result import Result
from workstation.errors import HounsfieldError, Reason, Refused

OBJECT = "dcm"
"""The ending of a file that is an Encapsulated STL object (DICOM)."""


def add(commands: Any) -> None:
    """Add this module's command."""
    added = commands.add_parser("surface", help="write the surface of what lies above a threshold, or of a segment")
    added.add_argument(
        "series", help="UID, beginning of a UID, or row of `hounsfield studies` (ROW.N: its N-th series)"
    )
    what = added.add_mutually_exclusive_group(required=True)
    what.add_argument("--threshold", type=_number, metavar="VALUE", help="in the unit of the series: HU in CT")
    what.add_argument(
        "--segment", "--mask", metavar="NAME", help="segment or structure of --from: its name, or a beginning of it"
    )
    added.add_argument(
        "--from", dest="source", metavar="OBJECT", help="segmentation or structure set of the study: UID, or ROW.N"
    )
    added.add_argument("--raw", action="store_true", help="do not smooth the steps of the voxels")
    added.add_argument("--share", type=_share, default=1.0, metavar="0..1", help="of the triangles, to be kept")
    added.add_argument("--out", type=Path, required=True, metavar="FILE", help="ends in .stl, .obj, .ply, or .dcm")
    added.add_argument("--json", action="store_true", help="one JSON document on stdout")
    added.set_defaults(run=_surface, wrong=added.error)


def _number(text: str) -> float:
    (value,) = numbers(text, 1)
    return value


def _share(text: str) -> float:
    value = _number(text)
    if not 0 < value <= 1:
        raise argparse.ArgumentTypeError("a share is above 0 and at most 1")
    return value


def _surface(options: argparse.Namespace) -> Result:
    from workstation.cache.index import Index
    from workstation.case.open import study_sets
    from workstation.imaging.mesh_files import FORMATS, mesh_file
    from workstation.security import acts

    if (options.segment is None) != (options.source is None):
        options.wrong("--segment and --from go together")
    kind = options.out.suffix.lower().removeprefix(".")
    if kind not in (*FORMATS, OBJECT):
        options.wrong("the file ends in .stl, .obj, .ply or .dcm")
    home = paths.home()
    with Index(home) as index:
        study, series = index.resolve_series(options.series)
    sets, digests = study_sets(home, study)
    own = [each for each in sets if each.series_instance_uid == series]
    if not own:
        raise Refused(Reason.NOT_AN_IMAGE, "the series")
    display_set = max(own, key=lambda each: (each.grid is not None, len(each.images)))
    if display_set.grid is None:
        raise Refused(Reason.NO_GEOMETRY, "the series")
    made, expected_ml = _made(options, home, sets, display_set, digests)
    mesh = made.mesh
    said: dict[str, Any] = {} if options.raw else {"unsmoothed_share": round(made.thin, 4), "smoothing": made.said}
    if options.share < 1:
        from workstation.render.smoothing import coarser

        less = coarser(mesh, options.share)
        mesh = less.mesh
        said |= {"mean_error_mm": round(less.mean_mm, 4), "largest_error_mm": round(less.largest_mm, 4)}
    acts.permit(acts.Kind.EXPORT, study=study)
    data = _object(options, home, mesh, display_set, digests) if kind == OBJECT else mesh_file(mesh, kind)
    _put(options.out, data)
    return _told(options, _read_again(options.out, mesh, kind), expected_ml, display_set, said)


def _made(
    options: argparse.Namespace, home: paths.Home, sets: Any, display_set: Any, digests: dict[str, str]
) -> tuple[Any, float]:
    """The surface (`Smoothed`), and the volume it has to have: that of the voxels, or before it was smoothed."""
    from workstation.render.smoothing import Smoothed, smoothed
    from workstation.render.surfaces import surface_of_mask, surface_of_values

    if options.segment is not None:
        mask = _mask(options, home, sets, display_set)
        rough = surface_of_mask(mask)
        expected_ml = mask.volume_ml
    else:
        rough = surface_of_values(_loaded(home, display_set, digests), options.threshold)
        expected_ml = rough.volume_ml
    made = Smoothed(rough, 1.0, 0.0) if options.raw else smoothed(rough, display_set.grid.spacing, expected_ml)
    return made, expected_ml


def _mask(options: argparse.Namespace, home: paths.Home, sets: Any, display_set: Any) -> Any:
    from workstation.cache.index import Index
    from workstation.case import regions
    from workstation.case.registration_documents import as_registered
    from workstation.findings.roi import check, mask_on
    from workstation.imaging.parted import frame_in

    with Index(home) as index:
        stored = regions.find(index, display_set.study_instance_uid, options.source)
    sets = as_registered(home, sets)
    read = regions.read(home, stored, sets).placed(frame_in(sets))
    region = regions.named(read.regions, options.segment)
    check(next(each for each in sets if each.key == display_set.key), region)
    return mask_on(region, display_set.grid)


def _loaded(home: paths.Home, display_set: Any, digests: dict[str, str]) -> Any:
    from workstation.loading.load import Loader

    loader = Loader(home)
    try:
        loading = loader.open(display_set, digests)
        loader.wait(WAIT_S)
        if loading.problems:
            raise next(iter(loading.problems.values()))
        return loading.voxels
    finally:
        jobs.shutdown()


def _object(
    options: argparse.Namespace, home: paths.Home, mesh: Any, display_set: Any, digests: dict[str, str]
) -> bytes:
    """The surface as an object of its study."""
    from workstation.cache import files
    from workstation.documents.made import header_of
    from workstation.documents.surface import write_surface

    unit = "" if display_set.first.Modality != "CT" else " HU"
    title = options.segment or f"Surface at {options.threshold:g}{unit}"
    instances = {each.instance.SOPInstanceUID: each.instance for each in display_set.images}
    source = header_of(files.read(home, digests[display_set.first.SOPInstanceUID]))
    return write_surface(mesh, source, tuple(instances.values()), title)


def _read_again(out: Path, mesh: Any, kind: str) -> Any:
    """What the file holds, where this program reads its kind."""
    from workstation.documents.surface import read_surface
    from workstation.imaging.mesh_files import read_stl

    if kind == "stl":
        return read_stl(out.read_bytes())
    return read_surface(out.read_bytes())[0] if kind == OBJECT else mesh


def _told(options: argparse.Namespace, mesh: Any, expected_ml: float, display_set: Any, said: dict[str, Any]) -> Result:
    """What was written, and whether it is as large as it has to be."""
    problems = _scale_check(mesh, expected_ml, display_set.grid)
    document = {
        "file": str(options.out),
        "series_instance_uid": display_set.series_instance_uid,
        "triangles": len(mesh.triangles),
        "volume_ml": round(mesh.volume_ml, 4),
        "voxels_ml": round(expected_ml, 4),
        "bounds_mm": [[round(value, 4) for value in corner] for corner in mesh.bounds_mm],
        "watertight": mesh.watertight,
        "smoothed": not options.raw,
        **said,
        "unit": "mm",
        "space": "LPS",
        "scale_ok": not problems,
    }
    text = f"{options.out}: {len(mesh.triangles)} triangles, {mesh.volume_ml:.2f} ml"
    if said.get("smoothing"):
        text += f"; {said['smoothing']}"
    return Result(document, text=text, problems=tuple(problems), code=1 if problems else 0)


def _put(out: Path, data: bytes) -> None:
    """Raises HounsfieldError where the file cannot be written."""
    partial = out.with_name(f".{out.name}.part")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(out)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise HounsfieldError(f"{out} cannot be written.", type(error).__name__) from error


def _scale_check(mesh: Any, expected_ml: float, grid: Any) -> list[str]:
    """Whether a surface is as large as what it was made of, lies in its volume, and is closed."""
    import itertools

    from workstation.render.smoothing import WITHIN

    problems = []
    if not mesh.watertight:
        problems.append("the surface is not closed")
    if abs(mesh.volume_ml - expected_ml) > WITHIN * expected_ml:
        problems.append(f"the surface encloses {mesh.volume_ml:.2f} ml, the voxels {expected_ml:.2f} ml")
    corners = [grid.point(each) for each in itertools.product(*((-0.5, size - 0.5) for size in grid.size))]
    slack = max(grid.spacing)
    for axis, (low, high) in enumerate(zip(*mesh.bounds_mm, strict=True)):
        within = [each[axis] for each in corners]
        if low < min(within) - slack or high > max(within) + slack:
            problems.append("the surface reaches beyond the volume")
            break
    return problems
