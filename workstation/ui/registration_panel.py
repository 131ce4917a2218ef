"""Registration beside the images: what is laid on what, how well, and all that moves it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workstation.case import landmarks, layering, parting
from workstation.case import registering as by
from workstation.case.commands import COMMANDS
from workstation.case.layout import show_set
from workstation.case.state import Case
from workstation.errors import HounsfieldError
from workstation.imaging.alignment import Standing, pair
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.motion import motion_of
from workstation.picture.text import date
from workstation.ui.registration_pad import Pad
from workstation.ui.registration_words import ONE_FRAME, numbers_of, standing_of, told_of
from workstation.ui.theme import label

if TYPE_CHECKING:
    from workstation.ui.registration_desk import RegistrationDesk

WIDTH_PX: Final = 348
MARKS_PX: Final = 112
KINDS: Final = (("rigid", "Rigid"), ("affine", "Affine"), ("deformable", "Deformable"))
SAVE: Final = "save-registration"
SAVE_HELP: Final = "Keep the accepted registration with the study"
START_HELP: Final = "Have the two laid on each other; while it runs, stop it"
REJECTED: Final = (
    "A saved registration was rejected: its object stays in the study and in the archive, and is ignored here."
)
NO_FRAME: Final = "No other volume of this patient lies in another frame of reference: nothing here needs registering."


class RegistrationPanel(QWidget):
    """Follows a case and the desk that works for it. `changed` after anything shown here changed."""

    changed = Signal()

    def __init__(self, desk: "RegistrationDesk") -> None:
        super().__init__()
        self.setObjectName("registration")
        self.setFixedWidth(WIDTH_PX)
        self._desk = desk
        self._case: Case | None = None
        self._filling = False
        self._listed: tuple[str, ...] = ()
        self.fixed, self.moving = self._choice("Stays: the fixed images"), self._choice("Is moved: the moving images")
        self.kind = QComboBox()
        self.kind.setAccessibleName("Kind of registration")
        for name, title in KINDS:
            self.kind.addItem(title, name)
        self.start = self._button("Register", self._start)
        self.start.setToolTip(START_HELP)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("How far the registration is")
        self.bar.setTextVisible(True)
        self.standing = label("", "quiet")
        self.standing.setWordWrap(True)
        self.reasons, self.numbers = (_text() for _ in range(2))
        self.fold = QPushButton("All numbers")
        self.fold.setCheckable(True)
        self.fold.setToolTip("Every number behind the quality, with its limits; again: fold them away")
        self.fold.clicked.connect(lambda _=False: self.follow())
        self.acts = {name: self._act(title, name) for name, title in _ACTS}
        for name in ("show-anyway", "registration-by-mouse", "place-landmarks"):
            self.acts[name].setCheckable(True)
        self.fused = self._button("Lay over", self._fuse)
        self.fused.setCheckable(True)
        self.fused.setToolTip("Show the moving images over the fixed ones in the active tile, or no longer")
        self.pad = Pad()
        self.pad.changed.connect(self.changed)
        self.marks = QListWidget()
        self.marks.setAccessibleName("Landmarks, with what is left between each pair")
        self.marks.setMaximumHeight(MARKS_PX)
        self.note = label("", "quiet")
        self.note.setWordWrap(True)
        self._lay_out()
        self.hide()

    def _choice(self, spoken: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(spoken)
        box.setToolTip(spoken)
        box.setMinimumContentsLength(12)
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        box.activated.connect(self._chosen)
        return box

    def _button(self, title: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(title)
        button.clicked.connect(lambda _=False: act())
        return button

    def _act(self, title: str, name: str) -> QPushButton:
        button = self._button(title, self._desk.save if name == SAVE else partial(self._run, name))
        button.setToolTip(SAVE_HELP if name == SAVE else COMMANDS[name].help)
        return button

    def _lay_out(self) -> None:
        """What is pressed stays where it is: the numbers, which come and go, stand below it."""
        inside = QWidget()
        whole = QVBoxLayout(inside)
        whole.setContentsMargins(6, 6, 6, 6)
        whole.addWidget(label("Registration", "quiet"))
        pairing = QFormLayout()
        pairing.addRow(label("Stays", "quiet"), self.fixed)
        pairing.addRow(label("Is moved", "quiet"), self.moving)
        whole.addLayout(pairing)
        whole.addWidget(self.acts["part-from-frame"])
        whole.addLayout(_row(self.kind, self.start))
        for each in (self.bar, self.standing):
            whole.addWidget(each)
        whole.addLayout(_row(*(self.acts[name] for name, _ in _ACTS[:3])))
        whole.addLayout(_row(*(self.acts[name] for name, _ in _ACTS[3:6])))
        whole.addSpacing(8)
        whole.addWidget(label("By hand", "quiet"))
        whole.addWidget(self.pad)
        whole.addLayout(_row(self.acts["registration-by-mouse"], self.fused))
        whole.addSpacing(8)
        whole.addWidget(label("Landmarks", "quiet"))
        whole.addLayout(_row(*(self.acts[name] for name, _ in _ACTS[8:])))
        for below in (self.marks, self.reasons, self.fold, self.numbers, self.note):
            whole.addWidget(below)
        whole.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)

    # ------------------------------------------------------------------ case

    def show_case(self, case: Case | None) -> None:
        """Follow another case; of one before nothing stays."""
        self._case, self._listed = case, ()
        self.pad.case = case
        if case is None:
            self.hide()
        self.follow()

    def open(self) -> None:
        self.show()
        self.follow()

    def has_keyboard(self) -> bool:
        """Whether keys go here and not to the images."""
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def follow(self) -> None:
        """Show how it stands now."""
        case = self._case
        if self.isHidden() or case is None or not case.tiles:
            return
        self._filling = True
        there = by.sides(case)
        sharing = parting.sharing(case) if there is None else None
        self.acts["part-from-frame"].setVisible(sharing is not None)
        self._fill_choices(case, there or sharing)
        self._say_progress()
        self._say_standing(case, there, sharing)
        self._enable(case)
        self._fill_marks(case)
        problems = [*([REJECTED] if case.registering.rejected else ()), *self._desk.problems]
        self.note.setText("\n".join(problems if there is not None else [*([] if sharing else [NO_FRAME]), *problems]))
        self._filling = False

    def _fill_choices(self, case: Case, there: by.Sides | None) -> None:
        sets = by.could_be(case)
        listed = tuple(each.key for each in sets)
        chosen_sets = (None, None) if there is None else (there.fixed, there.moving)
        for box, chosen in zip((self.fixed, self.moving), chosen_sets, strict=True):
            if listed != self._listed:
                box.clear()
                for each in sets:
                    box.addItem(name_of(case, each), each.key)
            box.setCurrentIndex(listed.index(chosen.key) if chosen is not None and chosen.key in listed else -1)
            box.setEnabled(not self._desk.is_busy)
        self._listed = listed

    def _say_progress(self) -> None:
        job = self._desk.job
        self.start.setText("Stop" if self._desk.is_busy else "Register")
        self.bar.setVisible(self._desk.is_busy)
        if self._desk.waits_for_images:
            self.bar.setRange(0, 0)
            self.bar.setFormat("waiting for images")
        elif job is not None:
            eta = job.eta_s
            self.bar.setRange(0, max(1, job.total))
            self.bar.setValue(job.done)
            self.bar.setFormat("%p %" if eta is None else f"%p %, about {max(1, round(eta))} s left")

    def _say_standing(self, case: Case, there: by.Sides | None, sharing: by.Sides | None) -> None:
        laid = by.laid_now(case, there) if there is not None else None
        registration = by.in_force(case)
        role, words = standing_of(laid, registration, self._desk.job is not None)
        if self.standing.objectName() != role:
            self.standing.setObjectName(role)
            self.standing.style().unpolish(self.standing)
            self.standing.style().polish(self.standing)
        self.standing.setText(words if there is not None else ONE_FRAME if sharing is not None else "")
        shown = laid is not None and laid.standing is not Standing.ANYWAY
        told = registration if shown else None
        lattice = there.moving.lattice if there is not None else None
        motion = motion_of(laid.matrix, lattice.center_lps) if laid is not None and lattice is not None else None
        self.reasons.setText(told_of(told, motion) if told is not None else "")
        self.numbers.setText(numbers_of(told) if told is not None else "")
        self.reasons.setVisible(told is not None)
        self.fold.setVisible(bool(self.numbers.text()))
        self.numbers.setVisible(self.fold.isChecked() and bool(self.numbers.text()))

    def _enable(self, case: Case) -> None:
        """What cannot be done says why in its tooltip."""
        for name, button in self.acts.items():
            if name == SAVE:
                why, told = self._desk.why_not_save(), SAVE_HELP
            else:
                why, told = COMMANDS[name].why_not(case), COMMANDS[name].help
            button.setEnabled(not why)
            button.setToolTip(why or told)
        why = "" if self._desk.is_busy else self._desk.why_not_start()
        self.start.setEnabled(not why)
        self.start.setToolTip(why or START_HELP)
        there = by.sides(case)
        shown = there is not None and pair(*there.frames) in case.alignment.shown_anyway
        self.acts["show-anyway"].setChecked(shown)
        self.acts["registration-by-mouse"].setChecked(case.registering.by_mouse)
        self.acts["place-landmarks"].setChecked(case.registering.placing)
        self.fused.setEnabled(there is not None)
        self.fused.setChecked(there is not None and there.moving.key in layered(case, there))
        self.pad.setEnabled(there is not None and not case.registering.running)

    def _fill_marks(self, case: Case) -> None:
        told = []
        marks = zip(case.registering.landmarks, landmarks.residuals_mm(case), strict=True)
        for number, (mark, left) in enumerate(marks, start=1):
            if not mark.is_pair:
                told.append(f"{number}   click it in the {'moving' if mark.fixed is not None else 'fixed'} images")
            else:
                told.append(f"{number}   {'not laid yet' if left is None else f'{left:.1f} mm apart'}")
        if told != [self.marks.item(row).text() for row in range(self.marks.count())]:
            self.marks.clear()
            self.marks.addItems(told)
        self.marks.setVisible(bool(told))

    # ------------------------------------------------------------------ hand

    def _chosen(self, _: int = 0) -> None:
        case, keys = self._case, (self.fixed.currentData(), self.moving.currentData())
        if self._filling or case is None or None in keys:
            return
        try:
            by.choose(case, *keys)
        except HounsfieldError as error:
            self._desk.said.emit(error.sentence)
        self.follow()

    def _start(self) -> None:
        self._desk.start(self.kind.currentData())

    def _fuse(self) -> None:
        """The moving images over the fixed ones in the active tile, or no longer."""
        case = self._case
        there = by.sides(case) if case is not None else None
        if case is None or there is None:
            return
        number = case.active
        if there.moving.key in layered(case, there):
            layering.take_off(case, number, there.moving.key)
        else:
            if case.tiles[number].display_set != there.fixed.key:
                show_set(case, number, there.fixed.key)
            layering.fuse(case, number, there.moving.key)
        self.follow()
        self.changed.emit()

    def _run(self, name: str) -> None:
        case = self._case
        if case is not None and not COMMANDS[name].why_not(case):
            COMMANDS[name].run(case)
            if COMMANDS[name].said:
                self._desk.said.emit(COMMANDS[name].said)
        self.follow()
        self.changed.emit()

    def facts(self) -> dict[str, Any] | None:
        """What is shown, in plain JSON values; None while it is hidden."""
        if self.isHidden():
            return None
        return {
            "fixed": self.fixed.currentText(),
            "moving": self.moving.currentText(),
            "standing": self.standing.text(),
            "reasons": self.reasons.text(),
            "numbers": self.numbers.text(),
            "busy": self._desk.is_busy,
            "landmarks": [self.marks.item(row).text() for row in range(self.marks.count())],
            "possible": sorted(name for name, each in self.acts.items() if each.isEnabled()),
            "note": self.note.text(),
        }


_ACTS: Final = (
    ("accept-registration", "Accept"),
    ("reject-registration", "Reject"),
    (SAVE, "Save"),
    ("undo-registering", "Undo"),
    ("reset-registration", "Reset"),
    ("show-anyway", "Unregistered"),
    ("part-from-frame", "Part"),
    ("registration-by-mouse", "Move by mouse"),
    ("place-landmarks", "Place"),
    ("remove-last-landmark", "Remove last"),
    ("fit-landmarks", "Fit"),
)


def layered(case: Case, there: by.Sides) -> tuple[str, ...]:
    """The sets that lie over the fixed one in the active tile."""
    tile = case.tiles[case.active]
    return tuple(each.display_set for each in tile.layers) if tile.display_set == there.fixed.key else ()


def _text() -> QLabel:
    made = QLabel()
    made.setWordWrap(True)
    made.setMargin(2)
    return made


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    for each in widgets:
        row.addWidget(each, 1)
    return row


def name_of(case: Case, display_set: DisplaySet) -> str:
    """A set in a list: modality, number, description, and of a prior its date."""
    first = display_set.first
    parts = [first.Modality, str(first.SeriesNumber or ""), first.SeriesDescription]
    if case.first is not None and display_set.study_instance_uid != case.first.StudyInstanceUID:
        parts.insert(0, f"PRIOR {date(first.StudyDate)}".strip())
    return " ".join(each for each in parts if each)
