"""The descent: SimpleITK's metrics and optimiser from a start to the nearest best rigid or affine transform."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.imaging.geometry import Grid, Matrix
from workstation.imaging.registration_sides import Level, points_of

BINS: Final = 32
SEED: Final = 121
MOST_POINTS: Final = 20_000
THREADS: Final = 2
DIGITS: Final = 9
"""Of the matrix; threads add their sums in another order each time, and the last digits of a double differ."""

LEAST_MM, ITERATIONS = 0.01, 80

Heard = Callable[[float, Matrix, float], bool]
"""Hears the share of the iterations that is done, the transform and its metric; True ends the work."""


def image_of(values: NDArray[Any], grid: Grid) -> Any:
    """A SimpleITK image that lies where the grid does (its world is LPS, mm)."""
    import SimpleITK

    image = SimpleITK.GetImageFromArray(values)
    image.SetOrigin(grid.origin_lps)  # type: ignore[no-untyped-call]
    image.SetSpacing(grid.spacing)  # type: ignore[no-untyped-call]
    image.SetDirection(np.asarray(grid.axes).T.ravel().tolist())  # type: ignore[no-untyped-call]
    return image


def gone_down(
    one: Level,
    other: Level,
    start: Matrix,
    heard: Heard,
    *,
    affine: bool = False,
    step_mm: float = 2.0,
) -> Matrix:
    """The transform (points of `one` to `other`) at the end of the descent from `start`.

    The same every time for the same sides: points are drawn by a fixed seed.
    """
    import SimpleITK

    registration: Any = SimpleITK.ImageRegistrationMethod()  # type: ignore[no-untyped-call]
    registration.SetNumberOfThreads(THREADS)
    registration.SetMetricAsMattesMutualInformation(BINS)
    points = int(one.near.sum())
    wanted = min(1.0, MOST_POINTS / max(points, 1))
    registration.SetMetricFixedMask(image_of(one.near.astype(np.uint8), one.grid))
    registration.SetMetricSamplingStrategy(registration.RANDOM)
    registration.SetMetricSamplingPercentage(wanted * points / one.near.size, SEED)
    registration.SetInterpolator(SimpleITK.sitkLinear)
    registration.SetOptimizerAsRegularStepGradientDescent(step_mm, LEAST_MM, ITERATIONS, 0.6, 1e-8)
    middle = points_of(one.grid, one.near)
    center = middle.mean(axis=0)
    radius = float(np.sqrt(((middle - center) ** 2).sum(axis=1).mean()))
    transform = _affine(start, center) if affine else _rigid(start, center)
    registration.SetOptimizerScales([radius**2 / (3 if affine else 1.5)] * (9 if affine else 3) + [1.0] * 3)
    registration.SetInitialTransform(transform, True)

    def iterated() -> None:
        done = registration.GetOptimizerIteration() / ITERATIONS
        if heard(done, matrix_of(transform), -float(registration.GetMetricValue())):
            registration.StopRegistration()

    registration.AddCommand(SimpleITK.sitkIterationEvent, iterated)
    registration.Execute(image_of(one.values, one.grid), image_of(other.values, other.grid))
    return np.round(matrix_of(transform), DIGITS)


def _rigid(start: Matrix, center: NDArray[np.float64]) -> Any:
    import SimpleITK

    transform: Any = SimpleITK.Euler3DTransform()  # type: ignore[no-untyped-call]
    transform.SetCenter(center.tolist())
    u, _, vt = np.linalg.svd(start[:3, :3])
    transform.SetMatrix((u @ vt).ravel().tolist(), 1e-6)
    transform.SetTranslation((start[:3, :3] @ center + start[:3, 3] - center).tolist())
    return transform


def _affine(start: Matrix, center: NDArray[np.float64]) -> Any:
    import SimpleITK

    transform: Any = SimpleITK.AffineTransform(3)  # type: ignore[no-untyped-call]
    transform.SetCenter(center.tolist())
    transform.SetMatrix(start[:3, :3].ravel().tolist())
    transform.SetTranslation((start[:3, :3] @ center + start[:3, 3] - center).tolist())
    return transform


def matrix_of(transform: Any) -> Matrix:
    """A rigid or affine transform of SimpleITK as 4 x 4."""
    linear = np.asarray(transform.GetMatrix()).reshape(3, 3)
    center = np.asarray(transform.GetCenter())
    matrix = np.eye(4)
    matrix[:3, :3] = linear
    matrix[:3, 3] = np.asarray(transform.GetTranslation()) + center - linear @ center
    return matrix
