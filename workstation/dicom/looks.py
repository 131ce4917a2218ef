"""What only some images say about how they look: tables, overlays, shutters, a colour profile (PS3.3 C.9, C.11).

Most images have none of it, and each image is asked while it is decoded; so their bytes are first searched for the
tags, which costs some microseconds, and only where one is found is the header read.
"""

import struct
from dataclasses import dataclass
from typing import Final

from workstation.dicom.attributes import Attributes
from workstation.dicom.entities import Instance
from workstation.dicom.luts import MODALITY_LUTS, PRESENTATION_LUTS, VOI_LUTS, Lut, read_luts
from workstation.dicom.overlays import Overlay, read_overlays
from workstation.dicom.scan import BIG_ENDIAN, DEFLATED, NATIVE, Dataset, scan
from workstation.errors import Refused

_SHARED_GROUPS, _FRAME_GROUPS, _FRAME_VOI = 0x52009229, 0x52009230, 0x00289132
_COLOUR_PROFILE: Final = 0x00282000
_SHUTTER_SHAPE: Final = 0x00181600
_ASKED: Final = (MODALITY_LUTS, VOI_LUTS, PRESENTATION_LUTS, _COLOUR_PROFILE, _SHUTTER_SHAPE)
_MARKS: Final = (*(struct.pack("<HH", tag >> 16, tag & 0xFFFF) for tag in _ASKED), b"\x60\x10\x00")
"""How the tags begin in a file; the last one is OverlayRows of any of the groups 6000 to 601E."""

MOST_VERTICES: Final = 1000
"""Corners of a polygonal shutter; each costs a pass over the image, and real ones have some tens."""

ALWAYS_LOSSY: Final = frozenset(f"1.2.840.10008.1.2.4.{each}" for each in (50, 51, 52, 53, 54, 55, 56))
MAYBE_LOSSY: Final = frozenset(f"1.2.840.10008.1.2.4.{each}" for each in (81, 91, 93, 112, 203))
"""These can be lossless too; the object's own "00" is believed."""


@dataclass(frozen=True, slots=True)
class Shutter:
    """What is shown of an image (PS3.3 C.7.6.11): what lies within all shapes that are set.

    Rows and columns count from 1, edges belong to the visible part. `grey` is the level outside, 0 … 255.
    """

    rectangle: tuple[int, int, int, int] | None = None
    """left, right, upper, lower"""
    circle: tuple[int, int, int] | None = None
    """row and column of the centre, radius"""
    polygon: tuple[tuple[int, int], ...] = ()
    """(row, column) of each vertex"""
    bitmap: Overlay | None = None
    """Where it is set, nothing is visible (PS3.3 C.7.6.15)."""
    grey: int = 0


@dataclass(frozen=True, slots=True)
class ImageLook:
    """The modality LUT (instead of a rescale), VOI LUTs (beside the windows), and what lies over the image."""

    modality: Lut | None = None
    voi: tuple[Lut, ...] = ()
    presentation: Lut | None = None
    overlays: tuple[Overlay, ...] = ()
    shutter: Shutter | None = None
    colour_profile: str = ""
    """What an ICC profile that is not sRGB calls itself."""
    odd: tuple[str, ...] = ()
    """Sentences about what is there and cannot be shown."""


def read_look(data: bytes, instance: Instance, frame: int, raw: bytes | memoryview | None = None) -> ImageLook | None:
    """The look of frame `frame` (from 0) of the DICOM file `data`, or of its part before the pixels.

    `raw` are the bytes of that frame, for overlays in unused bits of native pixels. None when it has no look.
    """
    if not _may_have_one(data, instance):
        return None
    native = instance.TransferSyntaxUID in (*NATIVE, DEFLATED)
    try:
        look = _look(scan(data), instance, frame, raw if native else None)
    except Refused:
        return None  # the same header is refused, with its reason, where the image is opened
    return None if look == ImageLook() else look


def lossy_text(instance: Instance) -> str:
    """ "lossy 8.9:1", "lossy" where no ratio is given, else "" (PS3.3 C.7.6.1.1.5, safety.md 12)."""
    stated, syntax = instance.LossyImageCompression, instance.TransferSyntaxUID
    if stated != "01" and syntax not in ALWAYS_LOSSY and (syntax not in MAYBE_LOSSY or stated == "00"):
        return ""
    ratio = instance.LossyImageCompressionRatio
    return f"lossy {ratio:.3g}:1" if ratio and ratio > 1 else "lossy"


def is_inverse(instance: Instance) -> bool:
    """Whether high values are dark: MONOCHROME1, or PresentationLUTShape INVERSE, which says the same of it
    (PS3.3 C.7.6.3.1.2 and C.11.6.1.2); objects that say both are turned round once."""
    photometric = instance.pixels.PhotometricInterpretation if instance.pixels else ""
    monochrome2_inverse = photometric.startswith("MONOCHROME") and instance.PresentationLUTShape == "INVERSE"
    return photometric == "MONOCHROME1" or monochrome2_inverse


