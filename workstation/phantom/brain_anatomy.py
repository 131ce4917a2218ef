"""The demo patient's head, painted into layers of tissue: coordinates are LPS in mm, the anterior commissure at 0."""

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy.solids import Distance, Ellipsoid, Tube
from workstation.phantom.brain_cortex import CALLOSUM, CORTEX_MM, midline_bend, water_distance
from workstation.phantom.brain_face import paint_face, paint_skull_base
from workstation.phantom.brain_layers import Layers, empty_layers
from workstation.phantom.brain_outlines import STEM, Outlines, outlines

Image = NDArray[np.float32]
Vector = tuple[float, float, float]

INFARCT_LPS: Vector = (46.0, 8.0, 21.0)
RING_LPS: Vector = (-41.0, 58.0, 20.0)
RING_MM, RIM_MM = 11.0, 2.4

_PONS = Ellipsoid((0.0, 22.0, -33.0), (18.0, 13.0, 14.5))
# Axes of what is turned outward at the back, and at the front.
_OUTWARD = ((0.94, 0.34, 0.0), (-0.34, 0.94, 0.0), (0.0, 0.0, 1.0))
_INWARD = ((0.95, -0.3, 0.0), (0.3, 0.95, 0.0), (0.0, 0.0, 1.0))
_LENTIFORM = ((0.94, -0.3, -0.15), (0.3, 0.95, 0.0), (0.14, -0.05, 0.99))
_PEDUNCLE = ((0.8, -0.6, 0.0), (0.6, 0.8, 0.0), (0.0, 0.0, 1.0))
_SCARS = (
    (20.0, -30.0, 16.0), (-22.0, -26.0, 18.0), (24.0, 4.0, 30.0), (-27.0, 12.0, 30.0), (-30.0, -14.0, 26.0),
    (31.0, 36.0, 30.0),
)  # fmt: skip


def paint_head(rng: np.random.Generator, axes_mm: tuple[Image, Image, Image]) -> Layers:
    """All tissues of the head in voxels whose z, y and x are given."""
    head = empty_layers(rng, axes_mm, 1.6)
    shape = outlines(head)
    _paint_outside(rng.spawn(1)[0], head, shape)
    paint_face(head, shape.skin)
    _paint_skull(head, shape)
    paint_skull_base(head)
    room = shape.inner - 1.5 - 0.7 * head.coarse
    head.paint_distance("dura", room - 0.8)
    head.paint_distance("csf", room)
    # Vessels run in the fluid where two random fields vanish together.
    head.paint_distance("vein", np.maximum(np.hypot(2.4 * head.fine, 6 * head.coarse) - 1.0, room + 0.5))
    _paint_partitions(head, shape, room)
    _paint_cerebellum(head, shape.small)
    _paint_stem(head)
    _paint_cerebrum(rng, head, shape.hull)
    _paint_tentorium(head, shape)
    _paint_ventricles(head)
    _paint_nuclei(head)
    _paint_lesions(head)
    _paint_vessels(head)
    return head


def _paint_outside(rng: np.random.Generator, head: Layers, shape: Outlines) -> None:
    """Skin, fat and muscle."""
    x, y, z = head.x, head.y, head.z
    skin = shape.skin
    head.paint_distance("skin", skin)
    head.paint_distance("fat", skin + 1.8)
    # Threads of the scalp, its vessels, and the sheet over the bone.
    threads = np.minimum(1.6 * np.abs(head.coarse + 0.9 * head.fine) - 0.05, 5 * (2.3 - head.fine))
    sheet = np.abs(shape.skull - 1.3 - 0.4 * head.coarse) - 0.25
    head.paint_distance("muscle", np.maximum(np.minimum(threads, sheet), skin + 2.4))
    low = np.s_[: int(np.searchsorted(head.axes_mm[0], 6)), :, :]
    coarse, along = head.coarse[low], head.stretched(rng, 9.0, 4.0, low)
    bellies = np.maximum(skin[low] + 7 + 1.5 * along, z[low] + 6 + 3 * coarse)
    head.paint_distance("muscle", bellies, low)
    head.paint_distance("fat", np.maximum(_fat_planes(x[low], y[low], skin[low], along), bellies), low)
    box = head.near((-90, -50, -54), (90, 38, 26))
    fading = 1 - np.minimum(1, ((y[box] + 6) / 44) ** 2 + ((z[box] + 14) / 40) ** 2)
    temple = np.maximum(np.abs(shape.vault[box] - 11.0) - 3.6 * fading, 20 - np.abs(x[box]))
    head.paint_distance("muscle", temple, box)


