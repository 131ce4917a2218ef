"""The demo patient's trunk as painted slices, before any scanner has blurred them or added noise.

Nothing in it comes from a person: outlines are formulas bent by smooth random fields, vessels are random trees.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy import abdomen, bones, bowel, chest, muscles, pelvis, retroperitoneum, spine, wall
from workstation.phantom.anatomy.canvas import SMOOTH_MM, WARP_MM, Canvas, Field, Image, doubled, spans
from workstation.phantom.anatomy.solids import Distance
from workstation.phantom.anatomy.trees import Beads, grow, joined, stamp, strewn
from workstation.phantom.grid import Grid, Vector
from workstation.phantom.lesions import RIM_PATCHES, Lesion, paint_lesion, paint_spicules
from workstation.phantom.phases import CHEST, Enhancement, stacked
from workstation.phantom.pose import UPRIGHT, Pose

# Space of the random fields (z, y, x): the same whatever grid looks into it.
_FIELD_BOX_MM = ((-570.0, 125.0), (-230.0, 230.0), (-230.0, 230.0))
_NODE_HU = 45.0
_GRAINS_MM = (("bend_x", 38.0), ("bend_y", 38.0), ("coarse", 11.0), ("fine", 3.2))


@dataclass(frozen=True)
class Trees:
    """All that branches, in the body's coordinates at full inspiration."""

    lungs: chest.LungTrees
    portal: Beads
    hepatic: Beads
    arteries: Beads
    strewn: Beads
    under_skin: Beads


