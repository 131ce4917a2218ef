"""The demo patient from skull to thigh: low-dose CT, and PET with known uptake, corrected for attenuation and not.

Body, breath and lesions are those of the trunk studies; the head is that of the brain study.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom
from scipy.sparse import csr_array

from workstation.phantom.acquisition import CtAcquisition, PetAcquisition, Tracer
from workstation.phantom.grid import Grid, Vector
from workstation.phantom.lesions import Lesion
from workstation.phantom.noise import SOFT, Grain, attenuation
from workstation.phantom.pose import Pose
from workstation.phantom.scene import Scene
from workstation.phantom.series import LUNG, MEDIASTINUM, DemoStudy, PhantomSeries, Window
from workstation.phantom.shoulders import FADE_MM, Upper
from workstation.phantom.trunk import ADA
from workstation.phantom.trunk_studies import LIVER_LESION_LPS, LIVER_LPS, LUNG_NODULE_LPS, LYMPH_NODE_LPS
from workstation.phantom.uptake import NATIVE, PSF_MM, SUV, PetLesion, marked, suv_of

Image = NDArray[np.float32]

_WEIGHT_KG = 64.0
PET_CT = replace(
    ADA,
    study_id="1011",
    study_date="20250304",
    study_time="090500",
    study_description="PET/CT whole body FDG",
    accession_number="DEMO-PT-1",
    priority="ROUTINE",
    indication="CEA rising after colon carcinoma. Metastases?",
    patient_size_m=1.66,
    patient_weight_kg=_WEIGHT_KG,
)
TRACER = Tracer(RadiopharmaceuticalStartTime="081200")
# An hour after the injection: all values are corrected to it.
_PET_TIME, _CT_TIME, _UPTAKE_S = "091200", "090900", 3600.0
_BEDS, _BED_S = 8, 120.0
# Free breathing lifts the diaphragm.
_POSE = Pose(diaphragm_mm=11.0)

_PET_MM, _CT_MM, _SLICE_MM = 4.07283, 1.3671875, 3.0
_PET_PIXELS, _CT_PIXELS, _SLICES = 168, 512, 306
_BOTTOM_MM = -558.0
_FACTOR = {"tiny": 4, "small": 2, "full": 1}
_HEAD_VOXEL_MM = {"tiny": 8.0, "small": 4.0, "full": 2.0}
_NAC_VIEWS, _NAC_SLICES = 30, 3
# The top of the table under the middle of the body.
_TABLE_MM = 112.5
# What is painted: the body and some air around it.
_REACH_MM = 212.0


def _voxel_center(point: Vector) -> Vector:
    """The nearest voxel centre of the PET, also of the small one, which has every other voxel."""
    corner = -(_PET_PIXELS - 1) / 2 * _PET_MM
    x, y = (corner + 2 * round((at - corner) / (2 * _PET_MM)) * _PET_MM for at in point[:2])
    return (round(x, 6), round(y, 6), _BOTTOM_MM + 2 * _SLICE_MM * round((point[2] - _BOTTOM_MM) / (2 * _SLICE_MM)))


LESIONS = (
    PetLesion("lung nodule", _voxel_center(_POSE.lung_lps(LUNG_NODULE_LPS)), 7.5, 11.0),
    PetLesion("liver lesion", _voxel_center(_POSE.organ_lps(LIVER_LESION_LPS)), 14.0, 9.0),
    PetLesion("lymph node", _voxel_center(_POSE.organ_lps(LYMPH_NODE_LPS)), 8.5, 8.0),
    PetLesion("hilar node", _voxel_center((44.0, 8.0, -6.0)), 8.0, 7.0),
    PetLesion("iliac bone", _voxel_center((-66.0, 52.0, -372.0)), 9.0, 12.5),
)
"""Truth of the PET: these balls, whose closed form is all that is drawn within their radius."""
_CT_LESIONS = (
    Lesion("lung nodule", LESIONS[0].center_lps, 7.5, 42.0),
    Lesion("liver lesion", LESIONS[1].center_lps, 14.0, 38.0),
    Lesion("lymph node", LESIONS[2].center_lps, 8.5, 38.0),
)


def bqml_per_suv(tracer: Tracer = TRACER) -> float:
    """Bq/ml of SUVbw 1 at the start of the PET series: what is left of the dose, for each gram of the patient."""
    left = tracer.RadionuclideTotalDose * 0.5 ** (_UPTAKE_S / tracer.RadionuclideHalfLife)
    return float(left / (_WEIGHT_KG * 1000))


def pet_ct(size: str = "full", seed: int = 0) -> Iterator[PhantomSeries]:
    """Low-dose CT, PET with and PET without attenuation correction, all in one frame of reference.

    `size` is "tiny", "small" or "full" (CT 512 x 512 of 1.37 mm, PET 168 x 168 of 4.07 mm, slices of 3 mm).
    """
    factor = _FACTOR[size]
    upper = Upper(seed, _HEAD_VOXEL_MM[size])
    grid = _grid(_CT_PIXELS, _CT_MM, factor)
    yield _ct_series(_ct(seed, grid, upper), grid)
    grid = _grid(_PET_PIXELS, _PET_MM, factor)
    painted = _painted_pet(seed, grid, upper)
    suv = _seen(painted, grid, seed)
    yield _pet_series(
        3, "PET WB AC", suv * np.float32(bqml_per_suv()), grid, PetAcquisition(_starts(grid), _BED_S, TRACER)
    )
    plain = PetAcquisition(_starts(grid), _BED_S, TRACER, ("NORM", "DTIM", "DECY", "RAN"), "PROPCPS")
    yield _pet_series(4, "PET WB NAC", _uncorrected(painted, grid, seed), grid, plain)


PET_STUDIES = (DemoStudy("PET/CT of the whole body", PET_CT, pet_ct),)


def _grid(pixels: int, pixel_mm: float, factor: int) -> Grid:
    """All sizes have the first voxel of the full one, and every so many voxels of it."""
    spacing = round(pixel_mm * factor, 6)
    corner = round(-(pixels - 1) / 2 * pixel_mm, 6)
    count = -(-_SLICES // factor)
    return Grid(
        (count, pixels // factor, pixels // factor),
        (corner, corner, _BOTTOM_MM),
        (spacing, spacing),
        _SLICE_MM * factor,
    )


@dataclass(frozen=True)
class _Window:
    """The part of a grid's rows and columns in which there is a body, and its coordinates."""

    span: slice
    axis_mm: Image

    @property
    def x_mm(self) -> Image:
        return self.axis_mm[None, :]

    @property
    def y_mm(self) -> Image:
        return self.axis_mm[:, None]


