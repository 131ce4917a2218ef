"""The demo patient's brain in magnetic resonance: seven series with known truth, all from formulas.

An acute infarct on the left is bright on b 1000 and dark on the ADC map; a ring on the right takes up contrast.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import affine_transform

from workstation.phantom.acquisition import MrAcquisition
from workstation.phantom.brain_anatomy import INFARCT_LPS, RIM_MM, RING_LPS, RING_MM, paint_head
from workstation.phantom.brain_layers import EVERYWHERE, Layers
from workstation.phantom.grid import AXIAL, SAGITTAL, Grid, Vector
from workstation.phantom.mr_signal import TISSUES, Sequence, recorded
from workstation.phantom.series import DemoStudy, PhantomSeries, Window
from workstation.phantom.trunk import ADA

Image = NDArray[np.float32]
Plane = Literal["axial", "sagittal"]

MR_BRAIN = replace(
    ADA,
    study_id="1012",
    study_date="20250306",
    study_time="140500",
    study_description="MR Brain without and with contrast",
    accession_number="DEMO-MR-1",
    priority="HIGH",
    indication="Infarct? Weakness of one side since this morning.",
)

# The formulas draw a large head; hers is smaller.
_SCALE = 0.94
_VOXEL_MM = {"tiny": 3.0, "small": 2.0, "full": 1.0}
_PIXEL_FACTOR = {"tiny": 4, "small": 2, "full": 1}
# Low and high of z, y and x that the head fills, mm.
_HEAD_MM = ((-118.0, 92.0), (-100.0, 120.0), (-88.0, 88.0))
# Where the head's middle lies in the field of view.
_MIDDLE_Y_MM = 9.0
_AXIAL_Z_MM = (-54.0, 86.0)
# What of the head, as the formulas draw it, the axial slices cut.
_CUT_MM = (_AXIAL_Z_MM[0] / _SCALE - 3, _AXIAL_Z_MM[1] / _SCALE + 3)
# Shares of k-space that are acquired, from front to back and from side to side.
_FILLED = (0.92, 0.74)
_STORED_AT_ONE = 1400.0


@dataclass(frozen=True)
class MrLesion:
    """A place whose tissue is known: `adc` in 1e-6 mm2/s within `radius_mm`; the outer `rim_mm` takes up contrast."""

    name: str
    center_lps: Vector
    radius_mm: float
    adc: float
    rim_mm: float = 0.0


def _scaled(point: Vector) -> Vector:
    return (round(point[0] * _SCALE, 3), round(point[1] * _SCALE, 3), round(point[2] * _SCALE, 3))


INFARCT = MrLesion("infarct", _scaled(INFARCT_LPS), 6.0, TISSUES["infarct"].adc)
RING = MrLesion("ring", _scaled(RING_LPS), RING_MM * _SCALE, TISSUES["necrosis"].adc, RIM_MM * _SCALE)


@dataclass(frozen=True)
class _Protocol:
    """One series: its names and times, the image matrix and field of view, and noise against the signal of water."""

    number: int
    description: str
    time: str
    sequence: Sequence
    scan: MrAcquisition
    pixels: int
    field_mm: float
    window: Window
    noise: float
    plane: Plane = "axial"
    contrast_agent: str | None = None

    @property
    def acquisition(self) -> MrAcquisition:
        """What the header says, its times being those of the signal."""
        sequence = self.sequence
        return replace(
            self.scan,
            RepetitionTime=sequence.repetition_ms,
            EchoTime=sequence.echo_ms,
            InversionTime=sequence.inversion_ms or None,
            MagneticFieldStrength=3.0,
        )


_SPIN_ECHO = MrAcquisition(SequenceName="*se2d1", ScanOptions=("SFS",))
_TURBO = MrAcquisition(SequenceVariant=("SK", "SP"), SequenceName="*tse2d1_15", EchoTrainLength=15, FlipAngle=150.0)
_FLAIR = replace(_TURBO, ScanningSequence=("SE", "IR"), SequenceVariant=("SK", "SP", "MP"), SequenceName="*tir2d1_16")
_PLANAR = MrAcquisition(
    ScanningSequence=("EP",), SequenceVariant=("SK", "SP"), ScanOptions=("PFP", "FS"), EchoTrainLength=64
)
_RAGE = MrAcquisition(
    ScanningSequence=("GR", "IR"),
    SequenceVariant=("SK", "SP", "MP"),
    MRAcquisitionType="3D",
    SequenceName="*tfl3d1",
    FlipAngle=9.0,
)
_ADC_TYPE = ("DERIVED", "PRIMARY", "DIFFUSION", "ADC")

_T1 = _Protocol(2, "T1 SE ax", "140900", Sequence(600, 9.5), _SPIN_ECHO, 320, 230.0, Window(320, 440, ""), 0.011)
_T2 = _Protocol(3, "T2 TSE ax", "141500", Sequence(5200, 98), _TURBO, 448, 230.0, Window(380, 760, ""), 0.008)
_FLAIR_AX = _Protocol(
    4, "FLAIR ax", "142000", Sequence(9000, 118, 2500), _FLAIR, 320, 230.0, Window(180, 360, ""), 0.006
)
_B0 = _Protocol(
    5,
    "DWI b0 ax",
    "142600",
    Sequence(5400, 84, fat_saturated=True),
    replace(_PLANAR, DiffusionBValue=0.0, SequenceName="*ep_b0"),
    192,
    230.0,
    Window(500, 1000, ""),
    0.008,
)
_B1000 = _Protocol(
    6, "DWI b1000 TRACE ax", "142600", Sequence(5400, 84, b_value=1000.0, fat_saturated=True),
    replace(_PLANAR, ImageType=("ORIGINAL", "PRIMARY", "DIFFUSION", "TRACEW"), DiffusionBValue=1000.0,
            SequenceName="*ep_b1000t"),
    192, 230.0, Window(110, 220, ""), 0.007,
)  # fmt: skip
_T1C = _Protocol(
    8, "T1 MPRAGE sag 3D +C", "143900", Sequence(2300, 2.6, 1100, contrast=True), _RAGE, 256, 256.0,
    Window(400, 760, ""), 0.012, "sagittal", "Gadobutrol 1.0 mmol/ml",
)  # fmt: skip


def brain_mr(size: str = "full", seed: int = 0) -> Iterator[PhantomSeries]:
    """T1, T2, FLAIR, b 0, b 1000, ADC (axial, 4 mm every 5 mm) and T1 with contrast (sagittal, 1 mm).

    `size` is "tiny", "small" or "full". The ADC map is computed from the two diffusion series as a scanner would, in
    1e-6 mm2/s, 0 where there is no signal.
    """
    head = _head(size, seed)
    for protocol in (_T1, _T2, _FLAIR_AX):
        yield _series(protocol, _acquired(head, protocol, size, seed), size)
    low, high = (_acquired(head, protocol, size, seed) for protocol in (_B0, _B1000))
    yield _series(_B0, low, size)
    yield _series(_B1000, high, size)
    yield _adc_series(low, high, size)
    yield _series(_T1C, _acquired(head, _T1C, size, seed), size)


MR_STUDIES = (DemoStudy("Brain MR", MR_BRAIN, brain_mr),)


@lru_cache(maxsize=1)
def _head(size: str, seed: int) -> Layers:
    step = _VOXEL_MM[size]
    z, y, x = ((np.arange(low + step / 2, high, step) / _SCALE).astype(np.float32) for low, high in _HEAD_MM)
    return paint_head(np.random.default_rng([seed, 31]), (z, y, x))


def _grid(protocol: _Protocol, size: str) -> Grid:
    factor = _PIXEL_FACTOR[size]
    pixels, spacing = protocol.pixels // factor, round(protocol.field_mm / protocol.pixels * factor, 6)
    half = round((pixels - 1) / 2 * spacing, 6)
    if protocol.plane == "sagittal":
        step = _VOXEL_MM[size]
        slices = int((_HEAD_MM[2][1] - _HEAD_MM[2][0]) / step)
        origin = (
            round(_HEAD_MM[2][1] - step / 2, 6),
            round(_MIDDLE_Y_MM - half, 6),
            round(sum(_AXIAL_Z_MM) / 2 + half, 6),
        )
        return Grid((slices, pixels, pixels), origin, (spacing, spacing), step, SAGITTAL)
    apart = 5.0 * factor
    slices = int((_AXIAL_Z_MM[1] - _AXIAL_Z_MM[0]) / apart) + 1
    return Grid(
        (slices, pixels, pixels),
        (-half, round(_MIDDLE_Y_MM - half, 6), _AXIAL_Z_MM[0]),
        (spacing, spacing),
        apart,
        AXIAL,
    )


def _thickness_mm(protocol: _Protocol, size: str) -> float:
    return _VOXEL_MM[size] if protocol.plane == "sagittal" else 4.0


def _acquired(head: Layers, protocol: _Protocol, size: str, seed: int) -> Image:
    """Signal on the series' own grid with the coil's bias and noise; 1 is relaxed water."""
    values = {name: protocol.sequence.signal(tissue) for name, tissue in TISSUES.items()}
    slab = EVERYWHERE if protocol.plane == "sagittal" else head.near((-500, -500, _CUT_MM[0]), (500, 500, _CUT_MM[1]))
    volume = head.composed(values, {name: tissue.texture for name, tissue in TISSUES.items()}, slab)
    grid = _grid(protocol, size)
    image = _sampled(volume, grid, protocol, size)
    rng = np.random.default_rng([seed, 32, protocol.number])
    for k in range(grid.shape[0]):
        seen = image[k] * _coil(grid.points_lps(k).astype(np.float32))
        image[k] = recorded(rng, seen, protocol.noise, _FILLED)
    return image


def _sampled(volume: Image, grid: Grid, protocol: _Protocol, size: str) -> Image:
    """Each slice the mean over its thickness, then interpolated in its plane."""
    step, thickness = _VOXEL_MM[size], _thickness_mm(protocol, size)
    image = np.empty(grid.shape, np.float32)
    for k in range(grid.shape[0]):
        x, y, z = grid.slice_position_lps(k)
        if protocol.plane == "sagittal":
            plane = volume[:, :, round((x - _HEAD_MM[2][0]) / step - 0.5)]
            first = (z - _HEAD_MM[0][0]) / step - 0.5, (y - _HEAD_MM[1][0]) / step - 0.5
            down, across = -grid.pixel_spacing_mm[0] / step, grid.pixel_spacing_mm[1] / step
        else:
            low, high = ((z + side * thickness / 2 - _HEAD_MM[0][0]) / step for side in (-1, 1))
            plane = volume[max(0, round(low)) : max(round(high), round(low) + 1)].mean(axis=0)
            first = (y - _HEAD_MM[1][0]) / step - 0.5, (x - _HEAD_MM[2][0]) / step - 0.5
            down, across = grid.pixel_spacing_mm[0] / step, grid.pixel_spacing_mm[1] / step
        image[k] = affine_transform(plane, (down, across), first, grid.shape[1:], order=3, mode="constant")
    return np.maximum(image, 0)


def _coil(points_lps: Image) -> Image:
    """Sensitivity of a head coil: more near its elements, less toward the neck, a little more on one side."""
    x, y, z = points_lps[..., 0], points_lps[..., 1], points_lps[..., 2]
    away = np.sqrt(x**2 + (y - 5) ** 2 + (z - 15) ** 2) / 100
    fall = 1 / (1 + np.exp(-(z + 82) / 12))
    coil: Image = (0.86 + 0.16 * away**2 + 0.05 * x / 90 - 0.04 * y / 100) * fall
    return coil.astype(np.float32)


def _series(protocol: _Protocol, image: NDArray[Any], size: str) -> PhantomSeries:
    return PhantomSeries(
        voxels=np.rint(np.clip(image * _STORED_AT_ONE, 0, 4095)).astype(np.uint16),
        grid=_grid(protocol, size),
        modality="MR",
        study=MR_BRAIN,
        series_number=protocol.number,
        series_description=protocol.description,
        series_time=protocol.time,
        protocol_name=protocol.description,
        body_part_examined="BRAIN",
        windows=(protocol.window,),
        contrast_agent=protocol.contrast_agent,
        slice_thickness_mm=_thickness_mm(protocol, size),
        acquisition=protocol.acquisition,
    )


def _adc_series(low: Image, high: Image, size: str) -> PhantomSeries:
    seen = (low > 0.09) & (high > 0.004)
    ratio = np.where(seen, low, 1) / np.where(seen, np.maximum(high, 1e-6), 1)
    adc = np.clip(np.log(ratio) / _B1000.sequence.b_value * 1e6, 0, 4095)
    map_of = replace(_B1000, number=7, description="ADC ax", time="142700", window=Window(1100, 2200, ""))
    series = _series(map_of, adc / _STORED_AT_ONE, size)
    scan = replace(map_of.acquisition, ImageType=_ADC_TYPE, DiffusionBValue=None, SequenceName="*ep_b0_1000")
    return replace(series, acquisition=scan)
