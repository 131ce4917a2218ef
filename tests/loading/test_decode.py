"""Native pixels: both byte orders, 1 to 64 bits, high bits with garbage, planes, halved chroma, palettes."""

import struct
from typing import Any

import numpy as np
import pytest
from pydicom.uid import ExplicitVRBigEndian

from tests.dicom.test_header import UIDS, deflated, part10
from tests.loading.objects import EXPLICIT, declaring, encapsulated, opened, ramp
from workstation.dicom import header
from workstation.errors import Reason, Refused
from workstation.imaging.greyscale import Rescale
from workstation.loading import decode

GREY = ramp(6, 10)
RGB = np.stack([ramp(6, 10, top=255), ramp(6, 10, top=200), 255 - ramp(6, 10, top=100)], axis=-1).astype(np.uint8)


def image(value: bytes, syntax: str = EXPLICIT, keyword: str = "PixelData", **attributes: Any) -> bytes:
    described: dict[str, Any] = {
        "Rows": 6,
        "Columns": 10,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
        keyword: value + b"\0" * (len(value) % 2),
    }
    values = {**UIDS, **described, **attributes}
    return part10(**{name: value for name, value in values.items() if value is not None}, syntax=syntax)


def bits(allocated: int, stored: int | None = None, high: int | None = None, signed: int = 0) -> dict[str, int]:
    stored = stored or allocated
    top = stored - 1 if high is None else high
    return {"BitsAllocated": allocated, "BitsStored": stored, "HighBit": top, "PixelRepresentation": signed}


def test_both_byte_orders() -> None:
    assert np.array_equal(opened(image(GREY.astype("<u2").tobytes())), GREY)
    assert np.array_equal(opened(image(GREY.astype(">u2").tobytes(), ExplicitVRBigEndian)), GREY)


def test_bytes_in_big_endian_words_are_put_in_order() -> None:
    grey = ramp(6, 10, "u1", 255)
    swapped = grey.reshape(-1, 2)[:, ::-1].tobytes()
    data = image(swapped, ExplicitVRBigEndian, **bits(8))
    assert np.array_equal(opened(data.replace(b"\x7f\xe0\x00\x10OB", b"\x7f\xe0\x00\x10OW")), grey)


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4"])
def test_integers_of_every_width_and_sign(dtype: str) -> None:
    info = np.iinfo(dtype)
    values = np.linspace(info.min, info.max, 60).astype(dtype).reshape(6, 10)
    seen = opened(image(values.tobytes(), **bits(8 * info.dtype.itemsize, signed=int(info.min < 0))))
    assert seen.dtype == values.dtype and np.array_equal(seen, values)


@pytest.mark.parametrize(("keyword", "dtype"), [("FloatPixelData", "f4"), ("DoubleFloatPixelData", "f8")])
def test_floats(keyword: str, dtype: str) -> None:
    values = (np.arange(60).reshape(6, 10) / 7 - 3).astype(dtype)
    seen = opened(image(values.tobytes(), keyword=keyword, **bits(8 * values.dtype.itemsize)))
    assert seen.dtype == values.dtype and np.array_equal(seen, values)


def test_single_bits_of_frames_that_begin_inside_a_byte() -> None:
    frames = (np.arange(3 * 5 * 7).reshape(3, 5, 7) * 5 % 3 == 0).astype(np.uint8)
    packed = np.packbits(frames.ravel(), bitorder="little").tobytes()
    data = image(packed, Rows=5, Columns=7, NumberOfFrames=3, **bits(1))
    assert all(np.array_equal(opened(data, frame), frames[frame]) for frame in range(3))


def test_two_pixels_in_three_bytes() -> None:
    flat = GREY.ravel().astype(np.uint32)
    packed = b"".join(struct.pack("<I", low | high << 12)[:3] for low, high in zip(flat[::2], flat[1::2], strict=True))
    assert np.array_equal(opened(image(packed, **bits(12))), GREY)


@pytest.mark.parametrize("high", [11, 13, 15])
def test_what_stands_beside_the_stored_bits_is_no_image(high: int) -> None:
    garbage = np.full((6, 10), 0xA5A5, np.uint16)
    mask = np.uint16(0xFFF << (high - 11))
    written = (GREY << (high - 11)) & mask | garbage & ~mask
    assert np.array_equal(opened(image(written.tobytes(), **bits(16, 12, high))), GREY)
    signed = np.where(GREY >= 2048, GREY.astype(np.int32) - 4096, GREY)
    assert np.array_equal(opened(image(written.tobytes(), **bits(16, 12, high, signed=1))), signed)


@pytest.mark.parametrize("high", [5, 20])
def test_a_senseless_high_bit_is_not_believed(high: int) -> None:
    assert np.array_equal(opened(image(GREY.tobytes(), **bits(16, 12, high))), GREY)


@pytest.mark.parametrize("planar", [0, 1])
def test_colour_by_pixel_and_by_plane(planar: int) -> None:
    written = np.moveaxis(RGB, -1, 0) if planar else RGB
    told = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": planar}
    assert np.array_equal(opened(image(written.tobytes(), **told, **bits(8))), RGB)
    deep = (written.astype(np.uint16) << 4 | 9).tobytes()
    assert np.array_equal(opened(image(deep, **told, **bits(16, 12))), RGB)


