"""What X-rays meet on their way through the chest of the demo patient, standing: soft tissue as a volume, and bones,
vessels and airways as chains of beads, which stay sharp at any pixel size. In mm of water.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy import chest, spine
from workstation.phantom.anatomy.solids import Ellipsoid, Profile, Tube, blend
from workstation.phantom.anatomy.trees import Beads, grow, joined
from workstation.phantom.anatomy.wall import body_distance, cage
from workstation.phantom.grid import Vector

Floats = NDArray[np.float32]

STEP_MM = (2.0, 4.5, 2.0)
X_MM, Y_MM, Z_MM = (-200.0, 200.0), (-132.0, 120.0), (-262.0, 176.0)
"""Size of voxels, and what the volume covers, along x, y and z (LPS)."""

LUNG, FAT, BONE = 0.23, 0.93, 1.75
"""Attenuation of lung and fat beside that of water, and what bone adds to it."""

RIBS_MM, RIB_Z_MM, RIB_DROP_MM, RIB_OUT_MM = 24.0, 4.0, 82.0, 4.8
_SHOULDER = Profile(
    ((0, 240), (44, 205), (54, 165), (70, 143), (105, 131), (150, 124), (178, 108), (195, 84), (230, 20))
)
_NECK = Ellipsoid((0.0, 6.0, 168.0), (52.0, 58.0, 84.0))
_BUBBLE = Ellipsoid((58.0, -32.0, -106.0), (33.0, 26.0, 19.0))
_FLUID_MM = -112.0
"""The stomach's air ends in a level while she stands."""
_FLEXURE = Tube(((92, -28, -128, 13), (104, -22, -150, 16), (100, -24, -176, 12), (106, -26, -204, 14)))


_ARM = ((166, 12, 96, 24), (186, 18, 60, 34), (212, 26, -10, 40), (236, 30, -120, 40))


@dataclass(frozen=True)
class Balls:
    """Points (n, 3) in LPS, mm; the radius of each, and how much of water each stands for along its diameter."""

    centers_lps: NDArray[np.float64]
    radii_mm: NDArray[np.float64]
    weights: NDArray[np.float64]


@dataclass(frozen=True)
class Soft:
    """Attenuation of each voxel beside that of water, shape (z, y, x), and the voxels' size along x, y and z, mm."""

    attenuation: Floats
    step_mm: Vector


def soft_tissue(coarse: float) -> Soft:
    """Trunk and neck with the bodies of the spine, in voxels `coarse` times as large as need be."""
    steps = (STEP_MM[0] * coarse, STEP_MM[1] * coarse, STEP_MM[2] * coarse)
    x, y, heights = (_centers(ends, step) for ends, step in zip((X_MM, Y_MM, Z_MM), steps, strict=True))
    slices = [_slice(x[None, :], y[:, None], float(z)) for z in heights]
    return Soft(np.stack(slices), steps)


def _centers(ends: tuple[float, float], step: float) -> Floats:
    return np.arange(ends[0] + step / 2, ends[1], step, dtype=np.float32)


def _slice(x: Floats, y: Floats, z: float) -> Floats:
    skin = _skin(x, y, z)
    attenuation = _share(skin) * (FAT + (1 - FAT) * _share(skin + 14))
    if -200 < z < 100:
        attenuation = attenuation * (1 - (1 - LUNG) * _share(chest.lungs_distance(x, y, z)))
    if z > _FLUID_MM:
        attenuation = attenuation * (1 - _share(_BUBBLE(x, y, np.float32(z))))
    pinched = 2.4 * np.sin(z / 3.9)
    attenuation = attenuation * (1 - 0.85 * _share(_FLEXURE(x, y, z) + pinched))
    return np.asarray(attenuation + _vertebra(x, y, z), np.float32)


def _vertebra(x: Floats, y: Floats, z: float) -> Floats:
    """What a vertebral body adds: spongy within, dense at both ends, waisted."""
    above = (z - spine.VERTEBRA_Z_MM + 11.5) % 23.0 - 11.5
    wide, deep = 15.5 - 0.012 * (z + 60), 14.0 - 0.012 * (z + 60)
    waist = 2.2 * (1 - min(1.0, abs(above) / 9) ** 2)
    body = _share(Ellipsoid((0.0, spine.vertebra_center_y(z), 0.0), (wide - waist, deep - waist / 2, 1e3))(x, y, 0.0))
    dense = 0.2 + 0.34 * np.exp(-(((abs(above) - 8.4) / 1.3) ** 2)) if abs(above) < 10 else 0.0
    return np.asarray(BONE * dense * body, np.float32)


