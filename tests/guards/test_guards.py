"""Each guard is seen to fail a test that deserves it, and to leave alone one that announced itself."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path
from xml.etree import ElementTree

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def laid_out(place: Path, bodies: dict[str, str]) -> Path:
    """A checkout with our conftest and a file of tests for each body."""
    folder = place / "tests"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "conftest.py").symlink_to(CHECKOUT / "tests/conftest.py")
    (folder / "guards").symlink_to(CHECKOUT / "tests/guards")
    (place / "pyproject.toml").symlink_to(CHECKOUT / "pyproject.toml")
    for name, body in bodies.items():
        (folder / f"test_{name}.py").write_text("import pytest\n" + textwrap.dedent(body))
    return place


def by_pytest(place: Path, *options: str) -> str:
    """What a pytest of its own printed of that checkout."""
    files = sorted(str(each) for each in place.glob("tests/test_*.py"))
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *files, *options]
    short = os.environ | {"HOUNSFIELD_TEST_GRACE_S": "1"}
    done = subprocess.run(command, cwd=place, env=short, capture_output=True, text=True, timeout=240)
    return done.stdout + done.stderr


@pytest.fixture
def run_test(tmp_path: Path) -> object:
    """Run the body of one test in a pytest of its own under our conftest; returns what it printed."""

    def run(body: str, *options: str) -> str:
        return by_pytest(laid_out(tmp_path, {"it": body}), *options)

    return run


FAULTS = {
    "warning": (
        "def test_it():\n    import warnings\n    warnings.warn('careless', stacklevel=1)",
        "UserWarning: careless",
    ),
    "log": (
        "def test_it():\n    import logging\n    logging.getLogger('a.b').warning('odd thing')",
        "WARNING a.b: odd thing",
    ),
    "announced log that never came": (
        "@pytest.mark.expects_log('odd')\ndef test_it():\n    pass",
        "announced with expects_log and never came: odd",
    ),
    "qt": (
        "def test_it(qapp):\n    from PySide6.QtCore import qWarning\n    qWarning('odd thing')",
        "QtWarningMsg default: odd thing",
    ),
    "window": (
        "KEPT = []\ndef test_it(qapp):\n    from PySide6.QtWidgets import QWidget\n    KEPT.append(QWidget())\n"
        "    KEPT[0].show()",
        "window left open: ",
    ),
    "vtk": (
        "import vtkmodules.vtkCommonCore as core\ndef test_it():\n"
        "    core.vtkOutputWindow.GetInstance().DisplayErrorText('odd thing')",
        "ErrorEvent: odd thing",
    ),
    "thread": (
        "import threading\ndef test_it():\n"
        "    threading.Thread(target=threading.Event().wait, args=(8,), name='stays').start()",
        "thread left running: stays",
    ),
    "process": (
        "import subprocess\nKEPT = []\ndef test_it():\n    KEPT.append(subprocess.Popen(['sleep', '60']))",
        "process left running: ",
    ),
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What was said of each faulty test, all of them run by one pytest; of one that passed nothing."""
    place = laid_out(tmp_path_factory.mktemp("faults"), {str(n): body for n, (body, _) in enumerate(FAULTS.values())})
    printed = by_pytest(place, "--junitxml", "said.xml")
    said: dict[str, str] = {}
    for case in ElementTree.parse(place / "said.xml").iter("testcase"):
        fault = list(FAULTS)[int(case.attrib["classname"].rpartition("_")[2])]
        said[fault] = said.get(fault, "") + "".join(
            each.text or "" for tag in ("failure", "error") for each in case.iter(tag)
        )
    assert said.keys() == FAULTS.keys(), printed
    return said


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_fails_the_test(complaints: dict[str, str], fault: str) -> None:
    assert FAULTS[fault][1] in complaints[fault]


def test_what_is_announced_or_lives_as_long_as_its_fixture_passes(run_test):
    printed = run_test(
        """
        import logging, subprocess, warnings
        import vtkmodules.vtkCommonCore as core

        @pytest.fixture(scope="module")
        def server():
            process = subprocess.Popen(["sleep", "60"])
            yield process
            process.kill()
            process.wait()

        @pytest.mark.expects_log("odd")
        @pytest.mark.expects_qt("strange")
        @pytest.mark.expects_vtk("weird")
        def test_announced(qapp, server):
            from PySide6.QtCore import qWarning
            logging.getLogger("a.b").error("odd thing")
            qWarning("strange thing")
            core.vtkOutputWindow.GetInstance().DisplayErrorText("weird thing")
            with pytest.warns(UserWarning, match="careless"):
                warnings.warn("careless")

        def test_after_it(server):
            assert server.poll() is None
        """
    )
    assert "2 passed" in printed, printed


def test_missing_data_skips_with_the_reason_and_fails_where_required(run_test, monkeypatch, tmp_path):
    monkeypatch.setenv("HOUNSFIELD_TEST_DATA", str(tmp_path / "nowhere"))
    monkeypatch.delenv("HOUNSFIELD_TEST_REQUIRE", raising=False)
    printed = run_test("def test_it(data_dir):\n    pass")
    assert "1 skipped" in printed.splitlines()[-1]
    assert "   1  data: no test data" in printed


def test_required_data_fails_the_test(run_test, monkeypatch, tmp_path):
    monkeypatch.setenv("HOUNSFIELD_TEST_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setenv("HOUNSFIELD_TEST_REQUIRE", "data")
    assert "required and missing: data: no test data" in run_test("def test_it(data_dir):\n    pass")


def test_the_home_of_the_user_is_out_of_reach(run_test, home):
    printed = run_test(
        """
        from pathlib import Path
        def test_it():
            print("HOME", Path.home())
        """,
        "-s",
    )
    assert f"HOME {Path.home()}" not in printed
    assert "hounsfield-tests-" in printed
