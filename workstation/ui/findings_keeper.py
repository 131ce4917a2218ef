"""What follows each finished mark, off the main thread: statistics of its region, and drafts on the disk.

One writing at a time, always of the newest state; a program that is killed loses at most what a hand was dragging.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from workstation import jobs
from workstation.case.drawing_drafts import keep
from workstation.case.drawing_saved import Saved
from workstation.case.state import Case
from workstation.errors import HounsfieldError, Refused
from workstation.findings.finding import Finding, Value
from workstation.findings.layered import is_of_layer, layer_values
from workstation.findings.regions import as_values, measurable, region_statistics, source_image
from workstation.findings.saved import Draft, Looks
from workstation.findings.segment import Segment
from workstation.findings.statistics import Statistics
from workstation.imaging.alignment import Laid
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.ui.segment_measures import SegmentMeasures

log = logging.getLogger(__name__)

COUNTED: Final = frozenset(("Mean", "SD", "Min", "Max", "Median", "Voxels", "Value"))
"""What `findings.regions.as_values` tells of voxels."""

Drafts = tuple[Draft, ...]


@dataclass(frozen=True, eq=False)
class _Over:
    """What lies over an image: its key, its voxels, how its values are called, and how it lies there."""

    key: str
    voxels: Voxels
    called: str
    laid: Laid


Over = tuple[_Over, ...]
State = tuple[Drafts, Saved]


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
        self._written = self._state()
        self._writing = False
        self._turn = threading.Lock()
        self._newest = self._written
        self._asked: set[Finding] = set()
        self._told_of: set[tuple[object, ...]] = set()
        """Findings where they lie, and layers that were asked about them."""
        self._segments = SegmentMeasures(case, loader, failed)

    @property
    def saved(self) -> bool:
        """Whether all that was drawn is on the disk, as drafts or in documents."""
        return not self._writing and _is_same(self._written, self._state())

    def follow(self) -> None:
        """The findings may have changed."""
        self.measure()
        self._write()

    # ------------------------------------------------------------ statistics

    def measure(self) -> None:
        """Have what is still open measured, as far as its voxels are there."""
        self._segments.measure()
        for finding in self._case.marks:
            if _is_open(finding) and finding not in self._asked:
                voxels = self._voxels(finding)
                if voxels is not None:
                    self._ask(finding, voxels)
            elif finding not in self._asked and finding in self._case.marks.drafts and _may_be_layered(finding):
                over = self._layers(finding)
                if over:
                    self._ask_layers(finding, over)

    def measure_again(self) -> None:
        """PET is told in another unit from now on: drafts on it are counted anew, documents stay what they say."""
        for finding in self._case.marks:
            voxels = self._voxels(finding) if not finding.document_uid else None
            kept = tuple(each for each in finding.values if not _is_counted(each))
            layered = any(_is_counted(each) and each.name not in COUNTED for each in finding.values)
            if voxels is not None and (voxels.suv is not None or layered) and kept != finding.values:
                self._case.marks.measured(finding, kept, "")
        self._segments.again()
        self.measure()

    def is_waiting(self, segment: Segment) -> bool:
        """Whether a segment's values are still to come in the measure of now."""
        return self._segments.is_waiting(segment)

    def _voxels(self, finding: Finding) -> Voxels | None:
        for key, display_set in self._case.sets.items():
            loading = self._loader.get(key)
            if loading is not None and source_image(display_set, finding) is not None:
                return loading.voxels
        return None

    def _layers(self, finding: Finding) -> Over:
        """What lies over the image that a finding was drawn on, in any tile, and has not been asked about it."""
        found: dict[str, _Over] = {}
        for number in range(len(self._case.tiles)):
            view = self._case.view(number)
            if not view.layers or view.display_set is None or source_image(view.display_set, finding) is None:
                continue
            for each in view.layers:
                loading = self._loader.get(each.layer.display_set)
                if loading is not None and each.laid is not None and not each.layer.hidden:
                    called = each.display_set.first.Modality or "Layer"
                    taken = {known.called for known in found.values()} | {view.display_set.first.Modality}
                    called = called if called not in taken else f"{called} {each.display_set.first.SeriesNumber}"
                    found.setdefault(
                        each.layer.display_set, _Over(each.layer.display_set, loading.voxels, called, each.laid)
                    )
        stale = not all(self._case.alignment.holds(uid) for uid in finding.alignments)
        return tuple(each for each in found.values() if stale or _of_layer(finding, each) not in self._told_of)

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

    def _ask_layers(self, finding: Finding, over: Over) -> None:
        """Have a finding measured in what lies over its image and has not been asked."""
        self._asked.add(finding)
        jobs.run(
            "Measure",
            lambda job: [layer_values(each.voxels, finding, each.called, each.laid) for each in over],
            lambda answers: self._layers_answered(finding, over, answers),
            failed=self._failed,
            piece=True,
        )

    def _layers_answered(self, finding: Finding, over: Over, answers: list[tuple[Value, ...] | None]) -> None:
        """Values that were told through another registration give way."""
        self._asked.discard(finding)
        found: list[Value] = []
        for each, values in zip(over, answers, strict=True):
            if values is not None:
                self._told_of.add(_of_layer(finding, each))
                found += values
        if not found:
            return
        names = {each.name for each in found}
        kept = (each for each in finding.values if each.name not in names)
        before = (uid for uid in finding.alignments if self._case.alignment.holds(uid))
        through = dict.fromkeys((*before, *(each.laid.uid for each in over if each.laid.uid)))
        self._case.marks.measured(finding, (*kept, *found), finding.refused, tuple(through))

    # --------------------------------------------------------------- drafts

    def _write(self) -> None:
        state = self._state()
        if self._writing or _is_same(state, self._written):
            return
        self._writing, self._newest = True, state
        changed = self._changed(state, self._written)
        jobs.run(
            "Keep drafts",
            lambda job: self._keep(changed, state),
            lambda done: self._ended(state),
            lambda error: self._not_written(state, error),
            piece=True,
        )

    def finish(self) -> None:
        """Keep what is not kept yet, now: the case is left, and a job may come too late. Seldom anything to do."""
        state = self._state()
        if self.saved:
            return
        # A job under way may have put a state on the disk that is neither the one written before nor this one.
        changed = dict.fromkeys((*self._changed(state, self._written), *self._changed(state, self._newest)))
        self._newest = state
        try:
            self._keep(list(changed), state)
            self._written = state
        except HounsfieldError as error:
            self._not_written(state, error)

    def _state(self) -> State:
        return self._case.marks.drafts, self._case.marks.saved

    @staticmethod
    def _changed(state: State, before: State) -> list[str]:
        """The studies whose drafts are others than before."""
        known: list[Draft] = []
        for saved in (before[1], state[1]):
            known += [*saved.findings.values(), *saved.segments.values()]
        studies = {each.study_instance_uid for each in (*before[0], *state[0], *known)}
        return [study for study in studies if _of(study, state) != _of(study, before)]

    def _keep(self, studies: list[str], state: State) -> None:
        """On any thread: one at a time, and never an older state over a newer one."""
        with self._turn:
            for study in studies if state is self._newest else ():
                keep(self._home, study, *_of(study, state))

    def _ended(self, state: State) -> None:
        self._writing = False
        if state is self._newest:
            self._written = state
        self._told()
        self._write()

    def _not_written(self, state: State, error: Exception) -> None:
        """The next change tries again."""
        self._writing = False
        log.error("drafts were not written: %s", type(error).__name__)
        self._failed(error)


