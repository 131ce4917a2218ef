"""The reading page: patient banner, series strip, tiles. The image is the interface."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from workstation.case import view_tools
from workstation.case.commands import COMMANDS, show_set
from workstation.case.state import Case
from workstation.imaging.presets import Preset, presets
from workstation.loading.load import Loader
from workstation.picture.compose import percentile_window
from workstation.picture.page import loaded_for, tile_rects
from workstation.picture.text import age, date, person_name
from workstation.ui.theme import label
from workstation.ui.tile_widget import TileWidget

STEPS = frozenset(name for name in COMMANDS if name.endswith("-image") or name in ("ten-images-on", "ten-images-back"))
"""Commands whose every press is painted."""


class TileGrid(QWidget):
    """The tiles of the open case, as the stage lays them out."""

    def __init__(self, loader: Loader) -> None:
        super().__init__()
        self._loader = loader
        self._case: Case | None = None
        self._tiles: list[TileWidget] = []
        self.stepping = False
        self.setAutoFillBackground(True)
        self.setStyleSheet("background: black;")

    @property
    def tiles(self) -> list[TileWidget]:
        return [tile for tile in self._tiles if not tile.isHidden()]

    def show_case(self, case: Case | None) -> None:
        if self._case is not None:
            self._case.changed.disconnect(self._changed)
            self._case.stage_changed.disconnect(self._hang)
        self._case = case
        if case is not None:
            case.changed.connect(self._changed)
            case.stage_changed.connect(self._hang)
        self._hang()

    def _hang(self) -> None:
        case = self._case
        shown = case.shown if case else ()
        while len(self._tiles) < len(shown):
            self._tiles.append(TileWidget(self._loader, self))
        self._lay_out()
        for place, tile in enumerate(self._tiles):
            tile.setVisible(place < len(shown))
            tile.show_tile(case if place < len(shown) else None, shown[place] if place < len(shown) else 0)

    def _lay_out(self) -> None:
        """In device pixels, so that what is laid out here equals `picture.page` at any pixel ratio."""
        if self._case is None:
            return
        ratio = self.devicePixelRatioF()
        width, height = round(self.width() * ratio), round(self.height() * ratio)
        for tile, rect in zip(self._tiles, tile_rects(width, height, *self._case.layout), strict=False):
            left, top = round(rect.x() / ratio), round(rect.y() / ratio)
            right, bottom = round((rect.x() + rect.width()) / ratio), round((rect.y() + rect.height()) / ratio)
            tile.setGeometry(left, top, right - left, bottom - top)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _changed(self, numbers: tuple[int, ...]) -> None:
        for tile in self.tiles:
            if tile.number in numbers:
                tile.ask(step=self.stepping)

    def arrived(self, key: str) -> None:
        """More of a display set is in memory."""
        if self._case is None:
            return
        for tile in self.tiles:
            if tile.number < len(self._case.tiles) and self._case.tiles[tile.number].display_set == key:
                tile.ask(step=False)


class ReadingPage(QWidget):
    """One open study. `closed` is emitted when the reader goes back to the list."""

    closed = Signal()

    def __init__(self, loader: Loader) -> None:
        super().__init__()
        self.setObjectName("page")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.case: Case | None = None
        self._loader = loader
        self.grid = TileGrid(loader)
        self.banner = label("", "banner")
        self.banner.setTextFormat(Qt.TextFormat.RichText)
        self.strip = QListWidget()
        self.strip.setFixedWidth(176)
        self.strip.setWordWrap(True)
        self.strip.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.strip.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.strip.setAccessibleName("Series")
        self.strip.setToolTip("Series of this study. A click shows the series in the active tile (key N or P).")
        self.strip.itemClicked.connect(self._series_clicked)
        middle = QHBoxLayout()
        middle.setContentsMargins(0, 0, 0, 0)
        middle.setSpacing(0)
        middle.addWidget(self.strip)
        middle.addWidget(self.grid, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.banner)
        whole.addLayout(middle, 1)
        self._shortcuts()

    def show_case(self, case: Case | None) -> None:
        self.case = case
        self.strip.clear()
        self.banner.setText(_banner(case) if case else "")
        for display_set in case.sets.values() if case else ():
            first = display_set.first
            title = first.SeriesDescription or f"Series {first.SeriesNumber or '?'}"
            item = QListWidgetItem(
                f"{first.SeriesNumber or ''}  {title}\n{first.Modality}, {len(display_set.images)} images"
            )
            item.setData(Qt.ItemDataRole.UserRole, display_set.key)
            item.setToolTip("\n".join(notice.sentence for notice in display_set.notices) or title)
            self.strip.addItem(item)
        self.grid.show_case(case)

    def run(self, name: str) -> None:
        """Run a command of `case.commands` by name."""
        if self.case is None:
            return
        self.grid.stepping = name in STEPS
        try:
            COMMANDS[name].run(self.case)
        finally:
            self.grid.stepping = False

    def preset(self, key: str) -> None:
        """Give the active tile the window preset on a number key."""
        case = self.case
        display_set = case.view(case.active).display_set if case and case.tiles else None
        if case is None or display_set is None:
            return
        found = next((each for each in presets(display_set.first.Modality) if each.key == key), None)
        if found is not None:
            self._set_preset(case, found)

    def _set_preset(self, case: Case, preset: Preset) -> None:
        view = case.view(case.active)
        voxels, _ = loaded_for(view, case, self._loader)
        if voxels is not None and voxels.arrived:
            view_tools.set_window(case, case.active, percentile_window(view, voxels, preset.name))

    def _series_clicked(self, item: QListWidgetItem) -> None:
        if self.case is not None:
            show_set(self.case, self.case.active, item.data(Qt.ItemDataRole.UserRole))

    def _shortcuts(self) -> None:
        for name, command in COMMANDS.items():
            for key in command.keys:
                self._shortcut(key, lambda name=name: self.run(name))
        for number in "123456789":
            self._shortcut(number, lambda number=number: self.preset(number))
        self._shortcut("Esc", self.closed.emit)
        self._shortcut("F2", lambda: self.strip.setVisible(not self.strip.isVisible()))

    def _shortcut(self, key: str, run: object) -> None:
        shortcut = QShortcut(QKeySequence(key), self)
        shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        shortcut.activated.connect(run)


def _banner(case: Case) -> str:
    first = case.first
    if first is None:
        return "No images in this study."
    patient = first.patient
    name = person_name(patient.PatientName) or "(no name)"
    parts = [patient.PatientID, date(patient.PatientBirthDate), patient.PatientSex, age(first)]
    study = [first.StudyDescription, date(first.StudyDate)]
    quiet = " &nbsp;·&nbsp; ".join(_escaped(part) for part in parts + study if part)
    return f"<b>{_escaped(name)}</b> &nbsp;&nbsp; {quiet}"


def _escaped(text: str) -> str:
    import html

    return html.escape(text)
