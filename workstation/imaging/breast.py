"""Where in a mammogram there is only air, and at which height its nipple stands: found from the pixels.

Air is the even level of the edge opposite the chest wall and all that hangs together with it; nothing is taken from
headers, so that it holds for every detector and in both polarities.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

ROWS_LOOKED_AT: Final = 800
"""An outline needs no more; larger images are thinned out."""

EVEN: Final = 0.02
"""How far air may be from its level, as a part of all the values there are."""

LEAST: Final = 0.02
"""Less air or less breast than this part of the image is none."""

FOREMOST: Final = 0.86
"""The nipple is looked for where the skin reaches this part of its furthest way from the chest wall."""


WITHIN: Final = (0.15, 0.9)
"""The heights between which a nipple is believed."""


@dataclass(frozen=True, eq=False)
class Breast:
    """`air` is every `step`-th pixel of the image, and one more row and column: where there is only air, and a little
    beyond its edge. Within it air has stored values of `level`, give or take `tolerance`. `nipple` is its row as a part
    of the height, where found."""

    air: NDArray[np.bool_]
    step: int
    level: float
    tolerance: float
    nipple: float | None


def find_breast(stored: NDArray[Any]) -> Breast | None:
    """The breast in an image of stored values, shape (rows, columns); None where no air can be told from it."""
    from scipy.ndimage import binary_dilation, label

    step = max(1, stored.shape[0] // ROWS_LOOKED_AT)
    thin = stored[::step, ::step].astype(np.float32)
    margin = thin.shape[1] // 40  # within the rim of a scanned film
    air_at_right = _spread(thin[:, -1 - margin]) <= _spread(thin[:, margin])
    beside = -1 - margin if air_at_right else margin
    border = thin[:, beside]
    level = float(np.median(border))
    low, high = np.percentile(thin, (0.5, 99.5))
    tolerance = max(EVEN * float(high - low), 3 * float(np.median(np.abs(border - level))))
    parts, _ = label(np.abs(thin - level) <= tolerance)
    touching = np.unique(parts[:, beside])
    air = np.isin(parts, touching[touching > 0])
    if not LEAST < air.mean() < 1 - LEAST:
        return None
    nipple = _nipple(~air if air_at_right else ~air[:, ::-1])
    beyond = np.pad(binary_dilation(air, iterations=2), ((0, 1), (0, 1)), mode="edge")  # up to the last pixel
    return Breast(beyond, step, level, tolerance, nipple)


def _spread(values: NDArray[np.float32]) -> float:
    low, high = np.percentile(values, (5, 95))
    return float(high - low)


def _nipple(tissue: NDArray[np.bool_]) -> float | None:
    """The height of what stands out most where the skin is furthest from the chest wall, which is at the left."""
    from scipy.ndimage import binary_opening, gaussian_filter1d, label

    parts, count = label(binary_opening(tissue, iterations=2))  # the rim of a scanned film is thin
    if count == 0:
        return None
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    body = parts == np.argmax(sizes)  # letters in the air are no breast
    reach = np.where(body.any(axis=1), body.shape[1] - np.argmax(body[:, ::-1], axis=1), 0).astype(np.float64)
    bulge = reach - gaussian_filter1d(reach, 0.04 * len(reach))
    low, high = (round(each * len(reach)) for each in WITHIN)
    bulge[:low], bulge[high:] = 0, 0
    bulge[reach < FOREMOST * reach[low:high].max()] = 0
    if bulge.max() <= 0:
        return None
    top = int(np.argmax(bulge))
    near = np.arange(len(reach))
    weight = np.where((np.abs(near - top) < 0.03 * len(reach)) & (bulge > bulge[top] / 2), bulge, 0)
    return float((weight * (near + 0.5)).sum() / weight.sum() / len(reach))
