"""The demo patient's head, painted into layers of tissue: coordinates are LPS in mm, the anterior commissure at 0."""

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy.solids import Distance, Ellipsoid, Tube, blend
from workstation.phantom.brain_cortex import CALLOSUM, CORTEX_MM, cerebrum_distance, water_distance
from workstation.phantom.brain_layers import Layers, empty_layers

Image = NDArray[np.float32]
Vector = tuple[float, float, float]

INFARCT_LPS: Vector = (45.0, 16.0, 32.0)
RING_LPS: Vector = (-33.0, 50.0, 26.0)
RING_MM, RIM_MM = 11.0, 2.4

_CEREBELLUM = Ellipsoid((25.0, 58.0, -40.0), (29.0, 30.0, 23.0))
_VERMIS = Ellipsoid((0.0, 58.0, -33.0), (12.0, 24.0, 23.0))
_STEM = Tube(
    (
        (0, 20, -6, 12),
        (0, 23, -18, 13),
        (0, 27, -34, 12),
        (0, 35, -50, 9.5),
        (0, 42, -64, 7.5),
        (0, 46, -90, 6.5),
        (0, 44, -175, 6.5),
    )
)
_PONS = Ellipsoid((0.0, 22.0, -33.0), (18.0, 13.0, 14.5))
_SKIN_MM = 15.5


def paint_head(rng: np.random.Generator, axes_mm: tuple[Image, Image, Image]) -> Layers:
    """All tissues of the head in voxels whose z, y and x are given."""
    head = empty_layers(rng, axes_mm, 1.6)
    x, y, z = head.x, head.y, head.z
    hull = cerebrum_distance(x, y, z)
    small = np.minimum(_CEREBELLUM(np.abs(x), y, z), _VERMIS(x, y, z))
    inner = blend(blend(hull, small, 14.0), _STEM(x, y, z) - 1.0, 10.0)
    room = inner - 1.5 - 0.7 * head.coarse
    _paint_outside(head, hull, small, inner)
    head.paint_distance("dura", room - 0.8)
    head.paint_distance("csf", room)
    _paint_partitions(head, hull, room)
    _paint_stem_and_cerebellum(rng, head, small)
    _paint_cerebrum(rng, head, hull)
    _paint_inside(head)
    _paint_vessels(head)
    return head


def _paint_outside(head: Layers, hull: Distance, small: Distance, inner: Distance) -> None:
    """Skin, fat, muscle, face and skull."""
    x, y, z = head.x, head.y, head.z
    vault = blend(hull, small, 60.0)
    neck = Ellipsoid((0.0, 38.0, 0.0), (56.0, 58.0, 1e3))(x, y, 0 * z)
    neck = np.maximum(neck, z + 20)
    face = Ellipsoid((0.0, -24.0, -72.0), (61.0, 66.0, 62.0))(x, y, z)
    face = blend(face, Ellipsoid((33.0, -58.0, -36.0), (16.0, 14.5, 14.0))(np.abs(x), y, z), 14.0)
    nose = Tube(((0, -78, -26, 6), (0, -94, -52, 9), (0, -90, -60, 12)))(x, y, z)
    chin = Ellipsoid((0.0, -62.0, -122.0), (30.0, 28.0, 20.0))(x, y, z)
    round_head = Ellipsoid((0.0, 7.0, 0.0), (79.0, 94.0, 104.0))(x, y, z + 0.5 * np.maximum(z, 0))
    skin = blend(blend(vault - _SKIN_MM, round_head, 16.0), neck, 20.0)
    skin = blend(skin, face, 16.0)
    skin = blend(blend(skin, nose, 12.0), chin, 16.0)
    for ear in (Ellipsoid((82.0, 32.0, -34.0), (7.0, 16.0, 28.0)),):
        skin = np.minimum(skin, ear(np.abs(x) - 0.2 * (y - 32), y, z))
    head.paint_distance("skin", skin)
    head.paint_distance("fat", skin + 1.8)
    low = np.maximum(skin + 7 + 1.5 * head.coarse, z + 6 + 3 * head.coarse)
    seams = np.abs(head.coarse + 0.4 * head.fine) * 6.0
    head.paint_distance("muscle", np.maximum(low, 1.1 - seams))
    fading = 1 - np.minimum(1, ((y + 6) / 44) ** 2 + ((z + 14) / 40) ** 2)
    temple = np.maximum(np.abs(vault - 11.0) - 3.6 * fading, 20 - np.abs(x))
    head.paint_distance("muscle", temple)
    _paint_face(head, skin)
    outer = np.maximum(blend(hull - 8.6, small - 7.5, 14.0), -(z + 74))
    head.paint_distance("bone", outer)
    head.paint_distance("diploe", np.maximum(outer + 2.2, -(inner - 5.0)))
    _paint_skull_base(head)


