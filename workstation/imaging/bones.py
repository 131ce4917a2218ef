"""Bone in a CT, marrow included, so that it can be taken out of a picture in one click while vessels stay.

Cortical bone is brighter than blood (`contrasted`), so what is that bright seeds bone, unless it is joined with what
no bone is as dense as, or lies in the midst of blood. From the seeds bone grows through what is bright; regions that
hardly any seed lies in were reached through a leak and fall away. What bone encloses is its marrow. This is done in
blocks (`binned`); the voxels at its surface are judged one by one. Seconds for a chest, on a thread.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.errors import Reason, Refused
from workstation.imaging.binned import Binned, Progress, binned, widened
from workstation.imaging.contrasted import BRIGHT_HU, DENSEST_BONE_HU, Contrasted, contrasted
from workstation.imaging.growing import grid_of
from workstation.imaging.late import load_scipy
from workstation.imaging.masks import Bools, Box, Mask, Plane
from workstation.imaging.volume import Voxels

NAME, VERSION = "Hounsfield bones", "1"

STEPS: Final = 100
WIDER: Final = 6
"""Blocks around all that is bright that are looked at too."""

SURFACE_HU: Final = 130.0
"""Voxels next to bone from here on are its surface, blurred with what lies beside it."""

MARROW_HU: Final = -150.0
"""Fat marrow is brighter; what is darker is air or nothing of bone."""

CLOSED_MM: Final = 4.0
REACH_MM: Final = (22.0, 26.0, 26.0)
"""Along (k, j, i): no marrow is farther from its cortex."""

CANAL_HU: Final = 75.0
"""The spinal canal is darker, the marrow of vertebrae mostly brighter."""

NARROW_MM, FAT_MM, FAT_HU = 6.5, 16.0, 0.0
"""Half the width of a hole in a slice that is filled; the spinal canal is wider. One full of fat may be so, too."""


def bones(voxels: Voxels, progress: Progress) -> Mask:
    """Bone of a CT volume with its marrow.

    Raises `Refused` with NOT_CT where values are not in HU, and what `grid_of` raises. `progress` may raise to end it.
    """
    grid = grid_of(voxels)
    if voxels.unit != "HU":
        raise Refused(Reason.NOT_CT)
    blocks = binned(voxels, grid.spacing, lambda done, total: progress(20 * done // total, STEPS))
    bone, kept = np.zeros(blocks.means.shape, np.bool_), np.zeros(blocks.means.shape, np.bool_)
    box = _bright_box(blocks)
    if box is None:
        return Mask.empty(grid)
    bone[box], kept[box] = bone_blocks(blocks.within(box), lambda done, total: progress(20 + 60 * done // total, STEPS))
    planes: list[Plane | None] = []
    wide = _grown(bone)
    for image in range(grid.size[2]):
        progress(80 + 20 * image // grid.size[2], STEPS)
        planes.append(_plane(voxels, image, blocks.factors, bone, wide & ~kept))
    return Mask(grid, tuple(planes))


def _bright_box(blocks: Binned) -> Box | None:
    """What holds all that is bright, some blocks wider; None where nothing is."""
    bright = blocks.peaks > BRIGHT_HU
    if not bright.any():
        return None
    found = []
    for axis, size in enumerate(bright.shape):
        there = np.flatnonzero(bright.any(axis=tuple(each for each in range(3) if each != axis)))
        found.append(slice(max(int(there[0]) - WIDER, 0), min(int(there[-1]) + 1 + WIDER, size)))
    return found[0], found[1], found[2]


def _plane(voxels: Voxels, image: int, factors: tuple[int, int, int], bone: Bools, near: Bools) -> Plane | None:
    """One image of bone: its blocks, and of the blocks around them what is as bright as a blurred surface."""
    if not near[image // factors[0]].any() or not voxels.filled[image]:
        return None
    shape = voxels.stored.shape[1:3]
    bright = np.nan_to_num(voxels.values(image), nan=-1024.0) > SURFACE_HU
    return Plane.of(widened(bone, factors, image, shape) | (widened(near, factors, image, shape) & bright))


def _grown(part: Bools) -> Bools:
    load_scipy()
    from scipy import ndimage

    return np.asarray(ndimage.binary_dilation(part))


def bone_blocks(blocks: Binned, progress: Progress) -> tuple[Bools, Bools]:
    """Which blocks are bone, and which bright ones must stay: vessels, contrast medium, metal."""
    progress(0, 6)
    blood = contrasted(blocks)
    progress(1, 6)
    seeds, other = _seeds(blocks, blood)
    progress(2, 6)
    kept = other | blood.part
    kept |= _grown(kept) & (blocks.means > BRIGHT_HU) & ~seeds
    bone = _reached(blocks, blood, seeds, kept)
    progress(4, 6)
    solid = (blocks.means > MARROW_HU) & ~kept
    found = _with_marrow(blocks, _closed(blocks, bone, solid), solid)
    progress(5, 6)
    found = found | (_mostly(found) & solid)
    return found, kept & ~found


def _closed(blocks: Binned, bone: Bools, solid: Bools) -> Bools:
    """With what lies between bone and bone that is near, and in narrow holes."""
    found = ((blocks.away_mm(blocks.away_mm(bone) >= -CLOSED_MM) > CLOSED_MM) | bone) & solid
    return found | (_narrow_holes(blocks, found) & solid)


def _mostly(bone: Bools) -> Bools:
    """Where most of what is near in the slice is bone."""
    load_scipy()
    from scipy import ndimage

    return np.asarray(ndimage.uniform_filter(bone.astype(np.float32), (1, 5, 5)) > 0.5)


def _seeds(blocks: Binned, blood: Contrasted) -> tuple[Bools, Bools]:
    """What is as bright as cortical bone: that which is bone, and that which is contrast medium, metal or plaque."""
    load_scipy()
    from scipy import ndimage

    bright = blocks.means > blood.bone_hu
    dense = blocks.means > DENSEST_BONE_HU
    labels, count = ndimage.label(bright, np.ones((3, 3, 3)))
    labels, parted = _parted(blocks, labels, count, dense)
    counts = np.maximum(np.bincount(labels.ravel()), 1)
    sizes_ml = counts * blocks.block_ml
    other = _share(labels, dense, counts) > 0.1
    if blood.level_hu is not None:
        midst = np.bincount(labels.ravel(), weights=_blood_around(blocks, blood, bright).ravel()) / counts
        near = blocks.away_mm(blood.cores) > -15
        near |= ndimage.binary_dilation(dense, iterations=8)
        other |= (np.arange(len(counts)) > count) & parted & (midst > 0.5)
        other |= (_share(labels, near, counts) > 0.5) & (midst > 0.65) & (sizes_ml < 3)
        other |= (_share(labels, _grown(_grown(blood.part)), counts) > 0) & (sizes_ml < 0.5)
    other[0] = False
    not_bone = np.asarray(other[labels])
    return (labels > 0) & ~not_bone, not_bone


def _share(labels: NDArray[np.int32], part: Bools, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.bincount(labels[part], minlength=len(counts)) / counts)


def _parted(blocks: Binned, labels: NDArray[np.int32], count: int, dense: Bools) -> tuple[NDArray[np.int32], bool]:
    """Regions joined with something too dense for bone, parted where they are thin: a vein may touch a clavicle."""
    load_scipy()
    from scipy import ndimage

    counts = np.maximum(np.bincount(labels.ravel(), minlength=count + 1), 1)
    mixed = _share(labels, dense, counts) > 0.02
    mixed[0] = False
    if not mixed.any():
        return labels, False
    joined = mixed[labels]
    box = ndimage.find_objects(joined.astype(np.int8))[0]
    inner = joined[box]
    parts, _ = ndimage.label(blocks.away_mm(inner) >= 1.4)
    nearest = ndimage.distance_transform_edt(
        parts == 0, sampling=blocks.spacing_mm, return_distances=False, return_indices=True
    )
    found = labels.copy()
    found[box][inner] = parts[tuple(nearest)][inner] + count + 1
    return found, True


def _blood_around(blocks: Binned, blood: Contrasted, bright: Bools) -> NDArray[np.float32]:
    """Of what lies within some mm and is not as bright as bone, the share that is as bright as blood."""
    load_scipy()
    from scipy import ndimage

    assert blood.level_hu is not None  # noqa: S101  asked for only where there is blood
    sizes = [max(3, int(9 / step) // 2 * 2 + 1) for step in blocks.spacing_mm]
    dim = ~bright
    like = (blocks.means > 0.6 * blood.level_hu) & dim
    shares = [ndimage.uniform_filter(each.astype(np.float32), sizes, mode="nearest") for each in (like, dim)]
    return np.asarray(shares[0] / np.maximum(shares[1], 1e-3))


def _reached(blocks: Binned, blood: Contrasted, seeds: Bools, kept: Bools) -> Bools:
    """Bone grown from its seeds through what is bright, without what was reached through a leak."""
    load_scipy()
    from scipy import ndimage

    means, _ = blocks.around
    allowed = (blocks.peaks > 300) | (means > 190) | ((blocks.means > BRIGHT_HU) & (blocks.peaks > 220))
    allowed &= ~kept & ~ndimage.binary_dilation(blood.cores, iterations=2)
    found = ndimage.binary_propagation(seeds, mask=allowed | seeds)
    labels, count = ndimage.label(found)
    counts = np.maximum(np.bincount(labels.ravel(), minlength=count + 1), 1)
    found &= (_share(labels, seeds, counts) >= 0.06)[labels]
    if blood.level_hu is None:
        return np.asarray(found)
    return np.asarray(found & ~_leaked(blocks, blood.level_hu, seeds, found))


def _leaked(blocks: Binned, level_hu: float, seeds: Bools, found: Bools) -> Bools:
    """Parts of what was reached that hold no seed and are as bright and as even as blood: small vessels."""
    load_scipy()
    from scipy import ndimage

    inner = ndimage.binary_erosion(found)
    labels, count = ndimage.label(inner)
    counts = np.maximum(np.bincount(labels.ravel(), minlength=count + 1), 1)
    means = ndimage.mean(blocks.means, labels, np.arange(count + 1))
    deviations = ndimage.standard_deviation(blocks.means, labels, np.arange(count + 1))
    blood = (_share(labels, seeds, counts) < 0.05) & (deviations < 0.15 * level_hu)
    blood &= (means > 0.87 * level_hu) & (means < 1.3 * level_hu)
    blood[0] = False
    vessels = blood[labels]
    around = ndimage.binary_dilation(vessels, iterations=2, mask=found)
    return np.asarray(around & ~ndimage.binary_dilation(inner & ~vessels, mask=found) & ~seeds)


def _narrow_holes(blocks: Binned, bone: Bools) -> Bools:
    """Holes within slices whose edge is near everywhere: the marrow of flat and of thin bones."""
    load_scipy()
    from scipy import ndimage

    found = np.zeros_like(bone)
    for number, image in enumerate(bone):
        holes = ndimage.binary_fill_holes(image) & ~image
        if not holes.any():
            continue
        labels, count = ndimage.label(holes)
        numbers = np.arange(count + 1)
        away = ndimage.distance_transform_edt(holes, sampling=blocks.spacing_mm[1:])
        widths = np.asarray(ndimage.maximum(away, labels, numbers))
        fat = np.asarray(ndimage.mean(blocks.means[number], labels, numbers)) < FAT_HU
        found[number] = ((widths <= NARROW_MM) | (fat & (widths <= FAT_MM)))[labels] & holes
    return found


def _with_marrow(blocks: Binned, bone: Bools, solid: Bools) -> Bools:
    """With what bone lies around: on all six sides, or on five where it is brighter than the spinal canal."""
    means, _ = blocks.around
    found = bone
    for _ in range(2):
        sides = _sides(found, blocks.spacing_mm)
        found = found | (((sides == 6) | ((sides == 5) & (means > CANAL_HU))) & solid)
    return found


def _sides(bone: Bools, spacing_mm: tuple[float, float, float]) -> NDArray[np.uint8]:
    """On how many of six sides along the axes there is bone within reach; 6 within it."""
    found = np.zeros(bone.shape, dtype=np.uint8)
    for axis, (reach, step) in enumerate(zip(REACH_MM, spacing_mm, strict=True)):
        turned, sums = np.moveaxis(bone, axis, 0), np.moveaxis(found, axis, 0)
        most = int(reach / step)
        for order in (range(len(turned)), reversed(range(len(turned)))):
            gone = np.full(turned.shape[1:], 255, dtype=np.uint8)
            for at in order:
                gone = np.where(turned[at], np.uint8(0), np.minimum(gone, 254) + np.uint8(1))
                sums[at] += gone <= most
    return found
