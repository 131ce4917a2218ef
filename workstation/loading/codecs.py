"""Compressed frames -> samples as they were coded, by the first decoder that can (PS3.5 8.2, A.4, annex G).

imagecodecs comes first: it is the fastest of those measured and lets go of the interpreter lock. Behind it stand
libraries of others under free licences; none under the GPL. Every codestream is held against the header before.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import Enum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.dicom.entities import PixelFormat
from workstation.errors import Reason, Refused
from workstation.loading import codestream
from workstation.loading.codestream import Codestream

Samples = NDArray[Any]
"""(rows, columns), or (rows, columns, samples) where there are several."""


class Family(Enum):
    """Transfer syntaxes that are decoded alike."""

    NATIVE = "native"
    JPEG = "JPEG"
    JPEG_LS = "JPEG-LS"
    J2K = "JPEG 2000"
    HTJ2K = "HTJ2K"
    RLE = "RLE"
    JPEG_XL = "JPEG XL"


_PREFIX: Final = "1.2.840.10008.1.2"
FAMILIES: Final = {
    _PREFIX + suffix: family
    for family, suffixes in {
        Family.NATIVE: ("", ".1", ".2", ".1.99", ".1.98"),
        Family.JPEG: (".4.50", ".4.51", ".4.53", ".4.55", ".4.57", ".4.70"),
        Family.JPEG_LS: (".4.80", ".4.81"),
        Family.J2K: (".4.90", ".4.91"),
        Family.HTJ2K: (".4.201", ".4.202", ".4.203"),
        Family.RLE: (".5",),
        Family.JPEG_XL: (".4.110", ".4.111", ".4.112"),
    }.items()
    for suffix in suffixes
}
"""Every transfer syntax that is decoded; .53 and .55 (progressive JPEG) are retired and still found."""

_REFUSED: Final = {
    ".4.52": "JPEG extended, arithmetic (retired)",
    ".4.54": "JPEG spectral selection, arithmetic (retired)",
    ".4.56": "JPEG full progression, arithmetic (retired)",
    ".4.58": "JPEG lossless, arithmetic (retired)",
    ".4.92": "JPEG 2000 multi-component, lossless",
    ".4.93": "JPEG 2000 multi-component",
    ".4.94": "JPIP referenced",
    ".4.95": "JPIP referenced, deflated",
    ".4.204": "JPIP HTJ2K referenced",
    ".4.205": "JPIP HTJ2K referenced, deflated",
    ".6.1": "RFC 2557 MIME encapsulation (retired)",
    ".6.2": "XML encoding (retired)",
    ".8.1": "deflated image frames",
}
_VIDEO: Final = {100: "MPEG-2 main level", 101: "MPEG-2 high level", 107: "HEVC main", 108: "HEVC main 10"}


def family_of(transfer_syntax_uid: str) -> Family:
    """Raises Refused(TRANSFER_SYNTAX), naming the encoding, for what is not decoded."""
    family = FAMILIES.get(transfer_syntax_uid)
    if family is None:
        raise Refused(Reason.TRANSFER_SYNTAX, name_of(transfer_syntax_uid))
    return family


def name_of(transfer_syntax_uid: str) -> str:
    """The name of an encoding that is refused, with its UID (PS3.6 A)."""
    suffix = transfer_syntax_uid.removeprefix(_PREFIX)
    name = _REFUSED.get(suffix, "")
    _, _, last = suffix.partition(".4.")
    number = int(last.split(".")[0]) if last.split(".")[0].isdecimal() else 0
    if 59 <= number <= 66:
        name = "JPEG hierarchical (retired)"
    elif number in _VIDEO:
        name = f"video, {_VIDEO[number]}"
    elif 102 <= number <= 106:
        name = "video, MPEG-4 AVC/H.264"
    elif suffix.startswith(".7."):
        name = "video, SMPTE ST 2110"
    return f"{name} ({transfer_syntax_uid})" if name else transfer_syntax_uid or "an unnamed encoding"


def decode(
    data: bytes, family: Family, pixels: PixelFormat, threads: int = 1, may_be_smaller: bool = False
) -> tuple[Samples, Codestream]:
    """One compressed frame as coded, with what its codestream says of it.

    `may_be_smaller`: the tiles at the edges of a whole slide are cut by some writers.
    Lossy JPEG in colour comes as RGB; all else as it was coded. Raises Refused with CODESTREAM, PIXEL_DATA
    or PIXEL_FORMAT.
    """
    if family is Family.RLE:
        return _rle(data, pixels), Codestream(pixels.Rows, pixels.Columns, pixels.SamplesPerPixel, None)
    found = _HEADERS[family](data)
    if may_be_smaller and 0 < found.rows <= pixels.Rows and 0 < found.columns <= pixels.Columns:
        pixels = replace(pixels, Rows=found.rows, Columns=found.columns)
    codestream.check(found, pixels)
    decoders = _DECODERS[family](data[found.start :] if found.start else data, found, pixels, threads)
    return _shaped(_first(decoders), pixels), found


_HEADERS: Final[dict[Family, Callable[[bytes], Codestream]]] = {
    Family.JPEG: codestream.jpeg,
    Family.JPEG_LS: codestream.jpeg,
    Family.J2K: codestream.j2k,
    Family.HTJ2K: codestream.j2k,
    Family.JPEG_XL: codestream.jpeg_xl,
}
_Decoders = tuple[Callable[[], Any], ...]


def _jpeg(data: bytes, found: Codestream, pixels: PixelFormat, threads: int) -> _Decoders:
    import imagecodecs

    if found.samples != 3:
        coded, wanted = None, None
    elif found.lossless:
        coded, wanted = "RGB", "RGB"  # whatever the colours are, they are left alone
    else:
        coded = "RGB" if is_rgb(found, pixels) else "YCBCR"
        wanted = "RGB"
    first = lambda: imagecodecs.jpeg8_decode(data, colorspace=coded, outcolorspace=wanted)  # noqa: E731
    return (first, lambda: imagecodecs.jpegsof3_decode(data)) if found.lossless else (first,)


def is_rgb(found: Codestream, pixels: PixelFormat) -> bool:
    """The codestream's own word on its colours, else the header's: writers change one and forget the other."""
    return pixels.PhotometricInterpretation == "RGB" if found.rgb is None else found.rgb


def _jpeg_ls(data: bytes, found: Codestream, pixels: PixelFormat, threads: int) -> _Decoders:
    import imagecodecs

    # WORKAROUND: CharLS 2.4.3 takes 10 s and more to notice that a small stream ends without its EOI marker.
    # pyjpegls was tried behind imagecodecs and rejected: it is the same CharLS.
    ended = data if b"\xff\xd9" in data[-_LONGEST_PADDING:] else data + b"\xff\xd9"
    return (lambda: imagecodecs.jpegls_decode(ended),)


_LONGEST_PADDING: Final = 16
"""How far before the end of the fragments the end of a codestream is looked for."""


def _j2k(data: bytes, found: Codestream, pixels: PixelFormat, threads: int) -> _Decoders:
    import imagecodecs

    return (lambda: imagecodecs.jpeg2k_decode(data, numthreads=threads), lambda: _openjpeg(data))


def _htj2k(data: bytes, found: Codestream, pixels: PixelFormat, threads: int) -> _Decoders:
    import imagecodecs

    return (lambda: imagecodecs.htj2k_decode(data), *_j2k(data, found, pixels, threads))


def _openjpeg(data: bytes) -> Any:
    from openjpeg.utils import decode as decode_by_openjpeg

    return decode_by_openjpeg(data)


def _jpeg_xl(data: bytes, found: Codestream, pixels: PixelFormat, threads: int) -> _Decoders:
    import imagecodecs

    return (lambda: imagecodecs.jpegxl_decode(data, numthreads=threads),)


_DECODERS: Final[dict[Family, Callable[[bytes, Codestream, PixelFormat, int], _Decoders]]] = {
    Family.JPEG: _jpeg,
    Family.JPEG_LS: _jpeg_ls,
    Family.J2K: _j2k,
    Family.HTJ2K: _htj2k,
    Family.JPEG_XL: _jpeg_xl,
}


def _first(decoders: _Decoders) -> Any:
    """What the first decoder gives that does not fail; a decoder's complaint is about these bytes."""
    complaints: list[str] = []
    for decoder in decoders:
        try:
            return decoder()
        except MemoryError:
            raise
        except Exception as error:
            complaints.append(f"{type(error).__name__}: {error}"[:120])
    raise Refused(Reason.PIXEL_DATA, detail="; ".join(complaints))


