"""The demo patient's chest: a trunk CT painted by formulas, with the truth of what was painted.

Nothing in it comes from a person: outlines are formulas bent by smooth random fields, vessels are random trees.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy import abdomen, bones, chest, wall
from workstation.phantom.anatomy.canvas import WARP_MM, Canvas, Field, Image
from workstation.phantom.anatomy.trees import Beads, grow
from workstation.phantom.grid import Grid, Vector
from workstation.phantom.series import LUNG, MEDIASTINUM, PhantomSeries, PhantomStudy

ADA = PhantomStudy(
    patient_name="Demo^Ada",
    patient_id="DEMO-1",
    patient_birth_date="19631210",
    patient_sex="F",
    patient_age="061Y",
    study_id="1001",
    study_description="CT Thorax",
    accession_number="DEMO-CT-1",
)

PIXEL_PADDING_VALUE = -2000
RESCALE_INTERCEPT = -1024
PADDING_HU = PIXEL_PADDING_VALUE + RESCALE_INTERCEPT
FIELD_RADIUS_MM = 190.0
TOP_MM, BOTTOM_MM = 97.0, -203.0
NODULE_HU = 45.0
NODULE_CENTER_LPS: Vector = (84.0, 44.0, -55.0)
NOISE_HU = 11.0

# (rows and columns, slices); both cover the same 380 x 380 x 300 mm.
_SIZES = {"tiny": (128, 60), "small": (256, 120), "bench": (512, 300)}


@dataclass(frozen=True)
class Landmark:
    """A place whose tissue is known: the mean of the voxels within `radius_mm` is `value_hu`, give or take."""

    name: str
    point_lps: Vector
    radius_mm: float
    value_hu: float
    tolerance_hu: float


@dataclass(frozen=True)
class TrunkTruth:
    """What was painted where (LPS, mm, HU). The nodule is an exact sphere in the left lower lobe."""

    nodule_center_lps: Vector
    nodule_radius_mm: float
    nodule_hu: float
    landmarks: tuple[Landmark, ...]

    def landmark(self, name: str) -> Landmark:
        """The landmark of that name; raises KeyError for a name that is none."""
        return {mark.name: mark for mark in self.landmarks}[name]


LANDMARKS = (
    Landmark("aorta", (28.0, 31.0, -5.0), 5.0, chest.AORTA_HU, 8.0),
    Landmark("left ventricle", chest.LV_POINT_LPS, 8.0, chest.LEFT_HEART_HU, 8.0),
    Landmark("liver", (-85.0, -5.0, -135.0), 7.0, abdomen.LIVER_HU, 6.0),
    Landmark("spleen", (106.0, 38.0, -134.0), 5.0, abdomen.SPLEEN_HU, 8.0),
    Landmark("stomach air", (56.0, -42.0, -124.0), 6.0, wall.AIR_HU + 10, 12.0),
    Landmark("stomach fluid", (54.0, -8.0, -126.0), 6.0, abdomen.STOMACH_FLUID_HU, 8.0),
    Landmark("left lung", (85.0, -20.0, 0.0), 5.0, chest.LUNG_HU, 40.0),
    Landmark("right lung", (-85.0, -20.0, 0.0), 5.0, chest.LUNG_HU, 40.0),
    Landmark("trachea", (-1.0, 6.0, 50.0), 2.5, wall.AIR_HU, 25.0),
    Landmark("vertebra", (0.0, bones.vertebra_center_y(bones.VERTEBRA_Z_MM), bones.VERTEBRA_Z_MM), 5.0, 190.0, 35.0),
    Landmark("muscle", (28.0, 87.0, -100.0), 3.0, wall.MUSCLE_HU, 35.0),
    Landmark("air", (0.0, -150.0, -60.0), 8.0, wall.AIR_HU, 8.0),
)


def trunk_ct(
    seed: int = 0,
    size: Literal["tiny", "small", "bench"] = "small",
    row_to_column_spacing: float = 1.0,
    nodule_radius_mm: float = 7.0,
    study: PhantomStudy = ADA,
) -> tuple[PhantomSeries, TrunkTruth]:
    """A contrast-enhanced chest CT, head first supine, 380 x 380 x 300 mm.

    `tiny` is 128 x 128 x 60 (2.97 x 2.97 x 5 mm), `small` 256 x 256 x 120 (1.48 x 1.48 x 2.5 mm) and `bench`
    512 x 512 x 300 (0.74 x 0.74 x 1 mm).
    `row_to_column_spacing` other than 1 makes pixels that are no squares, as no scanner does but files may.
    The circle outside the field of view carries PixelPaddingValue. Same arguments, same voxels.
    """
    grid = _grid(size, row_to_column_spacing)
    painter = _Painter(seed, grid, nodule_radius_mm)
    series = PhantomSeries(
        voxels=np.stack([painter.slice_hu(k) for k in range(grid.shape[0])]),
        grid=grid,
        study=study,
        series_number=2,
        series_description=f"Thorax {grid.slice_spacing_mm:.1f} mm soft",
        protocol_name="CHEST CONTRAST",
        windows=(MEDIASTINUM, LUNG),
        rescale_intercept=RESCALE_INTERCEPT,
        pixel_padding_value=PIXEL_PADDING_VALUE,
        convolution_kernel="SOFT",
        contrast_agent="Iodine 350 mg/ml",
        reverse_order=True,
    )
    return series, TrunkTruth(NODULE_CENTER_LPS, nodule_radius_mm, NODULE_HU, LANDMARKS)


def _grid(size: Literal["tiny", "small", "bench"], row_to_column_spacing: float) -> Grid:
    columns, slices = _SIZES[size]
    column_mm = round(2 * FIELD_RADIUS_MM / columns, 6)
    row_mm = round(column_mm * row_to_column_spacing, 6)
    rows = int(np.ceil(2 * FIELD_RADIUS_MM / row_mm - 1e-3))
    slice_mm = (TOP_MM - BOTTOM_MM) / slices
    first = (-(columns - 1) / 2 * column_mm, -(rows - 1) / 2 * row_mm, BOTTOM_MM + slice_mm / 2)
    origin = (round(first[0], 6), round(first[1], 6), round(first[2], 6))
    return Grid((slices, rows, columns), origin, (row_mm, column_mm), slice_mm)


class _Painter:
    """Holds what all slices share: coordinates, random fields, trees."""

    def __init__(self, seed: int, grid: Grid, nodule_radius_mm: float) -> None:
        self._seed = seed
        self._grid = grid
        self._nodule_radius_mm = nodule_radius_mm
        slices, rows, columns = grid.shape
        origin, (row_mm, column_mm) = grid.origin_lps, grid.pixel_spacing_mm
        self._x = (origin[0] + np.arange(columns, dtype=np.float32) * column_mm).astype(np.float32)[None, :]
        self._y = (origin[1] + np.arange(rows, dtype=np.float32) * row_mm).astype(np.float32)[:, None]
        z = (origin[2] + np.arange(slices, dtype=np.float32) * grid.slice_spacing_mm).astype(np.float32)
        self._outside = np.hypot(self._x, self._y) > FIELD_RADIUS_MM
        rng = np.random.default_rng([seed, 1])
        self._fields = {
            name: Field(rng, cell_mm, self._x, self._y, z)
            for name, cell_mm in (("bend_x", 38.0), ("bend_y", 38.0), ("coarse", 11.0), ("fine", 3.2))
        }
        keep_out = [(mark.point_lps, mark.radius_mm + 2) for mark in LANDMARKS]
        keep_out.append((NODULE_CENTER_LPS, nodule_radius_mm + 2))
        self._lung_trees = _lung_trees(np.random.default_rng([seed, 2]), keep_out)
        self._liver_vessels = _liver_vessels(np.random.default_rng([seed, 3])).without(keep_out)

    def slice_hu(self, index: int) -> NDArray[np.int16]:
        """HU of one slice, shape (rows, columns)."""
        whole = self._canvas(index)
        _paint_table(whole)
        canvas = whole.near(wall.BOX_MM)
        x, y, z = canvas.x, canvas.y, canvas.z_mm
        skin, ribs = wall.body_distance(x, y, z), wall.cage(x, y, z)
        wall.paint_wall(canvas, skin, ribs)
        bones.paint_bones(canvas, ribs, skin)
        canvas.paint(ribs.out_mm, wall.FAT_HU + np.maximum(0, canvas.fine - 1.4) * 30)
        chest.paint_lungs(canvas, self._lung_trees)
        abdomen.paint_abdomen(canvas, self._liver_vessels)
        chest.paint_mediastinum(canvas)
        bones.paint_spine(canvas)
        _paint_nodule(canvas, self._nodule_radius_mm)
        return self._developed(whole, index)

    def _canvas(self, index: int) -> Canvas:
        fields = {name: field.slice(index) for name, field in self._fields.items()}
        z_mm = self._grid.origin_lps[2] + index * self._grid.slice_spacing_mm
        return Canvas(
            hu=np.full(self._grid.shape[1:], wall.AIR_HU, np.float32),
            x=self._x + WARP_MM * np.clip(fields["bend_x"], -2, 2),
            y=self._y + WARP_MM * np.clip(fields["bend_y"], -2, 2),
            x_mm=self._x,
            y_mm=self._y,
            coarse=fields["coarse"],
            fine=fields["fine"],
            z_mm=float(z_mm),
            pixel_mm=float(np.mean(self._grid.pixel_spacing_mm)),
            slice_mm=self._grid.slice_spacing_mm,
        )

    def _developed(self, canvas: Canvas, index: int) -> NDArray[np.int16]:
        """Blur of the scanner, noise of its kernel, and the padding around its field."""
        from scipy.ndimage import gaussian_filter

        pixels = [0.55 / mm for mm in self._grid.pixel_spacing_mm]
        image = gaussian_filter(canvas.hu, pixels, mode="nearest")
        image += _noise(np.random.default_rng([self._seed, 4, index]), canvas, self._grid.pixel_spacing_mm)
        hu: NDArray[np.int16] = np.rint(np.clip(image, RESCALE_INTERCEPT, 3071)).astype(np.int16)
        hu[self._outside] = PADDING_HU
        return hu


def _noise(rng: np.random.Generator, canvas: Canvas, pixel_spacing_mm: tuple[float, float]) -> Image:
    """Grainy like a soft kernel's: neither single pixels nor clouds; streaks between the shoulders."""
    from scipy.ndimage import gaussian_filter

    white = rng.standard_normal(canvas.hu.shape, dtype=np.float32)
    grain = gaussian_filter(white, [0.75 / mm for mm in pixel_spacing_mm], mode="wrap")
    grain -= gaussian_filter(white, [2.2 / mm for mm in pixel_spacing_mm], mode="wrap")
    grain /= grain.std()
    depth = np.exp(-((np.hypot(canvas.x_mm, canvas.y_mm * 1.3) / 130) ** 2))
    noise: Image = grain * (NOISE_HU * (0.45 + 0.6 * depth))
    shoulders = float(np.clip((canvas.z_mm - 70) / 40, 0, 1))
    if shoulders > 0:
        streaks = gaussian_filter(white, [0.5 / pixel_spacing_mm[0], 22 / pixel_spacing_mm[1]], mode="wrap")
        across = np.exp(-(((canvas.y_mm - 10) / 45) ** 2))
        noise += streaks / streaks.std() * (18 * shoulders) * across
    return noise


