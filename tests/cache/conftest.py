"""The fixture all tests of the cache share."""

from pathlib import Path

import pytest

from workstation.paths import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A Home of this test's own, with its folders."""
    return Home(tmp_path / "home").create()