class Scene:
    """One body on one table on one day, painted slice by slice on a grid.

    `phases` are painted at once: slices are (rows, columns) for one, (phases, rows, columns) for several. `lesions`
    carry a value for each phase.
    """

    def __init__(
        self,
        seed: int,
        grid: Grid,
        phases: tuple[Enhancement, ...] = (CHEST,),
        pose: Pose = UPRIGHT,
        lesions: tuple[tuple[Lesion, ...], ...] = (),
        keep_out: tuple[tuple[Vector, float], ...] = (),
    ) -> None:
        self._grid, self._pose, self._lesions = grid, pose, lesions
        self._phases = len(phases)
        self._tint = stacked(phases)
        slices, rows, columns = grid.shape
        origin, (row_mm, column_mm) = grid.origin_lps, grid.pixel_spacing_mm
        self._x = (origin[0] + np.arange(columns, dtype=np.float32) * column_mm).astype(np.float32)[None, :]
        self._y = (origin[1] + np.arange(rows, dtype=np.float32) * row_mm).astype(np.float32)[:, None]
        self._z = (origin[2] + np.arange(slices, dtype=np.float32) * grid.slice_spacing_mm).astype(np.float32)
        self._z -= np.float32(pose.shift_mm[2])
        # Only where the body is do the fields matter.
        self._rows, self._columns = spans(pose, wall.BOX_MM, self._x, self._y, float(np.mean(grid.pixel_spacing_mm)))
        body_x = self._x[:, self._columns] - np.float32(pose.shift_mm[0])
        body_y = self._y[self._rows] - np.float32(pose.shift_mm[1])
        rng = np.random.default_rng([seed, 1])
        if column_mm < SMOOTH_MM:
            # Grains are so coarse that every other voxel is enough; the rest is had between them.
            body_x, body_y = body_x[:, ::2], body_y[::2]
        self._fields = {
            name: Field(rng, cell_mm, body_x, body_y, self._z, _FIELD_BOX_MM) for name, cell_mm in _GRAINS_MM
        }
        self._trees = _posed(_grown(seed, keep_out), pose)

    def slice(self, index: int) -> Image:
        """HU of one slice without noise."""
        shape = self._grid.shape[1:]
        hu = np.full(shape if self._phases == 1 else (self._phases, *shape), wall.AIR_HU, np.float32)
        whole = self._blank(hu, index)
        wall.paint_table(whole)
        canvas = self._body(hu, index)
        # Fat lies thicker here than there.
        skin = canvas.smooth(wall.body_distance) + np.float32(2.2) * canvas.broad
        ribs = wall.cage_of(canvas)
        wall.paint_wall(canvas, skin)
        vessels = stamp(canvas, self._trees.under_skin) * canvas.coverage(skin + 4)
        canvas.hu[...] += vessels * (_NODE_HU - canvas.hu)
        muscles.paint_muscles(canvas, skin, ribs)
        bones.paint_bones(canvas, ribs, skin)
        self._paint_inside(canvas, skin, ribs)
        spine.paint_spine(canvas)
        pelvis.paint_bones(canvas)
        self._paint_lesions(canvas)
        return hu

    def _paint_inside(self, canvas: Canvas, skin: Distance, ribs: wall.Cage) -> None:
        """From the inner side of the wall to the middle."""
        canvas.paint(ribs.out_mm, wall.FAT_HU + np.maximum(0, canvas.fine - 1.4) * 30)
        z = canvas.z_mm
        if z > abdomen.TOP_MM - 60:
            canvas.hu[...] += stamp(canvas, self._trees.strewn) * (_NODE_HU - canvas.hu)
        breathed = canvas.at(self._pose.resting_z(z))
        chest.paint_lungs(canvas, breathed.z_mm, self._trees.lungs)
        if breathed.z_mm < abdomen.TOP_MM:
            clip = abdomen.paint_diaphragm(breathed, ribs)
            pelvis.paint_gluteals(canvas, skin)
            retroperitoneum.paint_muscles(canvas)
            inside = breathed.near(wall.CAGE_BOX_MM)
            clip = clip if inside.x.shape == clip.shape else abdomen.diaphragm_of(inside)
            cover = stamp(inside, self._trees.strewn) * inside.coverage(clip)
            inside.hu[...] += cover * (_NODE_HU + 0.25 * self._tint.portal_vein - inside.hu)
            retroperitoneum.paint_organs(inside, clip, self._tint)
            bowel.paint_bowel(inside, clip, self._tint)
            abdomen.paint_organs(inside, clip, self._tint, self._trees.portal, self._trees.hepatic)
        pelvis.paint_organs(canvas, self._tint)
        chest.paint_mediastinum(canvas, breathed.z_mm, self._tint)
        retroperitoneum.paint_vessels(canvas, self._tint, self._trees.arteries)

    def _blank(self, hu: Image, index: int) -> Canvas:
        """The whole slice, without the body's fields: for what has its place in the scanner."""
        none = np.broadcast_to(np.float32(0), self._grid.shape[1:])
        pixel_mm = float(np.mean(self._grid.pixel_spacing_mm))
        z_mm, slice_mm = float(self._z[index]), self._grid.slice_spacing_mm
        return Canvas(hu, none, none, self._x, self._y, none, none, none, none, z_mm, pixel_mm, slice_mm, self._pose)

    def _body(self, hu: Image, index: int) -> Canvas:
        """The part of a slice that holds the body."""
        x_mm, y_mm = self._x[:, self._columns], self._y[self._rows]
        shape = (y_mm.shape[0], x_mm.shape[1])
        fields = {name: field.slice(index) for name, field in self._fields.items()}
        fields = {name: image if image.shape == shape else doubled(image, shape) for name, image in fields.items()}
        bend_x, bend_y = (np.clip(fields[name], -2, 2) for name in ("bend_x", "bend_y"))
        body_x, body_y = self._pose.body_xy(x_mm, y_mm)
        return replace(
            self._blank(hu, index),
            hu=hu[..., self._rows, self._columns],
            x=np.asarray(body_x + np.float32(WARP_MM) * bend_x, np.float32),
            y=np.asarray(body_y + np.float32(WARP_MM) * bend_y, np.float32),
            x_mm=x_mm,
            y_mm=y_mm,
            coarse=fields["coarse"],
            fine=fields["fine"],
            broad=bend_x,
            other=bend_y,
        )

    def _paint_lesions(self, canvas: Canvas) -> None:
        """Where the truth says, whatever the body does: in the scanner's coordinates."""
        canvas = canvas.at(canvas.z_mm + self._pose.shift_mm[2])
        for lesion in self._lesions:
            first = lesion[0]
            if first.spiculated:
                paint_spicules(canvas, first)
            values = _values([one.value_hu for one in lesion])
            if first.rim_hu is not None:
                rims = _values([one.rim_hu or 0.0 for one in lesion])
                paint_lesion(canvas, first.center_lps, first.radius_mm, rims, RIM_PATCHES * (rims - values))
            paint_lesion(canvas, first.center_lps, first.radius_mm - first.rim_mm, values)


def _values(values: list[float]) -> float | NDArray[np.float32]:
    return values[0] if len(values) == 1 else np.array(values, np.float32)[:, None, None]