def _shaped(decoded: Any, pixels: PixelFormat) -> Samples:
    """Decoded samples, colour last. Raises Refused(CODESTREAM) when their number is not the declared one."""
    samples = np.asarray(decoded)
    wanted: tuple[int, ...] = (pixels.Rows, pixels.Columns)
    count = pixels.SamplesPerPixel
    if count > 1:
        wanted = (*wanted, count)
        if samples.shape == (count, pixels.Rows, pixels.Columns):
            samples = np.moveaxis(samples, 0, -1)
    if samples.shape != wanted:
        raise Refused(Reason.CODESTREAM, f"{samples.shape} instead of {wanted}")
    if samples.dtype.kind not in "iu" or samples.dtype.itemsize * 8 > max(pixels.BitsAllocated, 8):
        raise Refused(Reason.CODESTREAM, f"{samples.dtype} instead of {pixels.BitsAllocated} bits")
    return samples


def _rle(data: bytes, pixels: PixelFormat) -> Samples:
    codestream.check_rle(data, pixels)
    width = pixels.BitsAllocated // 8
    plain = _first((lambda: _rle_by_imagecodecs(data, width), lambda: _rle_by_pylibjpeg(data, pixels)))
    if len(plain) < pixels.frame_bytes:
        raise Refused(Reason.PIXEL_LENGTH, f"{len(plain)} of {pixels.frame_bytes} bytes")
    samples = np.frombuffer(plain, dtype=f"<u{width}", count=pixels.frame_bytes // width)
    if pixels.SamplesPerPixel == 1:
        return samples.reshape(pixels.Rows, pixels.Columns)
    planes = samples.reshape(pixels.SamplesPerPixel, pixels.Rows, pixels.Columns)
    return np.moveaxis(planes, 0, -1)


def _rle_by_imagecodecs(data: bytes, width: int) -> Any:
    import imagecodecs

    return imagecodecs.dicomrle_decode(data, dtype=np.dtype(f"<u{width}"))


def _rle_by_pylibjpeg(data: bytes, pixels: PixelFormat) -> Any:
    from rle.rle import decode_frame

    return decode_frame(data, pixels.Rows * pixels.Columns, pixels.BitsAllocated, "<")
