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

_PIXELS: Final = 0x7FE0
_ENCODING: Final = frozenset((0x00280006, 0x00280004, 0xFFFCFFFC))
"""PlanarConfiguration, PhotometricInterpretation, DataSetTrailingPadding: how the same is written down."""


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
    tags = [sorted(filter(_matters, each)) for each in (one, other)]
    return tags[0] == tags[1] and all(_same_element(one, other, tag) for tag in tags[0])


def _matters(tag: Any) -> bool:
    return tag.group != _PIXELS and tag.element != 0 and int(tag) not in _ENCODING


def _same_element(one: Any, other: Any, tag: Any) -> bool:
    first, second = one[tag], other[tag]
    if first.VR == "SQ" and second.VR == "SQ":
        pairs = zip(first.value, second.value, strict=False)
        return len(first.value) == len(second.value) and all(_same_dataset(*pair) for pair in pairs)
    return bool(_plain(first) == _plain(second))


def _plain(element: Any) -> Any:
    """The value; as stripped bytes where one of the two forms does not know its VR (UN, PS3.5 6.2.2)."""
    value = element.value
    if isinstance(value, bytes):
        return value.rstrip(b" \0").decode("latin-1")
    return value


def _same_pixels(one: Any, other: Any) -> bool:
    import numpy as np

    held = [[name for name in _PIXEL_KEYWORDS if name in each] for each in (one, other)]
    if held[0] != held[1]:
        return False
    if held[0] != ["PixelData"]:
        return all(one[name].value == other[name].value for name in held[0])
    first, second = _decoded(one), _decoded(other)
    return bool(first.dtype.kind == second.dtype.kind and np.array_equal(first, second))


_PIXEL_KEYWORDS: Final = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")


def _decoded(dataset: Any) -> Any:
    """Pixels as values; colour always as RGB, so that YBR_FULL and RGB of one picture agree."""
    from pydicom.pixels.utils import pixel_array

    return pixel_array(dataset)