def read_shutter(read: Attributes, overlays: dict[int, Overlay]) -> Shutter | None:
    """The shutter of a dataset; `overlays` by group serve the bitmap shape."""
    shapes = read.texts("ShutterShape")
    edges = [read.integer(f"Shutter{edge}Edge") for edge in _EDGES]
    center, radius = read.numbers("CenterOfCircularShutter"), read.integer("RadiusOfCircularShutter")
    corners = [round(each) for each in read.numbers("VerticesOfThePolygonalShutter")]
    if len(corners) > 2 * MOST_VERTICES:
        read.odd.append(f"a shutter of {len(corners) // 2} corners")
        corners = []
    level = read.integer("ShutterPresentationValue") or 0  # a P-value of 16 bits
    shutter = Shutter(
        tuple(edges) if "RECTANGULAR" in shapes and None not in edges else None,  # type: ignore[arg-type]
        (round(center[0]), round(center[1]), radius or 0) if "CIRCULAR" in shapes and len(center) == 2 else None,
        tuple(zip(corners[0::2], corners[1::2], strict=False)) if "POLYGONAL" in shapes and len(corners) > 5 else (),
        overlays.get(read.integer("ShutterOverlayGroup") or 0),
        min(max(level, 0), 65535) * 255 // 65535,
    )
    plain = Shutter(grey=shutter.grey)
    if shapes and shutter == plain:
        read.odd.append("the shutter cannot be read")
    return None if shutter == plain else shutter


_EDGES: Final = ("LeftVertical", "RightVertical", "UpperHorizontal", "LowerHorizontal")


def _may_have_one(data: bytes, instance: Instance) -> bool:
    if instance.TransferSyntaxUID in (BIG_ENDIAN, DEFLATED):
        return True
    pixels = instance.pixels
    end = pixels.offset if pixels and pixels.offset else data.find(b"\xe0\x7f\x10\x00")
    return any(data.find(mark, 0, end if end > 0 else len(data)) >= 0 for mark in _MARKS)


def _look(dataset: Dataset, instance: Instance, frame: int, raw: bytes | memoryview | None) -> ImageLook:
    read = Attributes(dataset)
    negative = bool(instance.pixels and instance.pixels.PixelRepresentation)
    modality = read_luts(read, MODALITY_LUTS, dataset.big_endian, negative)
    rescaled = instance.frames[min(frame, len(instance.frames) - 1)].RescaleIntercept or 0.0
    below_zero = not modality and (negative or rescaled < 0)
    overlays = read_overlays(read, dataset, instance.pixels, frame, raw)
    shutter = read_shutter(read, {each.group: each for each in overlays})
    return ImageLook(
        modality[0] if modality else None,
        _voi_luts(read, dataset.big_endian, below_zero, frame),
        next(iter(read_luts(read, PRESENTATION_LUTS, dataset.big_endian)), None),
        tuple(each for each in overlays if shutter is None or each != shutter.bitmap),
        shutter,
        _colour_profile(read),
        tuple(read.odd),
    )


def _voi_luts(read: Attributes, big_endian: bool, signed: bool, frame: int) -> tuple[Lut, ...]:
    """Of the object, else of the frame's functional groups (PS3.3 C.7.6.16.2.10b)."""
    found = read_luts(read, VOI_LUTS, big_endian, signed)
    if found:
        return found
    groups = [*read.items(_FRAME_GROUPS)][frame : frame + 1] + [*read.items(_SHARED_GROUPS)][:1]
    for group in groups:
        for macro in read.having(group).items(_FRAME_VOI):
            found += read_luts(read.having(macro), VOI_LUTS, big_endian, signed)
        if found:
            break
    return found


def colour_profile(head: bytes) -> bytes:
    """The ICC profile of an object, b"" for sRGB and for none. `head` is the object up to its pixels."""
    if b"\x28\x00\x00\x20" not in head and b"\x00\x28\x20\x00" not in head:
        return b""  # scanning each frame's header again costs more than this glance
    read = Attributes(scan(head))
    return read.bytes_of(read.elements[_COLOUR_PROFILE]) if _colour_profile(read) else b""


def _colour_profile(read: Attributes) -> str:
    """The description of an ICC profile (ICC.1 9.2.41, first tag `desc`), or "unnamed"; "" for sRGB and for none."""
    raw = read.elements.get(_COLOUR_PROFILE)
    if raw is None or raw.end - raw.start < 132:
        return ""
    profile = read.bytes_of(raw)
    count = min(int.from_bytes(profile[128:132], "big"), 100)
    for at in range(132, 132 + 12 * count, 12):
        if profile[at : at + 4] == b"desc":
            start, size = struct.unpack_from(">II", profile + bytes(12), at + 4)
            text = profile[start + 12 : start + min(size, 200)].replace(b"\0", b"").decode("latin-1")
            name = "".join(each for each in text if each.isprintable()).strip()
            return "" if "srgb" in name.lower() else name[:60] or "unnamed"
    return "unnamed"
