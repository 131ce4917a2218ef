"""The noise of the demo patient beside that of a scanner: mean, deviation and spectrum of lung, liver and aorta."""

import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from workstation.phantom.grid import Grid
from workstation.phantom.noise import SHARP, SOFT, Grain, Kernel
from workstation.phantom.trunk import trunk_slices

PATCH = 16
SPACING_MM = 0.742188

Patches = list[NDArray[np.float64]]
# Where organs are homogeneous in ct_chest_lidc0001: slices counted from below, rows, columns.
REAL = {
    "lung": ((range(70, 100, 3), 220, 290, 120, 180), (range(70, 100, 3), 250, 330, 320, 370)),
    "liver": ((range(28, 38, 2), 150, 260, 84, 150),),
    "aorta": ((range(80, 89), 200, 240, 262, 290),),
}
# The same organs in the demo patient: heights in mm, low and high y, low and high x.
DEMO = {
    "lung": ((range(-10, 30, 9), -55, -5, -95, -50), (range(-10, 30, 9), -45, 15, 60, 98)),
    "liver": ((range(-165, -125, 9), -40, 45, -115, -55),),
    "aorta": ((range(-45, 12, 3), 25, 37, 21, 33),),
}


@dataclass(frozen=True)
class Measured:
    """Mean and deviation in HU, and the mean frequency of the noise power in cycles per mm."""

    mean: float
    deviation: float
    frequency: float


def flattened(patch: NDArray[np.float64]) -> NDArray[np.float64]:
    """Less its mean and its slope."""
    i, j = np.indices(patch.shape) - (PATCH - 1) / 2
    flat: NDArray[np.float64] = patch - patch.mean()
    return np.asarray(flat - i * (flat * i).sum() / (i * i).sum() - j * (flat * j).sum() / (j * j).sum())


def measured(patches: Patches, spacing_mm: float, share: float) -> Measured:
    """Of the quietest `share` of patches: those that no vessel or edge crosses."""
    flat = sorted((flattened(patch) for patch in patches), key=lambda patch: float(patch.std()))
    flat = flat[: max(1, round(len(flat) * share))]
    quiet = sorted(patches, key=lambda patch: float(flattened(patch).std()))[: len(flat)]
    power = np.mean([np.abs(np.fft.fft2(patch)) ** 2 for patch in flat], axis=0)
    along = np.fft.fftfreq(PATCH, spacing_mm)
    frequency = np.hypot(along[:, None], along[None, :])
    return Measured(
        float(np.median([patch.mean() for patch in quiet])),
        float(np.sqrt(np.mean([patch.var() for patch in flat]))),
        float((power * frequency).sum() / power.sum()),
    )


