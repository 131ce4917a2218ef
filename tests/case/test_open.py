"""Headers that are still what they were are not worked out again; what has changed is."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.worklist.rows import row
from workstation.cache.entries import SeriesRow, StudyRow
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.case import open as opening
from workstation.case.open import look_ahead, read_study, study_sets
from workstation.paths import Home
from workstation.phantom.coded import STUDY, coded_ct
from workstation.phantom.dicom import write_series

YEARS = ("20230310", "20250311")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A study and its prior, six small images each."""
    made = Home(tmp_path / "cache").create()
    for date in YEARS:
        write_series(replace(coded_ct(6, 64), study=replace(STUDY, study_date=date)), tmp_path / date)
    import_paths(made, [tmp_path / date for date in YEARS])
    return made


def uid_of(date: str) -> str:
    return replace(STUDY, study_date=date).study_instance_uid


def test_what_has_not_changed_is_the_same(home: Home) -> None:
    sets, digests = study_sets(home, uid_of(YEARS[1]))
    digests.clear()  # the caller's own
    again, there = study_sets(home, uid_of(YEARS[1]))
    assert again is sets
    assert set(there) == {ref.instance.SOPInstanceUID for ref in sets[0].images}


def test_a_series_that_comes_later_is_there(home: Home, tmp_path: Path) -> None:
    study_sets(home, uid_of(YEARS[1]))
    second = replace(coded_ct(4, 64), study=replace(STUDY, study_date=YEARS[1]), series_number=2)
    write_series(second, tmp_path / "second")
    import_paths(home, [tmp_path / "second"])
    sets, digests = study_sets(home, uid_of(YEARS[1]))
    assert [len(each.images) for each in sets] == [6, 4]
    assert len(digests) == 10


def test_homes_are_told_apart(home: Home, tmp_path: Path) -> None:
    other = Home(tmp_path / "other").create()
    import_paths(other, [tmp_path / YEARS[1]])
    first, second = (study_sets(each, uid_of(YEARS[1])) for each in (home, other))
    assert first[0] is not second[0]


def test_a_look_ahead_leaves_nothing_to_work_out(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    look_ahead(home, uid_of(YEARS[1]))
    monkeypatch.setattr(opening, "display_sets", None)
    opened = read_study(home, uid_of(YEARS[1]))
    assert {each.first.StudyDate for each in opened.sets} == set(YEARS)
    assert len(opened.digests) == 12


def test_the_room_is_bounded(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_KEPT", 11)
    sets = {date: study_sets(home, uid_of(date))[0] for date in YEARS}
    assert study_sets(home, uid_of(YEARS[1]))[0] is sets[YEARS[1]]
    assert study_sets(home, uid_of(YEARS[0]))[0] is not sets[YEARS[0]]


def test_the_older_ct_goes_before_the_pet_ct_of_last_week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the series that hang beside one another each is the same of another day, however near a mixed study is."""

    def series(*modalities: str, of: str) -> tuple[SeriesRow, ...]:
        return tuple(SeriesRow(f"{of}.{each}", each, of, 1, each != "SR", 1) for each in modalities)

    def study(number: int, day: str, shows: str, *modalities: str) -> StudyRow:
        made = row(number, patient_id="P", patient_birth_date="19700101", study_date=day, description=shows)
        return replace(made, modalities=tuple(sorted(modalities)), series=series(*modalities, of=shows))

    rows = [
        study(1, "20250311", "CT Thorax/Abdomen", "CT"),
        study(2, "20250304", "PET/CT Thorax/Abdomen", "CT", "PT"),
        study(3, "20240312", "CT Thorax/Abdomen", "CT", "SR"),
        study(4, "20230314", "CT Thorax", "CT"),
        study(5, "20250310", "Thorax pa", "DX"),
    ]
    monkeypatch.setattr(Index, "studies", lambda self: rows)
    found = opening._earlier(Home(tmp_path / "cache").create(), rows[0].study_instance_uid)
    assert [each.study_date for each in found] == ["20240312", "20230314", "20250304", "20250310"]
