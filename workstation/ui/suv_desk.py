"""In what PET is told on the reading page: one measure for all of it, edits of what it follows from, and their undo."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from workstation.case.reasons import active_set
from workstation.case.state import Case
from workstation.case.undo import History
from workstation.errors import Refused
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.suv import derive, inputs_of, suv_of
from workstation.imaging.suv_values import BQML, IN_WORDS, Derivation, Edits, Kind, Measure
from workstation.loading.load import Loader
from workstation.security import acts
from workstation.ui.suv_panel import SuvPanel

if TYPE_CHECKING:
    from workstation.ui.reading_page import ReadingPage

ROUND: Final = (Kind.BW, Kind.LBM_JANMA, Kind.BSA, Kind.IBW, BQML)
"""The measures that one command goes round."""


class SuvDesk(QObject):
    """Belongs to one reading page; `said` are sentences, `changed` follows another measure."""

    said = Signal(str)
    changed = Signal()

    def __init__(self, page: "ReadingPage", loader: Loader) -> None:
        super().__init__(page)
        self._page, self._loader = page, loader
        self._case: Case | None = None
        self._history: History[Measure] = History(Measure())
        self._shown: tuple[object, ...] = ()
        self.panel = SuvPanel()
        self.panel.told_in.connect(self.tell_in)
        self.panel.edited.connect(self.edit)
        self.panel.undone.connect(self.undo)
        self.panel.restored.connect(lambda: self.edit(Edits()))
        self.panel.refused.connect(self.said)
        page.changed.connect(self.follow)
        self.changed.connect(page.changed)

    @property
    def history(self) -> History[Measure]:
        """The edits; another unit is no step, and holds for the steps before too."""
        return self._history

    @property
    def measure(self) -> Measure:
        return self._history.value

    @property
    def pet(self) -> DisplaySet | None:
        """The PET in the active tile."""
        shown = active_set(self._case) if self._case is not None and self._case.tiles else None
        return shown if shown is not None and shown.first.pet is not None else None

    def show_case(self, case: Case | None) -> None:
        """Tell a case by body weight; edits of the one before stay with it."""
        if case is not self._case:
            self._history = History(Measure())
            self._loader.tell(self.measure, case.digests if case is not None else {})
        if case is not None:
            case.steps_beside = self
        self._case = case
        self.follow()

    def follow(self) -> None:
        """Another tile may be active."""
        if self.panel.isHidden():
            return
        pet = self.pet
        shown = pet, self.measure, self._history.steps
        if shown == self._shown:
            return
        self._shown = shown
        inputs = inputs_of(pet, self.measure.edits_of(pet.series_instance_uid)) if pet is not None else None
        suv = derive(inputs, self.measure.kind) if inputs is not None else None
        self.panel.write(self.measure.unit, suv, inputs, self._history.can_undo)

    def toggle(self) -> None:
        """Open the panel in the place of any other, or close it."""
        opens, self._shown = self.panel.isHidden(), ()
        if opens:
            self._page.hide_panels()
            self.panel.show()
        else:
            self.panel.hide()
            self._page.setFocus()
        self.follow()
        self.changed.emit()

    def go_round(self) -> None:
        """To the next measure."""
        at = ROUND.index(self.measure.unit) if self.measure.unit in ROUND else -1
        self.tell_in(ROUND[(at + 1) % len(ROUND)])

    def edit(self, edits: Edits) -> None:
        """Put these in the place of what the active PET says; on the record, and a step to undo."""
        pet = self.pet
        if pet is None:
            return
        try:
            acts.permit(acts.Kind.EDIT_SUV, study=pet.study_instance_uid, outcome="done")
        except Refused as refused:
            self.said.emit(f"{refused.sentence}.")
            return
        self.tell(self.measure.edited(pet.series_instance_uid, edits))
        suv = suv_of(pet, self.measure.kind, edits)
        if isinstance(suv, Derivation) and (idle := [IN_WORDS[each] for each in edits.names if each not in suv.edited]):
            self.said.emit(f"The {', '.join(idle)} changes nothing here: no rule asks for it.")

    def tell(self, measure: Measure) -> None:
        """Tell all PET so from now on: a step."""
        if measure != self.measure:
            self._history.put(measure)
            self._told()

    def tell_in(self, unit: str) -> None:
        """Tell all PET in this unit from now on."""
        if unit != self.measure.unit:
            self._history.rewrite(lambda each: Measure(unit, each.edits))
            self._told()

    def undo(self) -> None:
        if self._history.undo():
            self._told()

    def redo(self) -> None:
        if self._history.redo():
            self._told()

    def _told(self) -> None:
        case = self._case
        if case is None:
            return
        self._loader.tell(self.measure, case.digests)
        self._page.findings.measure_again()
        case.emit_changed(range(len(case.tiles)))
        self.follow()
        self.changed.emit()
