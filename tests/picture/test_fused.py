"""Fused tiles beside the closed form of PS3.4 N.2.6, and where a layer's voxels come to lie."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.case.stacks import beside
from tests.loading.opened import imported, loaded, rgb_of, studies
from tests.picture.layered import case_of, fused_view, layer_of, middle, picture, voxels_of
from workstation.case import planes
from workstation.case.state import Tile
from workstation.imaging.alignment import Quality, Registration
from workstation.imaging.geometry import vec
from workstation.imaging.layers import Blend, Layer, ends_window
from workstation.imaging.oblique import Slab, SlabMode
from workstation.imaging.palettes import palette
from workstation.imaging.view import Display, Orientation
from workstation.picture.compose import compose
from workstation.picture.fused import LoadedLayer
from workstation.picture.fused_words import bars, layer_lines

pytestmark = pytest.mark.usefixtures("qapp")


def mixed(first: int, second: int, opacity: float) -> int:
    return int(np.floor(opacity * first + (1 - opacity) * second + 0.5))


def colour(name: str, level: int) -> tuple[int, int, int]:
    packed = int(palette(name)[level])
    return packed >> 16 & 255, packed >> 8 & 255, packed & 255


@pytest.mark.parametrize("opacity", [0.0, 0.15, 0.5, 0.8, 1.0])
@pytest.mark.parametrize("dtype", ["i2", "f4"])
def test_window_then_palette_then_a_times_the_layer_and_the_rest_of_the_image(opacity: float, dtype: str) -> None:
    case, ct, pet = case_of()
    view = fused_view(case, layer_of(pet, 100.0, 151.0, "HOT_IRON", opacity=opacity))
    made = picture(view, voxels_of(ct, 77), [voxels_of(pet, 130, dtype=dtype)])
    level = 150  # (130 - 100) * 255 / (151 - 100)
    expected = tuple(mixed(each, 77, opacity) for each in colour("HOT_IRON", level))
    assert np.abs(np.subtract(middle(made.image), expected)).max() <= (1 if opacity not in (0, 0.5, 1) else 0)
    facts = made.facts["layers"][0]
    assert (facts["opacity"], facts["palette"], facts["ends"], facts["unit"]) == (
        opacity,
        "HOT_IRON",
        (100, 151),
        "g/ml",
    )
    assert (facts["blend"], facts["interpolation"], facts["standing"]) == ("mix", "nearest", "same frame of reference")


def test_a_second_layer_lies_over_the_first_two() -> None:
    case, ct, pet = case_of()
    lower, upper = layer_of(pet, palette="PET", opacity=0.5), layer_of(ct, palette="HOT_METAL_BLUE", opacity=0.25)
    made = picture(fused_view(case, lower, upper), voxels_of(ct, 40), [voxels_of(pet, 200), voxels_of(ct, 40)])
    below = [mixed(each, 40, 0.5) for each in colour("PET", 200)]
    expected = [mixed(a, b, 0.25) for a, b in zip(colour("HOT_METAL_BLUE", 40), below, strict=True)]
    assert middle(made.image) == pytest.approx(expected, abs=1)


def test_where_one_has_no_value_the_other_stands_alone() -> None:
    case, ct, pet = case_of()
    view = fused_view(case, layer_of(pet, palette="HOT_IRON"))
    padded_pet = picture(view, voxels_of(ct, 90), [voxels_of(pet, -5, padding=-5)])
    padded_ct = picture(view, voxels_of(ct, -2000, padding=-2000), [voxels_of(pet, 180)])
    assert middle(padded_pet.image) == (90, 90, 90)
    assert middle(padded_ct.image) == colour("HOT_IRON", 180)
    neither = picture(view, voxels_of(ct, -9, padding=-9), [voxels_of(pet, -5, padding=-5)])
    assert middle(neither.image) == (0, 0, 0)


def test_no_rim_at_padding_however_it_is_sampled() -> None:
    """Padding far from every value would show as a bright or dark line were it blended into its neighbours."""
    case, ct, pet = case_of()
    layer = layer_of(pet, palette="HOT_IRON")
    layer = replace(layer, display=Display(ends_window(0, 255), palette="HOT_IRON"))
    values = np.full((14, 20, 24), 100, np.int16)
    values[:, :, 11:] = 30000
    made = rgb_of(picture(fused_view(case, layer), voxels_of(ct, 60), [voxels_of(pet, values, padding=30000)]).image)
    inside = tuple(mixed(each, 60, 0.5) for each in colour("HOT_IRON", 100))
    row = {tuple(int(each) for each in pixel) for pixel in made[75]}
    assert row <= {inside, (60, 60, 60), (0, 0, 0)} and len(row) >= 2


def test_what_is_below_the_lower_end_can_be_clear() -> None:
    case, ct, pet = case_of()
    layer = layer_of(pet, 50.0, 250.0, "HOT_IRON", clear_below=True)
    below, above = ([voxels_of(pet, value, dtype="f4")] for value in (49.9, 50.0))
    assert middle(picture(fused_view(case, layer), voxels_of(ct, 80), below).image) == (80, 80, 80)
    assert middle(picture(fused_view(case, layer), voxels_of(ct, 80), above).image) == (40, 40, 40)


def test_ways_of_laying_over() -> None:
    case, ct, pet = case_of()
    base, over = voxels_of(ct, 90), [voxels_of(pet, 200)]
    layer = layer_of(pet, palette="HOT_IRON", opacity=0.3)

    def shown(**changed: object) -> np.ndarray:
        return rgb_of(picture(fused_view(case, replace(layer, **changed)), base, over).image)  # type: ignore[arg-type]

    alone, own = colour("HOT_IRON", 200), (90, 90, 90)
    assert tuple(shown(blend=Blend.FLICKER)[75, 90]) == alone
    assert tuple(shown(blend=Blend.FLICKER, hidden=True)[75, 90]) == own
    swiped = shown(blend=Blend.SWIPE, at=(0.5, 0.5))
    assert (tuple(swiped[75, 89]), tuple(swiped[75, 90])) == (own, alone)
    glass = shown(blend=Blend.SPYGLASS, at=(0.5, 0.5))
    assert (tuple(glass[75, 90]), tuple(glass[75 + 32, 90]), tuple(glass[75 + 34, 90])) == (alone, alone, own)
    assert tuple(shown(blend=Blend.DIFFERENCE)[75, 90]) == (110, 110, 110)


def test_a_difference_has_no_bar_of_values_and_tells_the_ends_its_greys_were_made_with() -> None:
    case, ct, pet = case_of()
    base, over = voxels_of(ct, 90), [voxels_of(pet, 200)]
    for blend, has_bar, line, colours in (
        (Blend.MIX, True, "+ PT  50 %  nearest  ", ("HOT_IRON",)),
        (Blend.DIFFERENCE, False, "+ PT  difference  window 0 to 7 g/ml  ", ()),
    ):
        layer = layer_of(pet, 0.0, 7.0, "HOT_IRON", blend=blend)
        made = picture(fused_view(case, layer), base, over)
        assert made.pixels is not None
        assert bool(bars(made.pixels.layers)) is has_bar
        first, *more = layer_lines({}, made.pixels.layers)["bottom_right"]
        assert first.startswith(line) and tuple(more) == colours


def hot_spot(index: tuple[int, int, int]) -> np.ndarray:
    values = np.zeros((14, 20, 24), np.int16)
    values[index[2], index[1], index[0]] = 255
    return values


@pytest.mark.parametrize("orientation", Orientation)
def test_a_hot_voxel_covers_its_place_in_the_patient(orientation: Orientation) -> None:
    case, ct, pet = case_of()
    assert pet.lattice is not None
    point = pet.lattice.point((9, 12, 6))
    case.place_crosshair(ct, point)
    view = fused_view(case, layer_of(pet, opacity=1.0), orientation=orientation)
    made = picture(view, voxels_of(ct, 0), [voxels_of(pet, hot_spot((9, 12, 6)))])
    assert made.screen is not None
    found = _center_of_light(rgb_of(made.image)[..., 0])
    assert np.abs(np.subtract(made.screen.pixel(point)[:2], found)).max() <= 1.0


def _center_of_light(light: np.ndarray) -> tuple[float, float]:
    y, x = np.nonzero(light > 127)
    assert x.size, "nothing lights up"
    return (float(x.min() + x.max()) / 2, float(y.min() + y.max()) / 2)


def test_a_slab_goes_through_the_layer_too() -> None:
    case, ct, pet = case_of()
    assert pet.lattice is not None
    x, y, z = pet.lattice.point((9, 12, 6))
    case.place_crosshair(ct, (x, y, z + 8.0))
    layer = layer_of(pet, opacity=1.0)
    thin = fused_view(case, layer)
    thick = replace(thin, tile=replace(thin.tile, slab=Slab(20.0, SlabMode.MIP)))
    over = [voxels_of(pet, hot_spot((9, 12, 6)))]
    assert rgb_of(picture(thin, voxels_of(ct, 0), over).image).max() == 0
    found = picture(thick, voxels_of(ct, 0), over)
    assert found.screen is not None
    assert (
        np.abs(np.subtract(found.screen.pixel((x, y, z))[:2], _center_of_light(rgb_of(found.image)[..., 0]))).max() <= 1
    )


def test_a_layer_over_an_oblique_plane_lies_where_the_patient_is() -> None:
    case, ct, pet = case_of()
    assert pet.lattice is not None
    point = pet.lattice.point((9, 12, 6))
    case.place_crosshair(ct, point)
    layer = layer_of(pet, opacity=1.0)
    fused_view(case, layer)
    planes.tip(case, 0, 24.0, to_the_right=True)
    planes.tip(case, 0, 17.0, to_the_right=False)
    view = case.view(0)
    assert view.triad is not None and abs(view.plane.normal[2]) < 0.95
    made = picture(view, voxels_of(ct, 0), [voxels_of(pet, hot_spot((9, 12, 6)))])
    assert made.screen is not None
    assert np.abs(np.subtract(made.screen.pixel(point)[:2], _center_of_light(rgb_of(made.image)[..., 0]))).max() <= 3.0


def test_two_frames_nobody_has_registered_are_not_laid_over_each_other() -> None:
    """Rule 13 of safety."""
    case, ct, pet = case_of(frame="1.8")
    view = fused_view(case, layer_of(pet, palette="HOT_IRON"))
    made = picture(view, voxels_of(ct, 90), [voxels_of(pet, 200)])
    assert middle(made.image) == (90, 90, 90)
    assert made.facts["layers"][0]["drawn"] is False
    assert any("not registered" in each for each in made.facts["notices"])


def test_a_registered_layer_lies_where_its_matrix_takes_it_and_says_that_nobody_has_accepted_it() -> None:
    case, ct, pet = case_of(frame="1.8")
    assert pet.lattice is not None
    matrix = np.array([[0.0, -1.0, 0.0, 4.0], [1.0, 0.0, 0.0, -3.0], [0.0, 0.0, 1.0, 2.0], [0.0, 0.0, 0.0, 1.0]])
    quality = Quality("check", {"half_off_mm": 3.1})
    registration = Registration("1.2.3", "1.9", "1.8", matrix, quality=quality)
    case.alignment = case.alignment.put(registration)
    there = vec((matrix @ [*pet.lattice.point((13, 12, 6)), 1.0])[:3])
    case.place_crosshair(ct, there)
    view = fused_view(case, layer_of(pet, opacity=1.0))
    made = picture(view, voxels_of(ct, 0), [voxels_of(pet, hot_spot((13, 12, 6)))])
    assert made.screen is not None
    assert np.abs(np.subtract(made.screen.pixel(there)[:2], _center_of_light(rgb_of(made.image)[..., 0]))).max() <= 1.0
    assert made.facts["layers"][0]["registration"] == "1.2.3"
    assert any("not verified" in each and "within 3.1 mm of here (good to" in each for each in made.facts["notices"])
    case.alignment = case.alignment.put(replace(registration, accepted=True))
    made = picture(case.view(0), voxels_of(ct, 0), [voxels_of(pet, hot_spot((13, 12, 6)))])
    assert not any("verified" in each for each in made.facts["notices"])


def test_a_new_window_samples_nothing_again_and_another_plane_does() -> None:
    case, ct, pet = case_of()
    base, over = voxels_of(ct, 90), [voxels_of(pet, 200)]
    layer = layer_of(pet, palette="HOT_IRON")
    first = picture(fused_view(case, layer), base, over)
    windowed = picture(fused_view(case, layer.windowed(0, 400)), base, over, before=first)
    assert first.pixels is not None and windowed.pixels is not None
    assert windowed.pixels.layers[0].sampled is first.pixels.layers[0].sampled
    assert middle(windowed.image) == pytest.approx([mixed(each, 90, 0.5) for each in colour("HOT_IRON", 127)], abs=1)
    assert ct.lattice is not None
    x, y, z = ct.lattice.middle_lps
    case.place_crosshair(ct, (x, y, z + 5))
    moved = picture(case.view(0), base, over, before=windowed)
    assert moved.pixels is not None and moved.pixels.layers[0].sampled is not first.pixels.layers[0].sampled


@pytest.mark.parametrize("orientation", Orientation)
def test_the_hottest_voxel_of_a_real_pet_lies_on_its_voxel_of_the_ct(
    orientation: Orientation, sarcoma: tuple[object, ...]
) -> None:
    sets, voxels, hottest_lps, pet_mm, ct_index = sarcoma
    (ct, pet), case = sets, beside(*sets)
    layer = Layer(pet.key, Display(ends_window(20.0, 27.77), palette=""), opacity=1.0)
    case.tiles[0] = Tile(ct.key, orientation, 0, layers=(layer,))
    case.place_crosshair(ct, hottest_lps)
    view = case.view(0)
    made = compose(view, voxels[0], "", (700, 640), 1.0, layered=[LoadedLayer(voxels[1], view.layers[0].grid)])
    assert made.screen is not None and made.pixels is not None and ct.lattice is not None
    sampled = made.pixels.layers[0].sampled
    assert sampled is not None
    values = np.where(sampled.nothing, -1, sampled.values) if sampled.nothing is not None else sampled.values
    y, x = np.unravel_index(int(np.argmax(values)), values.shape)
    found = made.screen.point(float(x), float(y))
    assert values.max() == pytest.approx(27.77, abs=0.1 * 27.77)
    assert np.all(np.abs(np.subtract(found, hottest_lps)) <= pet_mm)
    steps = np.abs(np.subtract(ct.lattice.index(found), ct_index)) * ct.lattice.spacing
    assert np.all(steps <= pet_mm), "the CT voxel under the hottest pixel is the one the headers say"


@pytest.fixture(scope="module")
def sarcoma(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> object:
    """CT and PET, their voxels, where the hottest PET voxel lies by the headers, its size, and its CT voxel."""
    folder = data_dir / "petctmr_sts_006" / "dicom" / "STS_006"
    home = imported(tmp_path_factory.mktemp("sarcoma"), folder / "CT" / "image", folder / "PET" / "image")
    slices = {m: [pydicom.dcmread(each) for each in (folder / m / "image").glob("*.dcm")] for m in ("CT", "PET")}
    best = max(slices["PET"], key=lambda each: float(each.pixel_array.max()) * float(each.RescaleSlope))
    row, column = np.unravel_index(int(best.pixel_array.argmax()), best.pixel_array.shape)
    height_mm, width_mm = (float(each) for each in best.PixelSpacing)
    corner = [float(each) for each in best.ImagePositionPatient]
    assert [float(each) for each in best.ImageOrientationPatient] == [1, 0, 0, 0, 1, 0]
    point = (corner[0] + column * width_mm, corner[1] + row * height_mm, corner[2])
    below = sorted(slices["CT"], key=lambda each: float(each.ImagePositionPatient[2]))
    start, (dy, dx) = below[0].ImagePositionPatient, below[0].PixelSpacing
    step = float(below[1].ImagePositionPatient[2]) - float(below[0].ImagePositionPatient[2])
    at = ((point[0] - start[0]) / dx, (point[1] - start[1]) / dy, (point[2] - start[2]) / step)
    found = {each.display_set.first.Modality: each for each in loaded(home, studies(home)[0])}
    blocks = [found["CT"], found["PT"]]
    return [each.display_set for each in blocks], blocks, point, (width_mm, height_mm, step), at
