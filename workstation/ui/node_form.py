"""The fields of one node, as they are described, those alone that count for how it speaks; its password apart."""

from typing import Any, Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from workstation.network import nodes
from workstation.network.nodes import Node
from workstation.settings import Settings, Value
from workstation.ui.setting_row import SettingRow
from workstation.ui.theme import label

OF_DICOM: Final = ("aet", "host", "port", "our_aet", "retrieve", "tls", "ca", "cert", "key")
OF_WEB: Final = ("url", "auth", "user", "ca", "cert", "key", "plain")
FILES: Final = ("ca", "cert", "key")
PEM: Final = "PEM (*.pem *.crt *.cer *.key);;All files (*)"
DICOM, WEB = "dicom", "web"


class SecretRow(QFrame):
    """A password or token: typed, never shown, and no setting; where the one there is lies is said."""

    HELP: Final = "Kept in the keyring of this system, else until the program ends; never in a file. Empty: as it is."

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("row")
        self.title = label("", "name")
        self.control = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.control.setToolTip(self.HELP)
        self.control.setAccessibleDescription(self.HELP)
        self.where = label("", "quiet")
        self.where.setWordWrap(True)
        help_text = label(self.HELP, "quiet")
        help_text.setWordWrap(True)
        words, choice = QVBoxLayout(), QVBoxLayout()
        for column, upper, lower in ((words, self.title, help_text), (choice, self.control, self.where)):
            column.setSpacing(3)
            column.addWidget(upper)
            column.addWidget(lower)
            column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(2, 8, 2, 10)
        row.setSpacing(16)
        row.addLayout(words, 5)
        row.addLayout(choice, 3)

    def call(self, what: str) -> None:
        """What is typed here: a password, or a token."""
        self.title.setText(what)
        self.control.setAccessibleName(what)

    def say(self, where: str) -> None:
        """Where the one there is lies; nothing is typed any more."""
        self.control.clear()
        self.where.setText(where)


class NodeForm(QScrollArea):
    """`show_node` fills it, `node` reads it. `marked` is the field that is wrong, if one is."""

    def __init__(self) -> None:
        super().__init__(widgetResizable=True)
        self.setObjectName("page")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.marked = ""
        self._settings = Settings(nodes.descriptions())
        self.name = QLineEdit()
        self.name.setAccessibleName("Name")
        self.name.setPlaceholderText("What you call it")
        self.speaks = QComboBox()
        self.speaks.setAccessibleName("Speaks")
        for text, data in (("DICOM (AE title, host, port)", DICOM), ("DICOMweb (URL)", WEB)):
            self.speaks.addItem(text, data)
        self.speaks.currentIndexChanged.connect(lambda place: self._show_rows())
        self.rows: dict[str, SettingRow] = {}
        self.secret = SecretRow()
        self._lay_out()
        self._show_rows()

    def _lay_out(self) -> None:
        inside = QWidget()
        inside.setObjectName("page")
        column = QVBoxLayout(inside)
        column.setContentsMargins(16, 0, 16, 8)
        column.setSpacing(0)
        head = QFormLayout(horizontalSpacing=16, verticalSpacing=8)
        head.setContentsMargins(2, 0, 2, 10)
        head.addRow("Name", self.name)
        head.addRow("Speaks", self.speaks)
        column.addLayout(head)
        for key in dict.fromkeys((*OF_DICOM[:1], "url", *OF_DICOM[1:], *OF_WEB)):
            row = self.rows[key] = SettingRow(self._settings.descriptions.settings[f"node.{key}"], self._settings)
            row.chosen.connect(self._choose)
            row.reset.connect(self._reset)
            column.addWidget(row)
            if self._settings.default(row.setting.name) == "":
                row.default.hide()  # that a field begins empty is seen; the rows find room without a line for it
            if key in FILES:
                self._offer_file(row)
            if key == "user":
                column.addWidget(self.secret)
        column.addStretch(1)
        self.setWidget(inside)

    def _offer_file(self, row: SettingRow) -> None:
        """The path of a file can be chosen instead of typed."""
        line = row.control
        assert isinstance(line, QLineEdit)  # noqa: S101  paths are texts
        icon = self.style().standardIcon(QStyle.StandardPixmap.SP_DialogOpenButton)
        choose = line.addAction(icon, QLineEdit.ActionPosition.TrailingPosition)
        choose.setText(f"Choose: {row.setting.title}")
        choose.setToolTip("Choose the file (Ctrl+O)")
        choose.setShortcut("Ctrl+O")
        choose.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        choose.triggered.connect(lambda checked=False: self._choose_file(row))

    def _choose_file(self, row: SettingRow) -> None:
        """Ask for a file and put its path into the field."""
        name, _ = QFileDialog.getOpenFileName(self, row.setting.title, "", PEM)
        self.window().activateWindow()  # without a window manager nobody else gives it the keyboard
        if name:
            self._choose(row.setting.name, name)
        row.control.setFocus()

    def _choose(self, name: str, value: Value) -> None:
        self._settings.set(name, value)
        self.rows[name.partition(".")[2]].refresh()
        self._show_rows()

    def _reset(self, name: str) -> None:
        self._settings.reset(name)
        self.rows[name.partition(".")[2]].refresh()
        self._show_rows()

    def _show_rows(self) -> None:
        shown, auth = self._shown(), self._settings.get("node.auth")
        for key, row in self.rows.items():
            row.setVisible(key in shown and (key != "user" or auth == "basic"))
        self.secret.setVisible("auth" in shown and auth != "none")
        self.secret.call("Token" if auth == "bearer" else "Password")

    def _shown(self) -> tuple[str, ...]:
        return OF_WEB if self.speaks.currentData() == WEB else OF_DICOM

    def show_node(self, node: Node | None) -> None:
        """Fill the fields; with None they are those of a new node."""
        self._settings.reset_all()
        self.name.setText(node.name if node else "")
        self.speaks.setCurrentIndex(1 if node and node.url else 0)
        for key, row in self.rows.items():
            if node is not None:
                self._settings.set(f"node.{key}", getattr(node, key))
            row.refresh()
        self._show_rows()
        self.secret.say("")
        self.mark("")

    def values(self) -> dict[str, Any]:
        """What stands in the fields that count."""
        return {key: self._settings.get(f"node.{key}") for key in self._shown()}

    def node(self) -> Node:
        """The node of these fields. Raises HounsfieldError with the field that is wrong."""
        for row in self.rows.values():
            row.control.clearFocus()  # what was typed and not yet applied counts
        return nodes.made(self.name.text().strip(), self.values())

    def field_of(self, sentence: str) -> str:
        """The field a sentence is about, by its title."""
        for key, row in self.rows.items():
            if sentence.startswith(row.setting.title):
                return key
        return "name" if "name a node" in sentence else ""

    def mark(self, field: str) -> None:
        """Show which field is wrong and put the keyboard there; an empty one takes the mark away."""
        self.marked = field
        for key, row in self.rows.items():
            row.setStyleSheet("QFrame#row { border-left: 3px solid #ff8f7a; }" if key == field else "")
        if field in self.rows and self.rows[field].isVisible():
            self.rows[field].control.setFocus()
            self.ensureWidgetVisible(self.rows[field])
        elif field == "name":
            self.name.setFocus()
