"""How much glucose tracer each tissue holds, as SUV, and what it shows on a CT without contrast, in HU."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import erf

from workstation.phantom.grid import Vector
from workstation.phantom.phases import Enhancement

Image = NDArray[np.float32]

# Gaussian width of the scanner and its reconstruction: 6.5 mm full width at half maximum.
PSF_MM: Final = 6.5 / 2.3548
SOFT_SUV: Final = 0.65
# HU that one SUV adds to an organ when both are painted at once.
_HU_PER_SUV: Final = 100.0

NATIVE = Enhancement(
    aorta=42.0, pulmonary=41.0, left_heart=42.0, right_heart=41.0, myocardium=44.0, upper_cava=41.0, lower_cava=41.0,
    iliac_vein=41.0, portal_vein=42.0, hepatic_vein=42.0, liver=58.0, spleen=48.0, pancreas=38.0, renal_cortex=34.0,
    renal_medulla=30.0, renal_pelvis=6.0, bowel_wall=34.0, adrenal=28.0, thyroid=95.0, bladder=5.0, liver_lesion=38.0,
    lesion_rim=42.0, lymph_node=38.0,
)  # fmt: skip
SUV = Enhancement(
    aorta=1.7, pulmonary=1.6, left_heart=1.6, right_heart=1.6, myocardium=6.5, upper_cava=1.6, lower_cava=1.6,
    iliac_vein=1.5, portal_vein=1.8, hepatic_vein=1.9, liver=2.4, spleen=1.95, pancreas=1.6, renal_cortex=3.4,
    renal_medulla=4.6, renal_pelvis=22.0, bowel_wall=1.9, adrenal=1.8, thyroid=1.5, bladder=24.0, liver_lesion=2.4,
    lesion_rim=2.4, lymph_node=SOFT_SUV,
)  # fmt: skip
HEAD_HU: Final[Mapping[str, float]] = {
    "air": -1000, "bone": 900, "skin": 20, "fat": -95, "diploe": 420, "clivus": 260, "muscle": 58, "mucosa": 35,
    "gland": 30, "dura": 55, "csf": 8, "vitreous": 10, "lens": 70, "grey": 38, "white": 29, "callosum": 29,
    "striatum": 38, "pallidum": 38, "thalamus": 37, "nigra": 35, "brainstem": 31, "cord": 33, "artery": 42, "vein": 55,
    "plexus": 90, "pituitary": 40, "scar": 26, "oedema": 22, "rim": 40, "necrosis": 18, "infarct": 27,
}  # fmt: skip
HEAD_SUV: Final[Mapping[str, float]] = {
    "air": 0, "bone": 0.5, "skin": 0.6, "fat": 0.3, "diploe": 0.9, "clivus": 1.2, "muscle": 0.8, "mucosa": 1.6,
    "gland": 2.2, "dura": 0.8, "csf": 0.5, "vitreous": 0.4, "lens": 0.3, "grey": 11.5, "white": 3.0, "callosum": 2.6,
    "striatum": 12.0, "pallidum": 7.0, "thalamus": 10.5, "nigra": 7.0, "brainstem": 5.0, "cord": 1.7, "artery": 1.7,
    "vein": 1.7, "plexus": 1.5, "pituitary": 3.0, "scar": 3.0, "oedema": 2.2, "rim": 8.0, "necrosis": 1.5,
    "infarct": 9.0,
}  # fmt: skip


def marked(native: Enhancement, suv: Enhancement) -> Enhancement:
    """The native phase with each organ's uptake on top: painted beside it, their difference is uptake."""
    names = [item.name for item in fields(Enhancement)]
    lifted: dict[str, Any] = {
        name: getattr(native, name) + _HU_PER_SUV * (getattr(suv, name) - SOFT_SUV) for name in names
    }
    return Enhancement(**lifted)


def suv_of(native_hu: Image, marked_hu: Image) -> Image:
    """SUV of a slice painted in the native phase and marked with uptake."""
    knots = ((-1000, 0.0), (-950, 0.04), (-850, 0.45), (-500, 0.5), (-130, 0.28), (-80, 0.3), (0, 0.6), (60, 0.7),
             (150, 1.3), (300, 1.5), (600, 0.8), (1500, 0.4))  # fmt: skip
    plain = np.interp(native_hu, *np.array(knots).T)
    suv: Image = np.maximum(plain + (marked_hu - native_hu) / _HU_PER_SUV, 0).astype(np.float32)
    return suv


@dataclass(frozen=True)
class PetLesion:
    """A ball of even uptake seen through the scanner's blur; no noise reaches into it (LPS, mm, SUVbw).

    What is drawn within `radius_mm` is `profile` and nothing else.
    """

    name: str
    center_lps: Vector
    radius_mm: float
    uptake_suv: float

    def profile(self, away_mm: Any) -> Any:
        """SUV at a distance from the centre: the ball convolved with the Gaussian, in closed form."""
        r = np.maximum(np.asarray(away_mm, np.float64), 1e-3)
        width, radius = np.sqrt(2) * PSF_MM, self.radius_mm
        edges = 0.5 * (erf((radius - r) / width) + erf((radius + r) / width))
        tails = np.exp(-(((radius - r) / width) ** 2)) - np.exp(-(((radius + r) / width) ** 2))
        return self.uptake_suv * (edges - PSF_MM / (r * np.sqrt(2 * np.pi)) * tails)

    @cached_property
    def suv_max(self) -> float:
        """The value of the voxel in the middle."""
        return float(self.profile(0.0))

    @cached_property
    def suv_mean(self) -> float:
        """The mean within `radius_mm`."""
        r = (np.arange(2000) + 0.5) / 2000 * self.radius_mm
        return float((self.profile(r) * r**2).sum() / (r**2).sum())

    def draw(self, suv: Image, away_mm: Image) -> None:
        """Into the voxels of a region, given their distance from the centre."""
        seen = self.profile(away_mm)
        cover = np.clip(2.02 * seen / self.suv_max, 0, 1)
        cover = np.where(away_mm <= self.radius_mm, 1.0, cover)
        suv[...] = suv * (1 - cover) + seen
