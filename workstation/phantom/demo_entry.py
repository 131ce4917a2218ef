"""A study of the demo patient as a value: small enough to be sent to the process that makes it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Vector
from workstation.phantom.reports import Report, write_report
from workstation.phantom.series import DemoStudy, PhantomStudy


@dataclass(frozen=True)
class Entry:
    """A study of the demo patient. `make(folder, size)` writes its files; a report, where there is one, goes along.

    `places` are things that were painted, by name, where they lie in the study's own space (LPS, mm); the first is
    what the study is about.
    """

    title: str
    study: PhantomStudy
    make: Callable[[Path, str], None]
    report: Report | None = None
    places: tuple[tuple[str, Vector], ...] = ()

    @property
    def study_instance_uid(self) -> str:
        return self.study.study_instance_uid

    def write(self, folder: Path, size: str) -> None:
        """Write every object of the study into `folder` or below it."""
        folder.mkdir(parents=True, exist_ok=True)
        self.make(folder, size)
        if self.report is not None:
            write_report(self.report, folder)


def write_slices(demo: DemoStudy, folder: Path, size: str) -> None:
    """Write one series after another, so that only one is in memory."""
    for series in demo.series(size):
        write_series(series, folder)
