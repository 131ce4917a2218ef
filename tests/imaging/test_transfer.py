"""Transfer functions and presets: what stands in the file holds, and what cannot be is said with what was meant."""

from itertools import pairwise

import numpy as np
import pytest

from workstation.errors import NotFound
from workstation.imaging.transfer import (
    Mode,
    TransferFunction,
    preset_called,
    presets_for,
    read_preset,
    volume_presets,
)

RAMP = TransferFunction(((100.0, 0.0), (300.0, 0.5), (400.0, 1.0)), ((100.0, 0, 0, 0), (400.0, 255, 255, 255)))
GOOD = {"title": "A", "help": "b", "opacity": [[0, 0], [1, 1]], "colours": [[0, 0, 0, 0]]}


def test_opacity_is_linear_between_points_and_constant_beyond() -> None:
    values = np.array([-50.0, 100.0, 200.0, 300.0, 350.0, 400.0, 900.0])
    assert RAMP.opacity_at(values) == pytest.approx([0, 0, 0.25, 0.5, 0.75, 1, 1])


def test_points_are_moved_and_stretched_about_their_middle() -> None:
    moved = RAMP.moved(10.0, 2.0)
    assert [value for value, _ in moved.opacity] == pytest.approx([-40.0, 360.0, 560.0])
    assert moved.colours[1] == (560.0, 255, 255, 255)


def test_ct_begins_with_bone_and_has_all_that_are_asked_for() -> None:
    names = [each.name for each in presets_for("CT")]
    assert names[0] == "bone"
    assert {"skin", "soft-tissue", "vessels", "lung", "airways", "metal", "mip"} < set(names)
    assert preset_called("mip", "CT").transfer.mode is Mode.MIP


def test_an_unknown_preset_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="did you mean 'vessels'"):
        preset_called("vesels", "CT")


def test_images_without_a_unit_have_presets_by_percentiles() -> None:
    for modality in ("MR", "PT", "XX"):
        assert all(each.percentiles for each in presets_for(modality))
    values = np.arange(1001, dtype=np.float64)
    mip = preset_called("mip-percent", "MR").on(values)
    assert np.allclose(mip.opacity, ((600.0, 0.0), (999.0, 1.0)))


def test_percentiles_of_one_value_still_rise() -> None:
    for preset in presets_for("MR"):
        at = [value for value, _ in preset.on(np.full(10, 7.0)).opacity]
        assert all(later > earlier for earlier, later in pairwise(at))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"opacty": []}, "did you mean 'opacity'"),
        ({"mode": "mipp"}, "did you mean 'mip'"),
        ({"opacity": [[1, 0], [1, 1]]}, "opacity do not rise"),
        ({"opacity": [[0, 0], [1, 1.5]]}, "from 0 to 1"),
        ({"colours": [[0, 0, 0, 300]]}, "from 0 to 255"),
    ],
)
def test_a_preset_that_cannot_be_is_refused_with_a_sentence(wrong: dict[str, object], said: str) -> None:
    assert read_preset("a", dict(GOOD)).title == "A"
    with pytest.raises(ValueError, match=said):
        read_preset("a", {**GOOD, **wrong})


def test_every_preset_of_the_file_can_be_read() -> None:
    assert len(volume_presets()) >= 10
