"""Structures, segments and doses beside the images: what there is, which is drawn, and how much dose each receives."""

import html
from collections.abc import Iterable
from typing import Any, Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from workstation import jobs
from workstation.case import apart
from workstation.case.overlay_commands import copy_overlay
from workstation.case.overlay_reading import read_overlays
from workstation.case.overlays import Overlay
from workstation.case.state import Case
from workstation.case.taking_over import can_be_copied
from workstation.errors import HounsfieldError
from workstation.findings.dvh import Dvh, dvh_of
from workstation.findings.roi import rule_of
from workstation.findings.segment import Colour, Segment
from workstation.findings.structures import Structure
from workstation.imaging.alignment import Laid
from workstation.imaging.dose import Dose, carried_dose
from workstation.paths import Home
from workstation.ui.dvh_chart import DvhChart
from workstation.ui.theme import label

Key = tuple[str, str, str, str]
"""Structure, dose, registration, and what is said of that."""

WIDTH_PX: Final = 350
MOST_LIST_PX: Final = 300
NOTHING: Final = "The studies on the screen bring no structures, segments or doses."
OWN_KEYS: Final = frozenset(
    (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
) | {Qt.Key.Key_Space}
ON_CONTOURS: Final = "what lies on a contour is inside, outlines within outlines are holes"
CONTRADICTS: Final = (
    "The histograms in the dose object speak of higher doses than its grid holds, as shares of a prescription do; "
    "these are computed from the grid."
)


class _List(QListWidget):
    """While it has the keyboard, keys that move in the list are its own."""

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in OWN_KEYS:
            if event.key() == Qt.Key.Key_Space and event.modifiers() != Qt.KeyboardModifier.NoModifier:
                return super().event(event)  # a stage back, not a tick
            event.accept()
            return True
        return super().event(event)


class OverlayPanel(QWidget):
    """`changed` after anything shown here changed. Objects are read in a job as soon as a case is shown."""

    changed = Signal()

    def __init__(self, home: Home) -> None:
        super().__init__()
        self.setObjectName("overlays")
        self.setFixedWidth(WIDTH_PX)
        self._home = home
        self._case: Case | None = None
        self._jobs: list[jobs.Job] = []
        self._dvhs: dict[Key, Dvh | str] = {}
        """By structure, dose and how this lies on that; a sentence where there is none."""
        self._filling = False
        self.list = _List()
        self.list.setAccessibleName("Structures, segments and doses")
        self.list.setIconSize(QSize(14, 14))
        self.list.itemChanged.connect(self._ticked)
        self.fill = QSlider(Qt.Orientation.Horizontal)
        self.fill.setRange(0, 100)
        self.fill.setAccessibleName("Fill, percent")
        self.fill.setToolTip("How strongly structures and segments are filled")
        self.fill.valueChanged.connect(self._fill)
        self.copy = QPushButton("Copy to edit")
        self.copy.setToolTip("Copy the chosen segment or structure into an own segment; the original stays as it is")
        self.copy.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.copy.clicked.connect(self._copy)
        self.list.currentRowChanged.connect(lambda row: self._follow_choice())
        self.chart = DvhChart()
        self.table = QLabel()
        self.table.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.table.setWordWrap(True)
        self.table.setMargin(4)
        self.notes = label("", "quiet")
        self.notes.setWordWrap(True)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        strength = QHBoxLayout()
        strength.addWidget(label("Fill", "quiet"))
        strength.addWidget(self.fill, 1)
        strength.addWidget(self.copy)
        below = QScrollArea()
        below.setWidgetResizable(True)
        below.setFrameShape(QScrollArea.Shape.NoFrame)
        below.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        for each in (self.chart, self.table, self.notes):
            column.addWidget(each)
        column.addStretch(1)
        below.setWidget(inside)
        below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(6, 6, 6, 6)
        whole.addWidget(label("Structures and dose", "quiet"))
        whole.addWidget(self.list)
        whole.addLayout(strength)
        whole.addWidget(below, 1)

    # ------------------------------------------------------------------ case

    def show_case(self, case: Case | None) -> None:
        """Read what the studies of a case bring; of one before nothing stays."""
        for job in self._jobs:
            job.cancel()
        self._jobs.clear()
        if case is not self._case:
            if self._case is not None:
                self._case.overlays.changed.disconnect(self._follow)
            self._case = case
            self._dvhs.clear()
            if case is not None:
                case.overlays.changed.connect(self._follow)
            else:
                self.hide()
            self._follow()
        if case is not None:
            sets = dict(case.sets)
            self._jobs.append(
                jobs.run(
                    "Read structures and doses",
                    lambda job: read_overlays(self._home, sets),
                    lambda found: self._read(case, *found),
                    failed=lambda error: None,
                    lane=jobs.Lane.LATER,
                )
            )

    def _read(self, case: Case, found: tuple[Overlay, ...], problems: tuple[str, ...]) -> None:
        if case is self._case and (found or problems or case.overlays.there):
            case.overlays.put(found, problems)
            apart.tell(case)

    def open(self) -> None:
        self.show()
        self._follow()

    # ------------------------------------------------------------------ list

    def _follow(self) -> None:
        """Say what there is now."""
        there = self._case.overlays.there if self._case else ()
        self._filling = True
        self.list.clear()
        for each in there:
            item = QListWidgetItem(_swatch(each.colour), each.title)
            item.setData(Qt.ItemDataRole.UserRole, each.uid)
            item.setToolTip(_explained(each))
            item.setCheckState(Qt.CheckState.Checked if each.shown else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        rows = self.list.count()
        self.list.setFixedHeight(min(MOST_LIST_PX, 8 + max(rows, 1) * max(self.list.sizeHintForRow(0), 20)))
        fills = [each.opacity for each in there if not isinstance(each.what, Dose)]
        self.fill.setValue(round(100 * max(fills, default=0.0)))
        self.fill.setEnabled(bool(fills))
        self._filling = False
        self._follow_choice()
        if not self.isHidden():
            self._histograms()
        self.changed.emit()

    def _ticked(self, item: QListWidgetItem) -> None:
        if not self._filling and self._case is not None:
            row = self.list.row(item)
            shown = item.checkState() is Qt.CheckState.Checked
            self._case.overlays.show(str(item.data(Qt.ItemDataRole.UserRole)), shown)
            self.list.setCurrentRow(row)

    def _fill(self, percent: int) -> None:
        if not self._filling and self._case is not None:
            self._case.overlays.fill(percent / 100)

    def _chosen(self) -> Overlay | None:
        there = self._case.overlays.there if self._case else ()
        row = self.list.currentRow()
        return there[row] if 0 <= row < len(there) else None

    def _follow_choice(self) -> None:
        chosen = self._chosen()
        self.copy.setEnabled(chosen is not None and can_be_copied(chosen))

    def _copy(self) -> None:
        """Copy the chosen one; why not, where it cannot be."""
        chosen, row = self._chosen(), self.list.currentRow()
        if chosen is None or self._case is None:
            return
        try:
            copy_overlay(self._case, chosen)
        except HounsfieldError as error:
            self.notes.setText(error.sentence)
        self.list.setCurrentRow(row)

    # ------------------------------------------------------------ histograms

    def _wanted(self) -> tuple[Overlay | None, list[Overlay]]:
        """The dose, and the structures that are shown and lie in its space."""
        there = self._case.overlays.there if self._case else ()
        doses = sorted((each for each in there if isinstance(each.what, Dose)), key=lambda each: not each.shown)
        dose = doses[0] if doses else None
        shown = [each for each in there if each.shown and isinstance(each.what, Structure) and each.what.encloses]
        return dose, [each for each in shown if dose and self._laid(each, dose) is not None]

    def _laid(self, structure: Overlay, dose: Overlay) -> Laid | None:
        """How a dose lies in the space of a structure; None where nobody knows, or only bent (safety.md 13)."""
        frames = structure.frame_of_reference_uid, dose.frame_of_reference_uid
        laid = self._case.alignment.between(*frames) if self._case is not None else None
        return None if laid is None or laid.is_bent else laid

    def _key(self, structure: Overlay, dose: Overlay) -> Key:
        laid = self._laid(structure, dose)
        return structure.uid, dose.uid, laid.uid if laid is not None else "", laid.said if laid is not None else ""

    def _histograms(self) -> None:
        """Show those that are worked out, and have the others worked out."""
        dose, structures = self._wanted()
        for each in structures:
            if dose is not None and self._key(each, dose) not in self._dvhs:
                self._dvhs[self._key(each, dose)] = "…"
                self._work_out(each, dose)
        self._say(dose, structures)

    def _work_out(self, structure: Overlay, dose: Overlay) -> None:
        case, key, laid = self._case, self._key(structure, dose), self._laid(structure, dose)

        def work(job: jobs.Job) -> Dvh | str:
            try:
                assert isinstance(structure.what, Structure) and isinstance(dose.what, Dose)  # noqa: S101
                there = carried_dose(dose.what, laid, structure.frame_of_reference_uid) if laid else dose.what
                return dvh_of(structure.what, there)
            except HounsfieldError as error:
                return error.sentence

        def done(found: Dvh | str) -> None:
            if case is self._case:
                self._dvhs[key] = found
                self._say(*self._wanted())
                self.changed.emit()

        title = "Work out a dose-volume histogram"
        self._jobs.append(jobs.run(title, work, done, failed=lambda error: done("could not be worked out")))

    def _say(self, dose: Overlay | None, structures: Iterable[Overlay]) -> None:
        found = [(each, self._dvhs.get(self._key(each, dose), "…")) for each in structures if dose]
        curves = tuple((dvh, each.colour) for each, dvh in found if isinstance(dvh, Dvh))
        what = dose.what if dose is not None and isinstance(dose.what, Dose) else None
        self.chart.show_curves(curves, what.prescribed if what else None)
        self.table.setText(_table(found))
        self.table.setVisible(bool(found))
        notes = list(self._case.overlays.problems) if self._case else []
        if self._case is not None and not self._case.overlays.there:
            notes.append(NOTHING)
        if what is not None and what.own_contradicts:
            notes.append(CONTRADICTS)
        laid = [self._laid(each, dose) for each, _ in found if dose is not None]
        notes += dict.fromkeys(
            f"Doses come through frames that are {each.said}." for each in laid if each and each.said
        )
        if what is not None and not found:
            notes.append("Show a structure to see how much dose it receives.")
        notes += [
            f"{each.name}: {100 * (1 - dvh.covered):.1f} % of it lies beyond the dose grid."
            for each, dvh in found
            if isinstance(dvh, Dvh) and dvh.covered < 0.999
        ]
        self.notes.setText("\n".join(notes))

    def facts(self) -> dict[str, Any]:
        """What the panel shows, in plain JSON values."""
        there = self._case.overlays.there if self._case else ()
        dvhs = [each for each in self._dvhs.values() if isinstance(each, Dvh)]
        return {
            "open": not self.isHidden(),
            "rows": [{"kind": each.kind, "name": each.name, "shown": each.shown} for each in there],
            "histograms": [{"name": each.name, "mean": each.mean, "volume_ml": each.volume_ml} for each in dvhs],
            "notes": self.notes.text(),
        }


def _explained(overlay: Overlay) -> str:
    """What it is, where it comes from, and by which rule a voxel belongs to it."""
    told = [f"{overlay.kind} of {overlay.source}"]
    if overlay.made_by:
        told.append(f"Made by {overlay.made_by}")
    if isinstance(overlay.what, Segment):
        told.append(f"{overlay.what.mask.volume_ml:.3g} ml, {overlay.what.mask.count} voxels")
    if not isinstance(overlay.what, Dose):
        told.append(f"Counted: {rule_of(overlay.what)}")
    return "\n".join(told)


def _swatch(colour: Colour) -> QIcon:
    picture = QPixmap(14, 14)
    picture.fill(QColor(*colour))
    return QIcon(picture)


def _table(found: Iterable[tuple[Overlay, Dvh | str]]) -> str:
    """Simple HTML: what is told of each histogram."""
    rows = []
    for each, dvh in found:
        name = f"<td><span style='color:rgb{each.colour}'>■</span> {html.escape(each.name)}</td>"
        if isinstance(dvh, Dvh):
            numbers = (dvh.volume_ml, dvh.mean, dvh.min, dvh.max, dvh.dose_of(95))
            cells = "".join(f"<td align='right'>&nbsp;{_short(number)}</td>" for number in numbers)
            rows.append(f"<tr>{name}{cells}</tr>")
        else:
            rows.append(f"<tr>{name}<td colspan='5'>&nbsp;{html.escape(dvh)}</td></tr>")
    unit = next((dvh.unit for _, dvh in found if isinstance(dvh, Dvh)), "")
    heads = ("", "ml", "mean", "min", "max", "D95")
    head = "".join(f"<td align='right'>&nbsp;<small>{each}</small></td>" for each in heads)
    words = f"Doses in {html.escape(unit)}, computed from contours and grid: {ON_CONTOURS}."
    foot = f"<p><small>{words}</small></p>" if unit else ""
    return f"<table cellspacing='2'><tr>{head}</tr>{''.join(rows)}</table>{foot}" if rows else ""


def _short(number: float) -> str:
    return f"{number:.0f}" if number >= 1000 else f"{number:.1f}" if number >= 100 else f"{number:.2f}"