def _paint_face(head: Layers, skin: Distance) -> None:
    x, y, z = np.abs(head.x), head.y, head.z
    airway = Tube(((0, -84, -62, 6), (0, -50, -60, 13), (0, -16, -58, 11), (0, -8, -72, 9), (0, -3, -175, 8)))
    head.pair("bone", Tube(((36, -66, -60, 9), (52, -46, -58, 6), (62, -20, -56, 4))))
    maxilla = Ellipsoid((0.0, -60.0, -66.0), (36.0, 24.0, 20.0))
    head.paint("bone", maxilla)
    head.paint("mucosa", maxilla.grown(-4.0))
    head.pair("air", Ellipsoid((29.0, -52.0, -58.0), (13.0, 16.0, 15.0)))
    head.paint("mucosa", Ellipsoid((0.0, -46.0, -52.0), (17.0, 36.0, 20.0)))
    folds = np.abs(x - 6 - 2 * np.sin(z / 3.2)) - 1.6
    nasal = Ellipsoid((0.0, -46.0, -52.0), (15.0, 35.0, 18.0))(x, y, z)
    head.paint_distance("air", np.maximum(nasal, np.minimum(folds, np.abs(x - 13) - 0.8)))
    head.paint_distance("bone", np.maximum(nasal, np.abs(x) - 0.8))
    cells = np.maximum(Ellipsoid((0.0, -44.0, -32.0), (13.0, 24.0, 9.0))(x, y, z), -0.6 - 1.2 * head.fine)
    head.paint_distance("bone", Ellipsoid((0.0, -44.0, -32.0), (14.0, 26.0, 10.5))(x, y, z))
    head.paint_distance("air", cells)
    tongue = Ellipsoid((0.0, -42.0, -92.0), (24.0, 34.0, 19.0))
    head.paint("muscle", tongue)
    jaw = np.hypot(np.maximum(0, x - 0), 0) * 0
    arch = np.abs(np.hypot(x / 1.0, (y + 34) / 1.05) - 42 - jaw) - 5
    mandible = np.maximum(np.maximum(arch, np.abs(z + 108) - 11), y + 22)
    head.paint_distance("bone", mandible)
    head.paint_distance("diploe", mandible + 2.5)
    teeth = np.maximum(np.maximum(np.abs(np.hypot(x, (y + 40) / 1.1) - 33) - 4, np.abs(z + 88) - 9), y + 40)
    head.paint_distance("bone", teeth)
    head.paint("air", airway)
    for level in range(6):
        _paint_vertebra(head, -84.0 - 19 * level)
    _paint_orbits(head, skin)


def _paint_vertebra(head: Layers, z_mm: float) -> None:
    x, y, z = head.x, head.y, head.z
    body = Ellipsoid((0.0, 22.0, z_mm), (16.0, 11.0, 9.0))
    box = head.near((-30, 0, z_mm - 14), (30, 90, z_mm + 12))
    head.paint("bone", body, box)
    head.paint("clivus", body.grown(-1.6), box)
    spine = Tube(((0, 56, z_mm, 3), (0, 78, z_mm - 8, 4)))
    head.paint("clivus", spine)
    canal = np.hypot(x[box], (y[box] - 45) * 1.1) - 12
    head.paint_distance("csf", np.maximum(canal, np.abs(z[box] - z_mm) - 12), box)