def _paint_nodule(canvas: Canvas, radius_mm: float) -> None:
    """An exact sphere: true coordinates, and the share of the slice's thickness that it fills."""
    x, y, z = NODULE_CENTER_LPS
    part = canvas.around(NODULE_CENTER_LPS, radius_mm + 2)
    share = np.zeros_like(part.hu)
    for shift in (np.arange(5) + 0.5) / 5 - 0.5:
        squared = radius_mm**2 - (canvas.z_mm + shift * canvas.slice_mm - z) ** 2
        if squared > 0:
            disc = np.hypot(part.x_mm - x, part.y_mm - y) - np.sqrt(np.float32(squared))
            share += part.coverage(disc) / 5
    part.hu[...] += share * (NODULE_HU - part.hu)


def _paint_table(canvas: Canvas) -> None:
    """Mattress, and the two shells of the table with foam between them."""
    x, y = canvas.x_mm, canvas.y_mm
    top, bottom = 117 - (x / 62) ** 2, 139 - (x / 42) ** 2
    canvas.paint(np.maximum(98 - (x / 62) ** 2 - y, y - top), -955.0)
    canvas.paint(np.maximum(top - y, y - bottom), -965.0)
    for shell, value in ((top, -120.0), (bottom, 160.0)):
        canvas.paint(np.abs(y - shell) - 1.4, value)


