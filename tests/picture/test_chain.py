"""What an image is shown with: its own choices in order, conventions, and what lies over it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.case.stacks import stack
from workstation.case.state import Tile, TileView
from workstation.dicom.entities import Frame, Instance, Patient, PixelFormat, VoiWindow
from workstation.dicom.looks import ImageLook, Shutter
from workstation.dicom.luts import Lut
from workstation.dicom.overlays import Overlay
from workstation.imaging.displaysets import DisplaySet, ImageRef
from workstation.imaging.greyscale import Rescale, Window
from workstation.imaging.softcopy import Presentation, Reference
from workstation.imaging.view import Display, Framing, Spread
from workstation.imaging.volume import Voxels
from workstation.picture.chain import adjusted, chain_in_force, percentile_window, voi_choices, voi_in_force
from workstation.picture.compose import Picture, compose

pytestmark = pytest.mark.usefixtures("qapp")

ROWS, COLUMNS = 40, 60
TABLE = Lut(0, np.arange(256, dtype="<u2").tobytes(), 8, "HARDER")
TWO_WINDOWS = Frame(PixelSpacing=(0.7, 0.5), windows=(VoiWindow(40, 400, "SOFT"), VoiWindow(500, 2000, "BONE")))


def view_of(frame: Frame, modality: str = "OT", photometric: str = "MONOCHROME2", **display: Any) -> TileView:
    pixels = PixelFormat(ROWS, COLUMNS, 1, photometric, 0, 16, 12, 11, 0, 1, "PixelData")
    made = Instance("1.1", "1.2", "", "1.8", "1.9", Patient(), pixels, (frame,), Modality=modality)
    display_set = DisplaySet("set", (ImageRef(made),), None, None)
    tile = Tile("set", framing=Framing(one_to_one=True), display=Display(**display))
    return TileView(0, tile, display_set, None, active=False, linked=False)


def voxels_of(view: TileView, stored: NDArray[Any], look: ImageLook | None = None, slope: float = 1.0) -> Voxels:
    assert view.display_set is not None
    return Voxels(view.display_set, stored[None], np.ones(1, np.bool_), Rescale(slope), None, "", [look])


def ramp() -> NDArray[np.uint16]:
    return np.tile(np.linspace(0, 4095, COLUMNS).astype(np.uint16), (ROWS, 1))


def painted(view: TileView, voxels: Voxels) -> NDArray[np.uint8]:
    """Grey of a bare picture at 1:1 by rows, shape (rows, columns); columns are exact, rows are stretched."""
    return levels(compose(view, voxels, "", (COLUMNS, round(ROWS * 1.4)), 1.0, bare=True))


def levels(picture: Picture) -> NDArray[np.uint8]:
    image = picture.image
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return flat[:, : image.width() * 4].reshape(image.height(), image.width(), 4)[..., 0].copy()


def test_windows_come_first_then_tables_and_each_can_be_chosen() -> None:
    view = view_of(TWO_WINDOWS)
    voxels = voxels_of(view, ramp(), ImageLook(voi=(TABLE,)))
    soft, bone = Window(40, 400, name="SOFT"), Window(500, 2000, name="BONE")
    assert voi_choices(view, voxels) == (soft, bone, TABLE)
    wanted = {None: soft, 1: bone, 2: TABLE, 3: soft, -1: TABLE, "BONE": bone, "HARDER": TABLE, "NONE": soft}
    for window, expected in wanted.items():
        assert voi_in_force(view_of(TWO_WINDOWS, window=window), voxels) == expected
    own = Window(1, 2)
    assert voi_in_force(view_of(TWO_WINDOWS, window=own), voxels) == own


def test_a_table_alone_is_the_default_and_its_facts_are_a_window() -> None:
    view = view_of(Frame(PixelSpacing=(0.7, 0.5)))
    voxels = voxels_of(view, ramp(), ImageLook(voi=(TABLE,)))
    picture = compose(view, voxels, "", (90, 90), 1.0)
    assert picture.facts["window"] == {"center": 128.0, "width": 256.0, "unit": "", "name": "HARDER"}
    assert picture.window == Window(128.0, 256.0, name="HARDER")


def test_percentiles_are_of_what_the_modality_lut_gives() -> None:
    inverse = Lut(0, np.arange(4095, -1, -1, dtype="<u2").tobytes(), 12)
    view = view_of(Frame(PixelSpacing=(0.7, 0.5)))
    stored = np.full((ROWS, COLUMNS), 95, np.uint16)
    stored[:, :30] = 1095
    window = percentile_window(view, voxels_of(view, stored, ImageLook(modality=inverse)), "")
    assert (window.center, window.width) == (3500.0, 1000.0)


def test_pet_is_dark_on_light_and_turns_with_the_reader() -> None:
    frame = Frame(PixelSpacing=(0.7, 0.5), windows=(VoiWindow(2048, 4096),))
    stored = ramp()
    plain = painted(view_of(frame, "NM"), voxels_of(view_of(frame, "NM"), stored))
    pet = painted(view_of(frame, "PT"), voxels_of(view_of(frame, "PT"), stored))
    turned = painted(view_of(frame, "PT", inverted=True), voxels_of(view_of(frame, "PT"), stored))
    assert np.array_equal(pet[20], 255 - plain[20])
    assert np.array_equal(turned, plain)
    facts = compose(view_of(frame, "PT"), voxels_of(view_of(frame, "PT"), stored), "", (90, 90), 1.0).facts
    assert facts["inverted"] is True


def test_air_is_black_in_a_radiograph_whose_high_values_are_air() -> None:
    frame = Frame(PixelSpacing=(0.7, 0.5), windows=(VoiWindow(2048, 4096),))
    view = view_of(frame, "DX", "MONOCHROME1")
    row = painted(view, voxels_of(view, ramp()))[20]
    assert row[-1] == 0 and row[0] == 255


def test_loss_a_colour_profile_and_what_cannot_be_shown_are_said() -> None:
    view = view_of(TWO_WINDOWS)
    assert view.display_set is not None
    lossy = replace(view.display_set.images[0].instance, LossyImageCompression="01", LossyImageCompressionRatio=8.9)
    view = replace(view, display_set=replace(view.display_set, images=(ImageRef(lossy),)))
    look = ImageLook(colour_profile="Camera", odd=("overlay 6004 cannot be read",))
    facts = compose(view, voxels_of(view, ramp(), look), "", (90, 90), 1.0).facts
    assert facts["fidelity"] == "lossy 8.9:1"
    said = " ".join(facts["notices"])
    assert "loss" in said and "Camera" in said and "overlay 6004" in said


def plane(mask: NDArray[np.bool_], kind: str = "G") -> Overlay:
    packed = np.packbits(mask.ravel(), bitorder="little").tobytes()
    return Overlay(0x6000, ROWS, COLUMNS, packed, kind=kind)


def test_overlays_cover_and_can_be_hidden_and_shutters_stay() -> None:
    mask = np.zeros((ROWS, COLUMNS), np.bool_)
    mask[:, 30] = True
    look = ImageLook(overlays=(plane(mask),), shutter=Shutter(rectangle=(11, 60, 1, 40), grey=90))
    frame = Frame(PixelSpacing=(0.7, 0.5), windows=(VoiWindow(10000, 100),))  # all black
    view, without = view_of(frame), view_of(frame, overlays=False)
    voxels = voxels_of(view, ramp(), look)
    row, bare = painted(view, voxels)[20], painted(without, voxels)[20]
    assert row.tolist() == [90] * 10 + [0] * 20 + [222] + [0] * 29
    assert bare.tolist() == [90] * 10 + [0] * 50


def test_a_presentation_state_stands_instead_of_what_the_image_says() -> None:
    frame = replace(TWO_WINDOWS, RescaleSlope=3.0)
    state = Presentation("9.1", "STATE", "", (Reference("1.1"),), inverse=True)
    view = view_of(frame, "PT", "MONOCHROME1", presentation=state)
    voxels = voxels_of(view, ramp(), ImageLook(modality=TABLE, voi=(TABLE,)), slope=3.0)
    chain = chain_in_force(view, voxels)
    assert chain.rescale == Rescale() and chain.modality is None and chain.inverse and not chain.inverted
    assert chain.grey(np.array([0, 4095])).tolist() == [255, 0]
    other = replace(state, references=(Reference("1.7"),))
    untouched = chain_in_force(view_of(frame, "PT", "MONOCHROME1", presentation=other), voxels)
    assert untouched.modality == TABLE and untouched.inverted


def test_colour_is_light_already() -> None:
    view = view_of(Frame(PixelSpacing=(0.7, 0.5)), "US", "RGB")
    stored = np.zeros((ROWS, COLUMNS, 3), np.uint8)
    stored[:, :, 0], stored[:, :, 2] = 250, np.arange(COLUMNS)
    voxels = voxels_of(view, stored)
    picture = compose(view, voxels, "", (COLUMNS, ROWS), 1.0)
    assert picture.window is None and picture.facts["window"] is None
    assert voi_choices(view, voxels) == ()
    assert np.array_equal(painted(view, voxels)[20], np.arange(COLUMNS))  # blue comes first in memory
    turned = view_of(Frame(PixelSpacing=(0.7, 0.5)), "US", "RGB", inverted=True)
    assert np.array_equal(painted(turned, voxels)[20], 255 - np.arange(COLUMNS))


def _slices(placed: bool = True) -> tuple[TileView, Voxels]:
    """Thirty slices, each of one value: its number times ten."""
    slices = stack("1", count=30, modality="MR", placed=placed)
    values = np.repeat(np.arange(30, dtype=np.int16) * 10, 40 * 60).reshape(30, 40, 60)
    voxels = Voxels(slices, values, np.ones(30, np.bool_), Rescale(), None, "")
    return TileView(0, Tile(slices.key, image=3), slices, None, active=False, linked=False), voxels


def at(view: TileView, image: int, **display: Any) -> TileView:
    return replace(view, tile=replace(view.tile, image=image, display=Display(**display)))


def test_a_window_by_percentiles_is_of_the_series_and_stays_while_one_scrolls() -> None:
    view, voxels = _slices()
    windows = {voi_in_force(at(view, image), voxels) for image in range(30)}
    (window,) = windows
    assert isinstance(window, Window)
    assert window.center == pytest.approx(145.0, abs=10) and 200 < window.width <= 290
    view, voxels = _slices(placed=False)  # pictures that are no slices are each windowed for themselves
    assert len({voi_in_force(at(view, image), voxels) for image in range(30)}) == 30


def test_a_window_fitted_to_an_image_stays_on_the_others() -> None:
    values = np.tile(np.linspace(0, 1000, 60).astype(np.int16), (30, 40, 1))
    values[7] += 500
    values[7, 0, 0] = 30000  # one of 150 values that are measured: less than a hundredth
    view, voxels = _slices()
    voxels = replace(voxels, stored=values, percentile_windows={})
    fitted = voi_in_force(at(view, 7, window=Spread(1.0, 99.0, 7)), voxels)
    assert fitted == voi_in_force(at(view, 20, window=Spread(1.0, 99.0, 7)), voxels)
    assert isinstance(fitted, Window) and fitted.name == "auto"
    # Each fourth column is measured: the outer ones lie at 500 and 500 + 56 / 59 * 1000.
    assert (fitted.center - fitted.width / 2, fitted.center + fitted.width / 2) == (500, 1449)


@pytest.mark.parametrize(
    ("window", "wider", "brighter", "expected"),
    [
        (Window(40, 400, name="SOFT"), 1.1, 0.0, Window(40.0, 440.0, name="manual")),
        (Window(40, 400), 1.0, 0.05, Window(20.0, 400.0, name="manual")),
        (Window(40, 2), 0.1, 0.0, Window(40.0, 1.0, name="manual")),
        (Window(3.0, 0.5, "LINEAR_EXACT"), 2.0, -0.5, Window(3.25, 1.0, "LINEAR_EXACT", "manual")),
    ],
)
def test_windows_are_made_wider_and_brighter(window: Window, wider: float, brighter: float, expected: Window) -> None:
    assert adjusted(window, wider, brighter) == expected


def test_wider_and_brighter_hold_for_whatever_window_is_in_force() -> None:
    voxels = voxels_of(view_of(TWO_WINDOWS), ramp(), ImageLook(voi=(TABLE,)))
    for window, expected in ((None, (40.0, 800.0)), (1, (500.0, 4000.0)), ("HARDER", (128.0, 512.0))):
        shown = voi_in_force(view_of(TWO_WINDOWS, window=window, wider=2.0), voxels)
        assert isinstance(shown, Window)
        assert (shown.center, shown.width) == expected