def patches(image: NDArray[np.int16], rows: tuple[int, int], columns: tuple[int, int]) -> Patches:
    """Squares that overlap by half."""
    starts = [range(low, high - PATCH + 1, PATCH // 2) for low, high in (rows, columns)]
    return [image[r : r + PATCH, c : c + PATCH].astype(np.float64) for r in starts[0] for c in starts[1]]


def of_scanner(data_dir: Path, organ: str) -> Patches:
    import pydicom

    found: Patches = []
    with zipfile.ZipFile(data_dir / "ct_chest_lidc0001" / "LIDC-IDRI-0001.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".dcm")]
        wanted = {k for box in REAL[organ] for k in box[0]}
        for name in names:
            dataset = pydicom.dcmread(BytesIO(archive.read(name)))
            # InstanceNumber 1 lies on top of 133 slices.
            index = 133 - int(dataset.InstanceNumber)
            if index in wanted:
                image = (dataset.pixel_array + int(dataset.RescaleIntercept)).astype(np.int16)
                for slices, *box in REAL[organ]:
                    if index in slices:
                        found += patches(image, (box[0], box[1]), (box[2], box[3]))
    return found


def of_demo(
    image: Callable[[int], NDArray[np.int16]], grid: Grid, boxes: Iterable[tuple[range, int, int, int, int]]
) -> Patches:
    found: Patches = []
    for heights, low_y, high_y, low_x, high_x in boxes:
        for z in heights:
            index, first_row, first_column = (round(n) for n in grid.index_of((low_x, low_y, z)))
            _, last_row, last_column = (round(n) for n in grid.index_of((high_x, high_y, z)))
            found += patches(image(index), (first_row, last_row), (first_column, last_column))
    return found


@pytest.fixture(scope="module")
def demo() -> tuple[Callable[[int], NDArray[np.int16]], Grid]:
    corner = -511 / 2 * SPACING_MM
    grid = Grid((120, 512, 512), (corner, corner, -201.75), (SPACING_MM, SPACING_MM), 2.5)
    return trunk_slices(0, grid), grid


@pytest.mark.parametrize(("organ", "share"), [("lung", 0.25), ("liver", 0.5), ("aorta", 0.5)])
def test_noise_is_that_of_a_scanner(
    organ: str, share: float, demo: tuple[Callable[[int], NDArray[np.int16]], Grid], data_dir: Path
) -> None:
    real = measured(of_scanner(data_dir, organ), 0.703125, share)
    ours = measured(of_demo(*demo, DEMO[organ]), SPACING_MM, share)
    assert real.deviation > 5
    assert ours.mean == pytest.approx(real.mean, rel=0.15)
    assert ours.deviation == pytest.approx(real.deviation, rel=0.15)
    assert ours.frequency == pytest.approx(real.frequency, rel=0.15)


@pytest.mark.parametrize("kernel", [SOFT, SHARP], ids=lambda kernel: kernel.name)
def test_a_grain_has_the_spectrum_of_its_kernel(kernel: Kernel) -> None:
    grain = Grain(kernel, (256, 200), (0.7, 0.8), seed=3)
    power = np.mean([np.abs(np.fft.fft2(grain.slice(k))) ** 2 for k in range(12)], axis=0)
    frequency = np.hypot(np.fft.fftfreq(256, 0.7)[:, None], np.fft.fftfreq(200, 0.8)[None, :])
    bands = [(low, low + 0.1) for low in (0.05, 0.15, 0.25, 0.35, 0.45)]
    rings = [(frequency >= low) & (frequency < high) for low, high in bands]
    found = np.array([power[ring].mean() for ring in rings])
    wanted = np.array([kernel.power(frequency[ring]).mean() for ring in rings])
    assert found / found.sum() == pytest.approx(wanted / wanted.sum(), rel=0.12)


def test_noise_is_the_same_for_a_seed_and_differs_between_images_and_seeds() -> None:
    first, again, other = (Grain(SOFT, (64, 64), (1.5, 1.2), seed) for seed in (1, 1, 2))
    assert np.array_equal(first.slice(5), again.slice(5))
    pairs = [(first.slice(5), first.slice(6)), (first.slice(5), other.slice(5))]
    assert [abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.2 for a, b in pairs] == [True, True]


def test_pixels_too_coarse_for_a_kernel_lose_its_noise() -> None:
    fine, coarse = (Grain(SHARP, (64, 64), (mm, mm), 0).slice(0).std() for mm in (0.5, 3.0))
    assert fine == pytest.approx(1.0, abs=0.1)
    assert coarse < 0.4


def test_streaks_run_from_side_to_side_and_are_as_loud() -> None:
    grain = Grain(SOFT, (256, 200), (0.7, 0.8), seed=4)
    plain, streaked = (np.stack([grain.slice(k, share) for k in range(8)]) for share in (0.0, 0.9))
    assert streaked.std() == pytest.approx(plain.std(), rel=0.05)
    down, across = (np.diff(streaked, axis=axis).std() for axis in (1, 2))
    assert down > 2 * across
    assert np.diff(plain, axis=1).std() == pytest.approx(np.diff(plain, axis=2).std(), rel=0.2)