def _of(study: str, state: State) -> tuple[Drafts, tuple[str, ...], Looks]:
    """What is kept of a study, what its documents said then, and how their segments look."""
    drafts, saved = state
    return saved.of_drafts(study, drafts)


def _is_same(one: State, other: State) -> bool:
    return one[0] is other[0] and one[1] is other[1]


def _is_open(finding: Finding) -> bool:
    """Whether statistics are still to come."""
    told = {each.name for each in finding.values}
    return measurable(finding) and not finding.document_uid and not finding.refused and not told & {"Mean", "Value"}


def _may_be_layered(finding: Finding) -> bool:
    """Whether a finding that was measured may be measured in what lies over its image too."""
    return measurable(finding) and finding.in_patient and not _is_open(finding) and not finding.document_uid


def _is_counted(value: Value) -> bool:
    """Whether a value was told of voxels, those of a layer among them."""
    return value.name in COUNTED or any(is_of_layer(value, each) for each in COUNTED)


def _of_layer(finding: Finding, over: _Over) -> tuple[object, ...]:
    """A finding where it lies, and a layer where it lies."""
    return finding.tracking_uid, finding.points, over.key, over.laid.uid, over.laid.standing, over.voxels.unit


def _statistics(finding: Finding, voxels: Voxels) -> tuple[Statistics | None, str]:
    """On a thread: statistics, or the sentence for why there are none; neither while voxels are on their way."""
    try:
        return region_statistics(voxels, finding), ""
    except Refused as refused:
        return None, refused.sentence
