"""`hounsfield bench`: the figures of this machine, each beside a peer measured in the same run."""

import argparse
import os
import platform
import sys
import tempfile
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final

from workstation import __version__
from workstation.cli.result import Result

NAMES: Final = (
    *("launch", "open", "compare", "scroll", "tiles", "xray", "planes"),
    *("headers", "reslice", "import", "receive", "retrieve", "arriving", "hanging", "decode", "segments", "volume"),
    "turning",
    *("rotating", "fused"),
)
SOAK: Final = ("switches", "reading", "associations", "registration")
"""Rows that take long and are measured when they are asked for."""


def add(commands: Any) -> None:
    """Add the command."""
    bench = commands.add_parser("bench", help="measure launch, planes, scrolling, memory, import")
    bench.add_argument("--rows", type=_names, default=NAMES, metavar="NAME,...", help=f"of {', '.join(NAMES + SOAK)}")
    bench.add_argument("--runs", type=_positive, default=3, help="the median of so many runs (3)")
    bench.add_argument("--home", type=Path, help="keep the study that is measured here, and use it again")
    bench.add_argument("--slices", type=_positive, default=300, help=argparse.SUPPRESS)
    bench.add_argument("--size", type=_positive, default=512, help=argparse.SUPPRESS)
    bench.add_argument("--json", action="store_true", help="one JSON document on stdout")
    bench.set_defaults(run=_bench)


def _names(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    unknown = [name for name in names if name not in NAMES + SOAK]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is no row; there are {', '.join(NAMES + SOAK)}")
    return names


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return int(text)


def _bench(options: argparse.Namespace) -> Result:
    from workstation import paths
    from workstation.bench.data import make_study
    from workstation.bench.run import keep, measure

    place: AbstractContextManager[str] = (
        nullcontext(str(options.home)) if options.home else tempfile.TemporaryDirectory(prefix="hounsfield-bench-")
    )
    with place as folder:
        study = make_study(Path(folder).absolute(), options.slices, options.size)
        rows = measure(study, options.rows, options.runs, lambda line: print(line, file=sys.stderr, flush=True))
    document = {
        "version": __version__,
        "python": platform.python_version(),
        "machine": {"cores": os.cpu_count(), "processor": platform.machine(), "load": os.getloadavg()[0]},
        "study": {"slices": options.slices, "rows": options.size},
        "rows": [row.document() for row in rows],
    }
    kept = keep(paths.home().create().root / "bench", document)
    broken = [
        f"{row.work}: {row.value} {row.unit}, limit {row.limit}; {row.at_pace} at the pace of the limit"
        for row in rows
        if row.holds_at_pace is False
    ]
    return Result(document, f"kept as {kept}", tuple(broken), int(bool(broken)))
