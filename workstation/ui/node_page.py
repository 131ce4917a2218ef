"""The nodes as a page: who is set up, the fields of one, and a test that says which end and which field is wrong."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListWidget, QPushButton, QVBoxLayout, QWidget

from workstation import jobs
from workstation.errors import HounsfieldError
from workstation.network import nodes
from workstation.network.faults import NodeFault
from workstation.network.nodes import Node
from workstation.network.trial import tried
from workstation.paths import Home
from workstation.security import secret
from workstation.traffic.carrier import pacs_of
from workstation.ui.node_form import NodeForm
from workstation.ui.node_words import where
from workstation.ui.theme import label

_SECRETS: Final = {"basic": "password", "bearer": "token"}
NEW: Final = "New node"
HOW: Final = "Ctrl+N adds a node, Ctrl+S keeps it, F5 tests it, Ctrl+Delete removes it. Esc goes back."


class NodePage(QWidget):
    """`closed` when Esc leads back, `said`, `changed`; `kept` when nodes were added, changed or removed."""

    closed = Signal()
    said = Signal(str)
    changed = Signal()
    kept = Signal()

    def __init__(self, home: Home) -> None:
        super().__init__()
        self.setObjectName("page")
        self._home = home
        self._known: dict[str, Node] = {}
        self._thread: threading.Thread | None = None
        self._test = 0
        self.list = QListWidget()
        self.list.setAccessibleName("Nodes")
        self.list.setFixedWidth(230)
        self.form = NodeForm()
        self.steps = QVBoxLayout()
        self.results: list[QLabel] = []
        self.buttons = {
            "add": _button("New", "Begin a new node (Ctrl+N)", self.begin_new),
            "keep": _button("Keep", "Keep what stands in the fields (Ctrl+S)", self.keep),
            "test": _button("Test", "Try every step with what stands in the fields (F5)", self.test),
            "remove": _button("Remove", "Forget this node; studies that are here stay (Ctrl+Delete)", self.remove),
        }
        self._lay_out()
        self.list.currentRowChanged.connect(lambda row: self._show_chosen())
        for keys, call in (
            ("Esc", self.leave), ("Ctrl+N", self.begin_new), ("Ctrl+S", self.keep), ("F5", self.test),
            ("Ctrl+Delete", self.remove),
        ):  # fmt: skip
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(call)
        self.refresh()

    def _lay_out(self) -> None:
        middle, right, foot = QHBoxLayout(), QVBoxLayout(), QHBoxLayout()
        for each in self.buttons.values():
            foot.addWidget(each)
        foot.addStretch(1)
        right.addWidget(self.form, 1)
        right.addLayout(self.steps)
        right.addLayout(foot)
        middle.addWidget(self.list)
        middle.addLayout(right, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 12)
        whole.addWidget(label("Nodes", "title"))
        whole.addLayout(middle, 1)
        whole.addWidget(label(HOW, "quiet"))

    # ------------------------------------------------------------------ list

    def refresh(self, then: str = "") -> None:
        """Read which nodes there are, and choose one."""
        name = then or self._chosen()
        self._run(lambda: nodes.load(self._home), lambda found: self._read(found, name))

    def _read(self, found: tuple[dict[str, Node], tuple[str, ...]], chosen: str) -> None:
        self._known, problems = found
        self.list.blockSignals(True)
        self.list.clear()
        self.list.addItems([*self._known, NEW])
        names = list(self._known)
        self.list.setCurrentRow(names.index(chosen) if chosen in names else 0)
        self.list.blockSignals(False)
        self._show_chosen()
        for problem in problems:
            self.said.emit(problem)

    def _chosen(self) -> str:
        item = self.list.currentItem()
        return item.text() if item is not None and item.text() in self._known else ""

    def _show_chosen(self) -> None:
        name = self._chosen()
        self.form.show_node(self._known.get(name))
        self.buttons["remove"].setEnabled(bool(name))
        self.buttons["remove"].setToolTip("Forget this node (Ctrl+Delete)" if name else "It is not kept yet.")
        self._say_steps(())
        self._say_secret(self._known.get(name))
        self.changed.emit()

    def _say_secret(self, node: Node | None) -> None:
        """Where the password of a node comes from; a keyring takes its time to answer."""
        if node is None or node.auth == "none":
            return

        def say(where: secret.Kept) -> None:
            if self._chosen() == node.name and not self._typed():
                known = where is not secret.Kept.NOWHERE
                self.form.secret.say(f"One is {where}." if known else "None is known.")
                self.changed.emit()

        self._run(lambda: secret.looked_up(node.name, nodes.account_of(node))[1], say)

    # ----------------------------------------------------------------- doing

    def begin_new(self) -> None:
        self.list.setCurrentRow(self.list.count() - 1)
        self.form.name.setFocus()

    def keep(self) -> None:
        """Check what stands in the fields and keep it."""
        try:
            node = self.form.node()
        except HounsfieldError as error:
            self._wrong(error.sentence)
            return
        before, typed = self._chosen(), self._typed()

        def write() -> str:
            nodes.add(self._home.create(), node)
            if before and before != node.name:
                nodes.remove(self._home, before)
            return f" Its {_SECRETS[node.auth]} is {secret.keep(nodes.account_of(node), typed)}." if typed else ""

        self._run(write, lambda where: self._written(f"{node.name} is kept.{where}", node.name))

    def _typed(self) -> str:
        """The password or token that stands in its field, where it counts."""
        return self.form.secret.control.text() if not self.form.secret.isHidden() else ""

    def remove(self) -> None:
        """Forget the chosen node, and its password."""
        name = self._chosen()
        if not name:
            return
        account = nodes.account_of(self._known[name])
        others = [each for each in self._known.values() if each.name != name and nodes.account_of(each) == account]

        def forget() -> None:
            nodes.remove(self._home, name)
            if not others:
                secret.forget(account)

        self._run(forget, lambda done: self._written(f"{name} is forgotten.", ""))

    def _written(self, sentence: str, name: str) -> None:
        self.said.emit(sentence)
        self.refresh(name)
        self.kept.emit()

    def _wrong(self, sentence: str, field: str = "") -> None:
        """What is wrong, where it is wrong."""
        self.form.mark(field or self.form.field_of(sentence))
        self._say_steps((("error", f"× {sentence}"),))
        self.said.emit(sentence)

    # --------------------------------------------------------------- testing

    def test(self) -> None:
        """Try echo and query with what stands in the fields, on a thread: a silent node takes its time."""
        try:
            node = self.form.node()
        except HounsfieldError as error:
            self._wrong(error.sentence)
            return
        self._test += 1
        self.form.mark("")
        self._say_steps((("quiet", f"Testing {node.name} …"),))
        told = partial(self._tested, self._test)
        self._thread = threading.Thread(
            target=_try, args=(node, self._typed(), told), name="hounsfield-node-test", daemon=True
        )
        self._thread.start()

    def _tested(self, number: int, steps: tuple[tuple[str, str], ...], field: str) -> None:
        if number == self._test:
            self._say_steps(steps)
            self.form.mark(field)

    def _say_steps(self, steps: tuple[tuple[str, str], ...]) -> None:
        for old in self.results:
            self.steps.removeWidget(old)
            old.deleteLater()
        self.results = [label(text, role) for role, text in steps]
        for each in self.results:
            each.setWordWrap(True)
            each.setAccessibleName(each.text())
            self.steps.addWidget(each)
        self.changed.emit()

    def _run(self, work: Callable[[], Any], then: Callable[[Any], None]) -> None:
        def failed(error: Exception) -> None:
            self.said.emit(error.sentence if isinstance(error, HounsfieldError) else type(error).__name__)

        jobs.run("Keep the nodes", lambda job: work(), then, failed, piece=True)

    def leave(self) -> None:
        self.closed.emit()

    def close_down(self) -> None:
        """The window closes: what a test says is not heard any more."""
        self._test += 1
        if self._thread is not None:
            self._thread.join(0.5)

    def facts(self) -> dict[str, Any]:
        """What is shown, in plain JSON values."""
        return {
            "nodes": list(self._known),
            "chosen": self._chosen(),
            "values": self.form.values(),
            "secret": self.form.secret.where.text() if not self.form.secret.isHidden() else None,
            "marked": self.form.marked,
            "steps": [each.text() for each in self.results],
        }


def _try(node: Node, typed: str, told: Callable[[tuple[tuple[str, str], ...], str], None]) -> None:
    """On a thread: each step as it succeeds, and where to look when one does not."""
    steps: list[tuple[str, str]] = []
    field = ""
    try:
        for step, seconds in tried(pacs_of(node, secret=typed)):
            steps.append(("registered", f"✓ {step}: {seconds * 1000:.0f} ms"))
            jobs.post(partial(told, tuple(steps), ""))
        steps.append(("registered", "✓ This node answers and can be queried."))
    except NodeFault as fault:
        look = where(fault.side.value, fault.field, node.name)
        sentence = f"{fault.sentence[:1].upper()}{fault.sentence[1:]}. {look}"
        steps.append(("error", f"× {sentence}"))
        field = fault.field
    except HounsfieldError as error:
        steps.append(("error", f"× {error.sentence}"))
    jobs.post(partial(told, tuple(steps), field))


def _button(text: str, tip: str, slot: Callable[[], None]) -> QPushButton:
    made = QPushButton(text)
    made.setToolTip(tip)
    made.clicked.connect(lambda checked=False: slot())
    return made