def _skin(x: Floats, y: Floats, z: float) -> Floats:
    """From the skin of trunk and neck; the shoulders slope."""
    trunk = np.maximum(body_distance(x, y, z), (z - _SHOULDER(np.abs(x)) + 0.05 * np.abs(y)) * 0.85)
    if z > 60:
        trunk = blend(trunk, _NECK(x, y, np.float32(z)), 30.0)
    return np.asarray(trunk, np.float32)


def _share(distance: Floats) -> Floats:
    return np.asarray(np.clip(0.5 - distance / 2.6, 0, 1), np.float32)


def airways() -> Balls:
    """Windpipe and main bronchi, which take tissue away."""
    trunk = _along(((0, 2, 170, 8.6), (0, 0, 125, 8.6), (-1, 5, 60, 8.8), (0, 12, 8, 8.8)))
    right = _along(((0, 12, 8, 7.4), (-14, 14, -4, 7), (-30, 15, -14, 6), (-44, 17, -27, 4)))
    left = _along(((0, 12, 8, 7.4), (16, 15, -6, 6.2), (34, 19, -16, 5.6), (48, 22, -27, 4)))
    return _weighed([trunk, right, left], -0.9)


def lung_vessels(seed: int) -> Balls:
    """Arteries and veins of both lungs."""
    rng = np.random.default_rng([seed, 21])
    trees = []
    for side in (1.0, -1.0):
        for root, count in (((44.0, 17.0, -8.0), 360), ((44.0, 17.0, -36.0), 300)):
            targets = _points_inside(rng, count, side)
            trees.append(grow(rng, (side * root[0], root[1], root[2]), targets, 0.72, 0.7))
    beads: Beads = joined(trees).without(HILA)
    # Branches overlap by half a radius; each bead stands for its share of the way.
    return Balls(beads.centers_lps, beads.radii_mm, np.full(len(beads.radii_mm), 0.46 * (1 - LUNG)))


HILA: list[tuple[Vector, float]] = [((side * 44.0, 17.0, z), 6.0) for side in (1.0, -1.0) for z in (-8.0, -36.0)]
"""Where vessels enter the lungs: their stems are part of the mediastinum."""


def _points_inside(rng: np.random.Generator, count: int, side: float) -> NDArray[np.float64]:
    found = np.empty((0, 3))
    while len(found) < count:
        points = rng.uniform((12, -95, -165), (135, 105, 95), (4 * count, 3)) * (side, 1, 1)
        found = np.vstack([found, points[chest.lungs_distance(*points.T) < -4]])
    return found[:count]


def rib_balls() -> tuple[Balls, Balls]:
    """All ribs, cortex and what it encloses: outer balls add, inner ones take most of it away again."""
    outer, inner = [], []
    for number in range(-8, 5):
        angle = np.linspace(0.17, 2.5 + 0.011 * min(0.0, number * RIBS_MM + 40), 330)
        drop = RIB_DROP_MM * (0.5 - 0.5 * np.cos(np.pi * np.clip(angle / 2.6, 0, 1))) ** 0.9
        for side in (1.0, -1.0):
            z = number * RIBS_MM + RIB_Z_MM - drop
            x, y = _on_cage(angle, z, side)
            radius = 5.4 - 0.9 * np.clip(angle / 2.5, 0, 1)
            outer.append(_spaced(np.stack([x, y, z - 0.03 * x, radius], axis=1)))
            inner.append(outer[-1] - (0, 0, 0, 1.3))
    return _weighed(outer, 0.66 * BONE), _weighed(inner, -0.5 * BONE)


def _on_cage(angle: NDArray[np.float64], z: NDArray[np.float64], side: float) -> tuple[NDArray[np.float64], ...]:
    """x and y where the rib cage has a rib at an angle from the spine, found by halving the way."""
    low, high = np.full(angle.shape, 5.0), np.full(angle.shape, 190.0)
    for _ in range(18):
        way = (low + high) / 2
        outside = cage(side * way * np.sin(angle), way * np.cos(angle), z).out_mm > RIB_OUT_MM
        low, high = np.where(outside, low, way), np.where(outside, way, high)
    return side * low * np.sin(angle), low * np.cos(angle)


