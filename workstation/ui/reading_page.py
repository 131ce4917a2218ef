"""The reading page: patient banner, series strip, tiles. The image is the interface."""

import math
import time
from contextlib import ExitStack
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QBoxLayout, QHBoxLayout, QVBoxLayout, QWidget

from workstation.case import view_tools
from workstation.case.commands import COMMANDS, show_set
from workstation.case.cycle import peek_begin, peek_end
from workstation.case.layering import lit_set
from workstation.case.layout import swap
from workstation.case.open import Opened
from workstation.case.state import Case
from workstation.case.volume import is_3d, set_numbered_preset
from workstation.imaging.presets import Preset, presets
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.picture.chain import percentile_window
from workstation.picture.fused import in_hand
from workstation.picture.page import loaded_for
from workstation.ui.banner import PatientBanner
from workstation.ui.coverage_bar import CoverageDelegate, told_to_readers
from workstation.ui.coverage_watch import CoverageWatch
from workstation.ui.curve_desk import CurveDesk
from workstation.ui.findings_desk import FindingsDesk, tool_text
from workstation.ui.keys import Bound, key_of
from workstation.ui.overlay_panel import OverlayPanel
from workstation.ui.pet_desk import PetDesk
from workstation.ui.planes_entry import ThicknessEntry, over_active_tile
from workstation.ui.planned_desk import PlannedDesk
from workstation.ui.reformat_writer import ReformatWriter
from workstation.ui.registration_desk import RegistrationDesk
from workstation.ui.report_panel import ReportPanel
from workstation.ui.scene_shelf import SceneShelf
from workstation.ui.side_panel import SidePanel
from workstation.ui.strip import SeriesStrip
from workstation.ui.suv_desk import SuvDesk
from workstation.ui.theme import label
from workstation.ui.tile_grid import TileGrid
from workstation.ui.turning_desk import TurningDesk
from workstation.ui.volume_desk import VolumeDesk
from workstation.ui.volume_panel import VolumePanel
from workstation.ui.volume_shells import ShellDesk

TILES_SHARE: Final = 0.85

PEEK_S: Final = 0.35
"""A key that is held longer than this was held to peek."""


