"""An object that looks different from every side, scanned in any orientation: left must come out left.

The object is fixed in the patient (LPS, mm). Only the way it is sliced differs, so the same patient point is bright
in every series, and a mirror or a swapped axis anywhere in the chain puts it on the wrong side of the screen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations, product
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.grid import AXIAL, Floats, Grid, Orientation, Vector
from workstation.phantom.series import PhantomSeries, PhantomStudy, Window

# Voxels of the object along patient x, y, z. All three spacings differ, so no two axes can be swapped unseen.
_SHAPE_LPS = (24, 20, 16)
_SPACING_LPS = (0.7, 0.9, 2.5)
_CORNER_LPS = (3.95, -15.4, 12.5)
_BRIGHT_INDEX = (21, 2, 14)
_LETTERS = ("LR", "PA", "HF")
# Seen from the front: rows run from head to feet, columns from right to left of the patient.
_LETTER_F = ("1111", "1000", "1110", "1000", "1000")


@dataclass(frozen=True)
class OrientationTruth:
    """What stands where, in patient coordinates (LPS, mm) and output units (HU for CT, stored values for MR).

    `bright_point_lps` is the exact centre of the one voxel of `bright_value`, toward left, anterior and head.
    """

    bright_point_lps: Vector
    bright_value: int
    right_bar_point_lps: Vector
    right_bar_value: int
    head_bar_point_lps: Vector
    head_bar_value: int
    letter_point_lps: Vector
    letter_value: int
    background_point_lps: Vector
    background_value: int
    outside_value: int
    center_lps: Vector
    lower_corner_lps: Vector
    upper_corner_lps: Vector


@dataclass(frozen=True)
class _Box:
    """An axis-aligned box of one value, in voxels of the object; `high` is excluded."""

    low: tuple[int, int, int]
    high: tuple[int, int, int]
    value: int


_RIGHT_BAR = _Box((0, 8, 6), (12, 11, 8), 400)
_HEAD_BAR = _Box((11, 12, 7), (14, 15, 16), 700)
_BRIGHT_VALUE = 1500
# Less than half the smallest spacing: whatever the rotation, a series on the point has no second voxel in this ball.
_BRIGHT_RADIUS_MM = 0.3
_LETTER_VALUE = 200
_BACKGROUND = 40
_OUTSIDE = -1000
# MR has no negative values: everything is lifted by the same amount.
_MR_OFFSET = 1000


def _letter() -> Iterator[_Box]:
    """A letter F near the back, upright and readable for someone who faces the patient."""
    for down, line in enumerate(_LETTER_F):
        for right_to_left, mark in enumerate(line):
            if mark == "1":
                x, z = 3 + 2 * right_to_left, 6 - down
                yield _Box((x, 17, z), (x + 2, 19, z + 1), _LETTER_VALUE)


_BOXES: tuple[_Box, ...] = (_RIGHT_BAR, _HEAD_BAR, *_letter())


def all_orientations() -> Iterator[tuple[Orientation, str]]:
    """The 24 ways to lay rows and columns along patient axes, with names such as "L\\P" for the usual axial.

    The name is written like PatientOrientation (PS3.3 C.7.6.1.1.1): where rows run to, then where columns run to.
    """
    for axes in permutations(range(3), 2):
        for signs in product((1, -1), repeat=2):
            cosines = np.zeros((2, 3))
            names = []
            for vector, axis, sign in zip(cosines, axes, signs, strict=True):
                vector[axis] = sign
                names.append(_LETTERS[axis][0 if sign > 0 else 1])
            yield cast(Orientation, tuple(float(value) for value in cosines.flat)), "\\".join(names)


def orientation_phantom(
    image_orientation_patient: Orientation = AXIAL,
    stacking: Literal[1, -1] = 1,
    modality: Literal["CT", "MR"] = "CT",
    seed: int = 0,
) -> tuple[PhantomSeries, OrientationTruth]:
    """The object in one of the 24 axis orientations; each voxel of the object is exactly one voxel of the series.

    `stacking` -1 numbers the images against the right-handed normal. Spacings are 0.7, 0.9 and 2.5 mm along patient
    x, y and z, thus PixelSpacing is always unequal. Raises ValueError when the orientation is not along the axes.
    """
    frame = _frame(image_orientation_patient)
    axes = np.abs(frame).argmax(axis=1)
    signs = np.sign(frame[np.arange(3), axes])
    if not np.allclose(np.abs(frame).max(axis=1), 1.0):
        raise ValueError("not along the patient axes: use oblique_phantom")
    first = [0 if signs[list(axes).index(axis)] > 0 else _SHAPE_LPS[axis] - 1 for axis in range(3)]
    spacing = [_SPACING_LPS[axis] for axis in axes]
    grid = Grid(
        shape=cast(tuple[int, int, int], tuple(_SHAPE_LPS[axis] for axis in axes)),
        origin_lps=_center_of(cast(tuple[int, int, int], tuple(first))),
        pixel_spacing_mm=(spacing[1], spacing[2]),
        slice_spacing_mm=spacing[0],
        image_orientation_patient=image_orientation_patient,
    )
    return _series(grid, stacking, modality, seed), orientation_truth(modality)


def oblique_phantom(
    rotation: NDArray[np.float64],
    stacking: Literal[1, -1] = 1,
    modality: Literal["CT", "MR"] = "CT",
    seed: int = 0,
) -> tuple[PhantomSeries, OrientationTruth]:
    """The object, still in its place, scanned with axial image axes turned by a 3x3 rotation matrix.

    The scanned block holds the whole object, and one voxel centre falls exactly on the bright point. Away from it the
    value of a voxel is that of the object at its centre; outside the object it is `outside_value`.
    Raises ValueError when the matrix is no rotation.
    """
    if not np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-9) or np.linalg.det(rotation) < 0:
        raise ValueError("not a rotation matrix")
    spacing = np.array(_SPACING_LPS)
    corners = np.array(list(product(*zip(_lower_corner(), _upper_corner(), strict=True))))
    bright = np.array(_center_of(_BRIGHT_INDEX))
    steps = (corners - bright) @ rotation / spacing
    low, high = np.floor(steps.min(axis=0)).astype(int), np.ceil(steps.max(axis=0)).astype(int)
    columns, rows, slices = (int(n) for n in high - low + 1)
    grid = Grid(
        shape=(slices, rows, columns),
        origin_lps=_vector(bright + rotation @ (low * spacing)),
        pixel_spacing_mm=(_SPACING_LPS[1], _SPACING_LPS[0]),
        slice_spacing_mm=_SPACING_LPS[2],
        image_orientation_patient=cast(Orientation, tuple(float(v) for v in rotation[:, :2].T.flat)),
    )
    return _series(grid, stacking, modality, seed), orientation_truth(modality)


def orientation_truth(modality: Literal["CT", "MR"] = "CT") -> OrientationTruth:
    """The truth of every orientation phantom of that modality: it does not depend on how the object is scanned."""
    lift = _MR_OFFSET if modality == "MR" else 0
    return OrientationTruth(
        bright_point_lps=_center_of(_BRIGHT_INDEX),
        bright_value=_BRIGHT_VALUE + lift,
        right_bar_point_lps=_center_of((2, 9, 7)),
        right_bar_value=_RIGHT_BAR.value + lift,
        head_bar_point_lps=_center_of((12, 13, 14)),
        head_bar_value=_HEAD_BAR.value + lift,
        letter_point_lps=_center_of((3, 17, 5)),
        letter_value=_LETTER_VALUE + lift,
        background_point_lps=_center_of((20, 16, 2)),
        background_value=_BACKGROUND + lift,
        outside_value=_OUTSIDE + lift,
        center_lps=_vector((np.array(_lower_corner()) + np.array(_upper_corner())) / 2),
        lower_corner_lps=_lower_corner(),
        upper_corner_lps=_upper_corner(),
    )


def _frame(image_orientation_patient: Orientation) -> Floats:
    """Patient directions of the slice, row and column indices, as rows of a 3x3 matrix."""
    row, column = np.array(image_orientation_patient).reshape(2, 3)
    return np.stack([np.cross(row, column), column, row])


def _series(grid: Grid, stacking: Literal[1, -1], modality: Literal["CT", "MR"], seed: int) -> PhantomSeries:
    values = np.stack([_object_at(grid.points_lps(k)) for k in range(grid.shape[0])])
    voxels = values.astype(np.int16) if modality == "CT" else (values + _MR_OFFSET).astype(np.uint16)
    lift = _MR_OFFSET if modality == "MR" else 0
    return PhantomSeries(
        voxels=voxels,
        grid=grid,
        modality=modality,
        study=PhantomStudy(
            patient_name="Phantom^Orientation",
            patient_id="PHANTOM-ORIENTATION",
            study_description="Orientation phantom",
            seed=seed,
        ),
        series_description="Asymmetric object",
        windows=(Window(400 + lift, 1200, "OBJECT"),),
        reverse_order=stacking < 0,
    )


def _object_at(points_lps: Floats) -> NDArray[np.int32]:
    """The object's value at patient points of shape (..., 3)."""
    index = np.floor((points_lps - np.array(_lower_corner())) / np.array(_SPACING_LPS)).astype(int)
    inside = np.all((index >= 0) & (index < np.array(_SHAPE_LPS)), axis=-1)
    values = np.where(inside, _BACKGROUND, _OUTSIDE).astype(np.int32)
    for box in _BOXES:
        values[np.all((index >= np.array(box.low)) & (index < np.array(box.high)), axis=-1)] = box.value
    bright = np.linalg.norm(points_lps - np.array(_center_of(_BRIGHT_INDEX)), axis=-1) < _BRIGHT_RADIUS_MM
    values[bright] = _BRIGHT_VALUE
    return values


def _center_of(index_lps: tuple[int, int, int]) -> Vector:
    return _vector(np.array(_CORNER_LPS) + np.array(index_lps) * np.array(_SPACING_LPS))


def _lower_corner() -> Vector:
    return _vector(np.array(_CORNER_LPS) - np.array(_SPACING_LPS) / 2)


def _upper_corner() -> Vector:
    return _vector(np.array(_lower_corner()) + np.array(_SHAPE_LPS) * np.array(_SPACING_LPS))


def _vector(values: Floats) -> Vector:
    """Rounded to a nanometre, so that a position prints in the 16 characters of a DS and reads back the same."""
    return (round(float(values[0]), 6), round(float(values[1]), 6), round(float(values[2]), 6))
