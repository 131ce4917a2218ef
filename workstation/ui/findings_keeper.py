"""What follows each finished mark, off the main thread: statistics of its region, and drafts on the disk.

One writing at a time, always of the newest state; a program that is killed loses at most what a hand was dragging.
"""

import logging
import threading
from collections.abc import Callable
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
from workstation.imaging.alignment import Laid
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.ui.segment_measures import SegmentMeasures

log = logging.getLogger(__name__)

COUNTED: Final = frozenset(("Mean", "SD", "Min", "Max", "Median", "Voxels", "Value"))
"""What `findings.regions.as_values` tells of voxels."""

Drafts = tuple[Draft, ...]
Over = tuple[tuple[Voxels, str, Laid], ...]
"""Of what lies over an image: its voxels, how its values are called, and how it lies there."""
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

    def _voxels(self, finding: Finding) -> Voxels | None:
        for key, display_set in self._case.sets.items():
            loading = self._loader.get(key)
            if loading is not None and source_image(display_set, finding) is not None:
                return loading.voxels
        return None

    def _layers(self, finding: Finding) -> Over:
        """What lies over the image that a finding was drawn on, in any tile: it is measured there too."""
        found: dict[str, tuple[Voxels, str, Laid]] = {}
        for number in range(len(self._case.tiles)):
            view = self._case.view(number)
            if not view.layers or view.display_set is None or source_image(view.display_set, finding) is None:
                continue
            for each in view.layers:
                loading = self._loader.get(each.layer.display_set)
                if loading is not None and each.laid is not None and not each.layer.hidden and not loading.problems:
                    called = each.display_set.first.Modality or "Layer"
                    taken = {name for _, name, _ in found.values()} | {view.display_set.first.Modality}
                    called = called if called not in taken else f"{called} {each.display_set.first.SeriesNumber}"
                    found.setdefault(each.layer.display_set, (loading.voxels, called, each.laid))
        return tuple(found.values())

    def _ask(self, finding: Finding, voxels: Voxels) -> None:
        self._asked.add(finding)
        over = self._layers(finding)
        jobs.run(
            "Measure",
            lambda job: _statistics(finding, voxels, over),
            lambda answer: self._answered(finding, over, *answer),
            failed=self._failed,
            piece=True,
        )

    def _answered(self, finding: Finding, over: Over, found: tuple[Value, ...] | None, refused: str) -> None:
        self._asked.discard(finding)
        if refused or found is not None:
            before = (uid for uid in finding.alignments if self._case.alignment.holds(uid))
            through = dict.fromkeys((*before, *(laid.uid for _, _, laid in over if laid.uid)))
            self._case.marks.measured(finding, (*finding.values, *(found or ())), refused, tuple(through))

    # --------------------------------------------------------------- drafts

    def _write(self) -> None:
        state = self._state()
        if self._writing or _is_same(state, self._written):
            return
        self._writing, self._newest = True, state
        changed = self._changed(state)
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
        changed, self._newest = self._changed(state), state
        try:
            self._keep(changed, state)
            self._written = state
        except HounsfieldError as error:
            self._not_written(state, error)

    def _state(self) -> State:
        return self._case.marks.drafts, self._case.marks.saved

    def _changed(self, state: State) -> list[str]:
        """The studies whose drafts are others than those on the disk."""
        known: list[Draft] = []
        for saved in (self._written[1], state[1]):
            known += [*saved.findings.values(), *saved.segments.values()]
        studies = {each.study_instance_uid for each in (*self._written[0], *state[0], *known)}
        return [study for study in studies if _of(study, state) != _of(study, self._written)]

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


def _is_counted(value: Value) -> bool:
    """Whether a value was told of voxels, those of a layer among them."""
    return value.name in COUNTED or any(is_of_layer(value, each) for each in COUNTED)


def _statistics(finding: Finding, voxels: Voxels, over: Over) -> tuple[tuple[Value, ...] | None, str]:
    """On a thread: statistics of the image and of what lies over it, or the sentence for why there are none of the
    image; neither while voxels are on their way."""
    refused = ""
    values: list[Value] = []
    try:
        found = region_statistics(voxels, finding)
        if found is None:
            return None, ""
        values += as_values(found, finding.kind)
    except Refused as refusal:
        refused = refusal.sentence
    for block, called, laid in over:
        more = layer_values(block, finding, called, laid)
        if more is None:
            return None, ""
        values += more
    return tuple(values), refused
