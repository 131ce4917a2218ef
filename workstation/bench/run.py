"""All rows, in the order of the table; a row that cannot be measured here says why."""

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from workstation.bench import (
    arriving,
    decode,
    fused,
    hanging,
    kernels,
    planes,
    receive,
    registration,
    retrieve,
    rotating,
    segments,
    soak,
    strangers,
    turning,
    volume,
    window,
    xray,
)
from workstation.bench.data import Study
from workstation.bench.pace import Pace
from workstation.bench.rows import Row
from workstation.errors import HounsfieldError

Measure = Callable[[Study, int], list[Row]]

ROWS: Final[dict[str, Measure]] = {
    "launch": window.launch,
    "open": window.opened,
    "compare": window.compared,
    "scroll": window.scrolled,
    "tiles": window.tiled,
    "xray": xray.windowed,
    "headers": kernels.headers,
    "reslice": kernels.reslice,
    "planes": planes.turned,
    "fused": fused.repainted,
    "import": kernels.import_,
    "receive": receive.receive,
    "retrieve": retrieve.retrieve,
    "arriving": arriving.arriving,
    "hanging": hanging.engine,
    "decode": decode.decode,
    "switches": soak.switches,
    "reading": soak.reading,
    "associations": strangers.strangers,
    "segments": segments.segments,
    "volume": volume.volume,
    "registration": registration.registration,
    "turning": turning.turned,
    "rotating": rotating.rotating,
}
"""What `--rows` takes; one name may give several rows."""

_NEEDS_SCREEN: Final = (
    *("launch", "open", "compare", "scroll", "tiles", "xray", "planes", "arriving", "turning", "rotating"),
)


def measure(study: Study, names: Sequence[str], runs: int, said: Callable[[str], None]) -> list[Row]:
    """The rows of these names. `said` hears each as soon as it is there."""
    rows: list[Row] = []
    pace = Pace(study)
    before = pace()
    for name in names:
        found = _measured(name, study, runs)
        after = pace()
        for row in found:
            rows.append(row if row.pace is not None else replace(row, pace=round((before + after) / 2, 3)))
            said(rows[-1].line())
        before = after
    return rows


def _measured(name: str, study: Study, runs: int) -> list[Row]:
    if name in _NEEDS_SCREEN and shutil.which("Xvfb") is None:
        return [Row(name, skipped="Xvfb is not installed")]
    try:
        return ROWS[name](study, runs)
    except HounsfieldError as error:
        return [Row(name, skipped=error.sentence)]


def keep(folder: Path, document: dict[str, Any]) -> Path:
    """Write the document to a new file named by the time."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}.json"
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path
