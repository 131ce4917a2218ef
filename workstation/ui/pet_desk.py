"""PET's tools on the reading page: clicks become segments in jobs, spots are looked for while the threshold moves."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor

from workstation import jobs
from workstation.case import view_tools
from workstation.case.hot import hot_point, hot_set, proposed_next
from workstation.case.hot_before import change_since
from workstation.case.hot_commands import NO_PET
from workstation.case.hot_reading import rules, tabled
from workstation.case.hot_work import REGIONS, hottest_of, kept, reference_laid, spot_taken
from workstation.case.painting import Tool
from workstation.case.state import Case
from workstation.errors import Cancelled, Refused
from workstation.findings.hot_rules import percist_threshold
from workstation.findings.hot_table import HotTable, csv_text
from workstation.findings.hot_values import is_suv
from workstation.findings.segment import Segment
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3
from workstation.imaging.hot import Spots, all_spots
from workstation.imaging.hot_reference import Region
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.ui import pet_words as words
from workstation.ui.activity_desk import ActivityDesk
from workstation.ui.keys import Bound, key_of
from workstation.ui.last_wish import LastWish
from workstation.ui.pet_export import export_csv
from workstation.ui.pet_panel import TOOLS, PetPanel
from workstation.ui.pet_references import ProposedReferences
from workstation.ui.save_desk import export_folder
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.tile_grid import TileGrid

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage

LEAST_SUV, SMALLEST_ML = 4.0, 0.5


class PetDesk(QObject):
    """Belongs to one reading page; `said` are sentences, `changed` follows what is shown."""

    said = Signal(str)
    changed = Signal()

    def __init__(self, page: "ReadingPage", home: Home, loader: Loader) -> None:
        super().__init__(page)
        self._page, self._home, self._loader = page, home, loader
        self._case: Case | None = None
        self.least, self.smallest_ml = LEAST_SUV, SMALLEST_ML
        self.table = HotTable("", "")
        self._shown: tuple[object, ...] = ()
        self._found: Spots | None = None
        """What was found last; other spots than these are those of a step back or ahead."""
        self._asked: dict[tuple[str, Region], Segment] = {}
        self._renewing: tuple[object, ...] = ()
        """What is being looked for again: what was found before, and the measure of now."""
        self._bound: Bound = {}
        self._looking = LastWish("Look for lesions", jobs.Lane.WAITING, self._failed)
        self._references = ProposedReferences(self.said.emit, self._failed)
        self.panel = PetPanel()
        self.activity = ActivityDesk(page, home, loader)
        self.activity.said.connect(self.said)
        self.activity.changed.connect(self.changed)
        self.panel.below.addWidget(self.activity.chart)
        panel = self.panel
        panel.pressed.connect(self._run)
        panel.went.connect(self._go)
        panel.ticked.connect(self._tick)
        panel.least.connect(self._threshold)
        panel.smallest.connect(self._no_smaller)
        panel.preset.connect(self._preset)
        panel.contour.connect(self._contour)
        self.watch(page.grid)

    def watch(self, grid: TileGrid) -> None:
        """A window shows tiles: its clicks are taken."""
        grid.hand.segments.clicked = self.clicked

    def show_case(self, case: Case | None) -> None:
        """Work in a case; what is under way in another one is dropped."""
        for other, connect in ((self._case, False), (case, True)):
            for signal in (other.marks.changed, other.marks.tool_changed, other.changed) if other is not None else ():
                (signal.connect if connect else signal.disconnect)(self.follow)
        self._references.stop()
        self._case, self._shown = case, ()
        self._asked.clear()
        self.activity.show_case(case)
        if case is None:
            self.panel.hide()
        self.follow()

    @property
    def _window(self) -> Any:
        """The main window: it runs commands, and says why they can do nothing."""
        return self._page.window()

    def _run(self, name: str) -> None:
        self._window.run(name)

    def say_keys(self, bound: Bound) -> None:
        """These keys are bound now."""
        self._bound = bound
        self._shown = ()
        self.follow()

    def toggle(self) -> None:
        """Open the panel, or close it."""
        if self.panel.isHidden():
            self.open()
        else:
            self.panel.hide()
            self._page.setFocus()
        self.changed.emit()

    def open(self) -> None:
        if self.panel.isHidden():
            self._page.hide_panels()
        self.panel.show()
        self.follow()

    # ---------------------------------------------------------------- series

    @property
    def display_set(self) -> DisplaySet | None:
        return hot_set(self._case) if self._case is not None and self._case.tiles else None

    def voxels(self, display_set: DisplaySet | None = None) -> Voxels | None:
        """The voxels of the series that is meant, once all are there; they begin to load."""
        display_set = display_set or self.display_set
        if display_set is None or self._case is None:
            return None
        try:
            loading = self._loader.open(display_set, self._case.digests)
        except Refused:
            return None
        return loading.voxels if loading.voxels.whole and not loading.voxels.is_colour else None

    def _ready(self) -> tuple[Case, DisplaySet, Voxels] | None:
        """What a tool works on; what is missing is said."""
        case, display_set = self._case, self.display_set
        if case is None or display_set is None:
            self.said.emit(NO_PET)
            return None
        voxels = self.voxels(display_set)
        if voxels is None:
            self.said.emit(words.ON_THE_WAY)
            return None
        return case, display_set, voxels

    # ---------------------------------------------------------------- clicks

    def clicked(self, tile: ScreenTile, tool: Tool, point_lps: Vec3) -> None:
        """One of PET's tools was used in a tile."""
        ready = self._ready()
        if ready is None or tile.case is not ready[0]:
            return
        case, display_set, voxels = ready
        point = hot_point(case, tile.number, point_lps, display_set)
        if point is None:
            self.said.emit(NO_PET)
        elif tool is Tool.SIDE:
            self._turn_at(case, display_set, point)
        elif tool is Tool.SPOT:
            work = spot_taken(case.marks, display_set, voxels, case.marks.painting, point)
            self._page.findings.segments.do(work)
        else:
            self._lay(case, display_set, REGIONS[tool], point)

    def _lay(self, case: Case, display_set: DisplaySet, region: Region, point: Vec3) -> None:
        """Have a reference region laid; there is one of each in a series, however quickly it is asked for again."""
        asked = self._asked.get((display_set.key, region))
        work = reference_laid(case.marks, display_set, region, point, asked)
        self._asked[display_set.key, region] = work.segment
        self._page.findings.segments.do(work)

    def _turn_at(self, case: Case, display_set: DisplaySet, point: Vec3) -> None:
        proposed, grid = case.marks.proposed, display_set.grid
        if proposed is None or grid is None or proposed.key != display_set.key:
            self.said.emit(words.NOT_THERE)
            return
        i, j, k = (round(each) for each in grid.index(point))
        spot = proposed.at((i, j, k))
        if spot is None:
            self.said.emit(words.NOT_THERE)
        else:
            case.marks.propose(proposed.turned(spot))

    def _tick(self, row: int) -> None:
        proposed = self._case.marks.proposed if self._case is not None else None
        number = self.table.rows[row].number if row < len(self.table.rows) else 0
        if self._case is not None and proposed is not None and 0 < number <= len(proposed.found.spots):
            self._case.marks.propose(proposed.turned(proposed.found.spots[number - 1]))

    # ----------------------------------------------------------------- spots

    def find_all(self, step: bool = True) -> None:
        """Look for all spots above the threshold; those taken out before stay out."""
        ready = self._ready()
        if ready is None:
            return
        case, display_set, voxels = ready
        if not is_suv(voxels.unit) and self.least == LEAST_SUV:
            self.said.emit(words.NO_VALUE.format(voxels.unit or "no SUV"))
            return
        least, smallest = self.least, self.smallest_ml

        def done(found: Spots) -> None:
            if case is not self._case:
                return
            self._found = found
            proposed, same = proposed_next(case.marks.proposed, display_set, found, smallest)
            case.marks.propose(proposed, step or not same)
            if not found.spots:
                self.said.emit(f"Nothing of {smallest:g} ml reaches {least:g} {voxels.unit}.".replace(" .", "."))

        def work(job: jobs.Job) -> Spots:
            return all_spots(voxels, least, smallest, job.progress)

        self._looking.ask(lambda: self.find_all(step), work, done, piece=not step)

    def _threshold(self, least: float) -> None:
        self.least = max(least, 1e-6)
        if self._case is not None and self._case.marks.painting.least is not None:
            self._case.marks.set_painting(replace(self._case.marks.painting, least=self.least))
        self._again()

    def _no_smaller(self, smallest_ml: float) -> None:
        self.smallest_ml = smallest_ml
        self._again()

    def _again(self) -> None:
        """The threshold is another: what is proposed follows."""
        if self._case is not None and self._case.marks.proposed is not None:
            self.find_all(step=False)
        self.follow()

    def _is_stale(self) -> bool:
        """Whether what is proposed was found in another measure than its series is told in now."""
        case = self._case
        proposed = case.marks.proposed if case is not None else None
        voxels = self.voxels(case.sets.get(proposed.key)) if case is not None and proposed is not None else None
        return proposed is not None and (voxels is None or not proposed.found.are_of(voxels))

    def _renew(self, case: Case, voxels: Voxels | None) -> None:
        """What was proposed in another measure is looked for again, or dropped where its threshold means nothing."""
        proposed, display_set = case.marks.proposed, self.display_set
        here = display_set is not None and proposed is not None and proposed.key == display_set.key
        if proposed is None or voxels is None or not here or proposed.found.are_of(voxels):
            return
        if is_suv(voxels.unit) and is_suv(proposed.found.unit):
            if self._renewing != (proposed.found, voxels.unit, voxels.factors):
                self._renewing = proposed.found, voxels.unit, voxels.factors
                self.said.emit(words.RENEWED.format(proposed.found.least, voxels.unit))
                self.find_all(step=False)
        else:
            self.said.emit(words.DROPPED.format(proposed.found.unit, voxels.unit))
            case.marks.propose(None, step=False)

    def _contour(self, share: float | None) -> None:
        if self._case is not None:
            least = self.least if share is None else None
            painting = self._case.marks.painting
            self._case.marks.set_painting(replace(painting, share=share or painting.share, least=least))

    def _preset(self, name: str) -> None:
        if not name.startswith("PERCIST"):
            self._threshold(float(name))
            return
        region = Region.LIVER if "liver" in name else Region.BLOOD_POOL
        found = self.table.reference(region)
        if found is None:
            tool = Tool.LIVER if region is Region.LIVER else Tool.BLOOD_POOL
            key = key_of(self._bound, f"pet-{tool.value}") or "Ctrl+K"
            self.said.emit(words.NO_REFERENCE.format(region.value, key))
            self.follow()
            return
        self._threshold(round(percist_threshold(found.mean, found.sd, region is Region.BLOOD_POOL).value, 2))

    def keep(self) -> None:
        """What is proposed and was not taken out becomes segments."""
        if self._is_stale():
            self.said.emit(words.NOT_YET)
        elif self._case is not None and (proposed := self._case.marks.proposed) is not None:
            found = tuple(kept(self._case.marks, proposed))
            self._case.marks.keep_proposed(found)
            self.said.emit(words.kept_as(proposed, found))

    def drop(self) -> None:
        """Nothing is proposed any more; undo brings it back."""
        if self._case is not None:
            self._case.marks.propose(None)

    def export(self, chosen: str) -> None:
        """Write the table as CSV into the folder for exports that a setting means."""
        display_set = self.display_set
        self.table = self._tabled() or self.table
        if self.table.computing:
            self.said.emit(words.NOT_YET)
        elif display_set is not None and self.table.rows + self.table.references:
            study, folder = display_set.study_instance_uid, export_folder(self._home, chosen)
            told = "The table was written to {}; it names no patient."
            written = csv_text(self.table), study, folder, "lesions"
            export_csv(*written, lambda path: self.said.emit(told.format(path)), self._failed)

    def propose_references(self) -> None:
        """Have liver and blood pool laid where uptake looks like them."""
        ready = self._ready()
        if ready is None:
            return
        case, display_set, voxels = ready
        self._references.look(
            voxels,
            lambda: case is self._case,
            lambda region, point: self._lay(case, display_set, region, point),
        )

    def _failed(self, error: Exception) -> None:
        if not isinstance(error, Cancelled):
            self.said.emit(words.failure(error))

    # ------------------------------------------------------------------ list

    def _go(self, row: int) -> None:
        """Bring the hottest voxel of a row on the screen."""
        case, display_set, voxels = self._case, self.display_set, self.voxels()
        if case is None or display_set is None or voxels is None or row >= len(self.table.rows):
            return
        found = self.table.rows[row]
        proposed = case.marks.proposed
        if found.proposed and proposed is not None and found.number <= len(proposed.found.spots):
            view_tools.bring_to(case, display_set, proposed.found.spots[found.number - 1].at_lps)
            return
        segment = case.marks.find_segment(found.uid)
        if segment is None:
            return
        case.marks.use_segment(found.uid)
        jobs.run(
            "Go to a lesion",
            lambda job: hottest_of(voxels, segment.mask),
            lambda point: view_tools.bring_to(case, display_set, point) if case is self._case else None,
            self._failed,
            piece=True,
        )

    def follow(self) -> None:
        """Marks, tools or tiles have changed; an open panel says what is so."""
        case = self._case
        if case is None or (self.panel.isHidden() and case.marks.proposed is None):
            return
        display_set = self.display_set
        voxels = self.voxels(display_set) if display_set is not None else None
        proposed = case.marks.proposed
        if proposed is not None and proposed.found is not self._found:
            self._found, self.least, self.smallest_ml = proposed.found, proposed.found.least, proposed.smallest_ml
        self._renew(case, voxels)
        if self.panel.isHidden():
            return
        self.activity.follow()
        unit = voxels.unit if voxels is not None else ""
        marks, proposed = case.marks, case.marks.proposed
        set_so = marks.tool, marks.painting, self.least, self.smallest_ml
        told = (unit, voxels.factors, voxels.caution) if voxels is not None else None
        waiting = frozenset(s.tracking_uid for s in marks.segments if self._page.findings.is_waiting(s))
        now = (marks.drafts, proposed, display_set, told, waiting, set_so)
        if now == self._shown:
            return
        self._shown = now
        self.table = self._tabled() or HotTable("", unit)
        colours = {each.tracking_uid: QColor(*each.colour) for each in case.marks.segments}
        self.panel.show_threshold(self.least, self.smallest_ml, unit, self._share(case))
        said = (
            NO_PET
            if display_set is None
            else "\n".join(rules(case, display_set, self.table))
            if unit
            else words.ON_THE_WAY
        )
        before: tuple[str, ...] = ()
        if display_set is not None and unit:
            series, segments = case.sets.values(), marks.segments
            before = change_since(series, segments, display_set, self.table, self._page.findings.is_waiting)
        self.panel.show_table(words.title(case, display_set, unit), self.table, colours, said, before)
        self._follow_tool(case)
        self.changed.emit()

    def _tabled(self) -> HotTable | None:
        """What there is in the measure of now; None where there are no values."""
        case, display_set, voxels = self._case, self.display_set, self.voxels()
        if case is None or display_set is None or voxels is None:
            return None
        return tabled(case, display_set, voxels, self._page.findings.is_waiting, self._found)

    def _share(self, case: Case) -> float | None:
        return case.marks.painting.share if case.marks.painting.least is None else None

    def _follow_tool(self, case: Case) -> None:
        from workstation.ui.window_commands import all_commands

        commands, told = all_commands(), {}
        for name, _ in TOOLS:
            key, command = key_of(self._bound, name), commands[name]
            told[name] = (f"{command.help}\n{key}".strip(), self._window.why_not(command))
        self.panel.show_tool(case.marks.tool, told)

    def facts(self) -> dict[str, Any]:
        """What the panel shows and what is proposed, in plain JSON values."""
        proposed = self._case.marks.proposed if self._case is not None else None
        spots = {"kept": len(proposed.kept), "found": len(proposed.found.spots)} if proposed is not None else None
        return {"panel": self.panel.facts(), "proposed": spots, "activity": self.activity.facts()}
