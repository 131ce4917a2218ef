"""Find studies in the archives: one line of fields, what is found as it comes, and Enter opens it as it arrives."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from functools import partial
from typing import Any, Final

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from workstation import jobs
from workstation.errors import HounsfieldError
from workstation.network import nodes
from workstation.network.nodes import Node
from workstation.paths import Home
from workstation.traffic.ask import Answer, Asking
from workstation.traffic.errand import Act
from workstation.ui.query_fields import QueryFields, QueryNodes
from workstation.ui.query_menu import found_menu, target_menu
from workstation.ui.query_model import FoundModel, counted, lines_of
from workstation.ui.query_table import FoundTable
from workstation.ui.theme import label
from workstation.ui.transfer_desk import Transfers
from workstation.ui.transfer_words import patient_words, study_title
from workstation.ui.worklist_model import WorklistModel
from workstation.worklist.found import ASKED, FoundStudy, keys_of, merged, patients, study_of
from workstation.worklist.items import Identity

NO_NODES: Final = (
    "No archive is set up yet.\n\n"
    "Add one under Nodes … (Ctrl+Shift+R): its AE title, host and port, or its DICOMweb URL."
)
HINT: Final = (
    "Type a name, an ID, an accession number or a date, and press Enter.\n\n"
    "Enter opens a study as it arrives, R fetches it, S sends it."
)
KEYS: Final = "Enter opens as it arrives  ·  R fetches  ·  S sends  ·  Esc goes back"
NOTHING: Final = "The archives know no such study. Fewer letters, or a * in the middle of a word, find more."
ASKING: Final = "Asking …"
REST_MS: Final = 250
"""The keyboard rested so long on a patient, whose other studies are looked for then."""

WIDE: Final = "This asks for every study there is. Type at least a name, an ID, a date or a modality."


class QueryPage(QWidget):
    """`closed` when Esc leads back, `said(sentence)`, `changed` after anything shown here changed, `nodes_wanted`,
    `of_patient(Identity, studies)` when every node has said all that it has of a patient.
    """

    closed = Signal()
    said = Signal(str)
    changed = Signal()
    nodes_wanted = Signal()
    of_patient = Signal(object, object)

    def __init__(self, home: Home, transfers: Transfers, listed: WorklistModel) -> None:
        super().__init__()
        self.setObjectName("page")
        self._home, self._transfers, self._listed = home, transfers, listed
        self._known: dict[str, Node] = {}
        self._studies: dict[str, FoundStudy] = {}
        self._asking: list[Asking] = []
        self._round = 0
        self._silent = 0
        """Nodes that were asked and have not said all yet."""
        self._narrow = False
        """What was asked for may leave out studies of the patients that were found."""
        self._looked_for: set[tuple[str, ...]] = set()
        self._begun = False
        self._patient: Identity | None = None
        """Whose studies are asked for, all of them."""
        self._waits = False
        """The keyboard goes to the first study that is found, unless somebody types on meanwhile."""
        self.fields = QueryFields()
        self.nodes = QueryNodes()
        self.model = FoundModel()
        self.table = FoundTable(self.model)
        self.empty = label(HINT, "empty")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.told = label("", "quiet")
        self.menu: QMenu | None = None
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._look_for_priors)
        self._lay_out()
        self._wire()
        self.refresh_nodes()

    def _lay_out(self) -> None:
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.addWidget(label("Find in the archives", "title"))
        whole.addWidget(self.fields)
        whole.addWidget(self.nodes)
        whole.addWidget(self.table, 1)
        whole.addWidget(self.empty, 1)
        whole.addWidget(self.told)

    def _wire(self) -> None:
        self.fields.searched.connect(self.search)
        self.fields.edited.connect(self._wait_no_more)
        self.fields.changed.connect(self.changed)
        self.nodes.wanted.connect(self.nodes_wanted)
        self.table.doubleClicked.connect(lambda index: self.retrieve(opens=True))
        self.table.menu_wanted.connect(self._show_menu)
        self.table.typed.connect(self._typed)
        self.table.chosen.connect(self._chosen)
        self._transfers.changed.connect(self.renew)
        self._listed.modelReset.connect(self.renew)

    # ---------------------------------------------------------------- nodes

    def refresh_nodes(self) -> None:
        """Read which nodes are set up."""
        jobs.run("Read the nodes", lambda job: nodes.load(self._home), self._nodes_read, lambda error: None, piece=True)

    def _nodes_read(self, found: tuple[dict[str, Node], tuple[str, ...]]) -> None:
        self._known, problems = found
        self.nodes.show_nodes(self._known)
        for problem in problems:
            self.said.emit(problem)
        self._say()
        if self._patient is not None and not self._begun:
            self.ask_for(self._patient)  # the page was made for it

    # --------------------------------------------------------------- asking

    def ask_for(self, patient: Identity) -> None:
        """Ask for all studies of a patient."""
        self.fields.clear()
        self.fields.fields["patient_id"].setText(patient[0])
        if self._known:
            self.search()
        self._patient = patient

    def search(self) -> None:
        """Ask the ticked nodes; what an earlier query still finds is not shown any more."""
        self._patient = None
        wish, names = self.fields.wish(), self.nodes.ticked()
        if not names:
            self.said.emit("No node is ticked." if self._known else NO_NODES.replace("\n\n", " "))
            return
        if wish.is_empty:
            self.said.emit(WIDE)
            return
        try:
            keys = keys_of(wish, date.today())
            self.stop()
            self._studies, self._looked_for, self._waits = {}, set(), True
            self._begun = True
            self._narrow = any((wish.accession, wish.dates, wish.modality, wish.name))
            self._ask(names, keys, asked_for=True)
        except HounsfieldError as error:
            self.said.emit(error.sentence)
            return
        self.nodes.begin(names)
        self._show()

    def _ask(self, names: Iterable[str], keys: dict[str, str], asked_for: bool) -> None:
        told = partial(self._told, self._round, asked_for)
        asked = [self._known[name] for name in names if name in self._known]
        self._silent += len(asked)
        self._asking.append(Asking(asked, keys, lambda answer: jobs.post(partial(told, answer))))

    def stop(self) -> None:
        """Ask no further."""
        self._round += 1
        self._silent = 0
        self._rest.stop()
        for each in self._asking:
            each.stop()
        self._asking = [each for each in self._asking if not each.is_over]

    def close_down(self) -> None:
        """The window closes: no thread of a query stays."""
        self.stop()
        for each in self._asking:
            each.wait()

    @property
    def is_asking(self) -> bool:
        return self._silent > 0

    def _told(self, number: int, asked_for: bool, answer: Answer) -> None:
        if number != self._round:
            return
        found = [study for row in answer.rows if (study := study_of(answer.node, row, asked_for)) is not None]
        self._silent -= answer.over
        if asked_for:
            self.nodes.answered(answer)
        self._studies = merged(self._studies, found)
        if found or answer.over:
            self._show()
        all_said = not self.is_asking and not self.nodes.sentences and len(self.nodes.ticked()) == len(self._known)
        if self._patient is not None and all_said:
            self.of_patient.emit(self._patient, tuple(self._studies.values()))

    def _look_for_priors(self) -> None:
        """Other studies of the chosen patient, on the nodes that have one of them, when the query was narrower."""
        line = self.table.line()
        if line is None or not self._narrow:
            return
        patient = line.patient.newest
        if len(patient.patient) != 3:  # without an ID and a birth date nobody knows whose others would be
            return
        have = {name for study in line.patient.studies for name in study.nodes}
        names = {name for name in have if (*patient.patient, name) not in self._looked_for}  # one may answer later
        if not names:
            return
        self._looked_for |= {(*patient.patient, name) for name in names}
        keys = dict.fromkeys(ASKED, "") | {"PatientID": patient.patient_id, "PatientBirthDate": patient.birth_date}
        self._ask(sorted(names), keys, asked_for=False)

    # -------------------------------------------------------------- showing

    def _show(self) -> None:
        """All that was found; the chosen row stays chosen, and where it stands in the window."""
        study = self.chosen()
        uid = study.uid if study else None
        bar = self.table.verticalScrollBar().value()
        self.model.set_lines(lines_of(patients(self._studies.values())))
        self._renew_counts()
        row = self.model.place(uid) if uid else None
        if row is None and self.model.lines:
            row = next(row for row, line in enumerate(self.model.lines) if line.study and line.study.asked_for)
        if row is not None:
            self.table.select(row)
            if uid:
                self.table.verticalScrollBar().setValue(bar)
        self._say()
        if self.model.lines and self._waits and self.fields.have_keyboard():
            self.table.setFocus()
            self._waits = False
        self.changed.emit()

    def _say(self) -> None:
        some = bool(self.model.lines)
        self.empty.setText(self._why_empty())
        self.empty.setVisible(not some)
        self.table.setVisible(some)
        said = f"{counted(self._studies.values())}     {KEYS}" if some else "Esc goes back."
        self.told.setText("" if self._transfers.drawer_title is not None else said)  # it would be cut in mid-word

    def _why_empty(self) -> str:
        if not self._known:
            return NO_NODES
        if self.is_asking:
            return ASKING
        if self._begun and self.nodes.sentences:
            return "Nothing was found; what the archives say stands above."
        return NOTHING if self._begun else HINT

    def renew(self) -> None:
        """What is here, or on its way, has changed, or its list was opened or closed."""
        self._renew_counts()
        self._say()
        self.changed.emit()

    def _renew_counts(self) -> None:
        here = {}
        for uid in self._studies:
            item = self._listed.item(uid)
            if item is not None:
                here[uid] = sum(each.objects for each in item.row.series)
        errands = sorted(self._transfers.errands, key=lambda each: (each.act is Act.RETRIEVE, not each.is_over))
        self.model.renew(here, {each.study: each for each in errands})

    # ---------------------------------------------------------------- doing

    def chosen(self) -> FoundStudy | None:
        """The chosen study; of a patient's row the newest that was asked for."""
        line = self.table.line()
        if line is None:
            return None
        return line.study or next((each for each in line.patient.studies if each.asked_for), line.patient.newest)

    def _chosen(self) -> None:
        self._rest.start()
        self.changed.emit()

    def enter(self) -> None:
        """Find, where the keyboard is in the fields; else open the chosen study as it arrives."""
        if self.fields.have_keyboard():
            self.search()
        else:
            self.retrieve(opens=True)

    def retrieve(self, opens: bool = False) -> None:
        """Fetch the chosen study from the first node that has it; what is all here already is opened."""
        study = self.chosen()
        if study is None:
            return
        try:
            whose = patient_words(study.patient_id, study.birth_date, study.sex)
            self._transfers.retrieve(self._best(study), study.uid, study_title(study), opens, study.images, whose)
        except HounsfieldError as error:
            self.said.emit(error.sentence)

    def _best(self, study: FoundStudy) -> str:
        """Of the nodes that have a study one that is ticked, DICOMweb first: there images come in any order."""
        ticked = [name for name in study.nodes if name in self.nodes.ticked()] or list(study.nodes)
        return min(ticked, key=lambda name: not (name in self._known and self._known[name].url))

    def send_to(self, node: str) -> None:
        """Send the chosen study to a node, once all of it is here."""
        study = self.chosen()
        if study is not None:
            try:
                self._transfers.send(node, study.uid, study_title(study))
            except HounsfieldError as error:
                self.said.emit(error.sentence)

    def why_not_send(self) -> str:
        """Why the chosen study cannot be sent; empty when it can."""
        study = self.chosen()
        if study is None:
            return "No study is chosen."
        if not self.model.here.get(study.uid):
            return "Only what is here can be sent: R fetches it first."
        return ""

    def choose_target(self) -> None:
        """A menu of the nodes a study can be sent to."""
        menu = target_menu(self, self._known)
        self._watch(menu)
        rect = self.table.visualRect(self.table.currentIndex())
        menu.popup(self.table.viewport().mapToGlobal(rect.bottomLeft()))
        if menu.defaultAction() is not None:
            menu.setActiveAction(menu.defaultAction())

    def _show_menu(self, at: QPoint) -> None:
        if self.chosen() is not None:
            menu = found_menu(self, self._known)
            self._watch(menu)
            menu.popup(at)

    def _watch(self, menu: QMenu) -> None:
        self.menu = menu
        menu.aboutToHide.connect(self.changed)
        menu.aboutToShow.connect(self.changed)

    def _wait_no_more(self) -> None:
        self._waits = False

    def _typed(self, text: str) -> None:
        """Letters typed on the table begin another query."""
        if text.isprintable() and text.strip():
            self.fields.first.setFocus()
            self.fields.first.setText(text)

    def leave(self) -> None:
        """Stop asking first, then empty the fields, then go back."""
        if self.is_asking:
            self.stop()
            self.said.emit("Stopped; what was found stays.")
            self._say()
        elif self.fields.have_keyboard() and self.fields.clear():
            self.fields.first.setFocus()
        else:
            self.closed.emit()
        self.changed.emit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._transfers.get_ready()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard waits on what was found, or in the first field."""
        super().focusInEvent(event)
        (self.table if self.model.lines else self.fields.first).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter of the number pad is Return."""
        if event.key() == Qt.Key.Key_Enter:
            self.enter()
        else:
            super().keyPressEvent(event)

    def facts(self) -> dict[str, Any]:
        """What is shown, in plain JSON values."""
        study = self.chosen()
        return {
            "rows": [[self.model.text(row, column) for column in range(7)] for row in range(len(self.model.lines))],
            "chosen": study.uid if study else None,
            "asking": self.is_asking,
            "nodes": {name: box.text() for name, box in self.nodes.boxes.items()},
            "problems": [each.text() for each in self.nodes.sentences.values()],
            "why": [each.accessibleDescription() for each in self.nodes.sentences.values()],
            "empty": self.empty.text() if not self.empty.isHidden() else "",
            "told": self.told.text(),
            "typing": self.fields.focused,
            "typed": asdict(self.fields.wish()),
        }
