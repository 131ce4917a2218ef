"""While a study is open: its patient's earlier studies that are likely to be compared with it come, later than all."""

from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer

from workstation import jobs
from workstation.dicom.entities import Instance
from workstation.errors import HounsfieldError
from workstation.hanging.study import regions_of_text
from workstation.paths import Home
from workstation.ui.transfer_desk import EARLIER, Transfers
from workstation.ui.transfer_words import study_title
from workstation.worklist import prefetch
from workstation.worklist.found import ASKED, FoundStudy, merged, study_of

if TYPE_CHECKING:
    from workstation.network.nodes import Node
    from workstation.traffic.ask import Answer, Asking
    from workstation.ui.window import MainWindow

AFTER_MS: Final = 1500
"""Somebody who looks at a study so long is not merely passing by."""


class Prefetching(QObject):
    """Follows which study is open; what was begun for one that is closed is stopped."""

    def __init__(self, window: "MainWindow", transfers: Transfers, home: Home) -> None:
        super().__init__(window)
        self._window, self._transfers, self._home = window, transfers, home
        self._open = ""
        self._asking: Asking | None = None
        self._found: dict[str, FoundStudy] = {}
        self._all_answered = True
        self._unanswered: set[str] = set()
        """Nodes that have not said their last word."""
        self._soon = QTimer(self, singleShot=True, interval=AFTER_MS)
        self._soon.timeout.connect(self._begin)
        window.reading.changed.connect(self._look)

    def _first(self) -> Instance | None:
        case = self._window.reading.case
        return case.first if case is not None else None

    def _look(self) -> None:
        first = self._first()
        study = first.StudyInstanceUID if first is not None else ""
        if study != self._open:
            self._forget()
            self._open = study
            if study and self._window.settings.flag("archives.prefetch"):
                self._soon.start()

    def _forget(self) -> None:
        """The study is closed: nobody wants its priors any more."""
        self._soon.stop()
        if self._asking is not None:
            self._asking.stop()
        if self._open:
            self._transfers.cancel_later(_why(self._open))
        self._found, self._all_answered = {}, True

    def _begin(self) -> None:
        def read(job: jobs.Job) -> "dict[str, Node]":
            from workstation.network.nodes import load

            return load(self._home)[0]

        jobs.run("Read the nodes", read, partial(self._ask, self._open), lambda error: None, piece=True)

    def _ask(self, study: str, known: "dict[str, Node]") -> None:
        first = self._first()
        if study != self._open or first is None or not known:
            return
        patient = first.patient
        if not patient.PatientID or not patient.PatientBirthDate:
            return
        from workstation.traffic.ask import Asking

        keys = dict.fromkeys(ASKED, "")
        keys |= {"PatientID": patient.PatientID, "PatientBirthDate": patient.PatientBirthDate}
        told = partial(self._told, study)
        self._unanswered = {node.name for node in known.values()}
        try:
            self._asking = Asking(known.values(), keys, lambda answer: jobs.post(partial(told, answer)))
        except HounsfieldError:
            return  # a role that may not query fetches nothing ahead

    def _told(self, study: str, answer: "Answer") -> None:
        if study != self._open:
            return
        self._all_answered &= not answer.problem and not answer.cut
        found = (study_of(answer.node, row) for row in answer.rows)
        self._found = merged(self._found, (each for each in found if each is not None))
        if answer.over:
            self._unanswered.discard(answer.node)
        if not self._unanswered and self._asking is not None:
            self._asking = None
            self._all_have_answered()

    def _all_have_answered(self) -> None:
        """Or cannot."""
        first = self._first()
        if first is not None and self._all_answered:
            who = first.patient
            identity = (who.PatientID, who.IssuerOfPatientID, who.PatientBirthDate)
            self._window.archives.found(identity, tuple(self._found.values()))
        told = partial(self._choose, self._open)
        jobs.run("Read the rules", lambda job: prefetch.rules(self._home), told, lambda error: None, piece=True)

    def _choose(self, study: str, read: tuple[tuple[prefetch.Rule, ...], tuple[str, ...]]) -> None:
        first = self._first()
        here = self._found.get(study) or (_as_found(first) if first is not None else None)
        if study != self._open or here is None:
            return
        rules, problems = read
        for problem in problems:
            self._window.say(problem)
        for choice in prefetch.wanted(rules, here, self._found.values(), regions_of_text):
            self._fetch(choice)

    def _fetch(self, choice: prefetch.Choice) -> None:
        study = choice.study
        item = self._window.list.model.item(study.uid)
        have = sum(each.objects for each in item.row.series) if item is not None else 0
        if have and have >= study.images:
            return
        self._transfers.fetch_later(study.nodes[0], study.uid, study_title(study), _why(self._open))

    def close(self) -> None:
        """The window closes."""
        self._soon.stop()
        if self._asking is not None:
            self._asking.stop()
            self._asking.wait()


def _why(study: str) -> str:
    return f"{EARLIER} of …{study[-8:]}"


def _as_found(first: Instance) -> FoundStudy:
    """The open study, where no archive knows it."""
    return FoundStudy(
        uid=first.StudyInstanceUID,
        patient_name=first.patient.PatientName,
        patient_id=first.patient.PatientID,
        issuer=first.patient.IssuerOfPatientID,
        birth_date=first.patient.PatientBirthDate,
        sex=first.patient.PatientSex,
        study_date=first.StudyDate,
        study_time=first.StudyTime,
        description=first.StudyDescription,
        accession=first.AccessionNumber,
        modalities=(first.Modality,),
        images=0,
        nodes=(),
    )
