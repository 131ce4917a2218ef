"""From painted slices to what a scanner would have stored: its kernel's edges and noise, and the field around it."""

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy.canvas import Image
from workstation.phantom.grid import Grid
from workstation.phantom.noise import REFERENCE_SLICE_MM, Grain, Kernel, attenuation

PIXEL_PADDING_VALUE = -2000
RESCALE_INTERCEPT = -1024
PADDING_HU = PIXEL_PADDING_VALUE + RESCALE_INTERCEPT
FIELD_RADIUS_MM = 190.0
# Noise over height, as a share of the abdomen's: lungs let more photons through, shoulders and hips fewer.
_HEIGHTS_MM, _SHARES = (-540, -450, -330, -130, -60, 60, 97), (1.1, 1.2, 1.0, 1.0, 0.74, 0.74, 1.25)
# The share of its power that runs in streaks from side to side: most where both hips or both shoulders are in the way.
_STREAKS = (0.4, 0.6, 0.3, 0.2, 0.2, 0.35, 0.85)


class Developer:
    """Turns painted slices of a grid into images of one kernel; `slice_mm` is the thickness that noise is for."""

    def __init__(self, kernel: Kernel, grid: Grid, seed: int, slice_mm: float | None = None) -> None:
        self._kernel, self._grid = kernel, grid
        self._grain = Grain(kernel, grid.shape[1:], grid.pixel_spacing_mm, seed)
        origin, (row_mm, column_mm) = grid.origin_lps, grid.pixel_spacing_mm
        x = (origin[0] + np.arange(grid.shape[2], dtype=np.float32) * column_mm).astype(np.float32)[None, :]
        y = (origin[1] + np.arange(grid.shape[1], dtype=np.float32) * row_mm).astype(np.float32)[:, None]
        self._outside = np.hypot(x, y) > FIELD_RADIUS_MM
        thickness = np.sqrt(REFERENCE_SLICE_MM / (slice_mm or grid.slice_spacing_mm))
        self._deviation = attenuation(x, y) * np.float32(kernel.deviation_hu * thickness)

    def image(self, painted: Image, index: int) -> NDArray[np.int16]:
        """HU of image `index`, shape (rows, columns)."""
        from scipy.ndimage import gaussian_filter

        pixels = [self._kernel.blur_mm / mm for mm in self._grid.pixel_spacing_mm]
        image = gaussian_filter(painted, pixels, mode="nearest", truncate=3.0) if min(pixels) > 0.3 else painted.copy()
        if self._kernel.halo:
            wide = [1.1 / mm for mm in self._grid.pixel_spacing_mm]
            image += np.float32(self._kernel.halo) * (
                image - gaussian_filter(image, wide, mode="nearest", truncate=2.5)
            )
        z_mm = self._grid.origin_lps[2] + index * self._grid.slice_spacing_mm
        streaks = float(np.interp(z_mm, _HEIGHTS_MM, _STREAKS))
        noise = self._grain.slice(index, streaks) * np.float32(np.interp(z_mm, _HEIGHTS_MM, _SHARES))
        image += noise * self._deviation
        np.clip(image, RESCALE_INTERCEPT, 3071, out=image)
        hu: NDArray[np.int16] = np.rint(image, out=image).astype(np.int16)
        hu[self._outside] = PADDING_HU
        return hu
