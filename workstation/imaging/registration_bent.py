"""Bending: demons on top of a rigid registration, coarse before fine, handed on as a field of shifts.

Demons push each voxel along the gradient until values agree; values of another modality are first given those that
the fixed side has where they lie. Mattes' information with a B-spline took twenty times as long and bent worse.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.alignment import Field
from workstation.imaging.geometry import Matrix
from workstation.imaging.late import load_scipy
from workstation.imaging.registration_descent import THREADS, Heard, image_of
from workstation.imaging.registration_sides import Floats32, Level, Side, level

STAGES: Final = ((8.0, 80, 11.0), (5.0, 50, 9.0))
"""Voxels (mm), iterations, and over how many mm the field is smoothed at each; less makes it follow noise."""

TRANSLATED_BINS: Final = 48
LEAST_JACOBIAN: Final = 0.1
"""To a smaller share no voxel is crushed."""


def bent(fixed: Side, moving: Side, transform: Matrix, heard: Heard) -> Field:
    """The shifts that lay `moving` on `fixed` better than `transform` (points of fixed to moving) does alone.

    A point p of the fixed side is found in the moving one at transform(p + shift(p)). Both sides have their bodies.
    """
    shifts: Any = None
    grid = fixed.grid
    for turn, (spacing_mm, iterations, smooth_mm) in enumerate(STAGES):
        a, b = level(fixed, spacing_mm), level(moving, spacing_mm)
        laid = _laid(a, b, transform, fixed.modality == moving.modality)

        def told(share: float, metric: float, turn: int = turn) -> bool:
            return heard((turn + share) / len(STAGES), transform, metric)

        shifts = _pushed(a, laid, shifts, iterations, smooth_mm, told)
        grid = a.grid
    import SimpleITK

    return Field(grid, np.asarray(SimpleITK.GetArrayFromImage(shifts), dtype=np.float32))


def _laid(fixed: Level, moving: Level, transform: Matrix, alike: bool) -> Floats32:
    """The moving values on the fixed grid, in the terms of the fixed ones; the fixed ones where there are none."""
    load_scipy()
    from scipy import ndimage

    i, j, k = fixed.grid.size
    index = np.stack(np.meshgrid(np.arange(k), np.arange(j), np.arange(i), indexing="ij")[::-1]).reshape(3, -1)
    to_moving = moving.grid.index_from_lps @ transform @ fixed.grid.lps_from_index
    place = to_moving[:3, :3] @ index + to_moving[:3, 3:]
    size = np.asarray(moving.grid.size)[:, None]
    inside = ((place >= -0.5) & (place <= size - 0.5)).all(axis=0).reshape(k, j, i)
    found = ndimage.map_coordinates(moving.values, place[::-1], order=1, mode="nearest").reshape(k, j, i)
    if not alike:
        found = _translated(found, fixed, inside & fixed.near)
    return np.where(inside, found, fixed.values).astype(np.float32)


def _translated(values: Floats32, fixed: Level, part: NDArray[np.bool_]) -> Floats32:
    """For each value the mean of the fixed side where it lies."""
    load_scipy()
    from scipy import ndimage

    place = np.minimum((values * TRANSLATED_BINS).astype(np.intp), TRANSLATED_BINS - 1)
    counts = np.bincount(place[part], minlength=TRANSLATED_BINS).astype(np.float64)
    sums = np.bincount(place[part], fixed.values[part], TRANSLATED_BINS)
    smooth = ndimage.gaussian_filter1d(sums, 1.0) / np.maximum(ndimage.gaussian_filter1d(counts, 1.0), 1e-6)
    middles = (np.arange(TRANSLATED_BINS) + 0.5) / TRANSLATED_BINS
    return np.asarray(np.interp(values, middles, smooth), dtype=np.float32)


def _pushed(fixed: Level, laid: Floats32, shifts: Any, iterations: int, smooth_mm: float, told: Any) -> Any:
    """A field of shifts (a SimpleITK image of vectors) further on."""
    import SimpleITK

    demons: Any = SimpleITK.FastSymmetricForcesDemonsRegistrationFilter()  # type: ignore[no-untyped-call]
    demons.SetNumberOfThreads(THREADS)
    demons.SetNumberOfIterations(iterations)
    demons.SetSmoothDisplacementField(True)
    demons.SetStandardDeviations([smooth_mm / step for step in fixed.grid.spacing])

    def iterated() -> None:
        if told(demons.GetElapsedIterations() / iterations, -float(demons.GetMetric())):
            demons.Abort()

    demons.AddCommand(SimpleITK.sitkIterationEvent, iterated)
    one, two = image_of(fixed.values, fixed.grid), image_of(laid, fixed.grid)
    if shifts is None:
        return demons.Execute(one, two)
    start = SimpleITK.Resample(shifts, one, SimpleITK.Transform(), SimpleITK.sitkLinear, 0.0)  # type: ignore[no-untyped-call]
    return demons.Execute(one, two, start)


def jacobians(field: Field) -> NDArray[np.float32]:
    """How much each voxel of a field grows (1: not at all); where it is not above 0 the bend folds."""
    steps = np.asarray(field.grid.lps_from_index[:3, :3])
    slopes: list[NDArray[np.float64]] = list(np.gradient(field.shifts_mm.astype(np.float64), axis=(2, 1, 0)))
    local = np.eye(3) + np.stack(slopes, axis=-1) @ np.linalg.inv(steps)
    return np.asarray(np.linalg.det(local), dtype=np.float32)


def unfolded(field: Field) -> Field:
    """The field, weaker throughout where it would fold or crush somewhere."""
    for _ in range(6):
        if float(jacobians(field).min(initial=1.0)) > LEAST_JACOBIAN:
            break
        field = Field(field.grid, field.shifts_mm * np.float32(0.7))
    return field
