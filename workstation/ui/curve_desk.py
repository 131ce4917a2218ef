"""Curved planes on the reading page: what is placed by hand becomes a line, pictures and widths in jobs.

One line at a time, which belongs to the case; one that was kept as a finding is taken up again and changed. Pictures
come back with the points, the place and the turn they were asked for, and are dropped when the case is another one.
"""

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from workstation import jobs
from workstation.case import view_tools
from workstation.case.curve import Curve
from workstation.case.curve_finding import can_be_followed, finding_along, placed_points
from workstation.case.curve_lines import Lines
from workstation.case.state import Case, TileView
from workstation.errors import Cancelled, HounsfieldError
from workstation.findings.finding import Finding
from workstation.imaging.geometry import Vec3
from workstation.imaging.vessel import vessel
from workstation.imaging.volume import Voxels
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.picture.chain import chain_in_force
from workstation.picture.curve import CurvePicture, Followed, block_of, curve_picture, followed, narrowing_of
from workstation.picture.page import loaded_for
from workstation.ui.curve_capture import ToSave
from workstation.ui.curve_hints import hint
from workstation.ui.curve_panel import CurvePanel
from workstation.ui.keys import Bound
from workstation.ui.last_wish import LastWish
from workstation.ui.tile_grid import TileGrid

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage

FOLLOWS_MM = 15.0
"""The place on the line follows a crosshair that is put so near to it."""

HEIGHT_SHARE = 0.36
LEAST_PX, MOST_PX = 240, 420
"""Of the page, what is shown along the line has so much height."""


