"""The demo patient's catalogue, and making it: in turn, once, stopped and gone on with."""

import json
from collections.abc import Iterator
from dataclasses import replace
from multiprocessing.reduction import ForkingPickler
from pathlib import Path

import pytest

from tests.phantom.quick import QUICK, impossible
from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.cache.lock import WriterLock
from workstation.errors import Cancelled, HounsfieldError
from workstation.paths import Home
from workstation.phantom.demo import catalogue
from workstation.phantom.demo_entry import Entry
from workstation.phantom.demo_making import MAKING, absent, make_demo

ENTRIES = catalogue()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Home]:
    yield Home(tmp_path / "home").create()
    jobs.shutdown()


def held(home: Home) -> set[str]:
    with Index(home) as index:
        return {row.study_instance_uid for row in index.studies()}


def uids(*entries: Entry) -> set[str]:
    return {each.study_instance_uid for each in entries}


def test_all_studies_are_one_patients_and_each_is_another() -> None:
    people = {(e.study.patient_id, e.study.patient_name, e.study.patient_birth_date, e.study.patient_sex)
              for e in ENTRIES}  # fmt: skip
    assert people == {("DEMO-1", "Demo^Ada", "19631210", "F")}
    assert len(uids(*ENTRIES)) == len({e.title for e in ENTRIES}) == len(ENTRIES)
    assert len({e.study.accession_number for e in ENTRIES}) == len(ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.title)
def test_ages_agree_with_dates(entry: Entry) -> None:
    birth, date = entry.study.patient_birth_date, entry.study.study_date
    years = int(date[:4]) - int(birth[:4]) - (date[4:] < birth[4:])
    assert entry.study.patient_age == f"{years:03d}Y"


def test_one_study_is_stat_priors_are_not_urgent_and_each_says_why() -> None:
    newest = max(entry.study.study_date for entry in ENTRIES)
    current = [entry for entry in ENTRIES if int(newest) - int(entry.study.study_date) < 10000]
    assert [entry.title for entry in current if entry.study.priority == "STAT"] == ["CT of the trunk"]
    assert all((entry.study.priority != "") == (entry in current) for entry in ENTRIES)
    assert len(current) < len(ENTRIES) and all(0 < len(entry.study.indication) <= 64 for entry in ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.title)
def test_every_entry_can_be_sent_to_another_process(entry: Entry) -> None:
    assert ForkingPickler.loads(ForkingPickler.dumps(entry)).study == entry.study


def test_what_is_absent_is_made_once_and_its_files_are_gone(empty: Home) -> None:
    said: list[tuple[int, int]] = []
    arrived: list[str] = []
    made = make_demo(
        empty, QUICK, lambda done, total: said.append((done, total)), "tiny", lambda e: arrived.append(e.title)
    )
    assert made == QUICK
    assert held(empty) == uids(*QUICK)
    assert sorted(arrived) == [each.title for each in QUICK]
    assert said[0] == (0, 3) and said[-1] == (3, 3)
    assert [done for done, _ in said] == sorted(done for done, _ in said)
    assert not list(empty.root.glob(f"{MAKING}*"))
    assert make_demo(empty, QUICK, size="tiny") == ()


def test_a_stop_keeps_what_is_there_and_the_next_call_goes_on(empty: Home) -> None:
    def stop_after_one(done: int, total: int) -> None:
        if done == 1:
            raise Cancelled

    with pytest.raises(Cancelled):
        make_demo(empty, QUICK, stop_after_one, "tiny")
    assert len(held(empty)) == 1
    left = absent(empty, QUICK)
    assert len(left) == 2 and not uids(*left) & held(empty)
    assert make_demo(empty, QUICK, size="tiny") == left
    assert held(empty) == uids(*QUICK)


def test_half_a_study_in_the_cache_is_made_again(empty: Home, tmp_path: Path) -> None:
    QUICK[0].write(tmp_path / "made", "tiny")
    import_paths(empty, [sorted((tmp_path / "made").iterdir())[0]])
    (empty.root / f"{MAKING}killed").mkdir()
    assert held(empty) == uids(QUICK[0])
    assert make_demo(empty, QUICK[:1], size="tiny") == QUICK[:1]
    with Index(empty) as index:
        assert sum(series.objects for series in index.studies()[0].series) == 2
    assert not list(empty.root.glob(f"{MAKING}*"))


def test_a_spoiled_note_costs_only_time(empty: Home) -> None:
    make_demo(empty, QUICK[:1], size="tiny")
    for spoiled in ("{", json.dumps([1]), json.dumps({"made": 3})):
        (empty.root / "demo.json").write_text(spoiled)
        assert absent(empty, QUICK[:1]) == QUICK[:1]
    make_demo(empty, QUICK[:1], size="tiny")
    assert absent(empty, QUICK[:1]) == ()


def test_what_cannot_be_made_is_named_and_the_others_come(empty: Home) -> None:
    broken = replace(QUICK[1], title="The broken one", make=impossible)
    with pytest.raises(HounsfieldError, match="The broken one") as said:
        make_demo(empty, (broken, QUICK[0]), size="tiny")
    assert "impossible" in said.value.detail
    assert held(empty) == uids(QUICK[0])
    assert not list(empty.root.glob(f"{MAKING}*"))


def test_the_lock_of_the_home_is_let_go(empty: Home) -> None:
    make_demo(empty, QUICK[:1], size="tiny")
    lock = WriterLock(empty.lock)
    assert lock.first
    lock.release()
