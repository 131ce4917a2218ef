"""The demo patient's chest as one CT series, with the truth of what was painted."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy import bowel, chest, spine, wall
from workstation.phantom.develop import FIELD_RADIUS_MM, PIXEL_PADDING_VALUE, RESCALE_INTERCEPT, Developer
from workstation.phantom.grid import Grid, Vector
from workstation.phantom.lesions import Lesion
from workstation.phantom.noise import SOFT
from workstation.phantom.phases import CHEST
from workstation.phantom.scene import Scene
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

TOP_MM, BOTTOM_MM = 97.0, -203.0
NODULE_HU = 45.0
NODULE_CENTER_LPS: Vector = (84.0, 44.0, -55.0)

# (rows and columns, slices); all cover the same 380 x 380 x 300 mm.
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
    Landmark("aorta", (28.0, 31.0, -5.0), 5.0, CHEST.aorta, 8.0),
    Landmark("left ventricle", chest.LV_POINT_LPS, 8.0, CHEST.left_heart, 8.0),
    Landmark("liver", (-85.0, -5.0, -135.0), 7.0, CHEST.liver, 6.0),
    Landmark("spleen", (106.0, 38.0, -134.0), 5.0, CHEST.spleen, 8.0),
    Landmark("stomach air", (58.0, -14.0, -128.0), 4.5, wall.AIR_HU + 10, 12.0),
    Landmark("stomach fluid", (58.0, 12.0, -122.0), 5.0, bowel.STOMACH_FLUID_HU, 8.0),
    Landmark("left lung", (85.0, -20.0, 0.0), 5.0, chest.LUNG_HU, 40.0),
    Landmark("right lung", (-85.0, -20.0, 0.0), 5.0, chest.LUNG_HU, 40.0),
    Landmark("trachea", (-1.0, 6.0, 50.0), 2.5, wall.AIR_HU, 25.0),
    Landmark("vertebra", (0.0, spine.vertebra_center_y(spine.VERTEBRA_Z_MM), spine.VERTEBRA_Z_MM), 5.0, 190.0, 35.0),
    Landmark("muscle", (18.0, 84.0, -100.0), 3.0, wall.MUSCLE_HU, 35.0),
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
    grid = chest_grid(size, row_to_column_spacing)
    image = trunk_slices(seed, grid, nodule_radius_mm)
    series = PhantomSeries(
        voxels=np.stack([image(k) for k in range(grid.shape[0])]),
        grid=grid,
        study=study,
        series_number=2,
        series_description=f"Thorax {grid.slice_spacing_mm:.1f} mm soft",
        protocol_name="CHEST CONTRAST",
        windows=(MEDIASTINUM, LUNG),
        rescale_intercept=RESCALE_INTERCEPT,
        pixel_padding_value=PIXEL_PADDING_VALUE,
        convolution_kernel=SOFT.name,
        contrast_agent="Iodine 350 mg/ml",
        reverse_order=True,
    )
    return series, TrunkTruth(NODULE_CENTER_LPS, nodule_radius_mm, NODULE_HU, LANDMARKS)


def chest_grid(size: Literal["tiny", "small", "bench"], row_to_column_spacing: float = 1.0) -> Grid:
    """The grid that `trunk_ct` fills."""
    columns, slices = _SIZES[size]
    column_mm = round(2 * FIELD_RADIUS_MM / columns, 6)
    row_mm = round(column_mm * row_to_column_spacing, 6)
    rows = int(np.ceil(2 * FIELD_RADIUS_MM / row_mm - 1e-3))
    slice_mm = (TOP_MM - BOTTOM_MM) / slices
    first = (-(columns - 1) / 2 * column_mm, -(rows - 1) / 2 * row_mm, BOTTOM_MM + slice_mm / 2)
    origin = (round(first[0], 6), round(first[1], 6), round(first[2], 6))
    return Grid((slices, rows, columns), origin, (row_mm, column_mm), slice_mm)


def trunk_slices(seed: int, grid: Grid, nodule_radius_mm: float = 7.0) -> Callable[[int], NDArray[np.int16]]:
    """A function that gives the HU of one slice, so that a few can be had without the whole."""
    nodule = Lesion("lung nodule", NODULE_CENTER_LPS, nodule_radius_mm, NODULE_HU)
    keep_out = (
        *((mark.point_lps, mark.radius_mm + 2) for mark in LANDMARKS),
        (NODULE_CENTER_LPS, nodule_radius_mm + 2),
    )
    scene = Scene(seed, grid, lesions=((nodule,),), keep_out=keep_out)
    developer = Developer(SOFT, grid, seed)
    return lambda index: developer.image(scene.slice(index), index)
