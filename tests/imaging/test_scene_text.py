"""A scene as plain values: whole through JSON, and nothing else is taken for one."""

import json

import pytest

from tests.imaging.given import axial
from workstation.imaging.camera import framed
from workstation.imaging.scene import Scene
from workstation.imaging.scene_text import as_plain, scene_of
from workstation.imaging.transfer import presets_for

GRID = axial((5, 7, 11), (0.7, 0.9, 2.0))


@pytest.mark.parametrize("preset", presets_for("CT"), ids=lambda each: each.name)
def test_every_preset_goes_through_json(preset: object) -> None:
    scene = Scene(framed(GRID), "own", getattr(preset, "transfer"))  # noqa: B009  presets of the table
    assert scene_of(json.loads(json.dumps(as_plain(scene)))) == scene


@pytest.mark.parametrize("wrong", [{}, {"camera": 1}, {**as_plain(Scene(framed(GRID), "bone")), "light_deg": [1]}])
def test_what_is_no_scene_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no scene"):
        scene_of(wrong)
