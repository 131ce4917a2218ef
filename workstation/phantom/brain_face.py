"""What lies below and before the brain: face with its cavities, jaw, orbits, the base of the skull, the upper spine."""

import numpy as np

from workstation.phantom.anatomy.solids import Distance, Ellipsoid, Tube
from workstation.phantom.brain_layers import Layers

_AIRWAY = Tube(((0, -84, -62, 6), (0, -50, -60, 13), (0, -16, -58, 11), (0, -8, -72, 9), (0, -3, -175, 8)))
_MAXILLA = Ellipsoid((0.0, -60.0, -66.0), (36.0, 24.0, 20.0))
_CHEEKBONE = Tube(((36, -66, -60, 9), (52, -46, -58, 6), (62, -20, -56, 4)))
_NASAL = Ellipsoid((0.0, -46.0, -52.0), (15.0, 35.0, 18.0))
_ETHMOID = Ellipsoid((0.0, -44.0, -32.0), (13.0, 24.0, 9.0))
_TONGUE = Ellipsoid((0.0, -42.0, -92.0), (24.0, 34.0, 19.0))
_FIRST_VERTEBRA_MM, _VERTEBRA_MM, _VERTEBRAE = -84.0, 19.0, 6
_CLIVUS = Tube(((0, 2, -38, 7), (0, 8, -52, 6), (0, 16, -66, 5)))
_PETROUS = Tube(((14, 12, -44, 6), (38, 26, -44, 9), (62, 36, -44, 12)))
_MASTOID = Ellipsoid((60.0, 40.0, -52.0), (12.0, 13.0, 17.0))


def paint_face(head: Layers, skin: Distance) -> None:
    """Everything but the base of the skull."""
    _paint_nose(head)
    _paint_jaw(head)
    box = head.box_of(_AIRWAY)
    away = _AIRWAY(head.x[box], head.y[box], head.z[box])
    head.paint_distance("air", away + 2.2 * head.coarse[box] + 0.8 * head.fine[box], box)
    for level in range(_VERTEBRAE):
        _paint_vertebra(head, _FIRST_VERTEBRA_MM - _VERTEBRA_MM * level)
    for side in (1, -1):
        _paint_orbit(head, skin, side)


def _paint_nose(head: Layers) -> None:
    head.pair("bone", _CHEEKBONE)
    head.paint("bone", _MAXILLA)
    _ragged(head, "diploe", _MAXILLA.grown(-3.5), 1.5)
    for side in (1.0, -1.0):
        _ragged(head, "air", Ellipsoid((side * 29.0, -52.0, -58.0), (13.0, 16.0, 15.0)), 2.2)
    head.paint("mucosa", _NASAL.grown(2.0))
    box = head.box_of(_NASAL)
    x, y, z = np.abs(head.x[box]), head.y[box], head.z[box]
    nasal = _NASAL(x, y, z) + 1.8 * head.coarse[box] + 0.8 * head.fine[box]
    shells = np.minimum(np.abs(x - 6 - 2 * np.sin(z / 3.2)) - 1.6, np.abs(x - 13) - 0.8)
    head.paint_distance("air", np.maximum(nasal, shells), box)
    head.paint_distance("bone", np.maximum(nasal, x - 0.8), box)
    head.paint("bone", _ETHMOID.grown(1.5))
    box = head.box_of(_ETHMOID)
    cells = _ETHMOID(head.x[box], head.y[box], head.z[box])
    head.paint_distance("air", np.maximum(cells, -0.6 - 1.2 * head.fine[box]), box)


def _ragged(head: Layers, tissue: str, solid: Ellipsoid, by_mm: float) -> None:
    """A solid whose surface is uneven by some millimetres."""
    box = head.box_of(solid)
    distance = solid(head.x[box], head.y[box], head.z[box])
    head.paint_distance(tissue, distance + by_mm * (head.coarse[box] + 0.4 * head.fine[box]), box)


