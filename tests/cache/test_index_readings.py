"""How far a study was read: kept across sessions, and only a person says read."""

from contextlib import closing

import pytest

from tests.cache.made import STUDY, ct, raw_index
from tests.cache.test_index import stored
from workstation.cache.entries import Reading, ReadingStatus
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.cache.schema import STEPS, VERSION
from workstation.errors import HounsfieldError, NotFound
from workstation.paths import Home

ONE, TWO = f"{STUDY}.1", f"{STUDY}.2"


@pytest.fixture
def two(home: Home) -> Home:
    stored(home, ct(1, study=1), ct(1, study=2))
    return home


def test_a_new_study_is_unread_and_free(two: Home) -> None:
    with Index(two) as index:
        assert index.reading().get(ONE, Reading()) == Reading(ReadingStatus.UNREAD, "", "")


def test_opening_is_kept_with_its_time(two: Home) -> None:
    with Index(two, writer=True) as index:
        index.set_status(ONE, ReadingStatus.OPENED)
    with Index(two) as index:
        kept = index.reading()
    assert kept[ONE].status is ReadingStatus.OPENED and kept[ONE].opened_at.endswith("+00:00")
    assert TWO not in kept


def test_opening_a_study_that_was_read_leaves_it_read(two: Home) -> None:
    with Index(two, writer=True) as index:
        index.set_status(ONE, ReadingStatus.READ)
        index.set_status(ONE, ReadingStatus.OPENED)
        assert index.reading()[ONE].status is ReadingStatus.READ
        assert index.reading()[ONE].opened_at
        index.set_status(ONE, ReadingStatus.UNREAD)  # a person takes it back
        assert index.reading()[ONE].status is ReadingStatus.UNREAD


def test_a_claim_is_not_taken_from_another(two: Home) -> None:
    with Index(two, writer=True) as index:
        index.claim(ONE, "ada")
        index.claim(ONE, "ada")
        with pytest.raises(HounsfieldError) as error:
            index.claim(ONE, "grace")
        assert "claimed by ada" in error.value.sentence
        index.claim(ONE, "")
        index.claim(ONE, "grace")
        assert index.reading()[ONE].claimed_by == "grace"


def test_a_parked_study_comes_back_with_its_state(two: Home) -> None:
    with Index(two, writer=True) as index:
        index.park(ONE, '{"stage": 2}')
        assert index.parked(ONE) == '{"stage": 2}'
        assert index.reading()[ONE].status is ReadingStatus.PARKED
        index.set_status(ONE, ReadingStatus.OPENED)
        assert index.parked(ONE) == '{"stage": 2}', "opening it does not spend its place"
        assert index.parked(TWO) is None
        index.set_status(ONE, ReadingStatus.READ)
        assert index.parked(ONE) is None


def test_what_is_not_there_cannot_be_marked(two: Home) -> None:
    with Index(two, writer=True) as index:
        for call in (
            lambda: index.set_status("1.2", ReadingStatus.READ),
            lambda: index.claim("1.2", "ada"),
            lambda: index.park("1.2", "{}"),
        ):
            with pytest.raises(NotFound):
                call()
        assert index.reading() == {}


def test_a_reader_cannot_mark(two: Home) -> None:
    with Index(two) as index, pytest.raises(HounsfieldError):
        index.set_status(ONE, ReadingStatus.READ)


def test_rows_say_what_the_worklist_asks(home: Home) -> None:
    wanted = {
        "ReferringPhysicianName": "Osler^William",
        "RequestedProcedurePriority": "STAT",
        "PatientAge": "063Y",
        "IssuerOfPatientID": "HERE",
        "BodyPartExamined": "CHEST",
    }
    stored(home, ct(1, **wanted), ct(2))
    with Index(home) as index:
        (row,) = index.studies()
    assert (row.referring_physician, row.priority, row.patient_age) == ("Osler^William", "STAT", "063Y")
    assert (row.issuer, row.series[0].body_part, row.quarantined) == ("HERE", "CHEST", 0)
    assert row.received.endswith("+00:00")


def test_what_the_first_object_does_not_say_a_later_one_does(home: Home) -> None:
    stored(home, ct(1, ReferringPhysicianName="Osler^William", ReasonForTheRequestedProcedure=""))
    stored(home, ct(2, ReferringPhysicianName="House^Greg", ReasonForTheRequestedProcedure="Cough"))
    stored(home, ct(3, ReasonForTheRequestedProcedure="Fever"))
    with Index(home) as index:
        (row,) = index.studies()
    assert (row.referring_physician, row.indication) == ("Osler^William", "Cough")


def test_what_is_in_quarantine_counts_for_its_study(home: Home, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("in")
    for name, data in (("a", ct(1)), ("b", ct(2)), ("c", ct(1, SeriesDescription="another")), ("d", ct(1, study=2))):
        (folder / name).write_bytes(data)
    report = import_paths(home, [folder / name for name in "abcd"])
    assert (report.stored, len(report.refused)) == (3, 1)
    with Index(home) as index:
        assert {row.study_instance_uid: (row.images, row.quarantined) for row in index.studies()} == {
            ONE: (2, 1),
            TWO: (1, 0),
        }


def test_a_home_of_the_step_before_gets_its_columns_filled(home: Home) -> None:
    stored(home, ct(1, PatientAge="063Y", BodyPartExamined="CHEST"))
    with closing(raw_index(home)) as db:
        received = db.execute("SELECT received FROM instances").fetchone()[0]
        for column in ("age", "referring", "priority", "received", "indication"):
            db.execute(f"ALTER TABLE studies DROP COLUMN {column}")
        db.execute("ALTER TABLE series DROP COLUMN body_part")
        db.execute("DROP TABLE reading")
        for column in ("bytes", "used"):
            db.execute(f"ALTER TABLE studies DROP COLUMN {column}")
        db.execute("PRAGMA user_version = 3")
    assert (len(STEPS), VERSION) == (6, 6)
    with Index(home) as index:
        (row,) = index.studies()
    assert (row.patient_age, row.series[0].body_part, row.received) == ("063Y", "CHEST", received)
    assert (row.size_bytes, row.used) == (len(ct(1, PatientAge="063Y", BodyPartExamined="CHEST")), received)