def _paint_orbits(head: Layers, skin: Distance) -> None:
    for side in (1, -1):
        box = head.near((min(2, 62 * side), -76, -64), (max(-2, 62 * side), -8, -8))
        x, y, z = side * head.x[box], head.y[box], head.z[box]
        across, back = x - 33 + 0.36 * np.maximum(0, y + 56), np.maximum(0, y + 56)
        reach = np.hypot(across, z + 36)
        orbit = np.maximum(np.maximum(reach - (19 - 0.36 * back), -y - 66), skin[box] + 2.5)
        head.paint_distance("bone", np.maximum(orbit - 1.6, skin[box] + 5), box)
        head.paint_distance("fat", orbit, box)
        angle = np.arctan2(z + 36, across)
        ring = np.abs(reach - (13.5 - 0.23 * back)) - 1.9
        muscles = np.maximum(np.maximum(ring, orbit + 0.5), 3 - 12 * np.abs(np.cos(2 * angle)) ** 3)
        head.paint_distance("muscle", np.maximum(muscles, -58 - y), box)
        head.paint("white", Tube(((side * 31, -48, -36, 2.2), (side * 22, -28, -32, 2.2), (side * 8, -4, -18, 2.4))))
        eye = Ellipsoid((side * 33.0, -58.0, -36.0), (12.3, 12.3, 12.0))
        head.paint("dura", eye)
        head.paint("vitreous", eye.grown(-1.2))
        head.paint("lens", Ellipsoid((side * 33.0, -66.5, -36.0), (5.0, 2.3, 5.0)))


def _paint_skull_base(head: Layers) -> None:
    x, y, z = np.abs(head.x), head.y, head.z
    clivus = Tube(((0, 2, -38, 7), (0, 8, -52, 6), (0, 16, -66, 5)))
    head.paint("bone", Tube(tuple((a, b, c, r + 1.5) for a, b, c, r in clivus.knots)))
    head.paint("clivus", clivus)
    head.paint("bone", Ellipsoid((0.0, -10.0, -40.0), (17.0, 14.0, 11.0)))
    head.paint("air", Ellipsoid((0.0, -12.0, -40.0), (14.0, 11.0, 8.5)))
    petrous = Tube(((14, 12, -44, 6), (38, 26, -44, 9), (62, 36, -44, 12)))
    head.pair("bone", petrous)
    mastoid = np.maximum(Ellipsoid((60.0, 40.0, -52.0), (12.0, 13.0, 17.0))(x, y, z), -0.3 - 1.2 * head.fine)
    head.pair("bone", Ellipsoid((60.0, 40.0, -52.0), (13.0, 14.0, 18.0)))
    head.paint_distance("air", mastoid)
    head.pair("air", Tube(((56, 28, -42, 3.2), (80, 28, -42, 3.5))))
    head.pair("csf", Tube(((40, 25, -42, 2.2), (26, 28, -40, 2.6))))
    frontal = np.maximum(Ellipsoid((9.0, -81.0, -16.0), (10.0, 4.0, 11.0))(x, y, z), 1.0 - x)
    head.paint_distance("air", frontal)


def _paint_partitions(head: Layers, hull: Distance, room: Distance) -> None:
    """Falx and tentorium."""
    x, y, z = head.x, head.y, head.z
    falx = np.maximum(np.abs(x + 0.9 * np.sin(y / 17) + 0.5 * np.sin(z / 11)) - 0.55, room)
    deep = np.maximum(falx, 9 - CALLOSUM(0.0, y, z))
    head.paint_distance("dura", np.maximum(deep, -6 - z))
    sinus = np.maximum(np.hypot(x, room + 3.0) - 3.2, -z - 5 + 0 * y)
    head.paint_distance("vein", np.where(hull > -14, sinus, 99))
    head.pair(
        "vein", Tube(((0, 106, -8, 4), (34, 94, -14, 3.8), (58, 66, -20, 3.8), (60, 46, -34, 4), (50, 34, -60, 4)))
    )