def _window(grid: Grid) -> _Window:
    axis = (grid.origin_lps[0] + np.arange(grid.shape[2]) * grid.pixel_spacing_mm[1]).astype(np.float32)
    first, last = (int(index) for index in np.searchsorted(axis, (-_REACH_MM, _REACH_MM)))
    return _Window(slice(first, last), axis[first:last])


def _trunk(seed: int, grid: Grid, window: _Window, marked_too: bool) -> tuple[Scene, int]:
    """The painter of the trunk on the window, and how many slices from below are its."""
    count = int(np.ceil((FADE_MM[1] - grid.origin_lps[2]) / grid.slice_spacing_mm))
    corner = float(window.axis_mm[0])
    size = len(window.axis_mm)
    part = replace(grid, shape=(count, size, size), origin_lps=(corner, corner, grid.origin_lps[2]))
    phases = (NATIVE, marked(NATIVE, SUV)) if marked_too else (NATIVE,)
    lesions = () if marked_too else tuple((lesion,) for lesion in _CT_LESIONS)
    # As in the trunk studies, so that her vessels are the same.
    keep_out = ((LUNG_NODULE_LPS, 12.0), (LIVER_LESION_LPS, 12.0), (LIVER_LPS, 8.0))
    return Scene(seed, part, phases, _POSE, lesions, keep_out), count


def _upper_share(z_mm: float) -> float:
    """How far the trunk has given way to shoulders and head at a height, 0 to 1."""
    return float(np.clip((z_mm - FADE_MM[0]) / (FADE_MM[1] - FADE_MM[0]), 0, 1))


def _under(window: _Window) -> NDArray[np.bool_]:
    """Where the table is, and no body."""
    return np.asarray(window.y_mm > _TABLE_MM - (window.x_mm / 62) ** 2)


