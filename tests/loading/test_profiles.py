"""ICC profiles against a closed form: a profile whose red and blue primaries are swapped swaps the two channels."""

import struct

import numpy as np
from PIL import ImageCms

from tests.dicom.test_header import UIDS, part10
from workstation.dicom.header import read_instance
from workstation.dicom.looks import colour_profile
from workstation.loading import decode
from workstation.loading.profiles import UNUSABLE, as_srgb, look_of

COLOURS = np.array(
    [[[200, 30, 60], [10, 250, 128], [255, 255, 255]], [[0, 0, 0], [90, 90, 90], [3, 77, 201]]], np.uint8
)


def swapped() -> bytes:
    """sRGB with the tags of its red and blue primaries exchanged, under another name."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", profile, 128)
    places = {bytes(profile[at : at + 4]): at for at in range(132, 132 + 12 * count, 12)}
    red, blue = places[b"rXYZ"], places[b"bXYZ"]
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    start, size = struct.unpack_from(">II", profile, places[b"desc"] + 4)
    for word in ("sRGB".encode("utf-16-be"), b"sRGB"):
        at = profile.find(word, start, start + size)
        if at >= 0:
            profile[at : at + len(word)] = word.replace(b"s", b"x")
    return bytes(profile)


def coloured(profile: bytes | None) -> bytes:
    attributes = {
        **UIDS,
        "Rows": 2,
        "Columns": 3,
        "SamplesPerPixel": 3,
        "PhotometricInterpretation": "RGB",
        "PlanarConfiguration": 0,
        "BitsAllocated": 8,
        "BitsStored": 8,
        "HighBit": 7,
        "PixelRepresentation": 0,
        "PixelData": COLOURS.tobytes(),
    }
    return part10(**attributes, **({"ICCProfile": profile} if profile else {}))


def decoded(profile: bytes | None) -> np.ndarray:
    data = coloured(profile)
    instance = read_instance(data)
    assert instance.pixels is not None and instance.pixels.offset is not None
    start = instance.pixels.offset
    return decode.image(data[start : start + COLOURS.nbytes], data[:start], instance, 0)


def test_colours_without_a_profile_and_with_srgb_stay_as_they_are() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(decoded(None), COLOURS)
    assert np.array_equal(decoded(srgb), COLOURS)
    assert colour_profile(coloured(srgb)) == b""


def test_swapped_primaries_swap_red_and_blue() -> None:
    shown = decoded(swapped()).astype(int)
    assert np.abs(shown - COLOURS[..., ::-1].astype(int)).max() <= 2
    assert np.abs(shown - COLOURS.astype(int)).max() > 100


def test_a_spoiled_profile_changes_nothing_and_is_said() -> None:
    spoiled = swapped()[:200] + bytes(400)
    data = coloured(spoiled)
    assert np.array_equal(as_srgb(COLOURS, data), COLOURS)
    look = look_of(data, read_instance(data), 0, COLOURS.tobytes())
    assert look is not None and UNUSABLE in look.odd
    good = coloured(swapped())
    fine = look_of(good, read_instance(good), 0, COLOURS.tobytes())
    assert fine is not None and fine.colour_profile and UNUSABLE not in fine.odd
