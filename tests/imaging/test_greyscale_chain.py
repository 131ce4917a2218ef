"""The chain's closed forms (PS3.3 C.11.2.1, C.11.6) and what folds it into one table."""

import numpy as np
import pytest

from workstation.dicom.entities import Frame, PixelFormat, VoiWindow
from workstation.imaging.greyscale import (
    Chain,
    Rescale,
    Window,
    as_window,
    full_range,
    is_whole,
    rescale_of,
    window_between,
    windows_of,
)
from workstation.imaging.look import Lut


def lut(first: int, values: list[int], bits: int) -> Lut:
    return Lut(first, np.array(values, "<u2").tobytes(), bits, "made")


def grey(chain: Chain, stored: list[float], dtype: str = "i2") -> list[int]:
    return chain.grey(np.array(stored, dtype)).tolist()


def test_linear_exact_has_its_ends_at_the_window_s_edges() -> None:
    chain = Chain(Rescale(), Window(100.0, 50.0, "LINEAR_EXACT"))
    assert grey(chain, [74, 75, 76, 100, 124, 125, 126]) == [0, 0, 5, 127, 249, 255, 255]


def test_linear_has_half_a_step_less() -> None:
    """C.11.2.1.2.1 with c = 2048, w = 4096: 0 is black, 4095 white."""
    chain = Chain(Rescale(), Window(2048.0, 4096.0))
    assert grey(chain, [-1, 0, 1, 2047, 4094, 4095, 4096]) == [0, 0, 0, 127, 254, 255, 255]


@pytest.mark.parametrize("x", [-300.0, 0.0, 37.5, 99.0, 100.0, 101.0, 180.0, 9000.0])
def test_sigmoid_follows_its_formula(x: float) -> None:
    expected = 255 / (1 + np.exp(-4 * (x - 100.0) / 60.0))
    assert grey(Chain(Rescale(), Window(100.0, 60.0, "SIGMOID")), [x], "f4") == [int(expected)]


def test_sigmoid_survives_what_no_exponential_does() -> None:
    assert grey(Chain(Rescale(), Window(0.0, 1e-6, "SIGMOID")), [-1e30, 0.0, 1e30], "f8") == [0, 127, 255]


def test_a_tiny_slope_is_not_nothing() -> None:
    """A PET slope of 0.0001: 20,000 stored is 2 SUV, the upper edge of a window from 0 to 2."""
    window = window_between(0.0, 2.0, "auto", is_whole(np.dtype("i2"), Rescale(1e-4)))
    assert window.function == "LINEAR_EXACT"
    assert grey(Chain(Rescale(1e-4), window), [0, 5000, 10000, 20000]) == [0, 63, 127, 255]


def test_a_slope_of_zero_does_not_erase_the_image() -> None:
    assert rescale_of(Frame(RescaleSlope=0.0, RescaleIntercept=-1024.0)) == Rescale(1.0, -1024.0)


def test_nan_and_the_infinite_have_a_level() -> None:
    chain = Chain(Rescale(), Window(50.0, 100.0, "LINEAR_EXACT"))
    assert grey(chain, [np.nan, np.inf, -np.inf], "f4") == [0, 255, 0]


def test_a_linear_window_below_one_means_fractions() -> None:
    frame = Frame(windows=(VoiWindow(0.5, 0.5, "narrow"), VoiWindow(40.0, 400.0)), VOILUTFunction="LINEAR")
    assert [each.function for each in windows_of(frame)] == ["LINEAR_EXACT", "LINEAR"]


def test_a_voi_lut_clamps_at_both_ends() -> None:
    chain = Chain(Rescale(), lut(-2, [10, 0, 200, 255], 8))
    assert grey(chain, [-100, -2, -1, 0, 1, 100]) == [10, 10, 0, 200, 255, 255]


def test_a_voi_lut_s_full_output_is_white() -> None:
    assert grey(Chain(Rescale(), lut(0, [0, 2048, 4095], 12)), [0, 1, 2]) == [0, 127, 255]


def test_a_modality_lut_stands_instead_of_the_rescale() -> None:
    chain = Chain(Rescale(1000.0), Window(50.0, 100.0, "LINEAR_EXACT"), modality=lut(-1, [0, 50, 100], 8))
    assert grey(chain, [-5, -1, 0, 1, 9]) == [0, 0, 127, 255, 255]


def test_a_presentation_lut_takes_the_full_range_of_what_comes_before() -> None:
    table = lut(0, list(range(1023, -1, -1)), 10)
    windowed = Chain(Rescale(), Window(128.0, 256.0), presentation=table)
    assert grey(windowed, [0, 255]) == [255, 0]
    tabled = Chain(Rescale(), lut(0, [0, 255], 8), presentation=table)
    assert grey(tabled, [0, 1]) == [255, 0]


def test_the_image_s_inversion_is_rounded_down_and_the_reader_s_is_a_complement() -> None:
    window = Window(128.0, 256.0, "LINEAR_EXACT")  # level = stored * 255 / 256
    plain, own = Chain(Rescale(), window), Chain(Rescale(), window, inverse=True)
    assert grey(plain, [0, 1, 128, 256]) == [0, 0, 127, 255]
    assert grey(own, [0, 1, 128, 256]) == [255, 254, 127, 0]
    for chain in (plain, own):
        turned = Chain(chain.rescale, chain.voi, inverse=chain.inverse, inverted=True)
        assert grey(turned, [0, 1, 128, 256]) == [255 - each for each in grey(chain, [0, 1, 128, 256])]


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2"])
def test_the_table_is_the_chain_for_each_pattern(dtype: str) -> None:
    chain = Chain(Rescale(0.7, -31.0), Window(40.0, 133.0), inverse=True)
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    stored = np.linspace(low, high, 500).astype(dtype)
    table = chain.table(np.dtype(dtype))
    shown = np.take(table, stored.view(f"u{stored.dtype.itemsize}"), mode="wrap")
    assert np.array_equal(shown & 0xFF, chain.grey(stored))
    assert np.array_equal(shown >> 24, np.full(500, 0xFF))


def test_without_a_voi_all_that_can_be_stored_is_spread() -> None:
    pixels = PixelFormat(3, 5, 1, "MONOCHROME2", 0, 16, 12, 11, 1, 1, "PixelData")
    chain = Chain(Rescale(2.0, 10.0), full_range(pixels, Rescale(2.0, 10.0), None))
    assert grey(chain, [-2048, 0, 2047]) == [0, 127, 255]
    assert full_range(pixels, Rescale(), lut(0, [1, 2], 10)) == Window(511.5, 1023.0, "LINEAR_EXACT", "full range")


def test_dragging_starts_from_what_a_table_covers() -> None:
    assert as_window(lut(100, [0] * 50, 8)) == Window(125.0, 50.0, name="made")