class CurveDesk(QObject):
    """Belongs to one reading page; `said` are sentences."""

    said = Signal(str)

    def __init__(self, page: "ReadingPage", home: Home, loader: Loader) -> None:
        super().__init__(page)
        self._page, self._home, self._loader = page, home, loader
        self._case: Case | None = None
        self.curve = Curve()
        self.panel = CurvePanel()
        self._bound: Bound = {}
        self._lines = Lines()
        self._followed: Followed | None = None
        self._measuring = LastWish("Measure along the curve", jobs.Lane.WAITING, self._failed)
        self._unrolling = LastWish("Unroll along the curve", jobs.Lane.SCREEN, self._failed)
        self._going = self._just_placed = False
        self.panel.looked.connect(self.look)
        self.panel.turned.connect(self.turn)
        self.panel.compared.connect(self._compare)
        self.panel.resized.connect(self._ask_picture)
        self._use(self.curve)
        self.watch(page.grid)

    def watch(self, grid: TileGrid) -> None:
        """A window shows tiles: points are placed there too."""
        grid.hand.curve.curve = self.curve
        grid.hand.curve.followed = self._followed

    def say_keys(self, bound: Bound) -> None:
        """These keys are bound now; what is written beside the curve names them."""
        self._bound = bound
        self._say()

    def show_case(self, case: Case | None) -> None:
        """Another case has another line; that of the last one stays with it."""
        if self._case is not None:
            self._case.changed.disconnect(self._case_changed)
        self.close()
        self._case = case
        if case is not None:
            case.changed.connect(self._case_changed)
            self._lines.give_to(case)
        self._use(case.curve if case is not None else Curve())

    def _use(self, curve: Curve) -> None:
        self.curve.changed.disconnect(self._changed)
        self.curve.moved.disconnect(self._moved)
        self.curve = self.panel.curve = curve
        curve.changed.connect(self._changed)
        curve.moved.connect(self._moved)
        for grid in self._page.grids:
            grid.hand.curve.curve = curve
        self._take(None)

    @property
    def is_open(self) -> bool:
        return not self.panel.isHidden()

    def toggle(self) -> None:
        """Place points, or stop placing them; once none are placed, close what is shown along them. A selected mark
        that is a line is taken up to be changed."""
        view = self._active()
        if view is None or self._case is None:
            return
        if self.is_open and self.curve.placing:
            self.curve.end()
            self.said.emit("")
        elif self.is_open and self.curve.is_line:
            self.close()
        else:
            self._open(self._case, view)
        self._page.changed.emit()

    def _open(self, case: Case, view: TileView) -> None:
        self.panel.setFixedHeight(max(LEAST_PX, min(MOST_PX, round(self._page.height() * HEIGHT_SHARE))))
        self.panel.show()
        self.curve.shown = True
        key, space = view.display_set.key if view.display_set else "", case.space_of(view.tile)
        if key != self.curve.key:
            self._take(None)  # what was worked out is of another volume
        line = case.marks.find(case.marks.selected)
        if line is None or not can_be_followed(line, space):
            self.curve.begin(key, space)
            self.said.emit("")
            return
        self.curve.show(key, space)
        case.marks.select("")
        if self.curve.finding == line.tracking_uid:
            return
        if (points := self.curve.known(line.tracking_uid, line.points)) is not None:
            self._take_up(line, points)
            return

        def found(points: tuple[Vec3, ...]) -> None:
            if case is self._case and self.is_open:
                self._take_up(line, points)

        jobs.run("Take up the line", lambda job: placed_points(line), found, self._failed, piece=True)

    def _take_up(self, line: Finding, points: tuple[Vec3, ...]) -> None:
        self.curve.take_up(line.tracking_uid, line.points, points)
        self.said.emit(f"{line.title} can be changed: its points are moved, added and taken away.")

    def close(self) -> None:
        """Show nothing along the line; its points stay for the next time."""
        self.panel.hide()
        self.curve.shown = False
        if self.curve.placing:
            self.curve.end()
        self._repaint()

    def place_here(self) -> None:
        """A point where the crosshair of the active tile is, or in the middle of its image."""
        view = self._active()
        if view is None or self._case is None or self._case.space_of(view.tile) != self.curve.space:
            self.said.emit("The curve runs through another series.")
            return
        planes = view.tile.orientation is not None and view.crosshair_lps is not None
        point = view.crosshair_lps if planes and view.crosshair_lps is not None else view.grid.center_lps
        if self.curve.placing or self._followed is None:
            self.curve.add(point)
        else:
            self.curve.insert(point, self._followed.line)

    def remove_here(self) -> None:
        """Take away the point that is nearest along the line to the place that is looked at."""
        if self._followed is not None and self._is_current:
            self.curve.remove_nearest(self._followed.line)

    def leave(self) -> bool:
        """One step back out of placing points, or out of what is shown along them; whether there was one."""
        if not self.is_open:
            return False
        if any(grid.hand.curve.give_back() for grid in self._page.grids):
            self.said.emit("The point is where it was.")
        elif self.curve.placing:
            self.curve.end()
            self.said.emit("")
        else:
            self.close()
        self._page.changed.emit()
        return True

    def follow_vessel(self) -> None:
        """Replace the last stretch by the way inside of the vessel between its two ends."""
        voxels = self._voxels()
        if voxels is None or not self.curve.is_line:
            return
        points = self.curve.points
        first, last = points[-2:]

        def work(job: jobs.Job) -> tuple[tuple[float, float, float], ...]:
            return vessel(block_of(voxels), first, last, lambda: job.cancelled).control_lps

        def found(way: tuple[tuple[float, float, float], ...]) -> None:
            if self.curve.points == points:
                self._just_placed = True
                self.curve.put((*points[:-2], *way))
                self.curve.end()
                self.said.emit("The way of the vessel, held to its middle. Its points can be moved.")

        jobs.run("Find the way of the vessel", work, found, self._failed)

    def look(self, arc_mm: float) -> None:
        """Look at a place of the line, here and in the planes; one that is wished for early waits for the line."""
        longest = self._followed.line.length_mm if self._followed is not None else max(arc_mm, 0.0)
        self.curve.look(min(max(arc_mm, 0.0), longest))

    def turn(self, degrees: float) -> None:
        self.curve.turn(degrees)

    def _compare(self, first_mm: float, last_mm: float) -> None:
        self.curve.compare((first_mm, last_mm))

    def step(self, by_mm: float) -> None:
        self.look(self.curve.arc_mm + by_mm)

    def mark(self) -> None:
        """The first mark of a stretch, its second, or none again."""
        at, between = self.curve.arc_mm, self.curve.between
        if between is None:
            self.curve.compare((at, at))
        elif between[0] == between[1] and at != between[0]:
            self.curve.compare((between[0], at))
        else:
            self.curve.compare(None)

    def save(self) -> None:
        """Keep the line among the findings, or in place of what it was kept as before."""
        case, view, found = self._case, self._view(), self._followed
        if case is None or view is None or found is None or found.points != self.curve.points:
            return
        kept = finding_along(case, view, found.line, found.lumen, self.panel.narrowing, self.curve.finding)
        known = self._kept()
        (case.marks.add if known is None else case.marks.change)(kept)
        self.curve.was_kept(kept.tracking_uid, kept.points)
        self.said.emit("The curve is among the findings." if known is None else f"{kept.title} says this line now.")

    def to_save(self) -> ToSave | None:
        """What is shown, to be written as a picture of its study; None while there is none."""
        case, view, voxels, pane = self._case, self._view(), self._voxels(), self.panel.pane
        if case is None or view is None or voxels is None or pane is None:
            return None
        return ToSave(self._home, case.digests[voxels.display_set.first.SOPInstanceUID], view, voxels, pane)

    def _kept(self) -> Finding | None:
        """The finding that the line was kept as or taken from."""
        return self._case.marks.find(self.curve.finding) if self._case is not None else None

    # ---------------------------------------------------------------- state

    def _active(self) -> TileView | None:
        case = self._case
        return case.view(case.active) if case is not None and case.tiles else None

    def _view(self) -> TileView | None:
        """A tile that shows the volume of the line: the active one, or another."""
        case = self._case
        if case is None or not self.curve.key:
            return None
        order = (case.active, *case.shown)
        number = next((each for each in order if case.tiles[each].display_set == self.curve.key), None)
        return case.view(number) if number is not None else None

    def _voxels(self) -> Voxels | None:
        view = self._view()
        if view is None or self._case is None:
            return None
        return loaded_for(view, self._case, self._loader)[0]

    def arrived(self) -> None:
        """More of the volume may be in memory."""
        if self.is_open and self._followed is not None and self._followed.lumen is None:
            self._follow()

    def _say(self) -> None:
        """What the line is called, and what can be done with it next, in the keys of whoever sits here."""
        kept, curve = self._kept(), self.curve
        self.panel.title = f"{kept.title}{', changed' if curve.differs else ''}" if kept is not None else "Curve"
        self.panel.said = hint(curve, self._bound, kept is not None)

    def _changed(self) -> None:
        self._say()
        self._repaint()
        if not self.curve.is_line:
            self._take(None)
        elif self.is_open and not self._is_current:
            self._follow()
        elif self.is_open and not self.curve.placing:
            self._follow_crosshair()

    def _moved(self) -> None:
        self.panel.narrowing = narrowing_of(self._followed, self.curve.between)
        self._repaint()
        self._ask_picture()
        case, view, found = self._case, self._view(), self._followed
        if case is None or view is None or found is None or self._going or not self.is_open:
            return
        point = found.line.place(self.curve.arc_mm).point_lps
        self._going = True
        try:
            view_tools.go_to_point(case, view.number, point)
        finally:
            self._going = False

    def _case_changed(self, numbers: tuple[int, ...] = ()) -> None:
        """The place on the line follows the crosshair, and the picture the window."""
        found, view = self._followed, self._view()
        if not self.is_open or found is None or view is None:
            return
        self._say()
        self._follow_crosshair()
        self._ask_picture()

    @property
    def _is_current(self) -> bool:
        """Whether what was worked out is of the line as it is."""
        return self._followed is not None and self._followed.points == self.curve.points

    def _follow_crosshair(self) -> None:
        """Look at the place of the line that is nearest to the crosshair, where that is near."""
        found, view = self._followed, self._view()
        if found is None or view is None:
            return
        if not self._going and not self.curve.placing and view.crosshair_lps is not None:
            arc, away = found.line.nearest(view.crosshair_lps)
            if away <= FOLLOWS_MM and abs(arc - self.curve.arc_mm) > 0.01:
                self._going = True
                try:
                    self.curve.look(arc)
                finally:
                    self._going = False

    # ----------------------------------------------------------------- jobs

    def _follow(self) -> None:
        """Work out the line anew."""
        voxels, points, case = self._voxels(), self.curve.points, self._case
        if voxels is None or len(points) < 2:
            return

        def done(found: Followed) -> None:
            if case is self._case and found.points == self.curve.points:
                self._take(found)

        self._measuring.ask(self._follow, lambda job: followed(voxels, points), done)

    def _take(self, found: Followed | None) -> None:
        self._followed = self.panel.followed = found
        for grid in self._page.grids:
            grid.hand.curve.followed = found
        self._say()
        if found is None:
            self.panel.picture = None
        else:
            self.look(self.curve.arc_mm)
            if self._just_placed:
                self._just_placed = False
                self._follow_crosshair()
        self.panel.narrowing = narrowing_of(self._followed, self.curve.between)
        self._repaint()
        self._ask_picture()
        self._page.changed.emit()

    def _ask_picture(self) -> None:
        """Have the pictures made for what is wished for now."""
        found, view, voxels = self._followed, self._view(), self._voxels()
        if not self.is_open or found is None or view is None or voxels is None:
            return
        case, curve, places = self._case, self.curve, self.panel.places
        how = (curve.arc_mm, curve.degrees, curve.stretched, places.picture_px, places.section_px)

        def work(job: jobs.Job) -> CurvePicture:
            return curve_picture(voxels, chain_in_force(view, voxels), found, *how)

        def done(picture: CurvePicture) -> None:
            if case is self._case and found is self._followed:
                self.panel.picture = picture
                self.panel.update()
                self._page.changed.emit()

        self._unrolling.ask(self._ask_picture, work, done)

    def _repaint(self) -> None:
        self.panel.update()
        for grid in self._page.grids:
            grid.update()

    def _failed(self, error: Exception) -> None:
        if isinstance(error, Cancelled):
            return
        self.said.emit(f"{error.sentence}." if isinstance(error, HounsfieldError) else "The curve could not be shown.")

    def facts(self) -> dict[str, Any] | None:
        return self.panel.facts()