class ReadingPage(QWidget):
    """One open study. `closed` when the reader goes back to the list; `changed` after anything shown here changed."""

    closed = Signal()
    changed = Signal()

    def __init__(self, home: Home, loader: Loader) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.case: Case | None = None
        self._loader = loader
        self.grid = TileGrid(loader)
        self._grids = [self.grid]
        self.grid.painted.connect(self.changed)
        self.grid.handled.connect(self.changed)
        self.grid.dropped.connect(self._dropped)
        self.grid.swapped.connect(self._swapped)
        self._peeked_s = 0.0
        self._keys: Bound = {}
        self.banner = PatientBanner()
        self.stage = label("", "stage")
        self.strip = SeriesStrip(home, loader)
        self.strip.chosen.connect(self._series_chosen)
        self.coverage = CoverageWatch(self)
        self.coverage.watch(self.grid)
        self.coverage.changed.connect(self._covered)
        self.strip.setItemDelegate(CoverageDelegate(self.strip, self.coverage.seen))
        self.panel = SidePanel(home, self.grid, self.coverage)
        self.changed.connect(self.panel.follow)
        self.panel.textChanged.connect(self.changed)
        self.reports = ReportPanel(home)
        self.changed.connect(self.reports.follow)
        self.reports.textChanged.connect(self.changed)
        self.findings = FindingsDesk(self, home, loader)
        self.curved = CurveDesk(self, home, loader)
        self.reformats = ReformatWriter(self, home, loader)
        self.volumes = VolumeDesk(self, loader)
        self.turning = TurningDesk(self, loader)
        self.planned = PlannedDesk(self, home)
        self.suv = SuvDesk(self, loader)
        self.pet = PetDesk(self, home, loader)
        self.pet.changed.connect(self.changed)
        self.registration = RegistrationDesk(self, home, loader)
        self.registration.changed.connect(self.changed)
        self.volumes.watch(self.grid)
        self.planned.watch(self.grid)
        self.shells = ShellDesk(self)
        self.changed.connect(self.shells.follow)
        self.thickness = ThicknessEntry(self.grid)
        self.thickness.closed.connect(self.setFocus)
        self.overlays = OverlayPanel(home)
        self.overlays.changed.connect(self.changed)
        self.volume = VolumePanel(loader)
        self.volume.in_hand = self.volumes.in_hand
        self.volume.changed.connect(self.changed)
        self.changed.connect(self.volume.follow)
        self.scenes = SceneShelf(self, home)
        self.scenes.changed.connect(self._scenes_changed)
        self.volume.scenes.wanted.connect(self.scenes.reopen)
        self.volume.scenes.removed.connect(self.scenes.remove)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(0)
        for each, stretch in ((self.banner, 1), (self.stage, 0)):
            top.addWidget(each, stretch)
        middle = self._middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.strip)
        images = QVBoxLayout()
        images.setSpacing(0)
        images.addWidget(self.grid, 1)
        images.addWidget(self.curved.panel)
        middle.addLayout(images, 1)
        middle.addWidget(self.findings.panel)
        middle.addWidget(self.panel)
        middle.addWidget(self.reports)
        middle.addWidget(self.overlays)
        middle.addWidget(self.registration.panel)
        middle.addWidget(self.volume)
        for panel in (self.pet.panel, self.suv.panel):
            middle.addWidget(panel)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addLayout(middle, 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The strip leaves the tiles their share of the window (look.md), as far as its pictures allow."""
        super().resizeEvent(event)
        window, height = self.window().size(), max(1, self.height() - self.banner.height())
        self.strip.fit(math.floor(window.width() - TILES_SHARE * window.width() * window.height() / height))
        if layout := self.layout():
            layout.activate()  # at once, or the first pictures would be made for tiles of another size

    def show_case(self, case: Case | None, opened: Opened | None = None) -> None:
        """Show a case; `opened` is what its hanging was worked out from, for the explanation."""
        if self.case is not None:
            self.case.changed.disconnect(self._case_changed)
            self.case.stage_changed.disconnect(self._case_changed)
        self.case = case
        self.suv.show_case(case)
        if case is not None:
            case.changed.connect(self._case_changed)
            case.stage_changed.connect(self._case_changed)
        self.grid.show_case(case)
        self.strip.show_case(case)
        self.coverage.show_case(case)
        self.panel.show_case(case, opened)
        self.reports.show_case(case)
        self.overlays.show_case(case)
        self.volume.show_case(case)
        self.registration.show_case(case)
        self.findings.show_case(case)
        self.curved.show_case(case)
        self.volumes.show_case()
        self.scenes.show_case(case)
        self.pet.show_case(case)
        self.reformats.forget()
        self._case_changed()

    def grew(self, opened: Opened) -> None:
        """The case holds more than before: strip, coverage and explanation follow; the tiles have followed already."""
        if self.case is not None:
            self.coverage.grow(self.case)
            self.strip.grow(self.case)
            self.panel.show_case(self.case, opened)
            self.reports.show_case(self.case)
            self.overlays.show_case(self.case)
            self.registration.show_case(self.case)
            self._case_changed()

    def _covered(self) -> None:
        """Draw the bars of the strip anew."""
        told_to_readers(self.strip.model(), self.coverage.seen)
        self.strip.viewport().update()
        self.changed.emit()

    def _case_changed(self, numbers: tuple[int, ...] = ()) -> None:
        self.banner.show_case(self.case)
        self.stage.setText(_stage_text(self.case, self._keys) if self.case else "")
        self.strip.mark()
        self.changed.emit()

    def arrived(self, key: str) -> None:
        """More of a display set is in memory."""
        for grid in self._grids:
            grid.arrived(key)
        self.findings.measure()
        self.registration.arrived()
        self.curved.arrived()
        self.pet.follow()
        self.strip.refresh()

    def run(self, name: str) -> None:
        """Run a command of `case.commands` by name."""
        if self.case is None or not self.case.tiles:
            return
        with ExitStack() as steps:
            for grid in self._grids:
                steps.enter_context(grid.stepping(self.case.active if COMMANDS[name].step else -1))
            COMMANDS[name].run(self.case)

    def add_grid(self, grid: TileGrid) -> None:
        """Another window shows tiles of the case."""
        self._grids.append(grid)
        grid.magnifier.switch(self.grid.magnifier.on)
        grid.painted.connect(self.changed)
        grid.handled.connect(self.changed)
        self.coverage.watch(grid)
        self.findings.watch(grid)
        self.curved.watch(grid)
        self.volumes.watch(grid)
        self.planned.watch(grid)
        self.pet.watch(grid)

    def remove_grid(self, grid: TileGrid) -> None:
        for entry in (self.thickness, self.reformats.entry):
            entry.stand_over(self.grid)  # what stands over a window dies with it
        self._grids.remove(grid)
        grid.painted.disconnect(self.changed)
        grid.handled.disconnect(self.changed)
        self.coverage.let_go(grid)
        self.findings.let_go(grid)

    def ask_thickness(self) -> None:
        """Type how thick the plane of the active tile is, over that tile."""
        case = self.case
        if case is not None and (found := over_active_tile(self._grids, case)) is not None:
            grid, place = found
            self.thickness.stand_over(grid)
            self.thickness.ask_thickness(case, case.active, place)

    def preset(self, key: str) -> None:
        """Give the active tile the window preset on a number key."""
        case = self.case
        display_set = lit_set(case, case.active) if case and case.tiles else None
        if case is None or display_set is None:
            return
        if is_3d(case, case.active):
            set_numbered_preset(case, case.active, int(key))
            return
        found = next((each for each in presets(display_set.first.Modality) if each.key == key), None)
        if found is not None:
            self._set_preset(case, found)

    def _set_preset(self, case: Case, preset: Preset) -> None:
        view = in_hand(case.view(case.active))
        voxels, _ = loaded_for(view, case, self._loader)
        if voxels is not None and voxels.arrived:
            view_tools.set_window(case, case.active, percentile_window(view, voxels, preset.name))

    def leave(self) -> None:
        """Out of a tool or the panels first, then the magnifier, then a maximised tile, then back to the list."""
        if _has_keyboard(self.pet.panel, self.suv.panel):
            self.setFocus()
            return
        if self.volumes.leave() or self.findings.leave() or self.curved.leave():
            return
        typed = self.volume.has_keyboard() or self.registration.panel.has_keyboard()
        if typed or _has_keyboard(self.panel, self.reports, self.overlays):
            self.setFocus()
        elif self.grid.magnifier.on:
            self.toggle_magnifier()
        elif self.case is not None and self.case.maximised is not None:
            self.case.maximise(None)
        else:
            self.closed.emit()

    def toggle_magnifier(self) -> None:
        """Lay the magnifier under the pointer, or put it away."""
        on = not self.grid.magnifier.on
        for grid in self._grids:
            grid.magnifier.switch(on)
        self.changed.emit()

    def toggle_panel(self) -> None:
        """Open the explanation beside the images, or close it."""
        if self.panel.isHidden():
            self.hide_panels()
            self.panel.open()
        else:
            self.panel.hide()
            self.setFocus()
        self.changed.emit()

    def toggle_reports(self) -> None:
        """Open the reports beside the images, or close them."""
        if self.reports.isHidden():
            self.hide_panels()
            self.reports.open()
        else:
            self.reports.hide()
            self.setFocus()
        self.changed.emit()

    def toggle_overlays(self) -> None:
        """Open the list of structures and doses beside the images, or close it."""
        if self.overlays.isHidden():
            self.hide_panels()
            self.overlays.open()
        else:
            self.overlays.hide()
            self.setFocus()
        self.changed.emit()

    def toggle_registration(self) -> None:
        """Open what is laid on what beside the images, or close it."""
        if self.registration.panel.isHidden():
            self.hide_panels()
            self.registration.panel.open()
        else:
            self.registration.panel.hide()
            self.setFocus()
        self.changed.emit()

    def toggle_volume(self) -> None:
        """Open presets, opacity and light of 3D beside the images, or close them."""
        if self.volume.isHidden():
            self.hide_panels()
            self.volume.open()
        else:
            self.volume.hide()
            self.setFocus()
        self.changed.emit()

    def _scenes_changed(self) -> None:
        self.volume.scenes.show_scenes([each.title for each in self.scenes.scenes], self.scenes.shown)
        self.changed.emit()

    def hide_panels(self) -> None:
        """Nothing beside the images but the strip."""
        own = (self.findings.panel, self.panel, self.reports, self.overlays, self.volume, self.pet.panel)
        for each in (*own, self.suv.panel, self.registration.panel):
            each.hide()

    def read_panel(self) -> None:
        """Give the keyboard to the explanation, or back to the images."""
        if self.panel.hasFocus():
            self.setFocus()
            return
        self.hide_panels()
        self.panel.open()
        self.panel.setFocus()
        self.changed.emit()

    @property
    def grids(self) -> tuple[TileGrid, ...]:
        """Of this window and of those beside it."""
        return tuple(self._grids)

    def arrange(self, strip_right: bool, covered_shown: bool) -> None:
        """On which side the strip stands, and whether it shows what was on the screen."""
        directions = QBoxLayout.Direction
        self._middle.setDirection(directions.RightToLeft if strip_right else directions.LeftToRight)
        self.coverage.show_bars(covered_shown)

    def say_keys(self, bound: Bound) -> None:
        """These keys are bound now; what stands beside the images says them."""
        self._keys = bound
        self.curved.say_keys(bound)
        self.findings.say_keys(bound)
        self.pet.say_keys(bound)
        self._case_changed()

    def toggle_strip(self) -> None:
        self.strip.setVisible(self.strip.isHidden())
        self.changed.emit()

    def peek(self) -> None:
        """Show the next series of the same place; it stays after a short press, and goes when a long one ends."""
        if self.case is not None and peek_begin(self.case):
            self._peeked_s = time.monotonic()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self.released(event)
        super().keyReleaseEvent(event)

    def released(self, event: QKeyEvent) -> None:
        """A key went up, here or in another window: what was peeked at goes, or stays after a short press."""
        if self.case is not None and self.case.peeking is not None and not event.isAutoRepeat():
            peek_end(self.case, keep=time.monotonic() - self._peeked_s < PEEK_S)

    def _swapped(self, one: int, other: int) -> None:
        if self.case is not None:
            swap(self.case, one, other)

    def _dropped(self, number: int, key: str) -> None:
        if self.case is not None and key in self.case.sets:
            self.case.activate(number)
            show_set(self.case, number, key)

    def _series_chosen(self, key: str) -> None:
        if self.case is not None and self.case.tiles:
            show_set(self.case, self.case.active, key)


def _has_keyboard(*panels: QWidget) -> bool:
    """Whether keys go into one of these and not to the images."""
    focus = QApplication.focusWidget()
    return focus is not None and any(each is focus or each.isAncestorOf(focus) for each in panels)


def _stage_text(case: Case, bound: Bound) -> str:
    stages = case.plan.stages
    name = stages[case.stage].name
    way = (
        f"{key_of(bound, 'audience-view') or 'Audience view'}: end the audience view" if case.audience else "Esc: list"
    )
    alone = "  ·  one tile alone (Esc: all)" if case.maximised is not None else f"  ·  {way}"
    if case.audience:
        name = ""  # large type and how it ends leave no room for more
    more = "  (Space: next)" if len(stages) > 1 and not case.audience else ""
    films = "▶ film plays (C: stop)  ·  " if case.playing else ""
    tool = tool_text(case)
    return f"{tool}{films}Stage {case.stage + 1} of {len(stages)}{': ' + name if name else ''}{more}{alone}"
