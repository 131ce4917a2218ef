"""Every encoding, made here by an encoder and read back; colour believed where it is stated; lies refused."""

from typing import Any

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.loading.objects import made, opened, ramp
from workstation.errors import Reason, Refused
from workstation.loading import codecs, codestream

GREY = ramp()
SIGNED = (ramp(dtype="i4") - 2000).astype(np.int16)
RGB = np.stack([ramp(top=255), ramp(top=251) // 2, 255 - ramp(top=239)], axis=-1).astype(np.uint8)
TREE = "1.2.840.10008.1.2.4."


def grey(syntax: str, *pieces: bytes, **attributes: Any) -> bytes:
    described = {
        "Rows": 24,
        "Columns": 40,
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 16,
        "BitsStored": 12,
        "HighBit": 11,
        "PixelRepresentation": 0,
    }
    return made(syntax, *pieces, **(described | attributes))


def colour(syntax: str, *pieces: bytes, model: str = "RGB", **attributes: Any) -> bytes:
    described = {
        "SamplesPerPixel": 3,
        "PhotometricInterpretation": model,
        "PlanarConfiguration": 0,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
    }
    return grey(syntax, *pieces, **(described | attributes))


def refusal(data: bytes) -> Refused:
    with pytest.raises(Refused) as refused:
        opened(data)
    return refused.value


def j2k(pixels: NDArray[Any], **options: Any) -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", level=0, reversible=True, **options))


LOSSLESS = {
    "JPEG lossless": (TREE + "57", lambda pixels: imagecodecs.ljpeg_encode(pixels, bitspersample=12)),
    "JPEG-LS": (TREE + "80", imagecodecs.jpegls_encode),
    "J2K": (TREE + "90", j2k),
    "HTJ2K": (TREE + "201", lambda pixels: imagecodecs.htj2k_encode(pixels, reversible=True)),
    "JPEG XL": (TREE + "110", lambda pixels: imagecodecs.jpegxl_encode(pixels, lossless=True, bitspersample=12)),
}


@pytest.mark.parametrize("name", LOSSLESS)
def test_what_went_in_comes_out(name: str) -> None:
    syntax, encode = LOSSLESS[name]
    values = opened(grey(syntax, bytes(encode(GREY))))
    assert values.dtype == np.uint16 and np.array_equal(values, GREY)


@pytest.mark.parametrize("name", ["JPEG-LS", "J2K"])
def test_negative_values_come_back_from_a_codestream_that_knows_no_sign(name: str) -> None:
    syntax, encode = LOSSLESS[name]
    coded = bytes(encode(SIGNED.view(np.uint16)))
    data = grey(syntax, coded, PixelRepresentation=1, BitsStored=16, HighBit=15)
    assert np.array_equal(opened(data), SIGNED)


def test_a_codestream_with_sign_keeps_it() -> None:
    data = grey(TREE + "90", j2k(SIGNED), PixelRepresentation=1, BitsStored=16, HighBit=15)
    assert np.array_equal(opened(data), SIGNED)


def rle(*planes: NDArray[np.uint8]) -> bytes:
    """Segments of literal runs alone (PS3.5 G.3.1)."""
    segments = []
    for plane in planes:
        flat = plane.tobytes()
        runs = (flat[at : at + 128] for at in range(0, len(flat), 128))
        segments.append(b"".join(bytes([len(run) - 1]) + run for run in runs))
    offsets = np.zeros(16, "<u4")
    offsets[0] = len(segments)
    offsets[1 : len(segments) + 1] = 64 + np.cumsum([0, *map(len, segments[:-1])])
    return offsets.tobytes() + b"".join(segments)


def test_run_lengths_of_two_bytes_and_of_three_samples() -> None:
    high, low = (GREY >> 8).astype(np.uint8), (GREY & 255).astype(np.uint8)
    assert np.array_equal(opened(grey("1.2.840.10008.1.2.5", rle(high, low))), GREY)
    coded = rle(*np.moveaxis(RGB, -1, 0))
    assert np.array_equal(opened(colour("1.2.840.10008.1.2.5", coded, PlanarConfiguration=1)), RGB)


def test_run_lengths_that_end_early_are_refused() -> None:
    high, low = (GREY >> 8).astype(np.uint8), (GREY & 255).astype(np.uint8)
    assert refusal(grey("1.2.840.10008.1.2.5", rle(high, low)[:-200])).reason is Reason.PIXEL_DATA
    assert refusal(grey("1.2.840.10008.1.2.5", rle(low))).reason is Reason.CODESTREAM


@pytest.mark.parametrize(
    ("stream", "header"), [("YCBCR", "YBR_FULL_422"), ("YCBCR", "RGB"), ("RGB", "RGB"), ("RGB", "YBR_FULL")]
)
def test_the_codestream_is_believed_about_its_colours(stream: str, header: str) -> None:
    flat = np.broadcast_to(np.array([200, 90, 30], np.uint8), (24, 40, 3)).copy()
    coded = imagecodecs.jpeg8_encode(flat, level=98, colorspace="RGB", outcolorspace=stream, subsampling="444")
    found = codestream.jpeg(coded)
    assert found.rgb is (stream == "RGB")
    assert abs(opened(colour(TREE + "50", coded, model=header)).astype(int) - flat).max() <= 4


@pytest.mark.parametrize("name", ["JPEG-LS", "RLE"])
def test_luminance_and_chroma_become_rgb_where_the_codec_does_not_do_it(name: str) -> None:
    ybr = np.broadcast_to(np.array([118, 84, 176], np.uint8), (24, 40, 3)).copy()
    coded = bytes(imagecodecs.jpegls_encode(ybr)) if name == "JPEG-LS" else rle(*np.moveaxis(ybr, -1, 0))
    syntax = TREE + "80" if name == "JPEG-LS" else "1.2.840.10008.1.2.5"
    rgb = opened(colour(syntax, coded, model="YBR_FULL"))
    exact = (118 + 1.402 * 48, 118 - 0.344136 * -44 - 0.714136 * 48, 118 + 1.772 * -44)
    assert np.array_equal(rgb[5, 7], np.rint(exact))


def test_a_colour_transform_inside_the_codestream_is_undone_once() -> None:
    coded = j2k(RGB, mct=True)
    assert codestream.has_component_transform(coded)
    assert np.array_equal(opened(colour(TREE + "90", coded, model="YBR_RCT")), RGB)


def test_another_size_than_declared_is_refused_with_the_numbers() -> None:
    for syntax, encode in LOSSLESS.values():
        refused = refusal(grey(syntax, bytes(encode(GREY)), Rows=25))
        assert refused.reason is Reason.CODESTREAM and "24 x 40" in refused.sentence and "25 x 40" in refused.sentence


def test_more_bits_than_allocated_are_refused() -> None:
    data = grey(TREE + "90", j2k(GREY), BitsAllocated=8, BitsStored=8, HighBit=7)
    assert refusal(data).reason is Reason.CODESTREAM


def test_another_number_of_samples_is_refused() -> None:
    data = grey(TREE + "80", bytes(imagecodecs.jpegls_encode(RGB)), BitsAllocated=8)
    assert refusal(data).reason is Reason.CODESTREAM


@pytest.mark.parametrize("name", LOSSLESS)
def test_noise_behind_a_good_beginning_is_refused_or_decoded_never_raised(name: str) -> None:
    syntax, encode = LOSSLESS[name]
    coded = bytes(encode(GREY))
    for cut in range(0, len(coded), max(1, len(coded) // 40)):
        try:
            assert opened(grey(syntax, coded[:cut])).shape == (24, 40)
        except Refused as refused:
            assert refused.reason in (Reason.PIXEL_DATA, Reason.CODESTREAM, Reason.PIXEL_FORMAT)


@pytest.mark.parametrize(
    ("uid", "name"),
    [
        (TREE + "100", "MPEG-2"),
        (TREE + "102.1", "MPEG-4"),
        (TREE + "107", "HEVC"),
        (TREE + "94", "JPIP"),
        (TREE + "61", "hierarchical"),
        ("1.2.840.10008.1.2.7.1", "SMPTE"),
        ("1.2.3.4", "1.2.3.4"),
    ],
)
def test_what_is_not_decoded_is_refused_by_name(uid: str, name: str) -> None:
    with pytest.raises(Refused) as refused:
        codecs.family_of(uid)
    assert refused.value.reason is Reason.TRANSFER_SYNTAX and name in refused.value.sentence


def test_a_whole_slide_may_cut_its_edge_tiles() -> None:
    small = np.full((10, 16, 3), 77, np.uint8)
    coded = bytes(imagecodecs.jpegls_encode(small))
    slide = colour(TREE + "80", coded, SOPClassUID="1.2.840.10008.5.1.4.1.1.77.1.6")
    whole = opened(slide)
    assert (whole[:10, :16] == 77).all() and not whole[10:].any() and not whole[:, 16:].any()
    assert refusal(colour(TREE + "80", coded)).reason is Reason.CODESTREAM