def _lung_trees(rng: np.random.Generator, keep_out: list[tuple[Vector, float]]) -> chest.LungTrees:
    """Arteries, veins and airways of both lungs."""
    vessels, airways = [], []
    for side in (1, -1):
        for root, count in (((48.0, 18.0, -10.0), 900), ((48.0, 16.0, -34.0), 700)):
            targets = _points_inside(rng, count, side, 4.0)
            vessels.append(grow(rng, (side * root[0], root[1], root[2]), targets, 0.6, 0.7))
        airways.append(grow(rng, (side * 44.0, 20.0, -26.0), _points_inside(rng, 45, side, 25.0), 1.0, 0.75))
    return chest.LungTrees(_joined(vessels).without(keep_out), _joined(airways).without(keep_out))


def _points_inside(rng: np.random.Generator, count: int, side: int, depth_mm: float) -> NDArray[np.float64]:
    """Random points at some depth inside one lung."""
    found = np.empty((0, 3))
    while len(found) < count:
        points = rng.uniform((12, -95, -165), (135, 105, 95), (4 * count, 3)) * (side, 1, 1)
        inside = chest.lungs_distance(*points.T) < -depth_mm
        found = np.vstack([found, points[inside]])
    return found[:count]


def _liver_vessels(rng: np.random.Generator) -> Beads:
    """Portal branches from the hilum and hepatic veins from the cava."""
    points = rng.uniform((-130, -90, -190), (60, 75, -70), (2600, 3))
    inside = points[abdomen.liver_distance(*points.T) < -8]
    half = len(inside) // 2
    portal = grow(rng, (-32.0, -14.0, -154.0), inside[: half // 3], 0.9)
    veins = grow(rng, (-26.0, 0.0, -96.0), inside[half : half + half // 4], 0.9)
    return _joined([portal, veins])


def _joined(trees: list[Beads]) -> Beads:
    centers = np.concatenate([tree.centers_lps for tree in trees])
    radii = np.concatenate([tree.radii_mm for tree in trees])
    order = np.argsort(centers[:, 2], kind="stable")
    return Beads(centers[order], radii[order])