def _fat_planes(x: Image, y: Image, skin: Distance, along: Image) -> Distance:
    """From the fat between muscles: shells at some depths below the skin, and leaves across them, both with gaps.

    `along` is a random field drawn out as the muscles are.
    """
    depth = 3 * along - skin
    shells = np.abs((depth + 4) % 15 - 7.5) - 0.4 - 0.25 * along
    turn = np.arctan2(x, y - 34) * 5 + 0.5 * along + depth / 16
    leaves = np.abs(np.sin(turn)) * np.hypot(x, y - 34) / 5 - 0.2 - 0.3 * along
    planes: Distance = np.minimum(shells + 0.5 * np.maximum(0, along), leaves + 0.7 * np.maximum(0, 0.3 - along))
    return planes


def _paint_skull(head: Layers, shape: Outlines) -> None:
    outer = np.maximum(shape.skull + 0.5 * head.coarse, -(head.z + 74))
    head.paint_distance("bone", outer)
    head.paint_distance("diploe", np.maximum(outer + 1.9, 4.6 + 0.5 * head.coarse + 0.3 * head.fine - shape.inner))


def _paint_partitions(head: Layers, shape: Outlines, room: Distance) -> None:
    """Falx and the large veins in its edges."""
    x, y, z = head.x, head.y, head.z
    falx = np.maximum(np.abs(x + midline_bend(y, z)) - 0.45, room)
    deep = np.maximum(falx, 9 - CALLOSUM(0.0, y, z))
    head.paint_distance("dura", np.maximum(deep, -6 - z))
    sinus = np.maximum(np.hypot(x, room + 3.0) - 3.2, -z - 5 + 0 * y)
    head.paint_distance("vein", np.where(shape.hull > -14, sinus, 99))
    head.pair(
        "vein", Tube(((0, 106, -8, 4), (34, 94, -14, 3.8), (58, 66, -20, 3.8), (60, 46, -34, 4), (50, 34, -60, 4)))
    )


def _paint_cerebellum(head: Layers, small: Distance) -> None:
    """Leaves of grey on a tree of white, fanned out from the fourth ventricle."""
    box = head.near((-58, 20, -72), (58, 100, -4))
    x, y, z = head.x[box], head.y[box], head.z[box]
    outline = small[box] - 1.2 + 0.5 * head.fine[box]
    head.paint_distance("grey", outline, box)
    bend = head.coarse[box]
    angle = np.arctan2(z + 34, y - 44 - 0.12 * np.abs(x)) + 0.012 * np.abs(x) + 0.13 * bend
    reach = np.hypot(z + 34, y - 44) + 0.25 * np.abs(x)
    leaves = np.sin(angle * 27 + 1.3 * bend + 0.5 * head.fine[box])
    twigs = (np.abs(np.sin(angle * 5.5 + 0.5)) * reach / 5.5) - 1.0 + 0.02 * reach
    core = small[box] + 12 + 8 * np.exp(-((x / 9) ** 2)) + 2.5 * head.coarse[box]
    dentate = Ellipsoid((17.0, 56.0, -36.0), (8.0, 10.0, 7.0))(np.abs(x), y, z)
    head.paint_distance("white", np.maximum(np.minimum(twigs, core), small[box] + 4.0), box)
    head.paint_distance("striatum", np.abs(dentate + 0.8 * np.sin(y * 1.6)) - 0.8, box)
    # Fanned out in the worm, one above the other in the hemispheres.
    level = (z + 34 + 0.4 * (y - 50) + 2.2 * bend) * (2 * np.pi / 4.4) + 0.5 * head.fine[box]
    aside = np.clip((np.abs(x) - 7) / 9, 0, 1)
    sheets = (leaves + 0.93) * reach / 27 * 1.3 * (1 - aside) + (np.sin(level) + 0.9) * 0.9 * aside
    head.paint_distance("csf", np.maximum(np.maximum(sheets, -small[box] - 5 - 2.5 * bend), small[box]), box)