@lru_cache(maxsize=2)
def _grown(seed: int, keep_out: tuple[tuple[Vector, float], ...]) -> Trees:
    spheres = list(keep_out)
    portal, hepatic = _liver_vessels(np.random.default_rng([seed, 3]))
    return Trees(
        lungs=_lung_trees(np.random.default_rng([seed, 2]), spheres),
        portal=portal.without(spheres),
        hepatic=hepatic.without(spheres),
        arteries=retroperitoneum.branches(np.random.default_rng([seed, 5])),
        strewn=_small_things(np.random.default_rng([seed, 8])),
        under_skin=_under_skin(np.random.default_rng([seed, 9])),
    )


def _posed(trees: Trees, pose: Pose) -> Trees:
    """The trees at the heights of the body on that day, their x and y in the scanner."""
    if pose == UPRIGHT:
        return trees

    def moved(beads: Beads, breathes: bool) -> Beads:
        centers = beads.centers_lps.copy()
        centers[:, 0], centers[:, 1] = pose.scanner_xy(beads.centers_lps[:, 0], beads.centers_lps[:, 1])
        centers[:, 2] = pose.lung_z(centers[:, 2]) if breathes else centers[:, 2]
        order = np.argsort(centers[:, 2], kind="stable")
        return Beads(centers[order], beads.radii_mm[order])

    lungs = chest.LungTrees(moved(trees.lungs.vessels, True), moved(trees.lungs.airways, True))
    others = (
        moved(tree, False) for tree in (trees.portal, trees.hepatic, trees.arteries, trees.strewn, trees.under_skin)
    )
    return Trees(lungs, *others)


def _small_things(rng: np.random.Generator) -> Beads:
    """Vessels and nodes in the fat of the mediastinum and of the belly."""
    return joined(
        [
            strewn(rng, (-48.0, -78.0, -115.0), (52.0, 42.0, 97.0), 420, (0.5, 2.6), 6),
            strewn(rng, (-110.0, -85.0, -470.0), (110.0, 70.0, -60.0), 2200, (0.5, 1.7), 9),
        ]
    )


def _under_skin(rng: np.random.Generator) -> Beads:
    """Veins in the fat below the skin, vessels and nodes of both armpits."""
    armpits = [
        strewn(rng, (side * 122.0 - 26, -62.0, 0.0), (side * 122.0 + 26, 40.0, 110.0), 90, (0.7, 3.2), 12)
        for side in (1, -1)
    ]
    return joined([strewn(rng, (-175.0, -118.0, -540.0), (175.0, 108.0, 97.0), 2600, (0.5, 1.1), 12), *armpits])


def _lung_trees(rng: np.random.Generator, keep_out: list[tuple[Vector, float]]) -> chest.LungTrees:
    """Arteries, veins and airways of both lungs."""
    vessels, airways = [], []
    for side in (1, -1):
        # Arteries go with the airways, veins between them.
        ends = _points_inside(rng, 30, side, 30.0)
        airways.append(grow(rng, (side * 44.0, 20.0, -26.0), ends, 1.0, 0.75))
        for root, count in (((48.0, 18.0, -10.0), 1500), ((48.0, 16.0, -34.0), 1200)):
            beside = ends + np.array([side * 2.5, 1.5, 2.0])
            targets = np.vstack([beside, _points_inside(rng, count, side, 4.0)])
            vessels.append(grow(rng, (side * root[0], root[1], root[2]), targets, 0.44, 0.7, 2.4))
    return chest.LungTrees(joined(vessels).without(keep_out), joined(airways).without(keep_out))


def _points_inside(rng: np.random.Generator, count: int, side: int, depth_mm: float) -> NDArray[np.float64]:
    """Random points at some depth inside one lung."""
    found = np.empty((0, 3))
    while len(found) < count:
        points = rng.uniform((12, -95, -165), (135, 105, 95), (4 * count, 3)) * (side, 1, 1)
        inside = chest.lungs_distance(*points.T) < -depth_mm
        found = np.vstack([found, points[inside]])
    return found[:count]


def _liver_vessels(rng: np.random.Generator) -> tuple[Beads, Beads]:
    """Portal branches from the hilum, and hepatic veins from the cava."""
    points = rng.uniform((-130, -90, -235), (70, 75, -70), (4600, 3))
    inside = points[abdomen.liver_distance(*points.T) < -6]
    half = len(inside) // 2
    portal = grow(rng, (-32.0, -14.0, -154.0), inside[: half // 2], 0.8, 0.55, 2.6)
    # Veins run straighter, from the whole liver to the cava below the diaphragm.
    veins = grow(rng, (-26.0, 0.0, -96.0), inside[half : half + half // 3], 0.85, 0.62, 2.5)
    return portal, veins
