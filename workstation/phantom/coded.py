"""A CT whose every image says on the screen which one it is: a bar of black and white blocks that survives scaling.

A row of alternating blocks says where the bar is and how large; the row under it holds the number of the slice as
bits, the highest first. Who looks at the screen from outside (`read_codes`) needs nothing else to know.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries, PhantomStudy, Window

BITS: Final = 10
WHITE_HU: Final = 1000
BLACK_HU: Final = -1000
PADDING_HU: Final = -3024
STUDY: Final = PhantomStudy(
    patient_name="Bench^Coded",
    patient_id="BENCH-1",
    study_id="BENCH",
    study_description="Numbered images",
    accession_number="BENCH-1",
)


@dataclass(frozen=True)
class Code:
    """A bar on the screen: its left and top end and the size of a block, in device pixels."""

    left: float
    top: float
    block_px: float

    def number(self, grey: NDArray[np.uint8]) -> int | None:
        """The slice number the bar shows now; None while it shows none. `grey` is (height, width) of the screen."""
        columns = np.rint(self.left + (np.arange(BITS) + 0.5) * self.block_px).astype(np.intp)
        mark = grey[round(self.top + 0.5 * self.block_px), columns] > 127
        if not np.array_equal(mark, _mark()):
            return None
        bits = grey[round(self.top + 1.5 * self.block_px), columns] > 127
        return int(bits @ (1 << np.arange(BITS)[::-1]))


def coded_ct(slices: int = 300, rows: int = 512) -> PhantomSeries:
    """`slices` square images of `rows` rows, 1.0 x 1.0 x 1.5 mm: an ellipsoid with soft texture, and the bar.

    Outside the inscribed circle lies padding, as most scanners leave it.

    Raises ValueError when the bar cannot hold that many.
    """
    if not 0 < slices < 1 << BITS:
        raise ValueError(f"{slices} slices do not fit {BITS} bits")
    at = np.linspace(-1, 1, rows, dtype=np.float32)
    radius = (at[None, :] / 0.8) ** 2 + (at[:, None] / 0.7) ** 2
    outside = np.hypot(at[None, :], at[:, None]) > 1
    texture = 25 * np.sin(40 * at[None, :]) * np.cos(33 * at[:, None])
    voxels, block = np.empty((slices, rows, rows), np.int16), rows // 16
    for k in range(slices):
        inside = radius + (2 * k / slices - 1) ** 2 / 1.2 < 1
        voxels[k] = np.where(inside, 40 + texture + 20 * np.sin(k / 7), BLACK_HU)
        voxels[k][outside] = PADDING_HU
        draw_bar(voxels[k], k, (rows // 5, rows // 2 - BITS * block // 2), block)
    half = -(rows - 1) / 2
    return PhantomSeries(
        voxels=voxels,
        grid=Grid(voxels.shape, (half, half, 0.0), (1.0, 1.0), 1.5),
        study=STUDY,
        series_description="Numbered images",
        windows=(Window(0, 2000, "ALL"),),
        rescale_intercept=-1024,
        pixel_padding_value=PADDING_HU + 1024,
        reverse_order=True,
    )


def read_codes(grey: NDArray[np.uint8], smallest_px: float = 8.0) -> list[Code]:
    """Every bar on a screen, (height, width) of grey levels, by its row of alternating blocks."""
    found: list[Code] = []
    for y in range(0, grey.shape[0], int(smallest_px / 2)):
        white = grey[y] > 127
        edges = np.flatnonzero(white[1:] != white[:-1]) + 1
        for first in np.flatnonzero(white[edges[:-1]]) if len(edges) > BITS - 1 else ():
            part = edges[first : first + BITS]
            if len(part) == BITS and _is_bar(part, smallest_px):
                code = _placed(grey, y, part)
                if not any(
                    abs(code.left - old.left) < 2 and abs(code.top - old.top) < 2 * code.block_px for old in found
                ):
                    found.append(code)
    return found


def draw_bar(
    image: NDArray[Any],
    number: int,
    corner: tuple[int, int],
    block: int,
    black: float = BLACK_HU,
    white: float = WHITE_HU,
) -> None:
    """Draw the bar into an image, on a black rim; `corner` is (row, column) of its top left, `block` is in pixels."""
    top, left = corner
    shown = np.stack([_mark(), (number >> np.arange(BITS)[::-1]) & 1 == 1])
    bar = np.where(np.kron(shown, np.ones((block, block), bool)), white, black)
    image[top - 2 : top + 2 * block + 2, left - block : left + (BITS + 1) * block] = black
    image[top : top + 2 * block, left : left + BITS * block] = bar


def _mark() -> NDArray[np.bool_]:
    """White first, black last."""
    return np.asarray(np.arange(BITS) % 2 == 0)


def _is_bar(edges: NDArray[np.intp], smallest_px: float) -> bool:
    steps = np.diff(edges)
    return bool(steps.min() >= smallest_px and steps.max() - steps.min() <= 2)


def _placed(grey: NDArray[np.uint8], y: int, edges: NDArray[np.intp]) -> Code:
    block = float(edges[-1] - edges[0]) / (BITS - 1)
    column = grey[:, round(edges[0] + block * 0.5)] > 127
    top = y
    while top > 0 and column[top - 1]:
        top -= 1
    return Code(float(edges[0]), float(top), block)
