"""The duplex still: B-mode of the aorta with colour flow, and below it the velocity over time in units of its own."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileDataset
from pydicom.uid import UltrasoundImageStorage

from workstation.phantom.anatomy import echo_scenes
from workstation.phantom.echo import Scanner, Sector
from workstation.phantom.objects import new_object, request
from workstation.phantom.series import PhantomStudy
from workstation.phantom.sonography import LAYOUTS, Grey, Layout, calibrated, describe, pixels, sector, tissue_region

BEAT_S: Final = 0.86
PEAK_CM_S: Final = 92.0
TRACE_S: Final = 4.0
SCALE_CM_S: Final = (-40.0, 120.0)
GATE: Final = (-27.0, 74.0)
SEED: Final = 5


def velocity_cm_s(time_s: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Mean velocity in the aorta at rest: systole, a short reversal, and little flow until the next beat."""
    phase = np.mod(time_s, BEAT_S) / BEAT_S
    systole = PEAK_CM_S * np.exp(-(((phase - 0.16) / np.where(phase < 0.16, 0.055, 0.085)) ** 2))
    reversal = -20 * np.exp(-(((phase - 0.44) / 0.06) ** 2))
    late = 7 * np.exp(-(((phase - 0.66) / 0.13) ** 2))
    velocity: NDArray[np.float64] = systole + reversal + late
    return velocity


@dataclass(frozen=True)
class Trace:
    """Where the Doppler trace lies in the picture: first row and column, rows, columns."""

    top: int
    left: int
    rows: int
    columns: int

    @property
    def cm_s_per_row(self) -> float:
        return (SCALE_CM_S[1] - SCALE_CM_S[0]) / self.rows

    @property
    def baseline(self) -> int:
        """The row of the trace, from its first, where the velocity is 0."""
        return round(SCALE_CM_S[1] / self.cm_s_per_row)

    @property
    def s_per_column(self) -> float:
        return TRACE_S / self.columns


def trace(size: str) -> Trace:
    """The lower part of the duplex picture."""
    layout = LAYOUTS[size]
    return Trace(round(layout.rows * 0.63), round(layout.columns * 0.06), round(layout.rows * 0.34),
                 round(layout.columns * 0.85))  # fmt: skip


def aorta_duplex(study: PhantomStudy, size: str) -> FileDataset:
    """RGB: B-mode with colour flow above (cm), the velocity over time below (seconds, cm/s)."""
    layout, where, lower = LAYOUTS[size], sector(size, 0.56), trace(size)
    scanner = Scanner(
        where,
        echo_scenes.aorta_lengthwise(SEED, layout.cell_mm),
        echo_scenes.abdominal_wall(SEED + 1, layout.cell_mm),
        echo_scenes.WALL_MM,
    )
    grey = scanner.frame(0, 0, 0)
    grey[lower.top - 4 :] = 0
    picture = np.repeat(grey[..., None], 3, axis=2)
    _paint_flow(picture, where)
    _paint_gate(picture, where)
    picture[lower.top : lower.top + lower.rows, lower.left : lower.left + lower.columns] = _spectrum(lower)[..., None]
    _paint_colour_bar(picture, layout)
    dataset = new_object(study, UltrasoundImageStorage, "US", 1, "Abdomen", sha256(picture.tobytes()).hexdigest())
    request(dataset, study)
    describe(dataset, 2)
    dataset.SequenceOfUltrasoundRegions = [tissue_region(where, lower.top - 4), _trace_region(lower)]
    pixels(dataset, picture[None], where)
    return dataset


def _paint_flow(picture: Grey, where: Sector) -> None:
    """Red in the lumen within a box of beams: the fastest, in the middle, is yellow."""
    x, z = where.pixels
    angle = np.degrees(np.arctan2(x, z + where.radius_mm))
    box = (np.abs(angle + 8) < 17) & (z > 32) & (z < 96)
    across = echo_scenes.aorta_across(x, z) / (echo_scenes.AORTA_RADIUS_MM - 0.4)
    grain = np.random.default_rng([SEED, 13]).normal(0, 0.05, x.shape)
    speed = np.clip((1 - across**2) * (0.75 + 0.2 * np.sin(angle / 4)) + grain, 0, 1)
    flows = box & (np.abs(across) < 1) & (speed > 0.08)
    picture[flows] = _hot(speed[flows])
    edge = box & ~(np.roll(box, 1, 0) & np.roll(box, -1, 0) & np.roll(box, 1, 1) & np.roll(box, -1, 1))
    picture[edge] = (90, 160, 90)


def _hot(speed: NDArray[np.float64]) -> Grey:
    """Velocity 0..1 towards the probe as colour: dark red, red, orange, yellow."""
    colour = np.stack([90 + 165 * np.minimum(1, speed * 1.6), 235 * np.clip(speed * 1.5 - 0.45, 0, 1), 40 * speed**3])
    hot: Grey = np.moveaxis(np.rint(colour), 0, -1).astype(np.uint8)
    return hot


