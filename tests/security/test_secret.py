"""Where the password of a node comes from, when nobody sits at a terminal."""

import io
import sys

import pytest

from workstation.security.secret import secret_of, variable_of


def test_the_environment_holds_it_under_a_name_made_of_the_nodes(monkeypatch: pytest.MonkeyPatch) -> None:
    assert variable_of("PACS-1 main") == "HOUNSFIELD_SECRET_PACS_1_MAIN"
    monkeypatch.setenv("HOUNSFIELD_SECRET_PACS_1_MAIN", "s3cret")
    assert secret_of("PACS-1 main") == "s3cret"


def test_without_one_nobody_waits_at_a_terminal_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("typed\n"))
    assert secret_of("PACS") == ""
