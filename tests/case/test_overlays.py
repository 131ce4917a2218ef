"""Which overlays are shown, over a study's being left and opened again."""

from dataclasses import replace

import pytest

from tests.case.stacks import beside, stack
from tests.picture.test_contours import dose, overlay, structure
from workstation.case.park import parked, take_up


@pytest.mark.parametrize("filled", [None, 0.4])
def test_what_was_shown_when_a_study_was_left_is_shown_as_soon_as_it_is_read(filled: float | None) -> None:
    read = [replace(overlay(each, shown=False), opacity=0.2) for each in (structure("1.9"), dose())]
    case = beside(stack("1"))
    case.overlays.put(read)
    case.overlays.show(read[0].uid, True)
    if filled is not None:
        case.overlays.fill(filled)
    for _ in range(2):  # the first time it is left again before they were read
        text, case = parked(case), beside(stack("1"))
        assert take_up(case, text)
    case.overlays.put(read[1:])
    case.overlays.put(read)
    assert [each.shown for each in case.overlays.there] == [True, False]
    assert [each.opacity for each in case.overlays.there] == [filled or 0.2] * 2
    case.overlays.show(read[0].uid, False)
    case.overlays.put(())
    case.overlays.put(read)
    assert not any(each.shown for each in case.overlays.there), "only once"
