"""Window presets by modality, from resources/window_presets.toml."""

import tomllib
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation import paths
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale, Window, is_whole, window_between, windows_of

USUAL_SUV: Final = "SUV 0-7"


@dataclass(frozen=True)
class Preset:
    """A named window on a number key: fixed for units that mean something, else percentiles of the series.

    An `exact` one is for values with fractions, as SUV: from black at its lower end to white at its upper.
    """

    key: str
    name: str
    center: float = 0.0
    width: float = 0.0
    percentiles: tuple[float, float] | None = None
    exact: bool = False

    @property
    def fixed(self) -> Window:
        """Its window, where it is not one by percentiles."""
        return Window(self.center, self.width, "LINEAR_EXACT" if self.exact else "LINEAR", self.name)

    def window(self, stored: NDArray[Any], rescale: Rescale) -> Window:
        """The window for a series; `stored` are its stored values without padding and NaN (any shape)."""
        if self.percentiles is None:
            return self.fixed
        if stored.size == 0:
            return Window(0.0, 1.0, name=self.name)
        low, high = (float(each) for each in rescale.apply(np.percentile(stored, self.percentiles)))
        return window_between(low, high, self.name, is_whole(stored.dtype, rescale))


@cache
def _presets() -> dict[str, tuple[Preset, ...]]:
    values = tomllib.loads((paths.resources() / "window_presets.toml").read_text(encoding="utf-8"))
    return {modality: tuple(_preset(each) for each in rows) for modality, rows in values.items()}


def _preset(values: dict[str, Any]) -> Preset:
    percentiles = values.get("percentiles")
    return Preset(**{**values, "percentiles": tuple(percentiles) if percentiles else None})


def presets(modality: str) -> tuple[Preset, ...]:
    """The presets of a modality in key order."""
    return _presets().get(modality, _presets()["other"])


def preset_named(modality: str, name: str) -> Preset | None:
    return next((each for each in presets(modality) if each.name == name), None)


def header_window(display_set: DisplaySet, image: int) -> Window | None:
    """The window an image brings itself, or that its modality has by convention; None: percentiles must decide."""
    own = windows_of(display_set.images[image].attributes)
    if own:
        return own[0]
    fixed = presets(display_set.first.Modality)[0]
    return None if fixed.percentiles or is_suv_window(fixed.fixed) else fixed.fixed


def is_suv_window(window: Window) -> bool:
    """Whether a window is one of PET's own, in SUV of any kind."""
    return any(each.name == window.name for each in presets("PT"))


def usual_suv_window() -> Window:
    """What PET is shown with unless somebody wants another: SUV 0 to 7."""
    return next(each.fixed for each in presets("PT") if each.name == USUAL_SUV)


def is_shown_inverted(display_set: DisplaySet) -> bool:
    """Whether a modality is read dark on light by convention: PET is. Nuclear medicine is shown as the object says:
    bone scans are read dark on light, hearts and most tomograms light on dark, and the header does not tell which."""
    return display_set.first.Modality == "PT"