def _paint_stem(head: Layers) -> None:
    head.pair("brainstem", Tube(((10, 26, -34, 11), (20, 38, -35, 10), (24, 50, -36, 6))))
    head.paint("brainstem", STEM)
    head.paint("cord", Tube(STEM.knots[-3:]))
    head.paint("brainstem", _PONS)
    for spot in ((5.5, 34.0, -3.0), (5.0, 35.0, -11.0)):
        head.pair("grey", Ellipsoid(spot, (5.0, 4.5, 4.2)))
    head.pair("brainstem", Tube(((16, 2, -6, 7), (11, 10, -16, 7), (8, 14, -26, 7))))
    head.paint("csf", Ellipsoid((0.0, 4.0, -17.0), (5.5, 7.5, 8.0)))
    head.pair("nigra", Ellipsoid((9.0, 15.0, -13.0), (6.0, 2.2, 4.0), _PEDUNCLE), soft_mm=2.4)
    head.pair("nigra", Ellipsoid((4.5, 20.0, -10.0), (2.6, 2.8, 3.4)), soft_mm=2.4)
    head.paint("csf", Ellipsoid((0.0, 41.0, -34.0), (8.5, 4.5, 12.0)))
    head.paint("csf", Tube(((0, 24, 0, 1.2), (0, 31, -10, 1.3), (0, 38, -26, 2.0))))


def _paint_cerebrum(rng: np.random.Generator, head: Layers, hull: Distance) -> None:
    x, y, z = head.x, head.y, head.z
    water = water_distance(rng, x, y, z, hull, (head.coarse, head.fine))
    # Around the stem the brain has no bark.
    gate = Ellipsoid((0.0, 15.0, -22.0), (16.0, 25.0, 17.0))(x, y, z)
    water = np.minimum(water, np.where(z < 0, gate, 99))
    cerebrum = -water
    head.paint_distance("grey", cerebrum, soft_mm=1.5)
    inside = np.maximum(cerebrum, CORTEX_MM - water)
    middle = np.maximum(Ellipsoid((0.0, 7.0, 4.0), (16.0, 41.0, 24.0))(x, y, z), -5 - z)
    head.paint_distance("white", np.minimum(inside, np.maximum(middle, 3 - gate)), soft_mm=1.5)
    head.paint_distance(
        "callosum", np.maximum(np.abs(CALLOSUM(0.0, y, z) + 3.5) - 2.6, np.maximum(np.abs(x) - 9, -8 - z))
    )


def _paint_tentorium(head: Layers, shape: Outlines) -> None:
    box = head.near((-64, 22, -40), (64, 104, 12))
    hull, small = shape.hull[box], shape.small[box]
    sheet = np.maximum(np.abs(hull - small) - 0.8, np.maximum(hull, small) - 4)
    opening = 19 - np.hypot(head.x[box], head.y[box] - 26)
    head.paint_distance("dura", np.maximum(sheet, opening), box)


def _paint_ventricles(head: Layers) -> None:
    body = Ellipsoid((0.0, 0.0, 15.0), (12.0, 32.0, 6.8))
    head.paint("csf", body)
    head.pair(
        "csf",
        Tube(
            ((12, -33, 2, 3.5), (10, -24, 7, 6), (12, -4, 18, 6), (17, 20, 21, 5), (25, 38, 15, 6), (26, 44, 10, 6.5))
        ),
    )
    head.pair("csf", Tube(((26, 44, 10, 6.5), (23, 58, 5, 5), (18, 74, 4, 2.5))))
    head.pair("csf", Tube(((26, 44, 9, 6), (34, 36, -5, 3.6), (36, 22, -15, 2.8), (33, 8, -19, 2.2))))
    box = head.box_of(body)
    x, y, z = np.abs(head.x[box]), head.y[box], head.z[box]
    head.paint_distance("white", np.maximum(np.maximum(x - 0.3, body(x, y, z)), -3 - z), box)
    head.paint("csf", Ellipsoid((0.0, 11.0, -2.0), (2.4, 16.0, 11.0)))