def _ct(seed: int, grid: Grid, upper: Upper) -> NDArray[np.int16]:
    window = _window(grid)
    scene, below = _trunk(seed, grid, window, False)
    kernel = replace(SOFT, deviation_hu=24.0)
    grain = Grain(kernel, grid.shape[1:], grid.pixel_spacing_mm, seed + 41)
    axis = (grid.origin_lps[0] + np.arange(grid.shape[2]) * grid.pixel_spacing_mm[1]).astype(np.float32)
    deviation = attenuation(axis[None, :], axis[:, None]) * np.float32(kernel.deviation_hu)
    images = np.empty(grid.shape, np.int16)
    part = table = np.full((len(window.axis_mm),) * 2, -1000.0, np.float32)
    for k in range(grid.shape[0]):
        image = np.full(grid.shape[1:], -1000.0, np.float32)
        z_mm = grid.origin_lps[2] + k * grid.slice_spacing_mm
        if k < below:
            part = scene.slice(k)
            table = np.where(_under(window), part, -1000)
        share = _upper_share(z_mm)
        if share > 0:
            above = np.maximum(upper.slice(window.x_mm, window.y_mm, z_mm)[0], table)
            part = above if share == 1 else part + share * (above - part)
        image[window.span, window.span] = gaussian_filter(part, 0.7 / grid.pixel_spacing_mm[0])
        image += grain.slice(k) * deviation
        images[k] = np.rint(np.clip(image, -1024, 3071))
    return images


@dataclass(frozen=True, eq=False)
class _Painted:
    """Uptake and attenuation (1/mm, of 511 keV photons) before any scanner has seen them: (slices, rows, columns)."""

    suv: Image
    per_mm: Image


def _painted_pet(seed: int, grid: Grid, upper: Upper) -> _Painted:
    window = _window(grid)
    scene, below = _trunk(seed, grid, window, True)
    suv, per_mm = np.zeros(grid.shape, np.float32), np.zeros(grid.shape, np.float32)
    native = uptake = np.zeros((len(window.axis_mm),) * 2, np.float32)
    for k in range(grid.shape[0]):
        z_mm = grid.origin_lps[2] + k * grid.slice_spacing_mm
        share = _upper_share(z_mm)
        if k < below:
            native, lifted = scene.slice(k)
            uptake = np.where(_under(window), 0, suv_of(native, lifted))
        if share > 0:
            above, above_suv = upper.slice(window.x_mm, window.y_mm, z_mm)
            native = above if share == 1 else native + share * (above - native)
            uptake = above_suv if share == 1 else uptake + share * (above_suv - uptake)
        suv[k, window.span, window.span] = uptake
        # Water stops 0.0096 of the photons in each mm, bone more, but less so than of X-rays.
        per_mm[k, window.span, window.span] = 0.0096 * (1 + np.where(native > 0, 0.55, 1.0) * native / 1000)
    return _Painted(suv, per_mm)


def _blurred(volume: Image, grid: Grid) -> Image:
    row_mm, column_mm = grid.pixel_spacing_mm
    widths = [PSF_MM / mm for mm in (grid.slice_spacing_mm, row_mm, column_mm)]
    blurred: Image = gaussian_filter(volume, widths)
    return blurred


def _noisy(volume: Image, grid: Grid, rng: np.random.Generator, share: float) -> Image:
    """With noise that grows as the root of the counts, correlated as far as the blur reaches."""
    noise = _blurred(rng.standard_normal(volume.shape, dtype=np.float32), grid)
    noise /= noise.std()
    noisy: Image = np.maximum(volume + share * np.sqrt(np.maximum(volume, 0)) * noise, 0)
    return noisy


def _seen(painted: _Painted, grid: Grid, seed: int) -> Image:
    """SUV as the scanner shows it; within lesions their closed form."""
    suv = _noisy(_blurred(painted.suv, grid), grid, np.random.default_rng([seed, 42]), 0.17)
    for lesion in LESIONS:
        _draw(lesion, suv, grid)
    return suv


def _draw(lesion: PetLesion, suv: Image, grid: Grid) -> None:
    reach = lesion.radius_mm + 5 * PSF_MM
    spans, squared = [], np.zeros((1, 1, 1), np.float32)
    spacings = (grid.slice_spacing_mm, *grid.pixel_spacing_mm)
    for axis, (spacing, k) in enumerate(zip(spacings, (2, 1, 0), strict=True)):
        places = grid.origin_lps[k] + np.arange(grid.shape[axis]) * spacing - lesion.center_lps[k]
        near = np.flatnonzero(np.abs(places) <= reach)
        spans.append(slice(int(near[0]), int(near[-1]) + 1))
        squared = squared + (places[near] ** 2).reshape([-1 if n == axis else 1 for n in range(3)])
    lesion.draw(suv[spans[0], spans[1], spans[2]], np.sqrt(squared))