def test_halved_chroma_is_spread_and_whole_chroma_left() -> None:
    ybr = np.repeat(RGB[:, ::2], 2, axis=1)
    ybr[..., 0] = RGB[..., 0]
    halved = np.stack([ybr[:, ::2, 0], ybr[:, 1::2, 0], ybr[:, ::2, 1], ybr[:, ::2, 2]], axis=-1)
    told = {"SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422", "PlanarConfiguration": 0}
    seen = opened(image(halved.tobytes(), **told, **bits(8)))
    assert np.array_equal(seen, opened(image(ybr.tobytes(), **told, **bits(8))))
    y, blue, red = (ybr[..., channel].astype(float) for channel in range(3))
    red_exact = np.clip(np.rint(y + 1.402 * (red - 128)), 0, 255)
    assert abs(seen[..., 0] - red_exact).max() <= 1 and abs(blue - 128).max() > 20


PLAIN, SEGMENTED = "PaletteColorLookupTableData", "SegmentedPaletteColorLookupTableData"


def palette(first: int, width: int, values: list[list[int]], keyword: str = PLAIN) -> dict[str, Any]:
    """Attributes of a palette; `values` for red, green and blue."""
    named: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    kind = "B" if width == 8 else "H"
    for colour, entries in zip(("Red", "Green", "Blue"), values, strict=True):
        named[f"{colour}PaletteColorLookupTableDescriptor"] = [10 if keyword == SEGMENTED else 4, first, width]
        named[keyword.replace("Palette", f"{colour}Palette", 1)] = struct.pack(f"<{len(entries)}{kind}", *entries)
    return named


def test_palettes_of_16_bits_and_what_lies_beyond_them() -> None:
    table = palette(10, 16, [[0, 0x4000, 0x8000, 0xFF00], [1 << 8] * 4, [0xFFFF, 0, 0, 0]])
    stored = (np.arange(60, dtype=np.uint8) % 20).reshape(6, 10)
    seen = opened(image(stored.tobytes(), **{**bits(8), **table}))
    assert seen.shape == (6, 10, 3)
    assert seen[0, 0].tolist() == seen[1, 0].tolist() == [0, 1, 255]  # 0 and 10: the first entry
    assert seen[1, 2].tolist() == [0x80, 1, 0] and seen[1, 9].tolist() == [0xFF, 1, 0]  # 12, and 19: the last


def test_segmented_palettes_are_expanded() -> None:
    discrete, line = [0, 2, 256, 512], [1, 4, 512 + 4 * 256]
    again = [2, 1, 8, 0]  # one segment once more, from byte 8: the line
    values = [*discrete, *line, *again]
    table = palette(0, 16, [values] * 3, SEGMENTED)
    stored = np.arange(60, dtype=np.uint8).reshape(6, 10)
    seen = opened(image(stored.tobytes(), **{**bits(8), **table}))
    assert seen[0, :, 0].tolist() == [1, 2, 3, 4, 5, 6, 6, 6, 6, 6]


def test_a_palette_without_colours_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        opened(image(bytes(60), **{**bits(8), "PhotometricInterpretation": "PALETTE COLOR"}))
    assert refused.value.reason is Reason.PIXEL_FORMAT


def test_only_frames_that_are_whole_are_shown() -> None:
    data = image(GREY.tobytes() + GREY.tobytes()[:60], NumberOfFrames=2)
    assert np.array_equal(opened(data, 0), GREY)
    with pytest.raises(Refused) as refused:
        opened(data, 1)
    assert refused.value.reason is Reason.PIXEL_LENGTH and "180 of 240" in refused.value.sentence


def test_deflated_pixels_are_those_that_were_deflated() -> None:
    assert np.array_equal(opened(deflated(image(GREY.tobytes()))), GREY)


def test_native_pixels_in_fragments() -> None:
    head = image(b"", PixelData=None)
    data = encapsulated(declaring(head, "1.2.840.10008.1.2.1.98"), GREY.tobytes())
    assert np.array_equal(opened(data), GREY)


@pytest.mark.parametrize("allocated", [3, 24, 48, 64])
def test_widths_that_cannot_be_shown_are_refused(allocated: int) -> None:
    with pytest.raises(Refused) as refused:
        decode.check(header.read_instance(image(bytes(960), **bits(allocated))))
    assert refused.value.reason is Reason.PIXEL_FORMAT and str(allocated) in refused.value.sentence


def test_padding_stays_padding_in_a_block_of_modality_values() -> None:
    target = np.zeros((6, 10), np.float32)
    decode.place(GREY, target, Rescale(0.5, -10), (0.0, 7.0))
    padded = (GREY <= 7) & (GREY >= 0)
    assert padded.any() and (target[padded] == decode.PADDING_OF_FLOATS).all()
    assert np.allclose(target[~padded], GREY[~padded] * 0.5 - 10)