def _paint_nuclei(head: Layers) -> None:
    """Fornix, thalamus, basal ganglia, hippocampus, and the small things of the middle."""
    head.pair("white", Tube(((2, -14, 2, 2.2), (3, 4, 8, 2.4), (9, 24, 10, 2.4), (24, 38, 0, 2.2))))
    head.pair(
        "thalamus",
        Ellipsoid((11.5, 15.0, 6.5), (9.0, 16.0, 8.5), _OUTWARD),
        soft_mm=4.0,
    )
    head.pair(
        "striatum",
        Ellipsoid((13.5, -15.0, 5.0), (6.0, 10.5, 9.5), _INWARD),
        soft_mm=1.8,
    )
    head.pair("striatum", Tube(((14, -10, 12, 4.5), (16, 6, 20, 3.4), (22, 26, 19, 2.4), (30, 36, 10, 1.6))))
    head.pair("striatum", Ellipsoid((26.5, -3.0, 1.0), (6.2, 16.0, 10.5), _LENTIFORM), soft_mm=2.4)
    head.pair("pallidum", Ellipsoid((20.0, 1.0, -0.5), (4.6, 10.0, 7.0), _LENTIFORM), soft_mm=2.6)
    head.pair("grey", Ellipsoid((35.2, -2.0, 2.0), (0.9, 14.0, 10.0)))
    head.pair("grey", Tube(((22, 3, -20, 7), (27, 14, -19, 5), (29, 26, -14, 4.5), (24, 36, -4, 3.5))))
    head.paint("thalamus", Ellipsoid((0.0, 12.0, 4.0), (4.0, 4.0, 3.0)))
    head.pair("plexus", Ellipsoid((24.0, 42.0, 12.0), (3.5, 8.0, 4.0)))
    head.paint("mucosa", Ellipsoid((0.0, 27.0, 3.0), (3.0, 4.5, 3.0)))
    head.paint("pituitary", Ellipsoid((0.0, -2.0, -31.0), (6.0, 5.0, 4.0)))
    head.paint("pituitary", Tube(((0, -2, -29, 1.2), (0, -1, -18, 1.0))))


def _paint_lesions(head: Layers) -> None:
    coarse, fine = head.coarse, head.fine
    matter = _share(head, "white", "callosum")
    tissue = matter + _share(head, "grey")
    for spot in _SCARS:
        head.paint("scar", Ellipsoid(spot, (2.4, 3.2, 2.4)), within=matter)
    box = head.near((18, -22, -4), (72, 38, 46))
    wedge = Ellipsoid(INFARCT_LPS, (17.0, 19.0, 14.0))(head.x[box], head.y[box], head.z[box])
    head.paint_distance("infarct", wedge + 4.2 * coarse[box] + 1.2 * fine[box], box, within=tissue)
    # In its middle the swelling closes the sulci.
    head.paint("infarct", Ellipsoid(INFARCT_LPS, (10.0, 10.0, 10.0)))
    box = head.near((-74, 22, -12), (-8, 94, 52))
    away = np.sqrt(sum((a[box] - c) ** 2 for a, c in zip((head.x, head.y, head.z), RING_LPS, strict=True)))
    head.paint_distance("oedema", away - 22 + 4.5 * coarse[box], box, within=matter)
    ragged = away + 0.9 * coarse[box] + 0.5 * fine[box]
    head.paint_distance("rim", ragged - RING_MM, box)
    head.paint_distance("necrosis", ragged - (RING_MM - RIM_MM) + 0.4 * coarse[box], box)


def _share(head: Layers, *tissues: str) -> Image:
    """How much of each voxel is of some tissues."""
    return head.composed({layer.tissue: float(layer.tissue in tissues) for layer in head.layers})


def _paint_vessels(head: Layers) -> None:
    head.paint("artery", Tube(((-1, 9, -52, 2.0), (0, 8, -36, 2.0), (0, 6, -22, 2.0))))
    head.pair("artery", Tube(((0, 6, -21, 1.4), (10, 14, -17, 1.3), (22, 32, -8, 1.1))))
    head.pair("artery", Tube(((22, 16, -64, 2.6), (18, 4, -44, 2.6), (11, -4, -36, 2.6), (12, -2, -22, 2.4))))
    head.pair(
        "artery", Tube(((12, -2, -20, 1.8), (28, -8, -18, 1.7), (42, -6, -10, 1.5), (43, 8, 2, 1.2), (44, 22, 8, 1.0)))
    )
    head.paint(
        "artery", Tube(((8, -10, -17, 1.4), (1, -28, -12, 1.3), (1, -40, 4, 1.2), (1, -32, 24, 1.2), (1, -8, 33, 1.1)))
    )
    head.pair("vein", Tube(((4, 22, 9, 1.1), (2, 34, 8, 1.3), (0, 44, 10, 1.8), (0, 60, 14, 2.0))))
    head.paint("vein", Tube(((0, 44, 10, 1.8), (0, 62, 12, 2.2), (0, 104, -6, 3.0))))
