"""`hounsfield suv`: how a PET series becomes SUV, each input with its tag and source, or which tag refuses it."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workstation.cli.result import Result

if TYPE_CHECKING:
    from workstation.imaging.displaysets import DisplaySet
    from workstation.imaging.suv_values import Derivation, Measure, Refusal
    from workstation.imaging.volume import Voxels
    from workstation.paths import Home

UNITS: Final = {
    "suvbw": "SUVbw",
    "suvlbm": "SUVlbm(Janma)",
    "suvlbm-james": "SUVlbm(James128)",
    "suvlbm-james120": "SUVlbm",
    "suvbsa": "SUVbsa",
    "suvibw": "SUVibw",
    "bqml": "Bq/ml",
}
"""How units are asked for; `bqml` is what is stored, whatever that is."""


def add(subparsers: Any) -> None:
    """Add the command of this module."""
    command = subparsers.add_parser("suv", help="how a PET series becomes SUV: each input, its tag and its source")
    command.add_argument(
        "series", help="UID, beginning of a UID, or row of `hounsfield studies` (ROW.N: its N-th series)"
    )
    kinds = [each for each in UNITS if each != "bqml"]
    command.add_argument("--kind", choices=kinds, default="suvbw", help="what the dose is spread over; body weight")
    command.add_argument("--out", type=Path, metavar="FILE.dcm", help="write it as a real-world value mapping object")
    command.add_argument("--json", action="store_true", help="one JSON document on stdout")
    command.set_defaults(run=_run)


def add_unit(parser: Any) -> None:
    """Let a command ask in what PET is told."""
    parser.add_argument("--unit", choices=tuple(UNITS), help="in what PET is told: SUV, or bqml as it is stored")


def measure(unit: str | None) -> "Measure":
    """What `--unit` asks for; by body weight without it."""
    from workstation.imaging.suv_values import Measure

    return Measure(UNITS[unit]) if unit else Measure()


def why_none(voxels: "Voxels", unit: str | None) -> tuple[str, ...]:
    """A sentence where SUV could not be had and was not forgone."""
    from workstation.imaging.suv_values import Refusal

    return (f"no SUV: {voxels.suv.reason}",) if isinstance(voxels.suv, Refusal) and unit != "bqml" else ()


def _run(options: argparse.Namespace) -> Result:
    """Exit code 1 where it is refused."""
    from workstation import paths
    from workstation.cache.index import Index
    from workstation.case.open import study_sets
    from workstation.errors import Reason, Refused
    from workstation.imaging.suv import Kind, Refusal, suv_of

    with Index(paths.home()) as index:
        study, series = index.resolve_series(options.series)
    sets, digests = study_sets(paths.home(), study)
    own = [each for each in sets if each.series_instance_uid == series]
    if not own:
        raise Refused(Reason.NOT_AN_IMAGE, "the series")
    display_set = max(own, key=lambda each: len(each.images))
    found = suv_of(display_set, Kind(UNITS[options.kind]))
    if found is None:
        raise Refused(Reason.NO_PET, "the series")
    if options.out is not None and not isinstance(found, Refusal):
        _write(options.out, paths.home(), digests[display_set.first.SOPInstanceUID], display_set, found)
    refused = isinstance(found, Refusal)
    problems = (found.reason,) if isinstance(found, Refusal) else ()
    return Result(_document(found, UNITS[options.kind]), _text(found), problems, code=1 if refused else 0)


def _write(out: Path, home: "Home", digest: str, display_set: "DisplaySet", found: "Derivation") -> None:
    """The mapping object, outside the cache."""
    from workstation.cache import files
    from workstation.documents import made, rwv
    from workstation.security import acts

    acts.permit(acts.Kind.EXPORT, study=display_set.study_instance_uid, outcome="done")
    out.write_bytes(rwv.written(made.header_of(files.read(home, digest)), display_set, found))


def _document(found: "Derivation | Refusal", kind: str) -> dict[str, Any]:
    from workstation.imaging.suv_values import Derivation, Kind, physical_unit

    trace = [{"input": e.input, "value": e.value, "tag": e.tag, "source": e.source} for e in found.trace]
    document: dict[str, Any] = {"kind": kind}
    if isinstance(found, Derivation):
        several = len(found.factors) > 1
        document["factors" if several else "factor"] = list(found.factors) if several else found.factors[0]
    else:
        document["factor"] = None
    document |= {"unit": physical_unit(Kind(kind)), "trace": trace, "refused": None}
    if not isinstance(found, Derivation):
        document["refused"] = {"tag": found.tag, "reason": found.reason}
    return document


def _text(found: "Derivation | Refusal") -> str:
    from workstation.imaging.suv_values import Derivation

    wide = [max((len(getattr(each, name)) for each in found.trace), default=0) for name in ("input", "value", "tag")]
    lines = [
        f"{each.input:{wide[0]}}  {each.value:{wide[1]}}  {each.tag:{wide[2]}}  {each.source}".rstrip()
        for each in found.trace
    ]
    if isinstance(found, Derivation):
        return "\n".join([*lines, "", f"{found.kind}, {found.unit}"])
    return "\n".join([*lines, "", f"refused: {found.tag}"])
