"""Whether two objects with one SOP Instance UID are the same object in two forms (safety.md 21).

A transcoded copy has the same dataset and decodes to the same pixels. Where that cannot be shown, it is another
object: keeping a copy in quarantine harms nobody, hiding a difference does.
"""

from dataclasses import dataclass
from typing import Any, Final

from workstation.cache import files
from workstation.cache.crew import Crew
from workstation.cache.entries import Arrival
from workstation.errors import Refused
from workstation.paths import Home

_PIXEL_GROUP: Final = 0x7FE0
_UNRELATED: Final = frozenset((0x00280006, 0xFFFCFFFC))
"""PlanarConfiguration, DataSetTrailingPadding: how the same is written down."""

_COLOUR_MODEL: Final = 0x00280004
_COLOURS: Final = frozenset(("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT"))
"""Colour models of one picture; compared after conversion to RGB. MONOCHROME1 and 2 are not the same picture."""

_ADDED_BY_TRANSCODERS: Final = frozenset((0x00082111, 0x00089215))
"""DerivationDescription and DerivationCodeSequence: dcmcjpeg adds them when nothing was lost, too."""

_PIXEL_KEYWORDS: Final = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
_JPEG_LOSSLESS: Final = frozenset(("1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"))


class Sameness:
    """Answers for `Ingest`, in a worker: decoders meet bytes nobody trusts (safety.md 16)."""

    def __init__(self, home: Home, crew: "Crew[Comparison, bool]") -> None:
        self._home = home
        self._crew = crew

    def __call__(self, stored_digest: str, arrival: Arrival) -> bool:
        """Raises Refused(DAMAGED or IO_ERROR) when what is stored cannot be read."""
        try:
            return self._crew.one(Comparison(self._home, stored_digest, arrival.temporary, arrival.digest))
        except Refused:
            files.read(self._home, stored_digest)
            return False


@dataclass(frozen=True, slots=True)
class Comparison:
    """A task: is what is stored under `stored_digest` the same object as what lies in incoming/?"""

    home: Home
    stored_digest: str
    temporary: str
    digest: str

    def __call__(self) -> bool:
        stored = files.read(self.home, self.stored_digest)
        return same_object(stored, files.read_incoming(self.home, self.temporary, self.digest))


def same_object(one: bytes, other: bytes) -> bool:
    """Same dataset, and pixels that decode to the same values; raises what a decoder raises."""
    from io import BytesIO

    import pydicom

    first, second = pydicom.dcmread(BytesIO(one), force=True), pydicom.dcmread(BytesIO(other), force=True)
    return _same_dataset(first, second) and _same_pixels(first, second)


def _same_dataset(one: Any, other: Any) -> bool:
    first, second = ({int(tag) for tag in filter(_matters, each.keys())} for each in (one, other))
    if (first ^ second) - _ADDED_BY_TRANSCODERS:
        return False
    return all(_same_element(one[tag], other[tag]) for tag in first & second)


def _matters(tag: Any) -> bool:
    return tag.group != _PIXEL_GROUP and tag.element != 0 and int(tag) not in _UNRELATED


def _same_element(one: Any, other: Any) -> bool:
    if one.VR == "SQ" and other.VR == "SQ":
        pairs = zip(one.value, other.value, strict=False)
        return len(one.value) == len(other.value) and all(_same_dataset(*pair) for pair in pairs)
    if int(one.tag) == _COLOUR_MODEL and {one.value, other.value} <= _COLOURS:
        return True
    return bool(_plain(one.value) == _plain(other.value))


def _plain(value: Any) -> Any:
    """Bytes as text, since one of the two forms may not know their VR (UN, PS3.5 6.2.2)."""
    return value.rstrip(b" \0").decode("latin-1") if isinstance(value, bytes) else value


def _same_pixels(one: Any, other: Any) -> bool:
    import numpy as np

    held = [[name for name in _PIXEL_KEYWORDS if name in each] for each in (one, other)]
    if held[0] != held[1]:
        return False
    if held[0] != ["PixelData"]:
        return all(one[name].value == other[name].value for name in held[0])
    first, second = _decoded(one), _decoded(other)
    return bool(first.dtype.kind == second.dtype.kind and np.array_equal(first, second))


def _decoded(dataset: Any) -> Any:
    """Pixels as values; colour always as RGB, so that YBR_FULL and RGB of one picture agree."""
    if str(dataset.file_meta.TransferSyntaxUID) in _JPEG_LOSSLESS:
        return _jpeg_lossless(dataset)
    from pydicom.pixels.utils import pixel_array

    return pixel_array(dataset)


def _jpeg_lossless(dataset: Any) -> Any:
    """What pydicom decodes only with a plugin under the GPL; in the shape and type that pydicom gives."""
    import imagecodecs
    import numpy as np
    from pydicom.encaps import generate_frames

    count = int(dataset.get("NumberOfFrames") or 1)
    frames = [imagecodecs.jpeg_decode(frame) for frame in generate_frames(dataset.PixelData, number_of_frames=count)]
    stacked = np.stack(frames) if count > 1 else frames[0]
    return stacked.view(stacked.dtype.str.replace("u", "i")) if dataset.PixelRepresentation else stacked
