"""Guards around every test, and the fixtures all rooms share.

A test fails on an unannounced warning, log record, Qt message or VTK error, and on a thread, process or
window it leaves behind. The user's own home is never touched: the whole session lives in a folder of its own.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.guards import required, sweeping
from tests.guards.announced import unannounced
from tests.guards.leftovers import Leftovers, Snapshot
from tests.guards.logs import LogGuard
from tests.guards.qt import QtGuard, close_open_windows
from tests.guards.skips import skip_lines
from tests.guards.vtk import VtkGuard

LISTENERS = (LogGuard(), QtGuard(), VtkGuard())
LEFTOVERS = Leftovers()
SESSION_HOME = pytest.StashKey[str]()


def pytest_configure(config: pytest.Config) -> None:
    required.required_families()
    sweeping.begin()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    folder = tempfile.mkdtemp(prefix="hounsfield-tests-")
    config.stash[SESSION_HOME] = folder
    os.environ["HOME"] = folder
    os.environ["HOUNSFIELD_HOME"] = f"{folder}/hounsfield"
    os.environ["HOUNSFIELD_KEY"] = "file"  # no test asks the keyring of whoever runs it
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        os.environ[name] = f"{folder}/{name.lower()}"


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash.get(SESSION_HOME, ""), ignore_errors=True)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    LEFTOVERS.accept_all_running()
    for listener in LISTENERS:
        listener.install()
        listener.take()
    try:
        return (yield)
    finally:
        for listener in LISTENERS:
            listener.uninstall()


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, Any, Any]:
    before = Snapshot() if fixturedef.scope != "function" else None
    result = yield
    if before is not None:
        LEFTOVERS.accept_since(before)
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if _has_windows(item):
        sweeping.pause()


def _has_windows(item: pytest.Item) -> bool:
    return "qapp" in getattr(item, "fixturenames", ())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    result = yield
    if complaints := _complaints(item):
        pytest.fail("\n".join(complaints), pytrace=False)
    return result


def _complaints(item: pytest.Item) -> list[str]:
    return [line for listener in LISTENERS for line in unannounced(item, listener.marker, listener.take())]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
    sweeping.pause()  # windows of a whole file die after its last test, whatever that is a test of
    result = yield
    last_of_file = nextitem is None or nextitem.path != item.path
    if last_of_file or _has_windows(item):
        sweeping.sweep(last_of_file)
    sweeping.go_on()
    late = [message for listener in LISTENERS for message in listener.take()] if not _failed(item) else []
    left = late + close_open_windows() + LEFTOVERS.find()
    if left:
        pytest.fail("\n".join(left), pytrace=False)
    return result


FAILED = pytest.StashKey[bool]()


def _failed(item: pytest.Item) -> bool:
    return item.stash.get(FAILED, False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: Any) -> None:
    skipped = skip_lines(terminalreporter.getreports("skipped"))
    terminalreporter.section("skips")
    terminalreporter.write_line("\n".join(skipped) if skipped else "none")
    if place := os.environ.get("HOUNSFIELD_FAILED"):  # of packaging/journeys.sh
        failed = [*terminalreporter.getreports("failed"), *terminalreporter.getreports("error")]
        Path(place).write_text("".join(f"{each}\n" for each in sorted({report.nodeid for report in failed})))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real test data; the test is skipped, or fails when `data` is required, without it."""
    return required.data_folder()


@pytest.fixture(scope="session")
def tool() -> Callable[[str], Path]:
    """`tool("dciodvfy")` is the path of that program; skipped, or failed when its family is required, without it."""
    return required.program


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty HOUNSFIELD_HOME of this test's own, set in the environment."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOUNSFIELD_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def qapp() -> Iterator[Any]:
    """The one QApplication of the session, offscreen unless QT_QPA_PLATFORM says otherwise."""
    from PySide6.QtWidgets import QApplication

    for listener in LISTENERS:
        listener.install()
    application = QApplication.instance() or QApplication([sys.argv[0]])
    yield application
    application.processEvents()
