"""`hounsfield demo` before its window opens: it waits for the first study alone, and says what stops it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.phantom.quick import QUICK, impossible
from workstation import jobs
from workstation.cache.index import Index
from workstation.cli.demo import _Making
from workstation.errors import HounsfieldError
from workstation.paths import Home

LONGEST_S = 60.0


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Home]:
    yield Home(tmp_path / "home").create()
    jobs.shutdown()


def held(home: Home) -> set[str]:
    with Index(home) as index:
        return {row.study_instance_uid for row in index.studies()}


def test_the_wait_ends_with_the_first_study_and_the_list_hears_of_the_others(empty: Home) -> None:
    making = _Making(empty, QUICK, "tiny")
    heard: list[int] = []
    making.wait_for_first()
    assert QUICK[0].study_instance_uid in held(empty)
    making.refresh = lambda: heard.append(len(held(empty)))
    while jobs.active():
        jobs.drain(0.2)
    jobs.drain()
    assert len(held(empty)) == 3
    assert heard == [] or heard[-1] == 3
    assert making.problems() == ()


def test_nothing_is_waited_for_when_the_first_is_there(empty: Home) -> None:
    making = _Making(empty, QUICK[:1], "tiny")
    making.wait_for_first()
    broken = replace(QUICK[1], title="The broken one", make=impossible)
    again = _Making(empty, (QUICK[0], broken), "tiny")
    again.wait_for_first()
    while jobs.active():
        jobs.drain(0.2)
    jobs.drain()
    assert again.problems() == ("Of the demo patient could not be made: The broken one.",)


def test_a_first_study_that_cannot_be_made_opens_nothing(empty: Home) -> None:
    broken = replace(QUICK[1], title="The broken one", make=impossible)
    with pytest.raises(HounsfieldError, match="The broken one"):
        _Making(empty, (broken,), "tiny").wait_for_first()


def test_leaving_early_is_no_problem(empty: Home) -> None:
    making = _Making(empty, QUICK, "tiny")
    making.wait_for_first()
    jobs.shutdown()
    jobs.drain()
    assert making.problems() == ()
