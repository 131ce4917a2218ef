"""Import from the window: one at a time, in the background, with what came of it said on the list."""

from collections.abc import Callable
from pathlib import Path

from workstation import jobs
from workstation.cache.importer import ImportReport, import_paths
from workstation.dicom.entities import Instance
from workstation.errors import Cancelled, HounsfieldError
from workstation.paths import Home

GOES_ON = " What was stored stays, and a second import goes on from there."
RUNNING = "An import is running; wait for it or stop it first (Ctrl+.)."


def sentence_of(error: Exception) -> str:
    """What is said of a job that failed."""
    return error.sentence if isinstance(error, HounsfieldError) else f"That failed: {type(error).__name__}."


class Importing:
    """`say(sentence)` and `report(text)` tell the person; `ended()` follows every import, however it went, and
    `imported(report)` one that went; `arrived(instance)` each object that became visible, on the job's thread."""

    def __init__(
        self,
        home: Home,
        say: Callable[[str], None],
        report: Callable[[str], None],
        ended: Callable[[], None],
        imported: Callable[[ImportReport], None] = lambda report: None,
        arrived: Callable[[Instance], None] = lambda instance: None,
    ) -> None:
        self._home = home
        self._say, self._report, self._ended, self._imported = say, report, ended, imported
        self._arrived = arrived
        self._job: jobs.Job | None = None

    @property
    def is_running(self) -> bool:
        return self._job is not None and not self._job.finished

    def begin(self, paths: list[Path]) -> None:
        if self.is_running:
            self._say(RUNNING)
            return
        self._report("")
        self._say(f"Importing {len(paths)} item{'s' if len(paths) != 1 else ''} …")
        self._job = jobs.run(
            "Import",
            lambda job: import_paths(self._home, paths, job.progress, self._arrived),
            self._done,
            self._failed,
        )

    def stop(self) -> None:
        """What was stored stays."""
        if self._job is not None:
            self._job.cancel()

    def _done(self, report: ImportReport) -> None:
        said = f"{report.stored} stored, {report.already_stored} already there, {len(report.refused)} refused"
        how = f"stopped after {report.seconds:.1f} s" if report.stopped else f"done in {report.seconds:.1f} s"
        self._say(f"Import {how}: {said}.{GOES_ON if report.stopped else ''}")
        refused = "\n".join(f"{path}: {reason}" for path, reason in report.refused)
        self._report(f"Refused (Esc closes this):\n{refused}" if refused else "")
        self._imported(report)
        self._ended()

    def _failed(self, error: Exception) -> None:
        self._say(f"Import stopped.{GOES_ON}" if isinstance(error, Cancelled) else sentence_of(error))
        self._ended()
