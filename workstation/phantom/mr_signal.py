"""How bright a tissue is in a magnetic resonance sequence, by the signal equations of spin physics."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Image = NDArray[np.float32]


@dataclass(frozen=True)
class Tissue:
    """Relaxation at 3 T: T1 and T2 in ms, proton density against water, diffusion in 1e-6 mm2/s.

    `t1_contrast_ms` is T1 five minutes after gadolinium; `texture` is how much the signal varies from place to place.
    """

    t1_ms: float
    t2_ms: float
    density: float
    adc: float = 0.0
    t1_contrast_ms: float | None = None
    texture: float = 0.03
    fat: bool = False


TISSUES = {
    "air": Tissue(1000, 50, 0.0),
    "bone": Tissue(1000, 30, 0.04),
    "skin": Tissue(1100, 45, 0.55, 400, 700, 0.1),
    "fat": Tissue(370, 140, 0.92, 100, texture=0.08, fat=True),
    "diploe": Tissue(480, 75, 0.42, 200, texture=0.25, fat=True),
    "clivus": Tissue(430, 80, 0.62, 200, texture=0.1, fat=True),
    "muscle": Tissue(1250, 38, 0.78, 1100, 1000, 0.12),
    "mucosa": Tissue(1400, 110, 0.85, 1500, 800, 0.2),
    "gland": Tissue(800, 70, 0.8, 900, 500, 0.12),
    "dura": Tissue(1000, 32, 0.3, 500, 650),
    "csf": Tissue(4300, 1800, 1.0, 3100),
    "vitreous": Tissue(4000, 1500, 1.0, 2900, texture=0.0),
    "lens": Tissue(1200, 35, 0.6, 800),
    "grey": Tissue(1400, 97, 0.83, 830, 1290, 0.02),
    "white": Tissue(850, 77, 0.70, 710, 825, 0.04),
    "callosum": Tissue(800, 70, 0.70, 680, 780, 0.01),
    "striatum": Tissue(1250, 84, 0.80, 740, 1180, 0.02),
    "pallidum": Tissue(980, 58, 0.76, 740, 920),
    "thalamus": Tissue(1120, 82, 0.78, 760, 1060),
    "nigra": Tissue(1000, 52, 0.76, 720, 940),
    "brainstem": Tissue(950, 76, 0.72, 730, 920, 0.02),
    "cord": Tissue(950, 76, 0.72, 730, 920, 0.02),
    "artery": Tissue(1700, 30, 0.05, 800, 260),
    "vein": Tissue(1600, 38, 0.28, 900, 280),
    "plexus": Tissue(1600, 160, 0.9, 1800, 420, 0.2),
    "pituitary": Tissue(1100, 85, 0.82, 900, 420),
    "scar": Tissue(1350, 130, 0.80, 1050, 1350),
    "oedema": Tissue(1500, 150, 0.85, 1350, 1450, 0.05),
    "rim": Tissue(1350, 88, 0.80, 900, 360, 0.08),
    "necrosis": Tissue(2600, 330, 0.95, 1900, 2300, 0.06),
    "infarct": Tissue(1420, 128, 0.83, 430, 1420, 0.02),
}


@dataclass(frozen=True)
class Sequence:
    """Times in ms as in RepetitionTime, EchoTime and InversionTime (0: none); b-value in s/mm2."""

    repetition_ms: float
    echo_ms: float
    inversion_ms: float = 0.0
    b_value: float = 0.0
    fat_saturated: bool = False
    contrast: bool = False

    def signal(self, tissue: Tissue) -> float:
        """Magnitude of the signal, 1 for water that is wholly relaxed."""
        t1 = (tissue.t1_contrast_ms or tissue.t1_ms) if self.contrast else tissue.t1_ms
        recovered = 1 - np.exp(-self.repetition_ms / t1)
        if self.inversion_ms:
            recovered = 1 - 2 * np.exp(-self.inversion_ms / t1) + np.exp(-self.repetition_ms / t1)
        decayed = np.exp(-self.echo_ms / tissue.t2_ms) * np.exp(-self.b_value * tissue.adc * 1e-6)
        fat = 0.06 if self.fat_saturated and tissue.fat else 1.0
        return float(abs(recovered) * decayed * tissue.density * fat)


def recorded(
    rng: np.random.Generator, image: Image, deviation: float, share: tuple[float, float] = (1.0, 1.0)
) -> Image:
    """The magnitude of a slice (rows, columns) whose k-space was filled up to a share of either direction.

    Gaussian noise enters both channels, so that the magnitude is Rician with `deviation` per channel; edges ring
    where k-space ends.
    """
    rows, columns = (max(2, 2 * round(size * part / 2)) for size, part in zip(image.shape, share, strict=True))
    top, left = (image.shape[0] - rows) // 2, (image.shape[1] - columns) // 2
    filled = np.s_[top : top + rows, left : left + columns]
    spectrum = fft.fftshift(fft.fft2(image))
    per_channel = deviation * image.size / np.sqrt(rows * columns)
    noise = rng.standard_normal((2, rows, columns), dtype=np.float32) * np.float32(per_channel)
    kept = np.zeros_like(spectrum)
    kept[filled] = spectrum[filled] + noise[0] + 1j * noise[1]
    magnitude: Image = np.abs(fft.ifft2(fft.ifftshift(kept))).astype(np.float32)
    return magnitude
