"""The CT studies of the demo patient: trunk today and a year ago, chest two years ago, the liver in three phases.

One body, painted anew for each study in the pose of its day. Lesions grow from year to year; their truth is a value.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.anatomy.abdomen import BILE_HU
from workstation.phantom.develop import FIELD_RADIUS_MM, PIXEL_PADDING_VALUE, RESCALE_INTERCEPT, Developer
from workstation.phantom.grid import Grid, Vector
from workstation.phantom.lesions import Lesion
from workstation.phantom.noise import SHARP, SOFT, Kernel
from workstation.phantom.phases import ARTERIAL, CHEST, DELAYED, PORTAL, Enhancement
from workstation.phantom.pose import UPRIGHT, Pose
from workstation.phantom.scene import Scene
from workstation.phantom.series import LUNG, MEDIASTINUM, DemoStudy, PhantomSeries, PhantomStudy, Window
from workstation.phantom.trunk import ADA, TOP_MM, Landmark

PELVIS_MM = -533.0
# Below the lungs' lowest point: where the lung series ends.
LUNG_BOTTOM_MM = -193.0
LIVER_TOP_MM, LIVER_BOTTOM_MM = -43.0, -293.0
ABDOMEN = Window(50, 400, "ABDOMEN")
LIVER = Window(90, 160, "LIVER")

CURRENT = replace(
    ADA,
    study_id="1003",
    study_description="CT Thorax/Abdomen/Pelvis with contrast",
    accession_number="DEMO-CT-3",
    study_date="20250311",
    study_time="091500",
    priority="STAT",
    indication="Acute abdominal pain. Colon carcinoma with metastases.",
)
PRIOR = replace(
    ADA,
    patient_age="060Y",
    study_id="1002",
    study_description="CT Thorax/Abdomen/Pelvis with contrast",
    accession_number="DEMO-CT-2",
    study_date="20240312",
    study_time="143000",
    indication="Colon carcinoma, resected in 2023. Restaging.",
)
MULTIPHASE = replace(
    ADA,
    study_id="1004",
    study_description="CT Liver multiphase",
    accession_number="DEMO-CT-4",
    study_date="20250314",
    study_time="101000",
    priority="HIGH",
    indication="Resectable? Growing lesion in the right lobe.",
)

BASELINE = replace(
    ADA,
    patient_age="059Y",
    study_id="1001",
    study_description="CT Thorax with contrast",
    accession_number="DEMO-CT-0",
    study_date="20230314",
    study_time="084000",
    indication="Colon carcinoma. Staging before resection.",
)

BASELINE_POSE = Pose(shift_mm=(-3.0, 3.0, -4.0), roll_deg=-1.5, diaphragm_mm=4.0)
PRIOR_POSE = Pose(shift_mm=(4.0, -2.5, 6.0), roll_deg=2.0, diaphragm_mm=9.0)
# A year ago the scan began this much higher, as she and her diaphragm lay: in the middle it shows what today's does.
_PRIOR_HIGHER_MM = 15.0
LUNG_NODULE_LPS: Vector = (84.0, 44.0, -55.0)
LIVER_LESION_LPS: Vector = (-92.0, 14.0, -150.0)
LIVER_LPS: Vector = (-85.0, -25.0, -165.0)
LYMPH_NODE_LPS: Vector = (24.5, -3.0, -236.0)
NODULE_HU = 45.0
# Radii of nodule, liver lesion and node in studies that are not of this year, and the pose of each.
_EARLIER = {PRIOR: (PRIOR_POSE, (4.5, 9.0, 5.0)), BASELINE: (BASELINE_POSE, (2.5, 5.0, 3.0))}
_NOW = (UPRIGHT, (7.5, 14.0, 8.5))
# ContrastBolusStartTime of each study: 70 s before the portal phase, 30 s before a chest alone.
_INJECTED = {CURRENT: "091812", PRIOR: "143408", MULTIPHASE: "101500", BASELINE: "084432"}


_PROTOCOLS = {
    MULTIPHASE: ("LIVER MULTIPHASE", "ABDOMEN", (LIVER, ABDOMEN)),
    BASELINE: ("CHEST CONTRAST", "CHEST", (MEDIASTINUM,)),
}


@dataclass(frozen=True)
class _Size:
    """Rows and columns, and the distances of painted slices of the trunk, of the prior and of the phases."""

    pixels: int
    trunk_mm: float
    prior_mm: float
    phase_mm: float


_SIZES = {
    "tiny": _Size(96, 15.0, 15.0, 12.5),
    "small": _Size(144, 10.0, 10.0, 10.0),
    "full": _Size(512, 2.5, 3.75, 2.5),
}


def lesions(study: PhantomStudy, phase: Enhancement = PORTAL) -> tuple[Lesion, Lesion, Lesion]:
    """The truth of the lung nodule, the liver lesion and the lymph node in a study (LPS of that study, mm, HU).

    Their radii are 7.5, 14 and 8.5 mm now, were 4.5, 9 and 5 mm a year ago, and 2.5, 5 and 3 mm two years ago.
    """
    pose, (nodule, liver, node) = _EARLIER.get(study, _NOW)
    return (
        Lesion("lung nodule", pose.lung_lps(LUNG_NODULE_LPS), nodule, NODULE_HU, spiculated=True),
        Lesion(
            "liver lesion", pose.organ_lps(LIVER_LESION_LPS), liver, phase.liver_lesion, phase.lesion_rim, liver * 0.15
        ),
        Lesion("lymph node", pose.organ_lps(LYMPH_NODE_LPS), node, phase.lymph_node),
    )


def organs(study: PhantomStudy, phase: Enhancement) -> tuple[Landmark, ...]:
    """Places in a study where a tissue is known in a phase; the mean of the voxels there is its value, give or take."""
    pose = _pose(study)
    places = (
        ("aorta", (5.0, -2.0, -215.0), 4.0, phase.aorta, 8.0),
        ("portal vein", (-26.0, -13.0, -160.0), 2.5, phase.portal_vein, 10.0),
        ("liver", LIVER_LPS, 6.0, phase.liver, 8.0),
        ("spleen", (106.0, 38.0, -134.0), 5.0, phase.spleen, 14.0),
        ("left kidney's cortex", (82.0, 47.0, -198.0), 1.5, phase.renal_cortex, 14.0),
        ("cava", (-16.5, 1.0, -205.0), 4.0, phase.lower_cava, 10.0),
        ("gallbladder", (-50.0, -52.0, -188.0), 5.0, BILE_HU, 6.0),
    )
    moved = {"aorta", "cava"}
    return tuple(
        Landmark(name, (pose.fixed_lps if name in moved else pose.organ_lps)(point), radius, value, tolerance)
        for name, point, radius, value, tolerance in places
    )


def trunk_grid(pixels: int, top_mm: float, bottom_mm: float, slice_mm: float) -> Grid:
    """Axial slices of the whole field of view, head last."""
    spacing = round(2 * FIELD_RADIUS_MM / pixels, 6)
    count = round((top_mm - bottom_mm) / slice_mm)
    corner = round(-(pixels - 1) / 2 * spacing, 6)
    return Grid((count, pixels, pixels), (corner, corner, bottom_mm + slice_mm / 2), (spacing, spacing), slice_mm)


@dataclass(frozen=True, eq=False)
class Painted:
    """Slices without noise on their grid: (slices, rows, columns), or (slices, phases, rows, columns)."""

    grid: Grid
    slices: NDArray[np.int16]

    def images(self, kernel: Kernel, grid: Grid, seed: int, phase: int | None = None) -> NDArray[np.int16]:
        """HU on a grid of the same rows and columns: thinner slices lie between the painted ones, thicker hold some."""
        developer = Developer(kernel, grid, seed)
        source = self.slices if phase is None else self.slices[:, phase]
        images = np.empty(grid.shape, np.int16)
        for index in range(grid.shape[0]):
            z_mm = grid.origin_lps[2] + index * grid.slice_spacing_mm
            images[index] = developer.image(self._slab(source, z_mm, grid.slice_spacing_mm), index)
        return images

    def _slab(self, source: NDArray[np.int16], z_mm: float, thick_mm: float) -> NDArray[np.float32]:
        at = (z_mm - self.grid.origin_lps[2]) / self.grid.slice_spacing_mm
        half = thick_mm / self.grid.slice_spacing_mm / 2
        if half > 0.75:
            first, last = round(at - half + 0.5), round(at + half - 0.5)
            return np.asarray(source[max(first, 0) : last + 1].mean(axis=0, dtype=np.float32))
        low = min(max(int(np.floor(at + 1e-6)), 0), len(source) - 1)
        share = np.float32(min(max(at - low, 0.0), 1.0))
        image = source[low].astype(np.float32)
        if share > 1e-3 and low + 1 < len(source):
            image += share * (source[low + 1] - image)
        return np.asarray(image, np.float32)


def painted(study: PhantomStudy, grid: Grid, *phases: Enhancement, seed: int = 0) -> Painted:
    """The body of the demo patient on the day of a study."""
    truth = tuple(zip(*(lesions(study, phase) for phase in phases), strict=True))
    keep_out = ((LUNG_NODULE_LPS, 12.0), (LIVER_LESION_LPS, 12.0), (LIVER_LPS, 8.0))
    scene = Scene(seed, grid, phases, _pose(study), truth, keep_out)
    return Painted(grid, np.stack([np.rint(scene.slice(k)).astype(np.int16) for k in range(grid.shape[0])]))


def _pose(study: PhantomStudy) -> Pose:
    return _EARLIER.get(study, _NOW)[0]


def _current(size: str) -> Iterator[PhantomSeries]:
    """Thin soft slices, the same 5 mm thick, and the lungs with a sharp kernel."""
    sizes = _SIZES[size]
    trunk = painted(CURRENT, trunk_grid(sizes.pixels, TOP_MM, PELVIS_MM, sizes.trunk_mm), PORTAL)
    thin_mm = sizes.trunk_mm / 2
    thin = trunk_grid(sizes.pixels, TOP_MM, PELVIS_MM, thin_mm)
    yield _series(CURRENT, trunk.images(SOFT, thin, 11), thin, 2, f"CAP portal {thin_mm:g} soft", "091922")
    thick = trunk_grid(sizes.pixels, TOP_MM, PELVIS_MM, 2 * sizes.trunk_mm)
    thick_text = f"CAP portal {thick.slice_spacing_mm:g} soft"
    yield _series(CURRENT, trunk.images(SOFT, thick, 12), thick, 3, thick_text, "091922")
    chest = _chest(sizes.pixels, thin_mm)
    yield _series(CURRENT, trunk.images(SHARP, chest, 13), chest, 4, f"Thorax {thin_mm:g} lung", "091922", SHARP)


def _prior(size: str) -> Iterator[PhantomSeries]:
    """A year earlier: another position, a shallower breath, smaller lesions, thicker slices."""
    sizes = _SIZES[size]
    top_mm = TOP_MM + _PRIOR_HIGHER_MM
    grid = trunk_grid(sizes.pixels, top_mm, PELVIS_MM + _PRIOR_HIGHER_MM, sizes.prior_mm)
    trunk = painted(PRIOR, grid, PORTAL)
    yield _series(PRIOR, trunk.images(SOFT, grid, 21), grid, 2, f"CAP portal {sizes.prior_mm:g} soft", "143518")
    chest = _chest(sizes.pixels, sizes.prior_mm, top_mm)
    yield _series(PRIOR, trunk.images(SHARP, chest, 22), chest, 3, f"Thorax {sizes.prior_mm:g} lung", "143518", SHARP)


def _baseline(size: str) -> Iterator[PhantomSeries]:
    """Two years ago: the chest alone."""
    sizes = _SIZES[size]
    grid = _chest(sizes.pixels, sizes.prior_mm)
    chest = painted(BASELINE, grid, CHEST)
    text = f"{sizes.prior_mm:g}"
    yield _series(BASELINE, chest.images(SOFT, grid, 41), grid, 2, f"Thorax {text} soft", "084502")
    yield _series(BASELINE, chest.images(SHARP, grid, 42), grid, 3, f"Thorax {text} lung", "084502", SHARP)


def _multiphase(size: str) -> Iterator[PhantomSeries]:
    """Arterial, portal and delayed on the same grid."""
    sizes = _SIZES[size]
    grid = trunk_grid(sizes.pixels, LIVER_TOP_MM, LIVER_BOTTOM_MM, sizes.phase_mm)
    liver = painted(MULTIPHASE, grid, ARTERIAL, PORTAL, DELAYED)
    for phase, (name, time) in enumerate((("arterial", "101535"), ("portal", "101610"), ("delayed", "102000"))):
        images = liver.images(SOFT, grid, 31 + phase, phase)
        yield _series(MULTIPHASE, images, grid, 2 + phase, f"Liver {name} {sizes.phase_mm:g}", time)


def _chest(pixels: int, slice_mm: float, top_mm: float = TOP_MM) -> Grid:
    count = round((TOP_MM - LUNG_BOTTOM_MM) / slice_mm)
    return trunk_grid(pixels, top_mm, top_mm - count * slice_mm, slice_mm)


def _series(
    study: PhantomStudy,
    voxels: NDArray[np.int16],
    grid: Grid,
    number: int,
    description: str,
    time: str,
    kernel: Kernel = SOFT,
) -> PhantomSeries:
    protocol, part, soft = _PROTOCOLS.get(study, ("CHEST ABDOMEN PELVIS", "TRUNK", (ABDOMEN, MEDIASTINUM)))
    return PhantomSeries(
        voxels=voxels,
        grid=grid,
        study=study,
        series_number=number,
        series_description=description,
        series_time=time,
        protocol_name=protocol,
        body_part_examined="CHEST" if kernel == SHARP else part,
        windows=(LUNG,) if kernel == SHARP else soft,
        rescale_intercept=RESCALE_INTERCEPT,
        pixel_padding_value=PIXEL_PADDING_VALUE,
        convolution_kernel=kernel.name,
        contrast_agent="Iodine 350 mg/ml",
        contrast_start_time=_INJECTED[study],
        reverse_order=True,
    )


CT_STUDIES: tuple[DemoStudy, ...] = (
    DemoStudy("CT of the trunk", CURRENT, _current),
    DemoStudy("CT of the trunk a year earlier", PRIOR, _prior),
    DemoStudy("CT of the liver in three phases", MULTIPHASE, _multiphase),
    DemoStudy("CT of the chest two years earlier", BASELINE, _baseline),
)
