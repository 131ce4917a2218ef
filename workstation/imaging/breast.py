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


MOST_SWEEPS: Final = 12
"""An outline is followed round so many bends."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Breast:
    """`air` is every `step`-th pixel of the image, and one more row and column: where there is only air, and a little
    beyond its edge. Within it air has stored values of `level`, give or take `tolerance`. `nipple` is its row as a part
    of the height, where found."""

    air: Mask
    step: int
    level: float
    tolerance: float
    nipple: float | None


def find_breast(stored: NDArray[Any]) -> Breast | None:
    """The breast in an image of stored values, shape (rows, columns); None where no air can be told from it."""
    step = max(1, stored.shape[0] // ROWS_LOOKED_AT)
    thin = stored[::step, ::step].astype(np.float32)
    margin = thin.shape[1] // 40  # within the rim of a scanned film
    air_at_right = _spread(thin[:, -1 - margin]) <= _spread(thin[:, margin])
    if air_at_right:
        thin = thin[:, ::-1]
    border = thin[:, margin]
    level = float(np.median(border))
    low, high = np.percentile(thin, (0.5, 99.5))
    tolerance = max(EVEN * float(high - low), 3 * float(np.median(np.abs(border - level))))
    air = _connected(np.abs(thin - level) <= tolerance, margin)
    if not LEAST < air.mean() < 1 - LEAST:
        return None
    nipple = _nipple(~air[:, ::-1], margin)
    beyond = np.pad(_grown(_grown(air)), ((0, 1), (0, 0)), mode="edge")
    beyond = beyond[:, ::-1] if air_at_right else beyond
    beyond = np.pad(beyond, ((0, 0), (0, 1)), mode="edge")  # up to the last pixel
    return Breast(np.ascontiguousarray(beyond), step, level, tolerance, nipple)


def _spread(values: NDArray[np.float32]) -> float:
    low, high = np.percentile(values, (5, 95))
    return float(high - low)


def _nipple(tissue: Mask, margin: int) -> float | None:
    """The height of what stands out most where the skin is furthest from the chest wall, which is at the left."""
    thick = _grown(_grown(~_grown(_grown(~tissue))))  # the rim of a scanned film is thin
    body = _connected(thick, margin)  # letters in the air are no breast
    if not body.any():
        return None
    reach = np.where(body.any(axis=1), body.shape[1] - np.argmax(body[:, ::-1], axis=1), 0).astype(np.float64)
    bulge = reach - _smoothed(reach, 0.04 * len(reach))
    low, high = (round(each * len(reach)) for each in WITHIN)
    bulge[:low], bulge[high:] = 0, 0
    bulge[reach < FOREMOST * reach[low:high].max()] = 0
    if bulge.max() <= 0:
        return None
    top = int(np.argmax(bulge))
    near = np.arange(len(reach))
    weight = np.where((np.abs(near - top) < 0.03 * len(reach)) & (bulge > bulge[top] / 2), bulge, 0)
    return float((weight * (near + 0.5)).sum() / weight.sum() / len(reach))


def _connected(within: Mask, column: int) -> Mask:
    """All of a mask that hangs together with what it has in one column.

    By sweeps along rows and columns: `scipy.ndimage.label` knows it sooner, but takes half a second to import, and
    somebody waits for the first picture.
    """
    reached = np.zeros_like(within)
    reached[:, column] = within[:, column]
    for _ in range(MOST_SWEEPS):
        before = np.count_nonzero(reached)
        for lines, free in ((reached.T, within.T), (reached.T[::-1], within.T[::-1]), (reached, within),
                            (reached[::-1], within[::-1])):  # fmt: skip
            for number in range(1, len(lines)):
                lines[number] |= lines[number - 1] & free[number]
        if np.count_nonzero(reached) == before:
            break
    return reached


def _grown(mask: Mask) -> Mask:
    """A mask and its neighbours above, below and beside."""
    grown = mask.copy()
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    grown[:, 1:] |= mask[:, :-1]
    grown[:, :-1] |= mask[:, 1:]
    return grown


def _smoothed(values: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    reach = round(4 * sigma)
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    smoothed = np.convolve(np.pad(values, reach, mode="symmetric"), weights / weights.sum(), mode="valid")
    return np.asarray(smoothed, np.float64)
