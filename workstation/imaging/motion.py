"""A registration as people tell it: how far it shifts and turns the images."""

import math
from dataclasses import dataclass

import numpy as np

from workstation.imaging.geometry import Matrix, Vec3, vec


@dataclass(frozen=True)
class Motion:
    """`shift_mm` is along LPS, `turn_deg` the parts of one turn about these axes, right-handed; their roots of squares
    are the whole shift and the whole turn."""

    shift_mm: Vec3
    turn_deg: Vec3

    @property
    def whole_mm(self) -> float:
        return math.hypot(*self.shift_mm)

    @property
    def whole_deg(self) -> float:
        return math.hypot(*self.turn_deg)


def motion_of(matrix: Matrix, middle_lps: Vec3) -> Motion:
    """What a matrix (4 x 4, LPS, mm) does to images: the shift of their middle, and the turn nearest to its linear
    part, which may stretch as well."""
    shift = matrix[:3, :3] @ np.asarray(middle_lps) + matrix[:3, 3] - np.asarray(middle_lps)
    left, _, right = np.linalg.svd(matrix[:3, :3])
    turn = left @ np.diag([1.0, 1.0, float(np.sign(np.linalg.det(left @ right)))]) @ right
    return Motion(vec(shift), vec(np.degrees(_vector_of(turn))))


def _vector_of(turn: Matrix) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The axis of a rotation (3 x 3), as long as its angle in radians."""
    twice_sine = np.asarray([turn[2, 1] - turn[1, 2], turn[0, 2] - turn[2, 0], turn[1, 0] - turn[0, 1]])
    size = float(np.linalg.norm(twice_sine))
    angle = math.atan2(size, float(np.trace(turn)) - 1)
    if size > 1e-6:
        return np.asarray(twice_sine * angle / size)
    square = (turn + np.eye(3)) / 2  # of half a turn the axis times itself
    axis = square[:, int(np.argmax(np.diag(square)))]
    return np.asarray(axis / np.linalg.norm(axis) * angle)
