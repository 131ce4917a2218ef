"""Presentation states of a cached study, from import to snapshot."""

from pathlib import Path

import pytest

from tests.loading.opened import imported
from workstation.case.open import open_study
from workstation.case.presentation import apply_presentation, presentations
from workstation.case.view_tools import fit

pytestmark = pytest.mark.usefixtures("qapp")

STUDY = "1.2.276.0.7230010.3.200.6"


def test_a_study_s_states_are_found_and_applied(data_dir: Path, tmp_path: Path) -> None:
    home = imported(tmp_path, data_dir / "derived_objects" / "gsps")
    (state,) = presentations(home, STUDY)
    assert state.label == "XLUT_P03"
    case = open_study(home, STUDY, "images")
    tile = case.tiles[0]
    display_set = case.sets[tile.display_set or ""]
    case.put(0, apply_presentation(tile, display_set, state))
    assert case.tiles[0].display.presentation == state
    fit(case, 0)
    assert case.tiles[0].display.presentation == state
