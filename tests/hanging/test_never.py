"""Whatever arrives in whatever order: the plan is the same, and no later study and no stranger hangs as a prior."""

from dataclasses import replace
from functools import cache
from itertools import product
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hanging.labelled import LabelledStudy, built, labelled_studies
from workstation import paths
from workstation.hanging.choose import best_plan
from workstation.hanging.hang import Plan
from workstation.hanging.protocol import read_protocols
from workstation.imaging.displaysets import DisplaySet

PROTOCOLS = read_protocols(paths.protocols())
DATED = [each for each in labelled_studies() if each.values.get("StudyDate")]
SETTINGS = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FEW = 3
"""Images of each set; hanging looks at the first and the last."""
DAYS = ("19990101", "20100704", "20230101", "20240101", "20991231")
WHO = ({}, {"PatientID": "4712"}, {"PatientBirthDate": "19610204"}, {"IssuerOfPatientID": "TOWN"}, {"PatientID": ""})

Sets = tuple[DisplaySet, ...]


def seen_on(display_set: DisplaySet, study: str, values: dict[str, str], who: dict[str, str]) -> DisplaySet:
    """The set as of another study, day or patient."""
    images = display_set.images[:FEW]
    changed = (
        replace(ref.instance, StudyInstanceUID=study, patient=replace(ref.instance.patient, **who), **values)  # type: ignore[arg-type]
        for ref in images
    )
    refs = tuple(replace(ref, instance=instance) for ref, instance in zip(images, changed, strict=True))
    return replace(display_set, key=f"{study}/{display_set.key}", images=refs)


@cache
def current(study: LabelledStudy) -> Sets:
    return tuple(seen_on(each, "now", {}, {}) for each in built(study).sets)


@cache
def others(study: LabelledStudy) -> tuple[Sets, ...]:
    """The study again on other days, and of other patients: 5 x 5 of each of two makes."""
    return tuple(
        tuple(seen_on(each, f"{day}-{number}-{make}", {"StudyDate": day}, who) for each in built(study).sets)
        for day, (number, who), make in product(DAYS, enumerate(WHO), "ab")
    )


def is_prior_of(other: DisplaySet, own: DisplaySet) -> bool:
    a, b = other.first, own.first
    same = all(
        getattr(a.patient, name) == getattr(b.patient, name)
        for name in ("PatientID", "IssuerOfPatientID", "PatientBirthDate")
    )
    return same and bool(a.patient.PatientID) and (a.StudyDate, a.StudyTime) < (b.StudyDate, b.StudyTime)


def check(plan: Plan, sets: Sets, candidates: list[Sets]) -> None:
    known = {each.key: each for each in (*sets, *(each for other in candidates for each in other))}
    own = {each.key for each in sets}
    for stage in plan.stages:
        for tile in stage.tiles:
            if tile.display_set is None:
                assert tile.why_empty
            elif tile.prior:
                assert is_prior_of(known[tile.display_set], sets[0])
                assert tile.study_date == known[tile.display_set].first.StudyDate
            else:
                assert tile.display_set in own
    assert own <= {tile.display_set for stage in plan.stages for tile in stage.tiles}


@SETTINGS
@given(study=st.sampled_from(DATED), seed=st.integers(0, 2**32))
def test_no_later_study_and_no_stranger_is_a_prior(study: LabelledStudy, seed: int) -> None:
    random = Random(seed)
    sets = current(study)
    candidates = random.sample(others(study), 40)
    plan = best_plan(PROTOCOLS, sets, candidates).plan
    check(plan, sets, candidates)
    random.shuffle(candidates)
    assert best_plan(PROTOCOLS, random.sample(sets, len(sets)), candidates).plan == plan


@SETTINGS
@given(study=st.sampled_from(DATED), extra=st.sampled_from(DATED), seed=st.integers(0, 2**32))
def test_missing_extra_and_doubled_series_hang(study: LabelledStudy, extra: LabelledStudy, seed: int) -> None:
    random = Random(seed)
    sets = random.sample(current(study), random.randint(0, len(current(study))))
    sets += random.sample(current(extra), random.randint(0, 1))
    doubled = [*sets, *random.sample(sets, random.randint(0, len(sets)))]
    random.shuffle(doubled)
    candidates = random.sample(others(study), 6)
    plan = best_plan(PROTOCOLS, sets, candidates).plan
    assert best_plan(PROTOCOLS, doubled, candidates[::-1]).plan == plan
    if len({(each.first.patient, each.first.StudyDate) for each in sets}) == 1:
        check(plan, tuple(sets), candidates)


def test_a_prior_hangs_where_there_is_one() -> None:
    """So that the tests above mean something."""
    chest = next(each for each in DATED if each.name == "chest-one-prior")
    plan = best_plan(PROTOCOLS, current(chest), others(chest)).plan
    hung = {tile.study_date for stage in plan.stages for tile in stage.tiles if tile.prior and tile.display_set}
    date = current(chest)[0].first.StudyDate
    assert hung == {max(day for day in DAYS if day < date)}
