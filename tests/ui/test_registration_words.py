"""What the panel says of a registration: lines with units, the deciding one bold and first; all numbers apart."""

import numpy as np

from tests.imaging.test_registration_reasons import GOOD
from workstation.imaging.alignment import Laid, Quality, Registration, Standing
from workstation.imaging.motion import Motion
from workstation.ui.registration_words import NAMES, NO_LIMIT, moved_text, numbers_of, standing_of, told_of


def registration(quality: Quality | None, made_by: str = "Engine <1>") -> Registration:
    return Registration("2.25.1", "1.9", "1.8", np.eye(4), quality=quality, made_by=made_by)


def test_the_line_that_decided_is_the_first_and_the_only_bold_one() -> None:
    told = told_of(registration(Quality("check", GOOD | {"half_off_mm": 3.1})))
    lines = told.replace("</p>", "").split("<p style='margin:0 0 4px 0'>")[1:]
    assert lines[0] == "<small>Rigid, made by Engine &lt;1&gt;</small>"
    assert lines[1].startswith("<b>▲ Registered by half of the body") and "good to 2.5 mm, poor over 4 mm" in lines[1]
    assert len(lines) == 6 and not any("<b>" in each for each in lines[2:])
    assert "gain" not in told


def test_the_table_has_every_number_with_its_limits() -> None:
    table = numbers_of(registration(Quality("good", GOOD)))
    assert table.count("<tr>") == len(GOOD)
    assert "Match 15 mm aside, at most" in table and "66 %" in table and "good to 87 %" in table
    assert "Half of the body ends off" in table and "good to 2.5 mm, poor over 4 mm" in table
    assert "_" not in table and NO_LIMIT in table and set(GOOD) <= set(NAMES)


def test_what_nobody_measured_has_no_numbers() -> None:
    made = registration(None)
    assert numbers_of(made) == "" and told_of(made).count("<p") == 1
    assert "Nobody measured" in standing_of(Laid(Standing.UNVERIFIED), made, running=False)[1]


def test_shift_and_turn_are_told_in_all_and_by_the_sides_of_the_patient() -> None:
    motion = Motion((3.0, -4.0, 12.0), (-0.6, 0.0, 0.8))
    told = "Shifted by 13.0 mm (L 3.0, A 4.0, H 12.0); turned by 1.0° (about L \N{MINUS SIGN}0.6°, P 0.0°, H 0.8°)."
    assert moved_text(motion) == told and told in told_of(registration(None), motion)
    assert moved_text(Motion((0.01, 0.0, 0.0), (0.0, 0.0, 0.0))) == "Not shifted; not turned."
    assert moved_text(motion, bent=True).endswith(", and bent.")
