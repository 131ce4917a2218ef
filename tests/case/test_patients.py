"""Who is on screen: two patients in one layout are counted on each tile; what follows the crosshair wears the chain."""

from dataclasses import replace

from tests.case.stacks import ANNA, BERT, SAGITTAL, beside, hung, stack, tile
from workstation.imaging.view import Orientation


def test_each_tile_knows_how_many_patients_are_on_screen() -> None:
    case = beside(stack("1"), stack("2", study="2.2", patient=BERT, frame="2.9"))
    assert [case.view(number).patients for number in (0, 1)] == [2, 2]
    assert {first.patient.PatientName for first in case.patients.values()} == {"Anna", "Bert"}
    case.maximise(0)
    assert case.view(0).patients == 1


def test_two_studies_of_one_patient_are_one() -> None:
    assert beside(stack("1"), stack("2", study="2.2", frame="2.9")).view(0).patients == 1


def test_the_same_id_of_another_birth_date_is_another_patient() -> None:
    other = replace(ANNA, PatientBirthDate="19500102")
    assert beside(stack("1"), stack("2", study="2.2", patient=other, frame="2.9")).view(0).patients == 2


def test_a_stack_that_follows_the_crosshair_of_a_plane_wears_the_chain() -> None:
    shown, elsewhere = stack("1"), stack("2", frame="2.9", orientation=SAGITTAL)
    plane = tile(shown, orientation=Orientation.CORONAL)
    case = hung([plane, tile(shown), tile(elsewhere)], sets=[shown, elsewhere])
    assert [case.view(number).linked for number in range(3)] == [True, True, False]


def test_stacks_alone_do_not_follow_each_other() -> None:
    case = beside(stack("1"), stack("2"))
    assert [case.view(number).linked for number in range(2)] == [False, False]
