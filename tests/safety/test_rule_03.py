"""Safety rule 3: the same patient is ID, issuer and birth date. The worklist counts no prior by anything less."""

from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct, folder_of
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.paths import Home
from workstation.worklist.items import items

SAME: dict[str, object] = {"PatientID": "P", "IssuerOfPatientID": "HERE", "PatientBirthDate": "19600229"}


def priors(folder: Path, first: dict[str, object], second: dict[str, object]) -> list[tuple[str, ...]]:
    """Of two imported studies, which other ones each is said to have."""
    home = Home(folder / "home")
    import_paths(home, [folder_of(folder / "in", {"a": ct(1, study=1, **first), "b": ct(1, study=2, **second)})])
    with Index(home) as index:
        found = items(index.studies(), index.reading())
    return [item.others for item in sorted(found, key=lambda item: item.uid)]


def test_the_same_patient_has_priors_even_under_a_new_name(tmp_path: Path) -> None:
    renamed = SAME | {"PatientName": "Married^Name"}
    assert priors(tmp_path, SAME, renamed) == [(f"{STUDY}.2",), (f"{STUDY}.1",)]


@pytest.mark.parametrize(
    "other",
    [
        {"PatientID": "Q"},
        {"IssuerOfPatientID": "THERE"},
        {"IssuerOfPatientID": None},
        {"PatientBirthDate": "19600301"},
        {"PatientBirthDate": None},
        {"PatientID": None},
    ],
)
def test_the_same_name_makes_no_same_patient(tmp_path: Path, other: dict[str, object]) -> None:
    assert priors(tmp_path, SAME, SAME | other) == [(), ()]


@pytest.mark.parametrize("missing", ["PatientID", "PatientBirthDate"])
def test_two_that_are_unknown_are_not_the_same(tmp_path: Path, missing: str) -> None:
    unknown = SAME | {missing: None}
    assert priors(tmp_path, unknown, unknown) == [(), ()]


def test_a_study_of_two_patients_is_nobody_s_prior(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    stranger = SAME | {"PatientID": "STRANGER"}
    objects = {"a": ct(1, study=1, **SAME), "b": ct(2, study=1, **stranger), "c": ct(1, study=2, **SAME)}
    import_paths(home, [folder_of(tmp_path / "in", objects)])
    with Index(home) as index:
        assert [item.others for item in items(index.studies(), {})] == [(), ()]
