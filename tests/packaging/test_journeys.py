"""A journey that fails beside others has a second try alone; no other test has one."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SOUND, BROKEN = "def test_it():\n    pass\n", "def test_it():\n    assert False\n"
UNSTEADY = """
    from pathlib import Path

    def test_it():
        tried = Path(__file__).with_suffix(".tried")
        assert tried.exists() or tried.touch()
"""
RUN = 'source packaging/journeys.sh; say() { echo "$*"; }; run_tests; echo "verdict $? unsteady $unsteady"'


def said(folder: Path, tests: dict[str, str]) -> list[str]:
    """The lines of a run over tests of these names, with their bodies."""
    for name in ("tests/journeys", "tests/guards", "packaging", "bin"):
        (folder / name).mkdir(parents=True)
    own = (CHECKOUT / "tests/guards").glob("*.py")
    guards = [f"tests/guards/{each.name}" for each in own if not each.name.startswith("test_")]
    for name in ("tests/conftest.py", "packaging/journeys.sh", "pyproject.toml", *guards):
        (folder / name).symlink_to(CHECKOUT / name)
    (folder / "tests/__init__.py").touch()
    for name, body in tests.items():
        (folder / "tests" / name).write_text(textwrap.dedent(body))
    python = folder / "bin/python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    environment = os.environ | {"venv": str(folder), "HOUNSFIELD_TEST_JOBS": "0"}
    done = subprocess.run(
        ["bash", "-uo", "pipefail", "-c", RUN], cwd=folder, env=environment, capture_output=True, text=True, timeout=240
    )
    return done.stdout.splitlines()


def test_a_journey_that_passes_alone_is_named(tmp_path: Path) -> None:
    lines = said(tmp_path, {"journeys/test_a.py": UNSTEADY, "test_b.py": SOUND})
    assert lines[-1] == "verdict 0 unsteady tests/journeys/test_a.py::test_it"
    assert "journeys again, alone: tests/journeys/test_a.py::test_it" in lines


def test_a_journey_that_fails_twice_fails_the_run(tmp_path: Path) -> None:
    lines = said(tmp_path, {"journeys/test_a.py": BROKEN, "journeys/test_b.py": UNSTEADY})
    assert lines[-1] == "verdict 1 unsteady none"
    assert any(line.startswith("journeys again, alone: ") for line in lines)


@pytest.mark.parametrize(
    "tests",
    [
        {"journeys/test_a.py": UNSTEADY, "test_b.py": BROKEN},
        {"test_b.py": UNSTEADY},
        {f"journeys/test_{number}.py": UNSTEADY for number in range(4)},
    ],
    ids=["beside another", "none of them", "too many"],
)
def test_nothing_else_has_a_second_try(tests: dict[str, str], tmp_path: Path) -> None:
    lines = said(tmp_path, tests)
    assert lines[-1] == "verdict 1 unsteady none"
    assert not any("again, alone" in line for line in lines)


def test_a_sound_run_names_none(tmp_path: Path) -> None:
    assert said(tmp_path, {"journeys/test_a.py": SOUND})[-1] == "verdict 0 unsteady none"