def _paint_gate(picture: Grey, where: Sector) -> None:
    """The Doppler beam through the gate, the two bars of the gate, and the line of its angle."""
    x, z = where.pixels
    angle = np.arctan2(GATE[0], GATE[1] + where.radius_mm)
    aside = x * np.cos(angle) - (z + where.radius_mm) * np.sin(angle)
    along = x * np.sin(angle) + (z + where.radius_mm) * np.cos(angle) - np.hypot(GATE[0], GATE[1] + where.radius_mm)
    thin = 0.6 * where.delta_x_mm
    on_beam = (np.abs(aside) < thin) & (along < -3) & (np.mod(along, 4) < 2) & (z > 0)
    bars = (np.abs(np.abs(along) - 2.5) < thin) & (np.abs(aside) < 4)
    flow = np.radians(echo_scenes.AORTA_TURNED_DEG)
    off = (z - GATE[1]) * np.cos(flow) - (x - GATE[0]) * np.sin(flow)
    steered = (np.abs(off) < thin) & (np.hypot(x - GATE[0], z - GATE[1]) < 9) & (np.abs(aside) > 1.5)
    picture[on_beam | bars | steered] = (225, 225, 225)


def _spectrum(lower: Trace) -> Grey:
    """Power of the Doppler signal, (rows, columns): plug flow, so most of it lies just below the fastest."""
    from scipy.ndimage import gaussian_filter

    time_s = (np.arange(lower.columns) + 0.5) * lower.s_per_column
    mean = velocity_cm_s(time_s)[None, :]
    velocity = SCALE_CM_S[1] - (np.arange(lower.rows) + 0.5)[:, None] * lower.cm_s_per_row
    width = 4 + 0.07 * np.abs(mean)
    power = np.exp(-(((velocity - 0.93 * mean) / width) ** 2)) * (velocity * np.sign(mean) <= np.abs(mean))
    between = (velocity * mean > 0) & (np.abs(velocity) < np.abs(mean))
    power += 0.10 * between * np.exp(-np.abs(velocity - mean) / 30)
    rng = np.random.default_rng([SEED, 14])
    power = gaussian_filter(power, (0.6, 0.8)) * gaussian_filter(rng.exponential(1.0, power.shape), (0.7, 0.9))
    power += 0.004 * rng.exponential(1.0, power.shape)
    power[np.abs(velocity[:, 0]) < 2.5] *= 0.05
    grey = np.clip((10 * np.log10(power + 1e-5) + 24) / 26, 0, 1) * 235
    grey[lower.baseline] = 150
    for second in range(int(TRACE_S) + 1):
        grey[lower.baseline : lower.baseline + 5, min(lower.columns - 1, round(second / lower.s_per_column))] = 220
    shown: Grey = np.rint(grey).astype(np.uint8)
    return shown


def _paint_colour_bar(picture: Grey, layout: Layout) -> None:
    rows, columns = layout.rows, layout.columns
    top, middle, bottom = round(rows * 0.06), round(rows * 0.18), round(rows * 0.30)
    across = slice(round(columns * 0.965), round(columns * 0.985))
    warm = _hot(np.linspace(1, 0, middle - top))
    picture[top:middle, across] = warm[:, None]
    picture[middle:bottom, across] = _hot(np.linspace(0, 1, bottom - middle))[:, None, ::-1]
    picture[middle - 1 : middle + 1, across] = 0


def _trace_region(lower: Trace) -> Dataset:
    """Pulsed-wave spectral Doppler: seconds to the right, cm/s upwards from the baseline."""
    box = (lower.left, lower.top, lower.left + lower.columns - 1, lower.top + lower.rows - 1)
    region = calibrated((3, 3, 2), box, (4, 7))
    region.ReferencePixelX0, region.ReferencePixelY0 = 0, lower.baseline
    region.ReferencePixelPhysicalValueX = region.ReferencePixelPhysicalValueY = 0.0
    region.PhysicalDeltaX, region.PhysicalDeltaY = lower.s_per_column, -lower.cm_s_per_row
    region.TransducerFrequency, region.PulseRepetitionFrequency = 2500, 5000
    region.DopplerCorrectionAngle = round(_doppler_angle_deg(), 1)
    region.SteeringAngle = 0.0
    return region


def _doppler_angle_deg() -> float:
    """Between the beam through the gate and the vessel."""
    beam = np.arctan2(GATE[1] + echo_scenes.PROBE_RADIUS_MM, GATE[0])
    between = abs(np.degrees(beam) - echo_scenes.AORTA_TURNED_DEG) % 180
    return float(min(between, 180 - between))
