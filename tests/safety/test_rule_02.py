"""Rule 2: nothing is linked, cycled or drawn across two patients, wherever their series hang side by side.

Equal UIDs of frames of reference prove nothing between patients: careless de-identification gives one to all.
"""

import pytest

from tests.case.stacks import ANNA, BERT, SAGITTAL, beside, stack
from workstation.case import cycle, linking, state, view_tools
from workstation.case.commands import COMMANDS
from workstation.case.state import Case
from workstation.dicom.entities import Patient
from workstation.imaging import together
from workstation.imaging.greyscale import Window

HERS = stack("1")
HIS = stack("2", study="2.1", patient=BERT)
HIS_FROM_THE_SIDE = stack("3", study="2.1", patient=BERT, orientation=SAGITTAL, start_mm=-25.0)
"""All three name one frame of reference."""


def linked() -> Case:
    """Her series beside two of his, put into one group by force."""
    case = beside(HERS, HIS, HIS_FROM_THE_SIDE)
    for number in range(3):
        linking.link(case, number, "a")
    return case


def handle(case: Case) -> None:
    """Scroll, window, zoom and move her tile."""
    view_tools.scroll(case, 0, 3)
    view_tools.set_window(case, 0, Window(1.0, 2.0))
    view_tools.zoom(case, 0, 2.0)
    view_tools.pan(case, 0, 5.0, 5.0)


def test_what_is_done_to_one_patient_is_not_done_to_another() -> None:
    case = linked()
    handle(case)
    before = linked()
    for number in (1, 2):
        tile = case.tiles[number]
        assert (tile.image, tile.framing, tile.display) == (
            before.tiles[number].image,
            before.tiles[number].framing,
            before.tiles[number].display,
        )
    assert case.view(0).group == () and not case.view(0).linked
    assert case.view(1).group == (1, 2)


def test_nothing_of_another_patient_is_drawn_or_cycled() -> None:
    case = linked()
    assert case.view(2).pointer is None
    assert cycle.candidates(case, 0) == (HERS.key,)
    assert "another patient" in COMMANDS["link-all"].why_not(case)


@pytest.mark.parametrize(
    "other",
    [
        Patient("A", "", "Anna", "19500102", "F"),
        Patient("A", "ELSEWHERE", "Anna", "19500101", "F"),
        Patient("A2", "", "Anna", "19500101", "F"),
    ],
    ids=["birth date", "issuer", "id"],
)
def test_one_key_that_differs_is_another_patient(other: Patient) -> None:
    assert not together.same_patient(HERS, stack("2", study="1.0", patient=other))


def test_without_an_id_only_one_study_is_one_patient() -> None:
    nobody = Patient()
    one, same, other = (stack(number, study=study, patient=nobody) for number, study in ("11", "21", "32"))
    assert together.same_patient(one, same)
    assert not together.same_patient(one, other)


def test_an_earlier_study_of_the_same_patient_is_linked() -> None:
    case = beside(HERS, stack("9", study="1.0", patient=ANNA))
    for number in range(2):
        linking.link(case, number, "a")
    handle(case)
    assert case.tiles[1].image == case.tiles[0].image == 8


def test_without_the_rule_the_other_patient_would_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "same_patient", lambda one, other: True)
    case = linked()
    handle(case)
    assert case.tiles[1].image == 8
    assert case.tiles[1].display.window == Window(1.0, 2.0)
