"""Registering by hand: nudges about a point, and pairs of landmarks fitted in closed form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from workstation.errors import HounsfieldError
from workstation.imaging.geometry import Matrix, Vec3, unit

LEAST: Final = {"rigid": 3, "affine": 4}
"""Pairs of landmarks that are needed."""

FLAT: Final = 1e-3
"""A smaller second (rigid) or third (affine) spread, as a share of the first: they lie on a line, or in a plane."""


@dataclass(frozen=True, eq=False)
class Fitted:
    """`matrix` takes moving landmarks (LPS, mm) to fixed ones; `residuals_mm` is what is left of each pair."""

    matrix: Matrix
    residuals_mm: tuple[float, ...]

    @property
    def rms_mm(self) -> float:
        return float(np.sqrt(np.mean(np.square(self.residuals_mm))))


def translated(matrix: Matrix, by_mm: Vec3) -> Matrix:
    """A registration (moving to fixed) pushed by so much in the fixed frame (LPS, mm)."""
    found = matrix.copy()
    found[:3, 3] += by_mm
    return found


def rotated(matrix: Matrix, degrees: float, axis: Vec3, about_lps: Vec3) -> Matrix:
    """A registration (moving to fixed) turned right-handed about an axis through a point of the fixed frame."""
    turn = turning(np.asarray(unit(axis)) * np.radians(degrees))
    whole = np.eye(4)
    whole[:3, :3] = turn
    whole[:3, 3] = np.asarray(about_lps) - turn @ np.asarray(about_lps)
    return np.asarray(whole @ matrix)


def turning(vector: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Matrix:
    """The rotation (3 x 3) about a vector by its length in radians (Rodrigues)."""
    angle = float(np.linalg.norm(vector))
    if angle < 1e-12:
        return np.eye(3)
    x, y, z = vector / angle
    skew = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * skew + (1 - np.cos(angle)) * (skew @ skew))


def fitted(fixed: Sequence[Vec3], moving: Sequence[Vec3], kind: str = "rigid") -> Fitted:
    """The rigid or affine matrix with the least sum of squared distances between pairs of landmarks (LPS, mm).

    Rigid without reflection (Kabsch). Raises HounsfieldError with too few pairs, or where they leave a turn open: three
    on a line, or, affine, four in a plane.
    """
    if len(fixed) != len(moving):
        raise ValueError("landmarks come in pairs")
    if len(fixed) < LEAST[kind]:
        raise HounsfieldError(f"This needs {LEAST[kind]} pairs of landmarks; there are {len(fixed)}.")
    p, q = np.asarray(moving, dtype=np.float64), np.asarray(fixed, dtype=np.float64)
    middle, target = p.mean(axis=0), q.mean(axis=0)
    for each in (p - middle, q - target):
        spread = np.linalg.svd(each, compute_uv=False)
        if spread[LEAST[kind] - 2] <= FLAT * spread[0]:
            raise HounsfieldError(
                "The landmarks lie on a line." if kind == "rigid" else "The landmarks lie in a plane."
            )
    if kind == "rigid":
        u, _, vt = np.linalg.svd((p - middle).T @ (q - target))
        keep = np.diag([1.0, 1.0, float(np.sign(np.linalg.det(vt.T @ u.T)))])
        linear = vt.T @ keep @ u.T
    else:
        linear = np.linalg.lstsq(p - middle, q - target, rcond=None)[0].T
    matrix = np.eye(4)
    matrix[:3, :3], matrix[:3, 3] = linear, target - linear @ middle
    left = np.linalg.norm(p @ linear.T + matrix[:3, 3] - q, axis=1)
    return Fitted(matrix, tuple(float(each) for each in left))