def shoulder_balls() -> tuple[Balls, Balls]:
    """Collar bones, the stout edges of the shoulder blades and the arms: outer balls, and inner ones to take away."""
    chains: list[NDArray[np.float64]] = []
    for side in (1, -1):
        for knots in (
            (
                (13, -62, 60, 9.0),
                (24, -64, 63, 7.6),
                (48, -66, 68, 6.2),
                (78, -56, 80, 5.6),
                (106, -36, 94, 5.6),
                (130, -18, 104, 6.4),
                (152, -6, 107, 7.0),
            ),
            ((112, 82, -28, 4.5), (128, 70, 20, 4.8), (142, 52, 70, 5.5), (146, 40, 98, 8)),
            ((96, 92, 72, 2.6), (124, 78, 98, 4.0), (160, 36, 122, 6.0)),
            ((112, 84, -28, 2.2), (100, 92, 20, 1.8), (95, 92, 72, 2.4), (104, 86, 104, 2.0)),
            ((140, 20, 104, 6), (132, 2, 108, 5)),
            ((172, 12, 98, 22.0), (175, 14, 84, 17), (179, 18, 60, 12), (190, 24, 10, 11), (206, 30, -80, 11)),
        ):
            chains.append(_along(tuple((side * x, y, z, r) for x, y, z, r in knots)))
    inner = [chain - (0, 0, 0, 1.4) for chain in chains if chain[:, 3].min() > 3]
    # Collar bones and arms are stouter than the edges of the blades.
    outer = [_weighed([chain], (0.95 if chain[:, 3].min() > 5 else 0.5) * BONE) for chain in chains]
    return _together(outer), _together([_weighed([chain], _hollow(chain)) for chain in inner])


def _hollow(chain: NDArray[np.float64]) -> float:
    return -BONE * (0.66 if chain[:, 3].min() > 3.6 else 0.34)


def _together(parts: list[Balls]) -> Balls:
    centers, radii, weights = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("centers_lps", "radii_mm", "weights")
    )
    return Balls(centers, radii, weights)


def arms() -> Balls:
    """The flesh of the arms, which hang beside the chest."""
    chains = [_along(tuple((side * x, y, z, r) for x, y, z, r in _ARM)) for side in (1, -1)]
    return _weighed(chains, 0.8)


def spine_balls() -> Balls:
    """Pedicles, spinous and transverse processes: what shows of the spine besides its bodies."""
    chains = []
    for number in range(-9, 9):
        z = spine.VERTEBRA_Z_MM + number * 23.0
        y = spine.vertebra_center_y(z)
        turn = np.linspace(0, 2 * np.pi, 9)
        for side in (1, -1):
            ring = [(side * 12.5 + 3.6 * np.cos(t), y + 16, z + 3 + 5.2 * np.sin(t), 1.3) for t in turn]
            chains += [_along(tuple(ring)), _along(((side * 14, y + 26, z + 4, 2.8), (side * 33, y + 34, z + 6, 3.2)))]
        chains.append(_along(((0, y + 34, z - 2, 2.8), (0, y + 46, z - 15, 2.4))))
    return _weighed(chains, 0.42 * BONE)


def nodule(center_lps: tuple[float, float, float], radius_mm: float) -> Balls:
    """A ball of soft tissue in the lung."""
    return Balls(np.array([center_lps]), np.array([radius_mm]), np.array([1 - LUNG]))


def _along(knots: tuple[tuple[float, float, float, float], ...]) -> NDArray[np.float64]:
    """Balls (x, y, z, radius) along straight lines between knots."""
    return _spaced(np.array(knots, np.float64))


def _spaced(knots: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same chain with a ball every half radius or so."""
    ways = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots[:, :3], axis=0), axis=1))])
    step = 0.45 * float(np.median(knots[:, 3]))
    places = np.linspace(0, ways[-1], max(2, int(ways[-1] / step) + 1))
    return np.stack([np.interp(places, ways, column) for column in knots.T], axis=1)


def _weighed(chains: list[NDArray[np.float64]], attenuation: float) -> Balls:
    """Each ball stands for the cylinder between its neighbours: three quarters of its step by its radius."""
    weights = []
    for chain in chains:
        step = np.linalg.norm(np.diff(chain[:2, :3], axis=0)) if len(chain) > 1 else 4 / 3
        weights.append(attenuation * 0.75 * step / chain[:, 3])
    every = np.concatenate(chains)
    return Balls(every[:, :3], every[:, 3], np.concatenate(weights))
