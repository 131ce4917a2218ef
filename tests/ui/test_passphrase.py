"""A home that is locked with a passphrase is asked for before the window, and says what losing it means."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from tests.network.receiving import until
from tests.ui.conftest import settle
from workstation import app, jobs
from workstation.paths import Home
from workstation.security import keys
from workstation.ui.passphrase import Passphrase


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    made = Home(tmp_path / "home").create().root
    monkeypatch.setenv("HOUNSFIELD_KEY", "passphrase")
    monkeypatch.setenv("HOUNSFIELD_PASSPHRASE", "correct horse")
    monkeypatch.setattr(keys, "_found", {})
    keys.make(made)
    monkeypatch.delenv("HOUNSFIELD_PASSPHRASE")
    keys._found.clear()
    return made


@pytest.fixture
def asking(root: Path, qapp: QApplication) -> Iterator[Passphrase]:
    made = Passphrase(root)
    made.show()
    yield made
    made.close()
    settle()


def typed(asking: Passphrase, text: str, then: str) -> None:
    """Type it, press Enter, and wait for what is said of it: `then`, or that it is open."""
    asking.typed.clear()
    QTest.keyClicks(asking.typed, text)
    QTest.keyClick(asking.typed, Qt.Key.Key_Return)

    def answered() -> bool:
        jobs.drain(0.01)
        QApplication.processEvents()
        return then in asking.told.text() if then else asking.result() == Passphrase.DialogCode.Accepted

    until(answered)


def test_it_says_what_it_is_what_to_type_and_what_enter_does(asking: Passphrase) -> None:
    labels = [each.text() for each in asking.findChildren(QLabel)]
    assert "Hounsfield is locked" in labels
    (called,) = [each for each in asking.findChildren(QLabel) if each.buddy() is asking.typed]
    assert called.text() == "&Passphrase" and asking.open_it.isDefault()


def test_the_right_one_opens_the_home_and_a_wrong_one_is_said(asking: Passphrase, root: Path) -> None:
    typed(asking, "wrong horse", "not the passphrase of this home")
    assert keys.wants_passphrase(root) and asking.open_it.isEnabled()
    typed(asking, "correct horse", "")
    assert not keys.wants_passphrase(root)
    assert asking.typed.text() == ""


def test_it_says_why_it_asks_and_what_losing_it_means(asking: Passphrase) -> None:
    said = asking.typed.accessibleDescription()
    assert "locked with a passphrase" in said and "Lost means lost" in said


def test_who_leaves_sees_nothing(root: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Passphrase, "exec", lambda self: self.result())
    assert app.unlocked(Home(root)) is False
    keys.unlock(root, "correct horse")
    assert app.unlocked(Home(root)) is True
