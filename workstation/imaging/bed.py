"""The body in a CT without what it lies on: table, mattress, cushions and the air around.

Tables are thin shells that run through the whole volume; a body is thick. What is left after thin parts are taken away
is the body with its arms; what is thin and near it (ears, skin folds, fingers) comes back, unless it runs on and on.
"""

from typing import Final

import numpy as np

from workstation.errors import Reason, Refused
from workstation.imaging.binned import Binned, Floats32, Progress, away_in_slices_mm, binned, widened
from workstation.imaging.growing import grid_of
from workstation.imaging.late import load_scipy
from workstation.imaging.masks import Bools, Mask, Plane
from workstation.imaging.volume import Voxels

NAME, VERSION = "Hounsfield bed removal", "1"

SOLID_HU: Final = -300.0
THIN_MM: Final = 4.0
"""Half the thickness up to which something is a shell."""

LIMB_MM: Final = 9.0
"""Half the thickness from which something apart from the body is a limb."""

NEAR_MM: Final = 12.0
"""So near the body, what is thin belongs to it."""

LONG_SHARE: Final = 0.6
"""What is thin and runs through more of the slices is a table."""

SKIN_MM: Final = 2.0
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
    load_scipy()
    from scipy import ndimage

    solid = blocks.peaks > SOLID_HU
    if not solid.any():
        return solid
    depth = _away_mm(blocks, solid)
    labels, count = ndimage.label(depth >= THIN_MM)
    if not count:
        return solid
    sizes = np.bincount(labels.ravel(), minlength=count + 1)
    sizes[0] = 0
    thick = np.asarray(ndimage.maximum(depth, labels, np.arange(count + 1))) >= LIMB_MM
    thick[0], thick[int(sizes.argmax())] = False, True
    core = thick[labels]
    away = -_away_mm(blocks, core)
    whole = solid & (away <= THIN_MM + 1.5)
    whole |= _near(solid & ~whole, away)
    return _filled(_away_mm(blocks, whole) >= -SKIN_MM)


def _away_mm(blocks: Binned, part: Bools) -> Floats32:
    """Signed distances from the surface of a part, in thick slices within each for itself."""
    if blocks.spacing_mm[0] > THICK_MM:
        return away_in_slices_mm(part, blocks.spacing_mm)
    return blocks.away_mm(part)


def _near(rest: Bools, away: Floats32) -> Bools:
    """Of what is left the parts that are near and do not run through the volume."""
    load_scipy()
    from scipy import ndimage

    labels, count = ndimage.label(rest)
    kept = np.zeros(count + 1, dtype=np.bool_)
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        kept[number] = box[0].stop - box[0].start < max(2, LONG_SHARE * len(rest))
    return np.asarray(kept[labels] & (away <= NEAR_MM))


def _filled(part: Bools) -> Bools:
    """With what no way leads out of within its slice: lungs, bowel."""
    load_scipy()
    from scipy import ndimage

    return np.stack([ndimage.binary_fill_holes(image) for image in part])
