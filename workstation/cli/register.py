"""The command that lays one series on another and writes how as DICOM."""

import argparse
import os
import time
from pathlib import Path
from typing import Any

from workstation import jobs, paths
from workstation.cli.look import WAIT_S
from workstation.cli.result import Result
from workstation.cli.ticker import Ticker
from workstation.errors import HounsfieldError, Reason, Refused

SERIES = "UID, beginning of a UID, or row of `hounsfield studies` (ROW.N: its N-th series)"
DIGITS = 6


def add(commands: Any) -> None:
    """Add this module's command."""
    added = commands.add_parser("register", help="lay one series on another, with numbers that say how well")
    added.add_argument("fixed", help=f"the series that stays: {SERIES}")
    added.add_argument("moving", help="the series that is laid on it")
    added.add_argument("--kind", choices=("rigid", "affine", "deformable"), default="rigid")
    added.add_argument("--out", type=Path, metavar="FILE", help="write it as a (Deformable) Spatial Registration")
    added.add_argument("--json", action="store_true", help="one JSON document on stdout")
    added.set_defaults(run=_register)


def _register(options: argparse.Namespace) -> Result:
    from workstation.case.registering import shares
    from workstation.imaging.alignment import IDENTITY, stored_frame
    from workstation.imaging.parted import parted
    from workstation.imaging.registration import register
    from workstation.imaging.registration_sides import taken
    from workstation.loading.load import Loader

    home = paths.home()
    (fixed, digests), (moving, more) = (_found(home, named) for named in (options.fixed, options.moving))
    within = shares(fixed, moving)
    moving = parted(moving) if within else moving
    loader, ticker = Loader(home), Ticker("registered, percent:")
    try:
        sides = [taken(_loaded(loader, each, known)) for each, known in ((fixed, digests), (moving, more))]
        begun = time.monotonic()
        start = IDENTITY if within else None  # the scanner laid them on each other: it is not far
        found = register(
            sides[0], sides[1], options.kind, start, progress=lambda step: ticker(int(100 * step.share), 100)
        )
        seconds = time.monotonic() - begun
    finally:
        ticker.clear()
        jobs.shutdown()
    quality = found.quality
    document: dict[str, Any] = {
        "kind": found.kind,
        "matrix": [[round(float(value), DIGITS) for value in row] for row in found.matrix],
        "quality": None if quality is None else {"word": quality.word, "numbers": quality.numbers},
        "seconds": round(seconds, 3),
        "frames": {"fixed": stored_frame(found.fixed), "moving": stored_frame(found.moving)},
        "series": {"fixed": found.sources[0], "moving": found.sources[1]},
        "space": "LPS, mm; of moving to fixed",
        "file": None,
    }
    problems = []
    if options.out is not None:
        try:
            _put(options.out, _object(home, found, (fixed, digests), moving))
            document["file"] = str(options.out)
        except Refused as refused:
            problems.append(refused.sentence)
    word = "" if quality is None else quality.word
    text = f"{found.kind}: {word}, {seconds:.1f} s\n" + "\n".join(
        " ".join(f"{value:12.6f}" for value in row) for row in found.matrix
    )
    return Result(document, text, tuple(problems), int(bool(problems)))


def _found(home: paths.Home, named: str) -> tuple[Any, dict[str, str]]:
    """The volume of a series, and the digests of its study's files. Raises `Refused` where there is none."""
    from workstation.cache.index import Index
    from workstation.case.open import study_sets

    with Index(home) as index:
        study, series = index.resolve_series(named)
    sets, digests = study_sets(home, study)
    own = [each for each in sets if each.series_instance_uid == series]
    if not own:
        raise Refused(Reason.NOT_AN_IMAGE, "the series")
    best = max(own, key=lambda each: (each.grid is not None, len(each.images)))
    if best.grid is None:
        raise Refused(Reason.NO_GEOMETRY, "the series")
    return best, digests


def _loaded(loader: Any, display_set: Any, digests: dict[str, str]) -> Any:
    loading = loader.open(display_set, digests)
    loader.wait(WAIT_S)
    if loading.problems:
        raise next(iter(loading.problems.values()))
    return loading.voxels


def _object(home: paths.Home, found: Any, fixed: tuple[Any, dict[str, str]], moving: Any) -> bytes:
    from workstation.cache import files
    from workstation.case.open import study_sets
    from workstation.documents.made import header_of
    from workstation.documents.registration import spatial_registration
    from workstation.imaging.parted import parted
    from workstation.security import acts

    (display_set, digests) = fixed
    acts.permit(acts.Kind.EXPORT, study=display_set.study_instance_uid)
    source = header_of(files.read(home, digests[display_set.first.SOPInstanceUID]))
    named = [moving]
    if found.is_within:  # whose images it names is what tells the two apart: all of the series
        sets, _ = study_sets(home, moving.study_instance_uid)
        named = [each for each in sets if parted(each).first.FrameOfReferenceUID == found.moving]
    return spatial_registration(found, _instances(display_set), _instances(*named), source)


def _instances(*sets: Any) -> tuple[Any, ...]:
    """Each once, though it may hold several images."""
    return tuple({ref.instance.SOPInstanceUID: ref.instance for each in sets for ref in each.images}.values())


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
