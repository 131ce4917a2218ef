"""Orders stand in the worklist until their study has come, and what they know stays with it."""

from dataclasses import replace
from datetime import datetime

from tests.worklist.rows import row
from workstation.cache.entries import ReadingStatus
from workstation.network.mwl import Ordered
from workstation.worklist.filters import Filter
from workstation.worklist.items import items
from workstation.worklist.orders import is_order, with_orders

ORDER = Ordered(
    study_instance_uid="1.9.1",
    patient_name="Doe^Jane",
    patient_id="P7",
    issuer="",
    birth_date="19500101",
    sex="F",
    accession="ACC7",
    referring="House^Greg",
    procedure="CT chest",
    priority="STAT",
    reason="haemoptysis",
    modality="CT",
    station="CT1",
    start_date="20240102",
    start_time="081500",
    step_id="S1",
    status="",
)


def test_an_order_is_a_row_without_images_that_waits_with_its_urgency_and_indication() -> None:
    (ordered,) = with_orders((), (ORDER,))
    assert is_order(ordered) and ordered.images == 0
    (item,) = items((ordered,), {})
    assert item.status is ReadingStatus.ORDERED and item.is_urgent
    waited = item.waiting(datetime(2024, 1, 2, 9, 0))
    assert waited is not None and waited.total_seconds() == 45 * 60
    assert ordered.indication == "haemoptysis"
    assert Filter("haemoptysis").of((item,), datetime(2024, 1, 2).date()) == [item]


def test_it_goes_when_its_study_is_here_by_uid_or_by_accession_and_leaves_what_it_knew() -> None:
    here = row(study_instance_uid="1.9.1", patient_id="P7", accession_number="", priority="")
    (told,) = with_orders((here,), (ORDER,))
    assert (told.study_instance_uid, told.priority, told.indication) == ("1.9.1", "STAT", "haemoptysis")
    assert not is_order(told)
    other_uid = row(study_instance_uid="1.9.2", patient_id="P7", accession_number="ACC7", priority="LOW")
    (told,) = with_orders((other_uid,), (ORDER,))
    assert (told.study_instance_uid, told.priority) == ("1.9.2", "LOW")
    again = with_orders((told,), (ORDER,))
    assert again == (told,)
    silent = row(study_instance_uid="1.9.1", patient_id="P7", indication="said by its objects")
    (told,) = with_orders((silent,), (replace(ORDER, reason=""),))
    assert told.indication == "said by its objects"


def test_the_same_accession_of_another_patient_is_another_order() -> None:
    stranger = row(study_instance_uid="1.9.3", patient_id="P8", accession_number="ACC7")
    assert [is_order(each) for each in with_orders((stranger,), (ORDER,))] == [True, False]


def test_two_steps_of_one_study_are_one_row_and_what_is_over_is_none() -> None:
    second = replace(ORDER, step_id="S2")
    assert len(with_orders((), (ORDER, second))) == 1
    assert with_orders((), (replace(ORDER, status="DISCONTINUED"),)) == ()
    nameless = replace(ORDER, study_instance_uid="")
    assert len(with_orders((), (nameless, replace(nameless, accession="ACC8")))) == 2
