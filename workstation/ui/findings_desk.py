"""Measuring on the reading page: the pens of its windows, the line to type into, the list, and what is kept."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent

from workstation.case import view_tools
from workstation.case.calibrating import taken_away
from workstation.case.drawing import ERASER, Marks
from workstation.case.drawing_commands import TOOLS, nudge
from workstation.case.drawing_saved import SAVED
from workstation.case.drawing_show import jump_to
from workstation.case.key_commands import go_to_key
from workstation.case.painting import CLICKS
from workstation.case.painting import TOOLS as SEGMENT_TOOLS
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind
from workstation.findings.key_image import KeyImage, Purpose
from workstation.findings.segment import Segment
from workstation.imaging.view import Framing
from workstation.loading.load import Loader
from workstation.paths import Home
from workstation.ui.findings_chart import FindingChart
from workstation.ui.findings_entry import MarkEntry
from workstation.ui.findings_keeper import Keeper
from workstation.ui.findings_panel import FindingsPanel
from workstation.ui.findings_pictures import FindingPictures
from workstation.ui.findings_sight import bring_into_sight
from workstation.ui.key_images import KeyImages
from workstation.ui.keys import Bound, key_of
from workstation.ui.screen_tile import ScreenTile
from workstation.ui.segment_desk import SegmentDesk, tool_words
from workstation.ui.tile_grid import TileGrid

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage

NUDGES: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class FindingsDesk(QObject):
    """Belongs to one reading page. The page's `changed` follows what is seen here; `said` are sentences."""

    said = Signal(str)

    def __init__(self, page: "ReadingPage", home: Home, loader: Loader) -> None:
        super().__init__(page)
        self._page = page
        self._home = home
        self._loader = loader
        self._case: Case | None = None
        self._keeper: Keeper | None = None
        self._had = 0
        self._followed: tuple[object, object] = (None, None)
        """The drafts and what is saved that list and words show."""
        self.save_key = ""
        """The key that saves, for who reads that something is not saved."""
        self.opens_itself = True
        """Whether the list opens with the first mark."""
        self._in_place: dict[int, tuple[Framing, Framing]] = {}
        """Framings of tiles before the list opened by itself, and since."""
        self.entry = MarkEntry(page.grid)
        self.entry.closed.connect(page.setFocus)
        self.pictures = FindingPictures(loader, self._pictures_came)
        self.panel = FindingsPanel(self.pictures.of_finding)
        self.panel.chosen.connect(self._chosen)
        self.panel.walked.connect(self._walked)
        self.panel.menu_wanted.connect(self._menu)
        self.panel.removed.connect(self._removed)
        self.panel.changed.connect(page.changed)
        self.entry.said.connect(self.said)
        self.segments = SegmentDesk(self, loader)
        self.segments.said.connect(self.said)
        self.segments.changed.connect(page.changed)
        self.segments.panel.wanted.connect(page.setFocus)
        self.panel.put_under(self.segments.panel)
        self.keys = KeyImages(self.pictures.of_key)
        self.keys.chosen.connect(self._key_chosen)
        self.keys.removed.connect(lambda key: self._case.marks.flag(key) if self._case is not None else None)
        self.keys.retitled.connect(self._key_retitled)
        self.panel.put_under(self.keys)
        self.chart = FindingChart(loader, self._failed)
        self.panel.show_values(self.chart)
        self.watch(page.grid)
        page.installEventFilter(self)

    def watch(self, grid: TileGrid) -> None:
        """Another window shows tiles: its pen asks over them."""

        def ask(tile: ScreenTile, finding: Finding) -> None:
            self.entry.stand_over(grid)
            self.entry.ask(tile, finding)

        grid.hand.pen.ask = ask
        grid.hand.space.say = self.said.emit
        self.segments.watch(grid)

    def let_go(self, grid: TileGrid) -> None:
        """A window goes, and what is typed over its tiles with it."""
        grid.hand.pen.ask = lambda tile, finding: None
        grid.hand.space.say = lambda sentence: None
        self.segments.let_go(grid)
        self.entry.stand_over(self._page.grid)

    def show_case(self, case: Case | None) -> None:
        """Measure in a case; of one before nothing stays but its drafts."""
        self.entry.give_up()
        if self._case is not None:
            self._case.marks.changed.disconnect(self._marks_changed)
            self._case.marks.tool_changed.disconnect(self._tool_changed)
            self._case.marks.sought.disconnect(self._sought)
        if self._keeper is not None:
            self._keeper.finish()
        self._case = case
        self._keeper = None
        self._had = _count(case.marks) if case else 0
        self._in_place = {}
        self._followed = (None, None)
        if case is not None:
            self._keeper = Keeper(case, self._home, self._loader, self._page.changed.emit, self._failed)
            case.marks.changed.connect(self._marks_changed)
            case.marks.tool_changed.connect(self._tool_changed)
            case.marks.sought.connect(self._sought)
        self.pictures.show_case(case)
        self.panel.show_case(case)
        self.keys.show_case(case)
        self._say_saved()
        self.chart.show_case(case)
        self.segments.show_case(case)
        self.panel.hide()

    def _marks_changed(self) -> None:
        case = self._case
        if case is None or self._keeper is None:
            return
        marks = case.marks
        if (
            self._followed[0] is not marks.drafts or self._followed[1] is not marks.saved
        ):  # else only what is in hand or selected is another
            self._keeper.follow()
            first = _count(marks) > 0 and self._had == 0 and self.panel.isHidden()
            if first and self.opens_itself and self._page.pet.panel.isHidden():
                self._open_in_place(case)
            self._had = _count(marks)
            self._say_saved()
            self.keys.follow()
            self._followed = (marks.drafts, marks.saved)
            self.panel.follow(marks.selected or marks.current)
        else:
            self.panel.select(marks.selected or marks.current)
        self.chart.follow(marks.find(marks.selected or marks.current))

    def _tool_changed(self) -> None:
        if self._case is not None:
            if self._case.marks.tool in SEGMENT_TOOLS - CLICKS and self.panel.isHidden():
                self._open()  # its numbers are there, and the tiles get their size before anything is painted
            self._case.emit_changed(())  # no picture, but the line over them says which tool it is

    def _sought(self, number: int, finding: Finding) -> None:
        for tile in (tile for grid in self._page.grids for tile in grid.tiles if tile.number == number):
            if self._case is not None:
                bring_into_sight(self._case, tile, finding)

    def say_keys(self, bound: Bound) -> None:
        """These keys are bound now."""
        self.save_key = key_of(bound, "save-findings")
        self.panel.say_keys(bound)
        self._say_saved()

    def _say_saved(self) -> None:
        self.panel.say(saved_words(self._case.marks, self.save_key) if self._case is not None else "")

    def _pictures_came(self) -> None:
        self.panel.table.viewport().update()
        self.keys.redraw()

    def measure_again(self) -> None:
        """PET is told in another unit from now on."""
        if self._keeper is not None:
            self._keeper.measure_again()

    def is_waiting(self, segment: Segment) -> bool:
        """Whether a segment's values are still to come in the measure of now."""
        return self._keeper is not None and self._keeper.is_waiting(segment)

    def measure(self) -> None:
        """More voxels are there."""
        self._pictures_came()
        if self._keeper is not None:
            self._keeper.measure()

    # ------------------------------------------------------------------ hand

    def leave(self) -> bool:
        """One step back out of what is under way here; whether there was one."""
        if not self.entry.isHidden():
            self.entry.give_up()
        elif self.panel.isAncestorOf(self._page.window().focusWidget() or self._page):
            self._page.setFocus()
        elif self._case is None or not self._case.marks.leave():
            return False
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows are the selected mark's while it is on the active tile, not the images'."""
        kinds = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if event.type() not in kinds or not isinstance(event, QKeyEvent) or not self._nudges(event):
            return False
        if event.type() is QEvent.Type.KeyPress and self._case is not None:
            nudge(self._case, *NUDGES[Qt.Key(event.key())])
        event.accept()
        return True

    def _nudges(self, event: QKeyEvent) -> bool:
        case = self._case
        if case is None or event.key() not in NUDGES or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        tiles = [tile for grid in self._page.grids for tile in grid.tiles if tile.number == case.active]
        uid = case.marks.selected
        return bool(uid) and any(mark.uid == uid for tile in tiles for mark in tile.marks)

    # ----------------------------------------------------------------- panel

    def toggle(self) -> None:
        """Open the list, or close it."""
        if self.panel.isHidden():
            self._open()
        else:
            self.panel.hide()
            self._page.setFocus()
            self._frame_as_before()
        self._page.changed.emit()

    def _open_in_place(self, case: Case) -> None:
        """Open the list beside a hand at work: images keep their scale, the one in hand its place on the screen too."""
        before = [(tile, tile.rect.topLeft(), tile.screen()) for tile in self._page.grid.tiles]
        framed = {tile.number: case.tiles[tile.number].framing for tile, _, _ in before}
        self._open()
        if layout := self._page.layout():
            layout.activate()
        for tile, _, screen in before:
            if screen is None or tile.size == (screen.width, screen.height) or framed[tile.number].one_to_one:
                continue
            view_tools.zoom_about(case, tile.number, screen.px_per_mm, 1.0, 0.0, 0.0)
        for tile, corner, screen in before:
            if tile.number == case.active and screen is not None and (now := tile.screen()) is not None:
                x, y, _ = now.pixel(screen.point(0.0, 0.0))
                went = corner - tile.rect.topLeft()
                view_tools.pan(case, tile.number, (went.x() - x) / now.px_per_mm, (went.y() - y) / now.px_per_mm)
        self._in_place = {number: (old, case.tiles[number].framing) for number, old in framed.items()}

    def _frame_as_before(self) -> None:
        """The list that opened by itself is closed: images that nobody has moved since are framed as they were."""
        case, framed, self._in_place = self._case, self._in_place, {}
        for number, (old, since) in framed.items():
            if case is not None and number < len(case.tiles) and case.tiles[number].framing == since != old:
                case.tiles[number] = replace(case.tiles[number], framing=old)
                case.emit_changed((number,))

    def _open(self) -> None:
        self._page.panel.hide()
        self._page.reports.hide()
        self._page.overlays.hide()
        self._page.pet.panel.hide()
        self._page.suv.panel.hide()
        self.panel.show()

    def rename(self) -> None:
        """Type a name for the mark that was touched last."""
        self._type(self.entry.rename)

    def say_site(self) -> None:
        """Type where the mark that was touched last lies."""
        self._type(self.entry.place)

    def _type(self, begin: Callable[[Case, Finding, QPoint], None]) -> None:
        case = self._case
        finding = case.marks.find(case.marks.selected or case.marks.current) if case else None
        if case is None or finding is None:
            return
        over, place = self._page.grid, QPoint(20, 20)
        for grid in self._page.grids:
            for tile in grid.tiles:
                for mark in tile.marks:
                    if mark.uid == finding.tracking_uid and mark.label is not None and tile.number == case.active:
                        x, y = mark.label[:2]
                        over = grid
                        place = QPoint(round((tile.rect.x() + x) / tile.ratio), round((tile.rect.y() + y) / tile.ratio))
        self.entry.stand_over(over)
        begin(case, finding, place)

    def _chosen(self, finding: Finding) -> None:
        """Go there; arrows are the mark's from now on, as after a click on it."""
        self._walked(finding)
        self._page.setFocus()

    def _walked(self, finding: Finding) -> None:
        if self._case is not None:
            jump_to(self._case, finding)

    def _key_chosen(self, key: KeyImage) -> None:
        if self._case is not None:
            go_to_key(self._case, key)
        self._page.setFocus()

    def _key_retitled(self, key: KeyImage, purpose: Purpose) -> None:
        if self._case is not None:
            self._case.marks.retitle(key, purpose)

    def _menu(self, finding: Finding, place: QPoint) -> None:
        """What can be done with a mark, as with the right button on the mark itself."""
        self._chosen(finding)
        if self._case is not None:
            self._page.grid.menu_wanted.emit(self._case.active, place)

    def _removed(self, finding: Finding) -> None:
        if self._case is not None:
            taken_away(self._case, finding.tracking_uid)

    # ----------------------------------------------------------------- words

    def _failed(self, error: Exception) -> None:
        self.said.emit(getattr(error, "sentence", "") or type(error).__name__)

    def facts(self) -> dict[str, Any]:
        """What is measured with, and what is kept, in plain JSON values."""
        found: dict[str, Any] = {"entry": None if self.entry.isHidden() else self.entry.placeholderText()}
        found["segments"] = self.segments.facts()
        found |= {"panel": self.panel.facts(), "saved": bool(self._keeper and self._keeper.saved)}
        found["chart"] = self.chart.facts()
        found["keys"] = self.keys.facts()
        return found | _facts(self._case.marks if self._case is not None else Marks())


