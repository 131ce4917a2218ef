"""Nodes are added, tested and removed on their page; a test says which field is wrong and puts the keyboard there."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QSpinBox

from tests.network.loopback import free_port
from tests.network.receiving import until
from tests.network.web_server import answer, serving_web
from tests.ui.conftest import settle
from workstation import jobs
from workstation.network import nodes
from workstation.network.nodes import Node
from workstation.paths import Home
from workstation.security import ring, secret
from workstation.security.secret import Kept
from workstation.ui import node_form
from workstation.ui.node_page import NodePage


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


@pytest.fixture
def page(home: Home, qapp: QApplication) -> Iterator[NodePage]:
    nodes.add(home, Node("old", "OLD", "127.0.0.1", free_port()))
    made = NodePage(home)
    made.resize(1280, 800)
    made.show()
    shown(lambda: made.list.count() == 2)
    yield made
    made.close_down()
    made.close()
    settle()


def shown(true: Callable[[], object]) -> None:
    def looked() -> bool:
        jobs.drain(0.01)
        QApplication.processEvents()
        return bool(true())

    until(looked)


def control(page: NodePage, key: str) -> QLineEdit | QSpinBox | QComboBox:
    found = page.form.rows[key].control
    assert isinstance(found, QLineEdit | QSpinBox | QComboBox)
    return found


def write(page: NodePage, key: str, text: str) -> None:
    line = control(page, key)
    line.setFocus()
    line.selectAll()  # type: ignore[union-attr]
    QTest.keyClicks(line, text)
    QTest.keyClick(line, Qt.Key.Key_Tab)


def test_the_path_of_a_certificate_can_be_chosen(page: NodePage, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its button or Ctrl+O; a dialog that is closed changes nothing."""
    page.begin_new()
    for chosen, then in (("/certificates/clinic.pem", "/certificates/clinic.pem"), ("", "/certificates/clinic.pem")):
        monkeypatch.setattr(node_form.QFileDialog, "getOpenFileName", lambda *asked, chosen=chosen: (chosen, ""))
        (choose,) = control(page, "ca").actions()
        choose.trigger()
        assert page.form.values()["ca"] == control(page, "ca").text() == then  # type: ignore[union-attr]
    assert not control(page, "host").actions() and not page.form.rows["host"].default.isVisible()


def test_a_node_is_added_by_its_fields_and_kept_as_the_command_keeps_it(page: NodePage, home: Home) -> None:
    page.begin_new()
    page.form.name.setText("archive")
    write(page, "aet", "ORTHANC")
    write(page, "host", "127.0.0.1")
    write(page, "port", "4242")
    page.keep()
    shown(lambda: page.facts()["nodes"] == ["old", "archive"])
    assert nodes.named(home, "archive") == Node("archive", "ORTHANC", "127.0.0.1", 4242)
    assert page.facts()["chosen"] == "archive"


def test_what_is_not_allowed_is_said_and_marked_and_nothing_is_kept(page: NodePage, home: Home) -> None:
    page.begin_new()
    page.form.name.setText("archive")
    write(page, "host", "127.0.0.1")
    page.keep()
    assert page.form.marked == "aet" and "AE title" in page.facts()["steps"][0]
    page.form.name.setText("../x")
    page.keep()
    assert page.form.marked == "name"
    settle()
    assert list(nodes.load(home)[0]) == ["old"]


def test_a_test_says_which_end_and_which_field_is_wrong(page: NodePage) -> None:
    page.test()
    shown(lambda: "nothing listens" in "".join(page.facts()["steps"]))
    assert page.facts()["steps"][-1].endswith("Check field “Port” of node old here, and that the archive runs.")
    assert page.form.marked == "port"


def test_fields_that_do_not_count_are_not_there(page: NodePage) -> None:
    assert page.form.rows["aet"].isVisible() and not page.form.rows["url"].isVisible()
    page.form.speaks.setCurrentIndex(1)
    assert page.form.rows["url"].isVisible() and not page.form.rows["aet"].isVisible()


def test_a_node_is_removed_and_a_new_one_cannot_be(page: NodePage, home: Home) -> None:
    page.remove()
    shown(lambda: page.facts()["nodes"] == [])
    assert nodes.load(home)[0] == {}
    assert not page.buttons["remove"].isEnabled()


SECRET = "s3cret-of-the-archive"


def test_a_password_is_asked_for_where_one_is_wanted_and_lies_in_no_file(
    page: NodePage, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a keyring it is held until the program ends, and that is said."""
    monkeypatch.setattr(secret, "_typed", {})
    monkeypatch.setattr(ring, "may_answer", lambda: False)
    page.begin_new()
    page.form.name.setText("web")
    page.form.speaks.setCurrentIndex(1)
    write(page, "url", "https://pacs.example/dicom-web")
    assert page.form.secret.isHidden()
    auth = control(page, "auth")
    auth.setCurrentIndex(auth.findData("bearer"))  # type: ignore[union-attr]
    assert page.form.secret.title.text() == "Token" and page.form.rows["user"].isHidden()
    auth.setCurrentIndex(auth.findData("basic"))  # type: ignore[union-attr]
    write(page, "user", "anna")
    QTest.keyClicks(page.form.secret.control, SECRET)
    said: list[str] = []
    page.said.connect(said.append)
    page.keep()
    shown(lambda: page.facts()["secret"] == f"One is {Kept.SESSION}.")
    assert "until the program ends" in said[-1] and page.form.secret.control.text() == ""
    assert nodes.secret_of(nodes.named(home, "web")) == SECRET
    assert SECRET not in json.dumps(page.facts())
    for path in filter(Path.is_file, home.root.rglob("*")):
        assert SECRET.encode() not in path.read_bytes()
    page.remove()
    shown(lambda: page.facts()["nodes"] == ["old"])
    assert secret._typed == {}


def test_what_is_typed_is_tried_before_it_is_kept(page: NodePage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secret, "_typed", {})
    with serving_web(lambda request: answer(b"[]")) as server:
        page.begin_new()
        page.form.name.setText("web")
        page.form.speaks.setCurrentIndex(1)
        write(page, "url", f"http://127.0.0.1:{server.port}/dicom-web")
        auth = control(page, "auth")
        auth.setCurrentIndex(auth.findData("bearer"))  # type: ignore[union-attr]
        QTest.keyClicks(page.form.secret.control, SECRET)
        page.test()
        shown(lambda: "can be queried" in "".join(page.facts()["steps"]))
    assert server.asked[0].headers["authorization"] == f"Bearer {SECRET}" and secret._typed == {}
