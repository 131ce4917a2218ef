"""What follows each finished mark, off the main thread: statistics of its region, and drafts on the disk.

One writing at a time, always of the newest state; a program that is killed loses at most what a hand was dragging.
"""

import logging
import threading
from collections.abc import Callable

from workstation import jobs
from workstation.case.drawing_drafts import keep
from workstation.case.state import Case
from workstation.errors import HounsfieldError, Refused
from workstation.findings.finding import Finding
from workstation.findings.regions import as_values, measurable, region_statistics, source_image
from workstation.findings.statistics import Statistics
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home

log = logging.getLogger(__name__)


class Keeper:
    """Of one case. `told` is called when something was saved, `failed` with what went wrong."""

    def __init__(
        self, case: Case, home: Home, loader: Loader, told: Callable[[], None], failed: Callable[[Exception], None]
    ) -> None:
        self._case = case
        self._home = home
        self._loader = loader
        self._told = told
        self._failed = failed
        self._written = case.marks.findings
        self._writing = False
        self._turn = threading.Lock()
        self._newest = self._written
        self._asked: set[Finding] = set()

    @property
    def saved(self) -> bool:
        """Whether all findings are on the disk."""
        return not self._writing and self._written is self._case.marks.findings

    def follow(self) -> None:
        """The findings may have changed."""
        self.measure()
        self._write()

    # ------------------------------------------------------------ statistics

    def measure(self) -> None:
        """Have what is still open measured, as far as its voxels are there."""
        for finding in self._case.marks:
            if _is_open(finding) and finding not in self._asked:
                voxels = self._voxels(finding)
                if voxels is not None:
                    self._ask(finding, voxels)

    def _voxels(self, finding: Finding) -> Voxels | None:
        for key, display_set in self._case.sets.items():
            loading = self._loader.get(key)
            if loading is not None and source_image(display_set, finding) is not None:
                return loading.voxels
        return None

    def _ask(self, finding: Finding, voxels: Voxels) -> None:
        self._asked.add(finding)
        jobs.run(
            "Measure",
            lambda job: _statistics(finding, voxels),
            lambda answer: self._answered(finding, *answer),
            failed=self._failed,
            piece=True,
        )

    def _answered(self, finding: Finding, found: Statistics | None, refused: str) -> None:
        self._asked.discard(finding)
        if refused:
            self._case.marks.measured(finding, finding.values, refused)
        elif found is not None:
            self._case.marks.measured(finding, (*finding.values, *as_values(found, finding.kind)), "")

    # --------------------------------------------------------------- drafts

    def _write(self) -> None:
        findings = self._case.marks.findings
        if self._writing or findings is self._written:
            return
        self._writing, self._newest = True, findings
        changed = self._changed(findings)
        jobs.run(
            "Keep drafts",
            lambda job: self._keep(changed, findings),
            lambda done: self._ended(findings),
            lambda error: self._not_written(findings, error),
            piece=True,
        )

    def finish(self) -> None:
        """Keep what is not kept yet, now: the case is left, and a job may come too late. Seldom anything to do."""
        findings = self._case.marks.findings
        if self.saved:
            return
        changed, self._newest = self._changed(findings), findings
        try:
            self._keep(changed, findings)
            self._written = findings
        except HounsfieldError as error:
            self._not_written(findings, error)

    def _changed(self, findings: tuple[Finding, ...]) -> list[str]:
        """The studies whose drafts are others than those on the disk."""
        studies = {each.study_instance_uid for each in (*self._written, *findings)}
        return [study for study in studies if _of(study, findings) != _of(study, self._written)]

    def _keep(self, studies: list[str], findings: tuple[Finding, ...]) -> None:
        """On any thread: one at a time, and never an older state over a newer one."""
        with self._turn:
            for study in studies if findings is self._newest else ():
                keep(self._home, study, _of(study, findings))

    def _ended(self, findings: tuple[Finding, ...]) -> None:
        self._writing = False
        if findings is self._newest:
            self._written = findings
        self._told()
        self._write()

    def _not_written(self, findings: tuple[Finding, ...], error: Exception) -> None:
        """The next change tries again."""
        self._writing = False
        log.error("drafts were not written: %s", type(error).__name__)
        self._failed(error)


def _of(study: str, findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    return tuple(each for each in findings if each.study_instance_uid == study)


def _is_open(finding: Finding) -> bool:
    """Whether statistics are still to come."""
    told = {each.name for each in finding.values}
    return measurable(finding) and not finding.refused and not told & {"Mean", "Value"}


def _statistics(finding: Finding, voxels: Voxels) -> tuple[Statistics | None, str]:
    """On a thread: statistics, or the sentence for why there are none; neither while voxels are on their way."""
    try:
        return region_statistics(voxels, finding), ""
    except Refused as refused:
        return None, refused.sentence
