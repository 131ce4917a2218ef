"""Bending: a B-spline on top of a rigid registration, coarse before fine, handed on as a field of shifts."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.alignment import Field
from workstation.imaging.geometry import Grid, Matrix
from workstation.imaging.registration_descent import BINS, SEED, THREADS, Heard, image_of
from workstation.imaging.registration_sides import Level, coarser_grid

CONTROL_MM: Final = (60.0, 30.0)
"""Between control points, first and last: nothing smaller than this bends on its own."""

POINTS: Final = (20_000, 40_000)
ITERATIONS: Final = (30, 40)
FIELD_MM: Final = 5.0
LEAST_JACOBIAN: Final = 0.1
"""To a smaller share no voxel is crushed."""

MEMORY: Final = 5
"""Earlier gradients that the optimiser remembers."""


def bent(fixed: Level, moving: Level, transform: Matrix, heard: Heard) -> Field:
    """The shifts that lay `moving` on `fixed` better than `transform` (points of fixed to moving) does alone.

    A point p of the fixed side is found in the moving one at transform(p + shift(p)).
    """
    import SimpleITK

    registration: Any = SimpleITK.ImageRegistrationMethod()  # type: ignore[no-untyped-call]
    image, other = image_of(fixed.values, fixed.grid), image_of(moving.values, moving.grid)
    before: Any = SimpleITK.AffineTransform(3)  # type: ignore[no-untyped-call]
    before.SetMatrix(transform[:3, :3].ravel().tolist())
    before.SetTranslation(transform[:3, 3].tolist())
    spline: Any = SimpleITK.BSplineTransformInitializer(image, _mesh(fixed.grid, CONTROL_MM[0]))  # type: ignore[no-untyped-call]
    registration.SetNumberOfThreads(THREADS)
    registration.SetMetricAsMattesMutualInformation(BINS)
    registration.SetMetricFixedMask(image_of(fixed.near.astype(np.uint8), fixed.grid))
    registration.SetMetricSamplingStrategy(registration.RANDOM)
    registration.SetInterpolator(SimpleITK.sitkLinear)
    registration.SetMovingInitialTransform(before)
    for turn, (control_mm, points, iterations) in enumerate(zip(CONTROL_MM, POINTS, ITERATIONS, strict=True)):
        if turn:
            spline = _finer(spline, image, _mesh(fixed.grid, control_mm))
        share = min(points, int(fixed.near.sum())) / fixed.near.size
        registration.SetMetricSamplingPercentage(share, SEED)
        registration.SetOptimizerAsLBFGSB(1e-6, iterations, MEMORY, 2 * iterations)
        registration.SetInitialTransform(spline, True)
        if _descended(registration, image, other, turn, iterations, transform, heard):
            break
    return Field(*_shifts(spline, fixed.grid))


def _descended(
    registration: Any, image: Any, other: Any, turn: int, iterations: int, transform: Matrix, heard: Heard
) -> bool:
    """One descent; whether it was stopped."""
    import SimpleITK

    ended = []

    def iterated() -> None:
        done = (turn + registration.GetOptimizerIteration() / iterations) / len(CONTROL_MM)
        if heard(done, transform, -float(registration.GetMetricValue())):
            ended.append(True)
            registration.StopRegistration()

    registration.RemoveAllCommands()
    registration.AddCommand(SimpleITK.sitkIterationEvent, iterated)
    registration.Execute(image, other)
    return bool(ended)


def _mesh(grid: Grid, control_mm: float) -> list[int]:
    return [max(1, round(extent / control_mm)) for extent in grid.extent_mm]


def _finer(spline: Any, image: Any, mesh: list[int]) -> Any:
    """The same bend with more control points."""
    import SimpleITK

    finer: Any = SimpleITK.BSplineTransformInitializer(image, mesh)  # type: ignore[no-untyped-call]
    images = []
    for old, new in zip(spline.GetCoefficientImages(), finer.GetCoefficientImages(), strict=True):
        values = SimpleITK.Resample(old, new, SimpleITK.Transform(), SimpleITK.sitkBSpline, 0.0)  # type: ignore[no-untyped-call]
        images.append(SimpleITK.BSplineDecomposition(values, 3))  # type: ignore[no-untyped-call]
    return SimpleITK.BSplineTransform(images, 3)  # type: ignore[no-untyped-call]


def _shifts(spline: Any, grid: Grid) -> tuple[Grid, NDArray[np.float32]]:
    import SimpleITK

    i, j, k = (max(1, min(round(FIELD_MM / step), n)) for step, n in zip(grid.spacing, grid.size, strict=True))
    coarse = coarser_grid(grid, (i, j, k))
    direction = np.asarray(coarse.axes).T.ravel().tolist()
    found = SimpleITK.TransformToDisplacementField(  # type: ignore[no-untyped-call]
        spline, SimpleITK.sitkVectorFloat64, coarse.size, coarse.origin_lps, coarse.spacing, direction
    )
    return coarse, np.asarray(SimpleITK.GetArrayFromImage(found), dtype=np.float32)


def jacobians(field: Field) -> NDArray[np.float32]:
    """How much each voxel of a field grows (1: not at all); where it is not above 0 the bend folds."""
    steps = np.asarray(field.grid.lps_from_index[:3, :3])
    slopes: list[NDArray[np.float64]] = list(np.gradient(field.shifts_mm.astype(np.float64), axis=(2, 1, 0)))
    sloped = np.stack(slopes, axis=-1)
    local = np.eye(3) + sloped @ np.linalg.inv(steps)
    return np.asarray(np.linalg.det(local), dtype=np.float32)


def unfolded(field: Field) -> Field:
    """The field, weaker throughout where it would fold or crush somewhere."""
    for _ in range(6):
        if float(jacobians(field).min(initial=1.0)) > LEAST_JACOBIAN:
            break
        field = Field(field.grid, field.shifts_mm * np.float32(0.7))
    return field