def _paint_jaw(head: Layers) -> None:
    head.paint("muscle", _TONGUE)
    box = head.near((-52, -90, -126), (52, -16, -74))
    x, y, z = head.x[box], head.y[box], head.z[box]
    arch = np.abs(np.hypot(x, (y + 34) / 1.05) - 42) - 5
    uneven = 1.6 * head.coarse[box] + 0.8 * head.fine[box]
    mandible = np.maximum(np.maximum(arch, np.abs(z + 108) - 11), y + 22) + uneven
    head.paint_distance("bone", mandible, box)
    head.paint_distance("diploe", mandible + 2.5, box)
    row = np.abs(np.hypot(x, (y + 40) / 1.1) - 33) - 4
    head.paint_distance("bone", np.maximum(np.maximum(row, np.abs(z + 88) - 9), y + 40) + uneven, box)


def _paint_vertebra(head: Layers, z_mm: float) -> None:
    x, y, z = head.x, head.y, head.z
    body = Ellipsoid((0.0, 22.0, z_mm), (16.0, 11.0, 9.0))
    box = head.near((-30, 0, z_mm - 14), (30, 90, z_mm + 12))
    head.paint("bone", body, box)
    head.paint("clivus", body.grown(-1.6), box)
    head.paint("clivus", Tube(((0, 56, z_mm, 3), (0, 78, z_mm - 8, 4))))
    canal = np.hypot(x[box], (y[box] - 45) * 1.1) - 12
    head.paint_distance("csf", np.maximum(canal, np.abs(z[box] - z_mm) - 12), box)


def _paint_orbit(head: Layers, skin: Distance, side: int) -> None:
    """A cone of fat with the eye, its muscles and its nerve; `side` is 1 on the left."""
    box = head.near((min(2, 62 * side), -76, -64), (max(-2, 62 * side), -8, -8))
    x, y, z = side * head.x[box], head.y[box], head.z[box]
    back = np.maximum(0, y + 56)
    across = x - 33 + 0.36 * back
    reach = np.sqrt(across**2 + (z + 36) ** 2 + np.minimum(0, y + 56) ** 2)
    orbit = np.maximum(np.maximum(reach - (19 - 0.36 * back), -y - 66), skin[box] + 2.5)
    head.paint_distance("bone", np.maximum(orbit - 1.6, skin[box] + 5), box)
    head.paint_distance("fat", orbit, box)
    ring = np.maximum(np.abs(reach - (13.5 - 0.23 * back)) - 1.4 - 0.5 * head.coarse[box], orbit + 0.5)
    quarters = 4.5 - 12 * np.abs(np.cos(2 * np.arctan2(z + 36, across))) ** 3
    head.paint_distance("muscle", np.maximum(np.maximum(ring, quarters), -58 - y), box)
    head.paint("white", Tube(((side * 31, -48, -36, 2.2), (side * 22, -28, -32, 2.2), (side * 8, -4, -18, 2.4))))
    eye = Ellipsoid((side * 33.0, -58.0, -36.0), (12.3, 12.3, 12.0))
    head.paint("dura", eye)
    head.paint("vitreous", eye.grown(-1.2))
    head.paint("lens", Ellipsoid((side * 33.0, -66.5, -36.0), (5.0, 2.3, 5.0)))


def paint_skull_base(head: Layers) -> None:
    """Clivus, sphenoid, petrous bones with their air cells and canals, frontal sinuses."""
    head.paint("bone", Tube(tuple((x, y, z, radius + 1.5) for x, y, z, radius in _CLIVUS.knots)))
    head.paint("clivus", _CLIVUS)
    head.paint("bone", Ellipsoid((0.0, -10.0, -40.0), (17.0, 14.0, 11.0)))
    _ragged(head, "air", Ellipsoid((0.0, -12.0, -40.0), (14.0, 11.0, 8.5)), 1.6)
    head.pair("bone", _PETROUS)
    head.pair("bone", _MASTOID.grown(1.0))
    box = head.near((-74, 26, -70), (74, 54, -34))
    cells = _MASTOID(np.abs(head.x[box]), head.y[box], head.z[box])
    head.paint_distance("air", np.maximum(cells, -0.3 - 1.2 * head.fine[box]), box)
    head.pair("air", Tube(((56, 28, -42, 3.2), (80, 28, -42, 3.5))))
    head.pair("csf", Tube(((40, 25, -42, 2.2), (26, 28, -40, 2.6))))
    for side in (9.5, -9.5):
        frontal = Ellipsoid((side, -75.0, -13.0), (8.5, 3.5, 11.0))
        head.paint("bone", frontal.grown(1.8))
        _ragged(head, "air", frontal, 1.0)
