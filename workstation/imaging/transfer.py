"""What values look like in 3D: opacity and colour by value, shading, and how a ray adds up; presets of resources/.

Values are modality values (HU, Bq/ml, or the file's own); a preset for images without a unit gives them as percentiles.
"""

import itertools
import tomllib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation import paths
from workstation.errors import NotFound, meant

Points = tuple[tuple[float, float], ...]
Colours = tuple[tuple[float, int, int, int], ...]

FILE: Final = "volume_presets.toml"


class Mode(StrEnum):
    """How the values along a ray become one pixel."""

    COMPOSITE = "composite"
    MIP = "mip"
    MINIP = "minip"


@dataclass(frozen=True)
class Shading:
    """How light falls on what has an edge: parts of 1; `shininess` narrows the highlight."""

    ambient: float = 0.2
    diffuse: float = 0.8
    specular: float = 0.2
    shininess: float = 20.0


@dataclass(frozen=True)
class TransferFunction:
    """`opacity` are points (value, 0 to 1) for each `unit_mm` of the way through; `colours` (value, red, green, blue).

    Both are linear between their points and constant beyond them. Without `shading` light falls on all alike. `step` is
    from one sample of a ray to the next, in the smallest spacing of the voxels: thin surfaces want small ones. With
    `inside` only the air within a body is shown, with what is in it: what is outside has the same values.
    """

    opacity: Points
    colours: Colours
    mode: Mode = Mode.COMPOSITE
    shading: Shading | None = None
    unit_mm: float = 1.0
    step: float = 0.8
    inside: bool = False

    def opacity_at(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Opacity of values for `unit_mm`, 0 to 1, in their shape."""
        at, opacities = zip(*self.opacity, strict=True)
        return np.asarray(np.interp(values, at, opacities), dtype=np.float64)

    def colour_at(self, value: float) -> tuple[int, int, int]:
        """Red, green and blue of a value, 0 to 255."""
        at, *parts = zip(*self.colours, strict=True)
        red, green, blue = (round(float(np.interp(value, at, each))) for each in parts)
        return red, green, blue

    @property
    def nothing(self) -> float | None:
        """A value above all that is seen, for what is taken away; None where only the least is not seen."""
        value, opacity = self.opacity[-1]
        return value if opacity == 0 else None

    def moved(self, by: float, wider: float = 1.0) -> "TransferFunction":
        """All points moved by so much, and stretched about the middle of the opacity's points."""
        middle = (self.opacity[0][0] + self.opacity[-1][0]) / 2

        def place(value: float) -> float:
            return middle + (value - middle) * wider + by

        opacity = tuple((place(value), opacity) for value, opacity in self.opacity)
        colours = tuple((place(value), red, green, blue) for value, red, green, blue in self.colours)
        return replace(self, opacity=opacity, colours=colours)


@dataclass(frozen=True)
class VolumePreset:
    """A named transfer function for images of some modalities; its values are percentiles where `percentiles`."""

    name: str
    title: str
    help: str
    transfer: TransferFunction
    modalities: tuple[str, ...] = field(default_factory=tuple)
    percentiles: bool = False

    def on(self, values: NDArray[np.float64]) -> TransferFunction:
        """The transfer function for a series; `values` are a sample of its values, without padding and NaN."""
        if not self.percentiles:
            return self.transfer
        known = values if values.size else np.zeros(1)

        def value(percentile: float) -> float:
            return float(np.percentile(known, min(max(percentile, 0.0), 100.0)))

        opacity = _rising([(value(at), each) for at, each in self.transfer.opacity])
        colours = [(value(at), red, green, blue) for at, red, green, blue in self.transfer.colours]
        return replace(self.transfer, opacity=opacity, colours=tuple(colours))


def _rising(points: list[tuple[float, float]]) -> Points:
    """Points whose values rise, however few values there are between two percentiles."""
    risen: list[tuple[float, float]] = []
    for value, opacity in points:
        least = risen[-1][0] + 1e-6 * max(1.0, abs(risen[-1][0])) if risen else value
        risen.append((max(value, least), opacity))
    return tuple(risen)


@cache
def volume_presets() -> dict[str, VolumePreset]:
    """All presets by name, in the order of the file."""
    values = tomllib.loads((paths.resources() / FILE).read_text(encoding="utf-8"))
    return {name: read_preset(name, each) for name, each in values.items()}


def presets_for(modality: str) -> tuple[VolumePreset, ...]:
    """The presets that mean something for a modality, the first of them to begin with."""
    own = [each for each in volume_presets().values() if modality in each.modalities]
    return tuple(own or [each for each in volume_presets().values() if each.percentiles])


def preset_called(name: str, modality: str) -> VolumePreset:
    """A preset of a modality by name. Raises NotFound with the nearest name."""
    known = {each.name: each for each in presets_for(modality)}
    if name not in known:
        raise NotFound(f"There is no 3D preset {name!r} for {modality} images{meant(name, list(known))}")
    return known[name]


_KEYS: Final = {
    "title", "help", "modalities", "percentiles", "mode", "opacity", "colours", "shading", "unit_mm", "step", "inside",
}  # fmt: skip


def read_preset(name: str, values: dict[str, Any]) -> VolumePreset:
    """A preset as the file has it. Raises ValueError with a sentence, and the nearest name for one that is unknown."""
    for key in values:
        if key not in _KEYS:
            raise ValueError(f"3D preset {name}: {key!r} is not known{meant(key, sorted(_KEYS))}")
    opacity = tuple((float(at), float(each)) for at, each in values["opacity"])
    colours = tuple((float(at), int(red), int(green), int(blue)) for at, red, green, blue in values["colours"])
    _check(name, opacity, colours)
    mode = values.get("mode", "composite")
    if mode not in [each.value for each in Mode]:
        raise ValueError(f"3D preset {name}: the mode {mode!r} is not known{meant(mode, list(Mode))}")
    shading = Shading(**values["shading"]) if "shading" in values else None
    unit_mm, step = float(values.get("unit_mm", 1.0)), float(values.get("step", TransferFunction.step))
    transfer = TransferFunction(opacity, colours, Mode(mode), shading, unit_mm, step, bool(values.get("inside")))
    modalities = tuple(values.get("modalities", ()))
    return VolumePreset(name, values["title"], values["help"], transfer, modalities, bool(values.get("percentiles")))


def _check(name: str, opacity: Points, colours: Colours) -> None:
    for what, points in (("opacity", opacity), ("colours", colours)):
        values = [each[0] for each in points]
        if not values or any(later <= earlier for earlier, later in itertools.pairwise(values)):
            raise ValueError(f"3D preset {name}: the values of {what} do not rise.")
    if any(not 0 <= each <= 1 for _, each in opacity):
        raise ValueError(f"3D preset {name}: an opacity is from 0 to 1.")
    if any(not 0 <= part <= 255 for _, *rgb in colours for part in rgb):
        raise ValueError(f"3D preset {name}: a colour's parts are from 0 to 255.")