def _facts(marks: Marks) -> dict[str, Any]:
    selected = marks.find(marks.selected)
    return {
        "tool": marks.tool,
        "locked": marks.locked,
        "count": len(marks),
        "hidden": marks.hidden,
        "selected": selected.number if selected else None,
        "in_hand": marks.in_hand.kind.value if marks.in_hand else None,
    }


def tool_text(case: Case) -> str:
    """Which tool is in hand, for the line over the images."""
    marks = case.marks
    if segments := tool_words(case):
        return f"✎ {segments} (Esc: window)  ·  "
    if not marks.tool:
        return "Marks are hidden (Shift+G shows them)  ·  " if marks.hidden and _count(marks) else ""
    title = "Eraser" if marks.tool == ERASER else TOOLS[Kind(marks.tool)][0]
    return f"✎ {title}{', locked' if marks.locked else ''} (Esc: window)  ·  "


def _count(marks: Marks) -> int:
    """Findings and segments together: the list opens with the first of either."""
    return len(marks) + len(marks.segments)


def saved_words(marks: Marks, key: str) -> str:
    """How many findings there are, and how many of them no document says yet; nothing where there are none."""
    if not len(marks):
        return ""
    known = marks.saved.findings
    drafts = sum(each.tracking_uid not in known or marks.saved.state(each) != SAVED for each in marks)
    count = "1 finding" if len(marks) == 1 else f"{len(marks)} findings"
    if not drafts:
        return f"{count}, saved"
    way = f" ({key} saves)" if key else ""
    return f"{count}; {'all' if drafts == len(marks) > 1 else drafts} kept as draft{'' if drafts == 1 else 's'}{way}"