def _paint_stem_and_cerebellum(rng: np.random.Generator, head: Layers, small: Distance) -> None:
    box = head.near((-58, 20, -72), (58, 100, -4))
    x, y, z = head.x[box], head.y[box], head.z[box]
    outline = small[box] + 0.5 * head.fine[box]
    head.paint_distance("grey", outline, box)
    angle = np.arctan2(z + 34, y - 44 - 0.12 * np.abs(x)) + 0.012 * np.abs(x) + 0.11 * head.coarse[box]
    reach = np.hypot(z + 34, y - 44) + 0.25 * np.abs(x)
    leaves = np.sin(angle * 23 + 0.6 * head.coarse[box])
    twigs = (np.abs(np.sin(angle * 5.5 + 0.5)) * reach / 5.5) - 1.0 + 0.02 * reach
    core = small[box] + 12 + 8 * np.exp(-((x / 9) ** 2)) + 2.5 * head.coarse[box]
    dentate = Ellipsoid((17.0, 56.0, -36.0), (8.0, 10.0, 7.0))(np.abs(x), y, z)
    head.paint_distance("white", np.maximum(np.minimum(twigs, core), small[box] + 4.0), box)
    head.paint_distance("striatum", np.abs(dentate + 0.8 * np.sin(y * 1.6)) - 0.8, box)
    sheets = (leaves + 0.87) * reach / 23 * 1.3
    head.paint_distance("csf", np.maximum(np.maximum(sheets, -small[box] - 7.5), small[box]), box)
    head.pair("brainstem", Tube(((10, 26, -34, 11), (20, 38, -35, 10), (24, 50, -36, 6))))
    head.paint("brainstem", _STEM)
    head.paint("cord", Tube(_STEM.knots[-3:]))
    head.paint("brainstem", _PONS)
    for spot in ((5.5, 34.0, -3.0), (5.0, 35.0, -11.0)):
        head.pair("grey", Ellipsoid(spot, (5.0, 4.5, 4.2)))
    head.pair("brainstem", Tube(((16, 2, -6, 7), (11, 10, -16, 7), (8, 14, -26, 7))))
    head.paint("csf", Ellipsoid((0.0, 4.0, -17.0), (5.5, 7.5, 8.0)))
    head.pair(
        "nigra", Ellipsoid((9.0, 15.0, -13.0), (6.0, 2.2, 4.0), ((0.8, -0.6, 0.0), (0.6, 0.8, 0.0), (0.0, 0.0, 1.0)))
    )
    head.pair("nigra", Ellipsoid((4.5, 20.0, -10.0), (2.6, 2.8, 3.4)))
    head.paint("csf", Ellipsoid((0.0, 41.0, -34.0), (8.5, 4.5, 12.0)))
    head.paint("csf", Tube(((0, 24, 0, 1.2), (0, 31, -10, 1.3), (0, 38, -26, 2.0))))


def _paint_cerebrum(rng: np.random.Generator, head: Layers, hull: Distance) -> None:
    x, y, z = head.x, head.y, head.z
    water = water_distance(rng, x, y, z, hull)
    # Around the stem the brain has no bark.
    gate = Ellipsoid((0.0, 15.0, -22.0), (16.0, 25.0, 17.0))(x, y, z)
    water = np.minimum(water, np.where(z < 0, gate, 99))
    cerebrum = -water
    head.paint_distance("grey", cerebrum)
    inside = np.maximum(cerebrum, CORTEX_MM - water)
    middle = np.maximum(Ellipsoid((0.0, 7.0, 4.0), (16.0, 41.0, 24.0))(x, y, z), -5 - z)
    head.paint_distance("white", np.minimum(inside, np.maximum(middle, 3 - gate)))
    head.paint_distance(
        "callosum", np.maximum(np.abs(CALLOSUM(0.0, y, z) + 3.5) - 2.6, np.maximum(np.abs(x) - 9, -8 - z))
    )