def _uncorrected(painted: _Painted, grid: Grid, seed: int) -> Image:
    """Counts per second as they leave the body: its rim and the lungs bright, its depth dark."""
    suv = _blurred(painted.suv, grid)
    for lesion in LESIONS:
        _draw(lesion, suv, grid)
    span = _window(grid).span
    box = np.s_[::_NAC_SLICES, span, span]
    counts = _back_projected(suv[box], painted.per_mm[box], grid.pixel_spacing_mm[1])
    plain = np.zeros_like(suv)
    rows = counts.shape[1:]
    plain[:, span, span] = zoom(counts, (len(suv) / len(counts), 1, 1), order=1).reshape(len(suv), *rows)
    return _noisy(plain * 10, grid, np.random.default_rng([seed, 43]), 0.12) * np.float32(1000)


def _back_projected(activity: Image, per_mm: Image, pixel_mm: float) -> Image:
    """Filtered back-projection of projections that the body has weakened, as if nothing had: (slices, rows, columns).

    What a scanner shows without correction: skin and lungs stand out, what lies deep is dark.
    """
    slices, size, _ = activity.shape
    emitted, paths = (volume.reshape(slices, -1).T.copy() for volume in (activity, per_mm * np.float32(pixel_mm)))
    count = int(1.45 * size)
    ramp = np.abs(np.fft.rfftfreq(2 * count)).astype(np.float32) * 2
    ramp *= np.cos(np.linspace(0, np.pi / 2, len(ramp), dtype=np.float32))
    total = np.zeros_like(emitted)
    for angle in np.arange(_NAC_VIEWS) * np.pi / _NAC_VIEWS:
        spread = _rays(size, count, float(angle))
        weakened = (spread.T @ emitted) * np.exp(-(spread.T @ paths))
        filtered = np.fft.irfft(np.fft.rfft(weakened, 2 * count, axis=0) * ramp[:, None], axis=0)[:count]
        total += spread @ filtered.astype(np.float32)
    back: Image = np.maximum(total * np.float32(np.pi / 2 / _NAC_VIEWS), 0)
    return back.T.reshape(activity.shape)


def _rays(size: int, count: int, angle: float) -> Any:
    """Which share of each pixel of a slice (size * size) falls on each of `count` parallel rays: a sparse matrix."""
    place = np.arange(size) - (size - 1) / 2
    at = (place[None, :] * np.cos(angle) + place[:, None] * np.sin(angle) + (count - 1) / 2).ravel()
    low = np.floor(at).astype(np.int32)
    share = (at - low).astype(np.float32)
    pixels = np.arange(size * size, dtype=np.int32)
    values = np.concatenate([1 - share, share])
    return csr_array((values, (np.tile(pixels, 2), np.concatenate([low, low + 1]))), shape=(size * size, count))


def _starts(grid: Grid) -> tuple[float, ...]:
    """When the bed position of each slice began: from the thighs upward, where the bladder is still empty."""
    count = grid.shape[0]
    return tuple(_BED_S * (k * _BEDS // count) for k in range(count))


def _ct_series(voxels: NDArray[np.int16], grid: Grid) -> PhantomSeries:
    return PhantomSeries(
        voxels=voxels,
        grid=grid,
        study=PET_CT,
        series_number=2,
        series_description=f"CT WB low dose {grid.slice_spacing_mm:.1f} soft",
        series_time=_CT_TIME,
        protocol_name="PET CT WHOLE BODY",
        body_part_examined="WHOLEBODY",
        windows=(MEDIASTINUM, LUNG),
        reverse_order=True,
        acquisition=CtAcquisition(KVP=120.0, XRayTubeCurrent=45),
    )


def _pet_series(number: int, description: str, voxels: Image, grid: Grid, scan: PetAcquisition) -> PhantomSeries:
    # Dark at SUV 7, as readers are used to; what is not corrected has no SUV.
    top = 7 * bqml_per_suv() if scan.Units == "BQML" else float(np.percentile(voxels, 99.7))
    return PhantomSeries(
        voxels=voxels,
        grid=grid,
        modality="PT",
        study=PET_CT,
        series_number=number,
        series_description=description,
        series_time=_PET_TIME,
        protocol_name="PET CT WHOLE BODY",
        body_part_examined="WHOLEBODY",
        windows=(Window(round(top / 2, 1), round(top, 1), ""),),
        reverse_order=True,
        acquisition=scan,
    )
