"""A protocol lays one set over another and hangs a rotating MIP; a tile that lacks what it needs is left out."""

from pathlib import Path

import pytest

from tests.case.stacks import stack
from workstation.case import layout
from workstation.case.state import Case
from workstation.hanging.hang import PlannedLayer, hang
from workstation.hanging.protocol import read_protocol
from workstation.hanging.schema import ProtocolError
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.turning import Turning

TEXT = """title = "Fused"
[sets.ct]
modality = ["CT"]
[sets.pet]
modality = ["PT"]
[[stages]]
name = "fused"
layout = "2x3"
tiles = [
    { show = "ct", plane = "axial", optional = true, layers = [{ show = "pet", LAYER }] },
    { show = "pet", plane = "PLANE", optional = true },
    { show = "pet", plane = "axial" },
    { show = "ct", plane = "axial", optional = true, prior = 1, layers = [{ show = "pet" }] },
    { show = "pet", plane = "PLANE", optional = true, prior = 1 },
]
"""
CT, PET = stack("1", count=30), stack("2", count=30, modality="PT")


def plan_of(
    folder: Path, *sets: DisplaySet, layer: str = 'palette = "HOT_IRON"', plane: str = "mip", priors: tuple = ()
):  # type: ignore[no-untyped-def,type-arg]
    path = folder / "fused.toml"
    path.write_text(TEXT.replace("LAYER", layer).replace("PLANE", plane), encoding="utf-8")
    return hang(read_protocol(path), sets, priors)


def test_a_layer_and_a_rotating_mip_hang(tmp_path: Path) -> None:
    layer = 'palette = "PET", opacity = 0.7, window = "SUV 0-10", clear_below = true'
    plan = plan_of(tmp_path, CT, PET, layer=layer)
    fused, turning, flat = plan.stages[0].tiles
    assert fused.layers == (PlannedLayer(PET.key, "PET", "SUV 0-10", 0.7, True),)
    assert (turning.display_set, turning.plane, turning.orientation) == (PET.key, "mip", None)
    case = Case([CT, PET], plan, {})
    (over,) = case.tiles[0].layers
    assert (over.display_set, over.opacity, over.clear_below) == (PET.key, 0.7, True)
    assert over.display.palette == "PET" and over.display.window is not None
    assert (over.display.window.center, over.display.window.width) == (5.0, 10.0)
    assert [tile.turning for tile in case.tiles] == [None, Turning(), None]
    assert layout.is_as_planned(case)
    assert flat.layers == ()


def test_without_its_layer_or_its_ct_no_fused_tile_hangs(tmp_path: Path) -> None:
    assert "fused" not in [stage.name for stage in plan_of(tmp_path, CT).stages]
    of_pet = plan_of(tmp_path, PET).stages[0].tiles
    assert [(tile.display_set, tile.plane) for tile in of_pet] == [(PET.key, "mip"), (PET.key, "axial")]


def test_few_images_do_not_turn(tmp_path: Path) -> None:
    few = stack("2", count=5, modality="PT")
    tiles = plan_of(tmp_path, few).stages[0].tiles
    assert [(tile.display_set, tile.plane) for tile in tiles] == [(few.key, "axial")]


def test_a_prior_hangs_in_the_plane_of_its_own_tile_with_its_own_layer(tmp_path: Path) -> None:
    old_ct, old_pet = stack("1", count=30, study="1.2"), stack("2", count=30, study="1.2", modality="PT")
    tiles = plan_of(tmp_path, CT, PET, priors=((old_ct, old_pet),)).stages[0].tiles
    assert [(tile.display_set, tile.plane) for tile in tiles[3:]] == [(old_ct.key, "axial"), (old_pet.key, "mip")]
    assert [each.display_set for each in tiles[3].layers] == [old_pet.key]


def test_a_stage_that_needs_a_set_is_hung_only_where_it_is_there(tmp_path: Path) -> None:
    path = tmp_path / "needs.toml"
    tiles = '[{ show = "pet", plane = "axial" }, { show = "ct", plane = "axial", optional = true }]'
    stage = f'[[stages]]\nname = "both"\nlayout = "1x2"\nneeds = "ct"\ntiles = {tiles}\n'
    path.write_text(TEXT.split("[[stages]]")[0] + stage, encoding="utf-8")
    protocol = read_protocol(path)
    assert [each.name for each in hang(protocol, [CT, PET]).stages] == ["both"]
    assert "both" not in [each.name for each in hang(protocol, [PET]).stages]


@pytest.mark.parametrize(
    ("layer", "plane", "said"),
    [
        ('palette = "HOTIRON"', "mip", "did you mean 'HOT_IRON'"),
        ('window = "SUV 0-77"', "mip", "did you mean 'SUV 0-7'"),
        ("opacity = 1.5", "mip", "not from 0 to 1"),
        ("opacty = 0.5", "mip", "did you mean 'opacity'"),
        ("opacity = 0.5", "mipp", "did you mean 'mip'"),
    ],
)
def test_a_wrong_layer_is_told_with_what_was_meant(tmp_path: Path, layer: str, plane: str, said: str) -> None:
    with pytest.raises(ProtocolError, match=said):
        plan_of(tmp_path, CT, PET, layer=layer, plane=plane)
