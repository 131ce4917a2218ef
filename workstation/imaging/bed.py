"""The body in a CT without what it lies on: table, mattress, cushions and the air around.

Tables are thin shells that run through the whole volume; a body is thick. What is left after thin parts are taken away
is the body with its arms; what is thin and near it (ears, noses, skin folds, fingers) comes back, unless it runs on and
on, away from the body.
"""

import math
from dataclasses import replace
from typing import Final

import numpy as np

from workstation.errors import Reason, Refused
from workstation.imaging.binned import Binned, Floats32, Progress, away_in_slices_mm, binned, widened
from workstation.imaging.growing import grid_of
from workstation.imaging.late import load_scipy
from workstation.imaging.masks import Bools, Box, Mask, Plane
from workstation.imaging.volume import Voxels

NAME, VERSION = "Hounsfield bed removal", "2"

SOLID_HU: Final = -300.0
FAINT_HU: Final = -500.0
"""Half of a voxel that is above it is skin: it belongs to the body where it lies on it."""

THIN_MM: Final = 4.0
"""Half the thickness up to which something is a shell."""

LIMB_MM: Final = 9.0
"""Half the thickness from which something apart from the body is a limb."""

NEAR_MM: Final = 12.0
"""So near the body, what is thin belongs to it."""

SMALL_ML: Final = 40.0
"""So much may hang on the body without lying near: an ear has less, a head rest or a cushion's cover more."""

LONG_SHARE: Final = 0.6
"""What is thin and runs through more of the slices is a table, if it lies away from the body in AWAY_SHARE of them: the
rim of a flank does not."""

AWAY_SHARE: Final = 0.2

FACE_SHARE: Final = 0.7
"""What hangs on the body without running through the volume, and lies near with so much of it, belongs to it whole."""

SKIN_MM: Final = 2.0
"""At least; one block where blocks are larger."""

THICK_MM: Final = 2.6
"""In thicker slices the outline changes by more than a table is thick from one to the next."""

STEPS: Final = 100


def body(voxels: Voxels, progress: Progress) -> Mask:
    """Every voxel of the patient, with the air inside: what stays when the bed is taken away.

    Raises `Refused` with NOT_CT where values are not in HU, and what `grid_of` raises. `progress` may raise to end it.
    """
    grid = grid_of(voxels)
    if voxels.unit != "HU":
        raise Refused(Reason.NOT_CT)
    blocks = binned(voxels, grid.spacing, lambda done, total: progress(40 * done // total, STEPS))
    progress(40, STEPS)
    found = body_blocks(blocks)
    planes: list[Plane | None] = []
    for image in range(grid.size[2]):
        progress(70 + 30 * image // grid.size[2], STEPS)
        planes.append(Plane.of(widened(found, blocks.factors, image, voxels.stored.shape[1:3])))
    return Mask(grid, tuple(planes))


def body_blocks(blocks: Binned) -> Bools:
    """Which blocks are of the body: thick parts, what is thin and near, skin, and all that they enclose in a slice."""
    found = np.zeros(blocks.peaks.shape, np.bool_)
    solid = blocks.peaks > SOLID_HU
    if solid.any():
        box = _around(solid, blocks)
        found[box] = _of_part(replace(blocks, means=blocks.means[box], peaks=blocks.peaks[box]), solid[box])
    return found


def _around(solid: Bools, blocks: Binned) -> Box:
    """All that is solid with room about it in which distances count: air by the way takes longest."""
    sides = []
    for axis, step in enumerate(blocks.spacing_mm):
        there = np.flatnonzero(solid.any(axis=tuple(each for each in range(3) if each != axis)))
        room = math.ceil(2 * NEAR_MM / step)
        sides.append(slice(max(int(there[0]) - room, 0), int(there[-1]) + 1 + room))
    return sides[0], sides[1], sides[2]


def _of_part(blocks: Binned, solid: Bools) -> Bools:
    """The same of a volume that holds something solid."""
    load_scipy()
    from scipy import ndimage

    depth = _away_mm(blocks, solid)
    labels, count = ndimage.label(depth >= THIN_MM)
    if not count:
        return solid
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    thick = np.zeros(count + 1, np.bool_)
    thick[labels[depth >= LIMB_MM]] = True
    thick[0], thick[int(sizes.argmax())] = False, True
    away = -_away_mm(blocks, thick[labels])
    block_mm = 1.01 * max(blocks.spacing_mm[1:])
    reach_mm = THIN_MM + max(1.5, block_mm)
    whole = solid & (away <= reach_mm)
    whole |= _near(solid & ~whole, whole, away, blocks.block_ml)
    whole |= (blocks.peaks > FAINT_HU) & (away <= reach_mm + SKIN_MM)
    return _filled(_away_mm(blocks, whole) >= -max(SKIN_MM, block_mm))


def _away_mm(blocks: Binned, part: Bools) -> Floats32:
    """Signed distances from the surface of a part, in thick slices within each for itself."""
    if blocks.spacing_mm[0] > THICK_MM:
        return away_in_slices_mm(part, blocks.spacing_mm)
    return blocks.away_mm(part)


def _near(rest: Bools, whole: Bools, away: Floats32, block_ml: float) -> Bools:
    """Of what is left the parts that are near and do not run through the volume, small ones that hang on the body with
    all that they have: an ear, a nose, the wall of a sinus."""
    load_scipy()
    from scipy import ndimage

    labels, count = ndimage.label(rest)
    close, far_in = away <= NEAR_MM, np.zeros(count + 1, np.intp)
    for each, near in zip(labels, close, strict=True):
        far_in[np.unique(each[~near])] += 1
    long = far_in >= max(2, AWAY_SHARE * len(rest))
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        long[number] &= box[0].stop - box[0].start >= LONG_SHARE * len(rest)
    hanging = np.zeros(count + 1, dtype=np.bool_)
    for axis in range(3):
        one, next_one = np.moveaxis(labels, axis, 0), np.moveaxis(whole, axis, 0)
        hanging[one[1:][next_one[:-1]]] = True
        hanging[one[:-1][next_one[1:]]] = True
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    beside = np.bincount(labels[close], minlength=count + 1)
    small = hanging & ~long & ((beside >= FACE_SHARE * sizes) | (sizes * block_ml <= SMALL_ML))
    long[0], small[0] = True, False
    return np.asarray(small[labels] | (~long[labels] & close))


def _filled(part: Bools) -> Bools:
    """With what no way leads out of within its slice: lungs, bowel."""
    load_scipy()
    from scipy import ndimage

    return np.stack([ndimage.binary_fill_holes(image) for image in part])
