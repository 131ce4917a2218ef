"""The line of fields of a query, and the nodes that are asked with what each has answered."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from workstation.network.faults import Side
from workstation.traffic.ask import Answer
from workstation.ui.node_words import where
from workstation.ui.theme import label
from workstation.worklist.found import HOW_DATES, Wish

MODALITIES = ("", "CT", "MR", "CR", "DX", "MG", "US", "PT", "NM", "XA", "RF")
FIELDS = (
    ("name", "Name", "As doe, jane or doe*; PatientName", 3),
    ("patient_id", "Patient ID", "Exact, or with * and ?; PatientID", 2),
    ("accession", "Accession", "AccessionNumber", 2),
    ("dates", "Date", f"StudyDate: {HOW_DATES}", 2),
)

HINTS = {"dates": "Date: 7d, 2024-03 …"}


class QueryFields(QWidget):
    """`searched` when somebody wants what stands in the fields, `edited` when somebody types, `changed` when that is
    done or the keyboard is in another field.
    """

    searched = Signal()
    edited = Signal()
    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        self.fields: dict[str, QLineEdit] = {}
        for key, title, tip, stretch in FIELDS:
            field = self.fields[key] = QLineEdit(placeholderText=HINTS.get(key, title), clearButtonEnabled=True)
            field.setAccessibleName(title)
            field.setAccessibleDescription(tip)
            field.setToolTip(tip)
            field.textEdited.connect(self.edited)
            field.textChanged.connect(self.changed)
            line.addWidget(field, stretch)
        self.modality = QComboBox()
        self.modality.setAccessibleName("Modality")
        self.modality.setToolTip("ModalitiesInStudy")
        for each in MODALITIES:
            self.modality.addItem(each or "Any modality", each)
        line.addWidget(self.modality, 1)
        self.find_it = QPushButton("Find")
        self.find_it.setToolTip("Ask the ticked nodes (Enter in a field)")
        self.find_it.clicked.connect(self.searched)
        line.addWidget(self.find_it)
        watched: tuple[QWidget, ...] = (*self.fields.values(), self.modality, self.find_it)
        for widget in watched:
            widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.changed.emit()
        return False

    @property
    def first(self) -> QLineEdit:
        return self.fields["name"]

    def wish(self) -> Wish:
        """What stands in the fields."""
        texts = {key: field.text().strip() for key, field in self.fields.items()}
        return Wish(**texts, modality=str(self.modality.currentData()))

    def have_keyboard(self) -> bool:
        """Whether Enter means: find."""
        return bool(self.focused)

    @property
    def focused(self) -> str:
        """The name of the field that has the keyboard."""
        known = self.fields | {"modality": self.modality, "find": self.find_it}
        return next((name for name, each in known.items() if each.hasFocus()), "")

    def clear(self) -> bool:
        """Ask for nothing; False when nothing was asked for."""
        if self.wish().is_empty:
            return False
        for field in self.fields.values():
            field.clear()
        self.modality.setCurrentIndex(0)
        return True


def missing(answer: Answer, found: int) -> str:
    """What a node that failed means for who reads the list; what is wrong with it stands in the tooltip."""
    if found:
        return f"× {answer.node} broke off after {found}: more of its studies may be missing here"
    how = "not reached" if answer.side in (Side.BETWEEN, Side.OURS) else "did not answer"
    return f"× {answer.node} {how}: its studies are missing here"


class QueryNodes(QWidget):
    """A tick for each node and how it answered; a sentence in full for each that failed."""

    wanted = Signal()
    """Nodes are to be set up."""

    def __init__(self) -> None:
        super().__init__()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        self._line = QHBoxLayout()
        self._line.setSpacing(14)
        self._line.addWidget(label("Ask", "quiet"))
        self._line.addStretch(1)
        self.set_up = QPushButton("Nodes …")
        self.set_up.setToolTip("Add, test or remove the archives that can be asked (Ctrl+Shift+R)")
        self.set_up.clicked.connect(self.wanted)
        self._line.addWidget(self.set_up)
        whole.addLayout(self._line)
        self._problems = QVBoxLayout()
        whole.addLayout(self._problems)
        self.boxes: dict[str, QCheckBox] = {}
        self._counts: dict[str, int] = {}
        self.sentences: dict[str, QLabel] = {}

    def show_nodes(self, names: Iterable[str]) -> None:
        """These are set up; what was ticked stays so, new ones are ticked."""
        ticked = {name: box.isChecked() for name, box in self.boxes.items()}
        for box in self.boxes.values():
            self._line.removeWidget(box)
            box.deleteLater()
        self.boxes = {}
        for place, name in enumerate(names, 1):
            box = self.boxes[name] = QCheckBox(name)
            box.setChecked(ticked.get(name, True))
            box.setToolTip(f"Ask {name} or not (Space)")
            self._line.insertWidget(place, box)
        self._forget()

    def ticked(self) -> tuple[str, ...]:
        return tuple(name for name, box in self.boxes.items() if box.isChecked())

    def begin(self, names: Iterable[str]) -> None:
        """These are being asked."""
        self._forget()
        for name in names:
            self._counts[name] = 0
            self._say(name, "…", "is being asked")

    def answered(self, answer: Answer) -> None:
        """A node has said more."""
        name = answer.node
        if name not in self.boxes:
            return
        self._counts[name] = self._counts.get(name, 0) + len(answer.rows)
        count = self._counts[name]
        if answer.problem:
            self._say(name, "× failed", answer.problem)
            made = self.sentences[name] = label(missing(answer, count), "error")
            told = f"{name}: {answer.problem}. {where(answer.side, answer.field, name)}".strip()
            made.setToolTip(f"{told}\nNodes … tests it.")
            made.setAccessibleDescription(told)
            made.setWordWrap(True)
            self._problems.addWidget(made)
        elif answer.over:
            more = "more than " if answer.cut else ""
            self._say(name, f"{more}{count}", f"found {more}{count} in {answer.seconds:.1f} s")
        else:
            self._say(name, f"{count} …", f"has found {count} so far")

    def _say(self, name: str, short: str, told: str) -> None:
        box = self.boxes[name]
        box.setText(f"{name}  {short}")
        box.setAccessibleName(f"{name}: {told}")
        box.setToolTip(f"{name} {told}")

    def _forget(self) -> None:
        self._counts.clear()
        for made in self.sentences.values():
            self._problems.removeWidget(made)
            made.deleteLater()
        self.sentences = {}
        for name, box in self.boxes.items():
            box.setText(name)
            box.setAccessibleName(name)