def _paint_inside(head: Layers) -> None:
    """Ventricles, deep nuclei and what is wrong."""
    x, y, z = np.abs(head.x), head.y, head.z
    body = Ellipsoid((0.0, -4.0, 14.5), (13.0, 28.0, 7.5))
    head.paint("csf", body)
    head.pair(
        "csf",
        Tube(
            ((12, -33, 2, 3.5), (10, -24, 7, 6), (12, -4, 18, 6), (17, 20, 21, 6), (25, 38, 15, 7.5), (26, 44, 10, 8))
        ),
    )
    head.pair("csf", Tube(((26, 44, 10, 7.5), (23, 58, 5, 5), (18, 74, 4, 2.5))))
    head.pair("csf", Tube(((26, 44, 9, 6.5), (34, 36, -5, 3.6), (36, 22, -15, 2.8), (33, 8, -19, 2.2))))
    septum = np.maximum(np.maximum(x - 0.7, body(x, y, z)), -3 - z)
    head.paint_distance("white", septum)
    head.pair("white", Tube(((2, -14, 2, 2.2), (3, 4, 8, 2.4), (9, 24, 10, 2.4), (24, 38, 0, 2.2))))
    head.pair(
        "thalamus",
        Ellipsoid((11.5, 15.0, 6.5), (9.0, 16.0, 8.5), ((0.94, 0.34, 0.0), (-0.34, 0.94, 0.0), (0.0, 0.0, 1.0))),
    )
    head.pair(
        "striatum",
        Ellipsoid((13.5, -15.0, 5.0), (6.0, 10.5, 9.5), ((0.95, -0.3, 0.0), (0.3, 0.95, 0.0), (0.0, 0.0, 1.0))),
    )
    head.pair("striatum", Tube(((14, -10, 12, 4.5), (16, 6, 20, 3.4), (22, 26, 19, 2.4), (30, 36, 10, 1.6))))
    lens = ((0.94, -0.3, -0.15), (0.3, 0.95, 0.0), (0.14, -0.05, 0.99))
    head.pair("striatum", Ellipsoid((26.5, -3.0, 1.0), (6.2, 16.0, 10.5), lens))
    head.pair("pallidum", Ellipsoid((20.0, 1.0, -0.5), (4.6, 10.0, 7.0), lens))
    head.pair("grey", Ellipsoid((35.2, -2.0, 2.0), (0.9, 14.0, 10.0)))
    head.pair("grey", Tube(((22, 3, -20, 7), (27, 14, -19, 5), (29, 26, -14, 4.5), (24, 36, -4, 3.5))))
    head.paint("csf", Ellipsoid((0.0, 11.0, -2.0), (2.4, 16.0, 11.0)))
    head.paint("thalamus", Ellipsoid((0.0, 12.0, 4.0), (4.0, 4.0, 3.0)))
    plexus = Ellipsoid((24.0, 42.0, 12.0), (3.5, 8.0, 4.0))
    head.pair("plexus", plexus)
    head.paint("mucosa", Ellipsoid((0.0, 27.0, 3.0), (3.0, 4.5, 3.0)))
    head.paint("pituitary", Ellipsoid((0.0, -2.0, -31.0), (6.0, 5.0, 4.0)))
    head.paint("pituitary", Tube(((0, -2, -29, 1.2), (0, -1, -18, 1.0))))
    _paint_lesions(head)


def _paint_lesions(head: Layers) -> None:
    coarse, fine = head.coarse, head.fine
    tissue = _share(head, ("white", "grey", "callosum"), ("csf", "dura", "vein", "bone"))
    matter = _share(head, ("white", "callosum"), ("csf", "grey", "dura", "striatum", "thalamus", "bone"))
    for spot in (
        (20.0, -30.0, 16.0),
        (-22.0, -26.0, 18.0),
        (24.0, 4.0, 30.0),
        (-27.0, 12.0, 30.0),
        (-30.0, -14.0, 26.0),
        (31.0, 36.0, 30.0),
    ):
        lesion = Ellipsoid(spot, (2.4, 3.2, 2.4))
        head.paint("scar", lesion, within=matter)
    box = head.near((18, -14, 8), (72, 46, 58))
    wedge = Ellipsoid(INFARCT_LPS, (17.0, 19.0, 14.0))(head.x[box], head.y[box], head.z[box])
    head.paint_distance("infarct", wedge + 1.8 * coarse[box], box, within=tissue)
    # In its middle the swelling closes the sulci.
    head.paint("infarct", Ellipsoid(INFARCT_LPS, (10.0, 10.0, 10.0)))
    box = head.near((-66, 14, -2), (-6, 90, 58))
    away = np.sqrt(sum((a[box] - c) ** 2 for a, c in zip((head.x, head.y, head.z), RING_LPS, strict=True)))
    head.paint_distance("oedema", away - 22 + 4.5 * coarse[box], box, within=matter)
    ragged = away + 0.9 * coarse[box] + 0.5 * fine[box]
    head.paint_distance("rim", ragged - RING_MM, box)
    head.paint_distance("necrosis", ragged - (RING_MM - RIM_MM) + 0.8 * coarse[box], box)


def _share(head: Layers, of: tuple[str, ...], over: tuple[str, ...]) -> Image:
    """How much of each voxel is of some tissues."""
    values = {layer.tissue: 0.0 for layer in head.layers}
    return head.composed({**values, **dict.fromkeys(of, 1.0), **dict.fromkeys(over, 0.0)})


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
