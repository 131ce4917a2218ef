"""What in a CT is bright because it holds contrast medium: vessels, the chambers of the heart, enhanced organs.

Blood is even where bone is not: it has cores whose values hardly differ, and nothing brighter lies around them, while
spongy bone has its cortex. What touches the even cores and has their values belongs to them. All in blocks (`binned`).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from workstation.imaging.binned import Binned, Floats32, away_mm
from workstation.imaging.late import load_scipy
from workstation.imaging.masks import Bools

BRIGHT_HU: Final = 160.0
"""Above this lies nothing that is neither bone nor calcified nor filled with contrast medium."""

DENSEST_BONE_HU: Final = 2000.0
"""What is brighter is metal or undiluted contrast medium."""

EVEN_HU, EVEN_SHARE = 30.0, 0.1
"""Values differ by at most so much (one deviation) inside a vessel: noise; or by so much of their mean."""

CORE_MM, OPENED_MM, RIM_MM = 2.0, 2.2, 2.3
LEAST_CORE_ML: Final = 0.3
RIM_DEPTH_MM, AROUND_MM = 4.0, 14.0
BRIGHT_RIM: Final = 0.25
"""Vessels have less than this share of clearly brighter voxels around them; spongy bone has its cortex."""


@dataclass(frozen=True, eq=False)
class Contrasted:
    """`level_hu` is the value of the blood, None without contrast medium; `cores` its inside, `part` all of it."""

    level_hu: float | None
    cores: Bools
    part: Bools

    @property
    def bone_hu(self) -> float:
        """Above this lies cortical bone and not blood."""
        return 300.0 if self.level_hu is None else max(1.35 * self.level_hu, self.level_hu + 120)


def contrasted(blocks: Binned) -> Contrasted:
    """The blood of a CT."""
    nothing = np.zeros(blocks.means.shape, dtype=np.bool_)
    cores = _even_cores(blocks)
    if np.count_nonzero(cores) * blocks.block_ml < LEAST_CORE_ML:
        return Contrasted(None, nothing, nothing)
    level = float(np.median(blocks.means[cores]))
    inner = _joined(blocks.means, cores, level, blocks.spacing_mm)
    near = blocks.away_mm(inner) > -(OPENED_MM + RIM_MM)
    part = inner | (near & (blocks.means > 0.5 * level) & (blocks.means < 1.35 * level))
    return Contrasted(level, inner, part)


def _even_cores(blocks: Binned) -> Bools:
    """Bright, even and round which nothing is brighter."""
    load_scipy()
    from scipy import ndimage

    means, deviations = blocks.around
    even = (blocks.means > BRIGHT_HU) & (deviations < np.maximum(EVEN_HU, EVEN_SHARE * means))
    labels, count = ndimage.label(blocks.away_mm(even) >= CORE_MM, np.ones((3, 3, 3)))
    kept = np.zeros(count + 1, dtype=np.bool_)
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        wide = tuple(
            slice(max(each.start - int(AROUND_MM / step) - 1, 0), each.stop + int(AROUND_MM / step) + 1)
            for each, step in zip(box, blocks.spacing_mm, strict=True)
        )
        kept[number] = _has_no_bright_rim(blocks.means[wide], labels[wide] == number, blocks.spacing_mm)
    return np.asarray(kept[labels])


def _has_no_bright_rim(values: Floats32, core: Bools, spacing_mm: tuple[float, float, float]) -> bool:
    """Whether hardly anything right beyond what is joined with a core and alike is clearly brighter."""
    inner = _joined(values, core, float(values[core].mean()), spacing_mm)
    away = -away_mm(inner, spacing_mm)
    rim = values[(away > OPENED_MM) & (away < OPENED_MM + RIM_DEPTH_MM)]
    return not rim.size or float((rim > 1.35 * values[core].mean()).mean()) < BRIGHT_RIM


def _joined(values: Floats32, cores: Bools, level: float, spacing_mm: tuple[float, float, float]) -> Bools:
    """The inside of what has about this value and is joined with a core by more than a thin way."""
    load_scipy()
    from scipy import ndimage

    alike = (values > 0.7 * level) & (values < 1.35 * level)
    labels, count = ndimage.label(away_mm(alike, spacing_mm) >= OPENED_MM, np.ones((3, 3, 3)))
    held = np.zeros(count + 1, dtype=np.bool_)
    held[np.unique(labels[cores])] = True
    held[0] = False
    return np.asarray(held[labels] | cores)
