"""A protocol may hang a volume in 3D, by a preset that there is; what is no fine volume says why its tile is empty."""

from pathlib import Path

import pytest

from tests.case.stacks import stack
from workstation.case.state import Case
from workstation.hanging.hang import hang
from workstation.hanging.protocol import read_protocol
from workstation.hanging.schema import ProtocolError

TEXT = """title = "3D"
[sets.all]
modality = ["CT"]
[[stages]]
name = "3D"
layout = "1x2"
tiles = [{{ show = "all", plane = "3d", preset = "{preset}" }}, {{ show = "all", plane = "axial" }}]
"""


def _written(folder: Path, preset: str) -> Path:
    path = folder / "three.toml"
    path.write_text(TEXT.format(preset=preset), encoding="utf-8")
    return path


def test_a_volume_hangs_in_3d_and_says_so(tmp_path: Path) -> None:
    volume = stack("1", count=30)
    plan = hang(read_protocol(_written(tmp_path, "vessels")), [volume])
    planned = plan.stages[0].tiles[0]
    assert (planned.display_set, planned.orientation, planned.plane) == (volume.key, None, "3d")
    case = Case([volume], plan, {})
    scene = case.tiles[0].scene
    assert scene is not None and scene.preset == "vessels" and scene.camera.letters["top"] == "H"
    assert case.tiles[1].scene is None and case.tiles[0] == case.as_hung(0)


def test_what_is_no_volume_hangs_flat_and_what_is_not_there_says_why(tmp_path: Path) -> None:
    few = stack("1", count=2)
    case = Case([few], hang(read_protocol(_written(tmp_path, "bone")), [few]), {})
    assert case.tiles[0].display_set == few.key and case.tiles[0].scene is None
    thick = stack("1", count=20, modality="MR")
    wanted = _written(tmp_path, "surface").read_text(encoding="utf-8").replace('["CT"]', '["MR"]')
    (tmp_path / "three.toml").write_text(wanted, encoding="utf-8")
    empty = hang(read_protocol(tmp_path / "three.toml"), [thick]).stages[0].tiles[0]
    assert empty.display_set is None and "can be shown in 3D" in empty.why_empty


def test_an_unknown_preset_is_told_with_what_was_meant(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="did you mean 'vessels'"):
        read_protocol(_written(tmp_path, "vesels"))
