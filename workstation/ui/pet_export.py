"""The table of PET, and curves over time, as CSV files in the folder for exports; they name no patient."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from workstation import jobs
from workstation.errors import HounsfieldError
from workstation.security import acts


def export_csv(
    text: str, study: str, folder: Path, kind: str, then: Callable[[Path], None], failed: Callable[[Exception], None]
) -> jobs.Job:
    """Write a table in a job; `kind` is the end of the file's name, whose beginning says when."""
    return jobs.run("Export a table", lambda job: _written(text, study, folder, kind), then, failed)


def _written(text: str, study: str, folder: Path, kind: str) -> Path:
    with acts.doing(acts.Kind.EXPORT, study=study):
        path = folder / f"{datetime.now():%Y%m%d-%H%M%S-%f}-{kind}.csv"
        partial = path.with_suffix(".part")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            partial.write_text(text, encoding="utf-8", newline="")
            partial.replace(path)
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise HounsfieldError(f"Nothing can be written to {folder}.") from error
    return path
