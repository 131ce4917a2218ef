"""Making segments on the reading page: pens of its windows, work in jobs, the panel, and what is said of them."""

from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.case.painting import TOOLS, Tool, words
from workstation.case.reasons import active_set
from workstation.case.segmenting import Answer, Work, begun, put
from workstation.case.state import Case, TileView
from workstation.errors import Cancelled
from workstation.findings.segment import Segment
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.ui.segment_panel import SegmentPanel
from workstation.ui.tile_grid import TileGrid


class SegmentDesk(QObject):
    """Belongs to one reading page. `said` are sentences. One piece of work at a time: each begins where the last ended.

    `changed` when work begins or ends.
    """

    said = Signal(str)
    changed = Signal()

    def __init__(self, parent: QObject, loader: Loader) -> None:
        super().__init__(parent)
        self._loader = loader
        self._case: Case | None = None
        self._job: jobs.Job | None = None
        self._waiting: list[Work] = []
        self._at_work: Segment | None = None
        self.panel = SegmentPanel()

    def watch(self, grid: TileGrid) -> None:
        """The pen over the tiles of a window."""
        grid.hand.segments.voxels = self.voxels
        grid.hand.segments.begin = self.begin
        grid.hand.segments.ask = self.do
        grid.hand.segments.say = self.said.emit

    def let_go(self, grid: TileGrid) -> None:
        """A window goes."""
        grid.hand.segments.ask = lambda work: None

    def show_case(self, case: Case | None) -> None:
        """Work in a case; what is under way in another one is dropped."""
        if self._case is not None:
            self._case.marks.asked.disconnect(self.do)
            self._case.marks.changed.disconnect(self.panel.follow)
            self._case.marks.tool_changed.disconnect(self.panel.follow)
        if self._job is not None:
            self._job.cancel()
        self._waiting.clear()
        self._case = case
        if case is not None:
            case.marks.asked.connect(self.do)
            case.marks.changed.connect(self.panel.follow)
            case.marks.tool_changed.connect(self.panel.follow)
        self.panel.show_case(case)

    def begin(self, case: Case, view: TileView) -> Segment | None:
        """The segment a tool works on: a new one that is still being made is taken for the next stroke too."""
        segment = begun(case, view)
        coming = (self._at_work if self._job is not None else None, *(each.segment for each in self._waiting))
        for each in coming if segment is not None and case.marks.find_segment(segment.tracking_uid) is None else ():
            if each is not None and segment is not None and each.mask.grid == segment.mask.grid:
                return each
        return segment

    def voxels(self, segment: Segment) -> Voxels | None:
        """The voxels a segment lies on, once all of them are there; None for colours."""
        for key, display_set in self._case.sets.items() if self._case is not None else ():
            same = display_set.series_instance_uid == segment.series_instance_uid
            loading = self._loader.get(key) if same and display_set.grid == segment.mask.grid else None
            if loading is not None and loading.voxels.whole and not loading.voxels.is_colour:
                return loading.voxels
        return None

    # ------------------------------------------------------------------ work

    def do(self, work: Work) -> None:
        """Have work done; while other work is under way it waits."""
        self._waiting.append(work)
        self._next()

    def _next(self) -> None:
        case = self._case
        if self._job is not None or not self._waiting or case is None:
            return
        work = _caught_up(case, self._waiting.pop(0))
        begun_with = work.segment.mask
        self._at_work = work.segment
        self._job = jobs.run(
            work.title,
            lambda job: work.run(job, begun_with),
            partial(self._done, case, work),
            partial(self._failed, case),
        )
        self.changed.emit()

    def _done(self, case: Case, work: Work, answer: Answer) -> None:
        self._job = None
        if case is self._case:
            sentence = put(case, work, answer)
            if sentence:
                self.said.emit(sentence)
        self._go_on()

    def _failed(self, case: Case, error: Exception) -> None:
        self._job = None
        if case is self._case:
            stopped = isinstance(error, Cancelled)
            sentence = "Stopped; the segment is as it was." if stopped else getattr(error, "sentence", "")
            self.said.emit(sentence or type(error).__name__)
        self._go_on()

    def _go_on(self) -> None:
        self._next()
        self.changed.emit()

    def facts(self) -> dict[str, Any]:
        """The segments of the case and how the tools are set, in plain JSON values."""
        marks = self._case.marks if self._case is not None else None
        if marks is None:
            return {"busy": False, "list": [], "panel": False}
        painting = marks.painting
        return {
            "busy": self._job is not None or bool(self._waiting),
            "panel": not self.panel.isHidden(),
            "radius_mm": round(painting.radius_mm, 3),
            "solid": painting.solid,
            "held": painting.held,
            "corners": painting.corners,
            "limited": painting.fence is not None,
            "share": painting.share,
            "range": [painting.low, painting.high],
            "preview": marks.preview is not None,
            "list": [_facts(each, marks.segment) for each in marks.segments],
        }


def _caught_up(case: Case, work: Work) -> Work:
    """Work that waited begins with what the work before it has made."""
    known = case.marks.find_segment(work.segment.tracking_uid)
    return work if known is None else replace(work, segment=known)


def _facts(segment: Segment, chosen: str) -> dict[str, Any]:
    return {
        "number": segment.number,
        "name": segment.title,
        "voxels": segment.mask.count,
        "volume_ml": round(segment.mask.volume_ml, 6),
        "hidden": segment.hidden,
        "locked": segment.locked,
        "lines": segment.outline_only,
        "chosen": segment.tracking_uid == chosen,
        "made_by": segment.algorithm_name,
        "origin": segment.origin,
        "values": {each.name: each.value for each in segment.values},
    }


def tool_words(case: Case) -> str:
    """What the tool of segments in hand does, for the line over the images; empty where it is none."""
    if case.marks.tool not in TOOLS:
        return ""
    display_set = active_set(case)
    unit = "HU" if display_set is not None and display_set.first.Modality == "CT" else ""
    return words(Tool(case.marks.tool), case.marks.painting, unit)
