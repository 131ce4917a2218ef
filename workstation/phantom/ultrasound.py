"""The demo patient's ultrasound: a cine of the gallbladder and a duplex still of the aorta, with calibrated regions.

Ultrasound Multi-frame Image Storage (PS3.3 A.7) and Ultrasound Image Storage (A.6). What lengths and velocities are
true is known by formula: an ellipse for the stone, a wave for breathing, a beat for the flow.
"""

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from pydicom.dataset import FileDataset
from pydicom.tag import Tag
from pydicom.uid import UltrasoundMultiFrameImageStorage

from workstation.phantom.anatomy import echo_scenes
from workstation.phantom.duplex import aorta_duplex
from workstation.phantom.echo import Scanner, Sector
from workstation.phantom.objects import new_object, request, save
from workstation.phantom.series import PhantomStudy
from workstation.phantom.sonography import LAYOUTS, Grey, describe, pixels, sector, tissue_region

Place = tuple[float, float]

FRAME_TIME_MS: Final = 62.5
BREATH_MM: Final = (7.0, 2.0)
"""How far the tissue moves to and fro in x and z; one breath fills the cine, so that it plays round without a jump."""

SEED: Final = 5


@dataclass(frozen=True)
class Measured:
    """A length whose truth is known: its two ends as (row, column) of a frame, and how long it is."""

    name: str
    frame: int
    ends: tuple[Place, Place]
    length_mm: float


def ultrasound_study(study: PhantomStudy) -> PhantomStudy:
    """The ultrasound of a patient, on the day of `study`."""
    return replace(
        study,
        study_id="3001",
        study_time="140500",
        study_description="Ultrasound abdomen",
        accession_number="DEMO-US-1",
        priority="ROUTINE",
        indication="Pain in the right upper abdomen. Gallstones?",
    )


def write_ultrasound(study: PhantomStudy, folder: Path, size: str) -> None:
    """Write the cine and the duplex still of `study` into `folder`; sizes are those of LAYOUTS."""
    save(gallbladder_cine(study, size), folder, "US001_cine")
    save(aorta_duplex(study, size), folder, "US002_duplex")


def breathing_mm(frame: int, frames: int) -> Place:
    """How far the tissue is from where it is in frame 0, in x and z."""
    phase = 2 * np.pi * frame / frames
    return float(BREATH_MM[0] * np.sin(phase)), float(BREATH_MM[1] * np.sin(phase))


def gallstone(size: str, frame: int = 0) -> Measured:
    """The stone along its length in a frame of the cine."""
    where, stone = sector(size), echo_scenes.STONE
    x_mm, z_mm = breathing_mm(frame, LAYOUTS[size].frames)
    first, last = (stone.at(side * stone.half_length_mm, 0) for side in (-1, 1))
    ends = (where.pixel(first[0] + x_mm, first[1] + z_mm), where.pixel(last[0] + x_mm, last[1] + z_mm))
    return Measured("gallstone", frame, ends, 2 * stone.half_length_mm)


def gallbladder_width(size: str, frame: int = 0) -> Measured:
    """The lumen from wall to wall in its middle, in a frame of the cine."""
    where, lumen = sector(size), echo_scenes.GALLBLADDER
    x_mm, z_mm = breathing_mm(frame, LAYOUTS[size].frames)
    front, back = (lumen.at(-8, side * lumen.half_width_mm * np.sqrt(1 - (8 / lumen.half_length_mm) ** 2))
                   for side in (-1, 1))  # fmt: skip
    ends = (where.pixel(front[0] + x_mm, front[1] + z_mm), where.pixel(back[0] + x_mm, back[1] + z_mm))
    return Measured("gallbladder", frame, ends, float(np.hypot(front[0] - back[0], front[1] - back[1])))


def gallbladder_cine(study: PhantomStudy, size: str) -> FileDataset:
    """Eight-bit MONOCHROME2 frames, one region in cm."""
    layout, where = LAYOUTS[size], sector(size)
    scanner = Scanner(
        where,
        echo_scenes.liver_and_gallbladder(SEED, layout.cell_mm),
        echo_scenes.abdominal_wall(SEED, layout.cell_mm),
        echo_scenes.WALL_MM,
    )
    frames = np.stack([_frame(scanner, where, number, layout.frames) for number in range(layout.frames)])
    dataset = new_object(
        study, UltrasoundMultiFrameImageStorage, "US", 1, "Abdomen", sha256(frames.tobytes()).hexdigest()
    )
    request(dataset, study)
    describe(dataset, 1)
    dataset.SequenceOfUltrasoundRegions = [tissue_region(where)]
    dataset.NumberOfFrames = layout.frames
    dataset.FrameTime = FRAME_TIME_MS
    dataset.FrameIncrementPointer = Tag("FrameTime")
    dataset.CineRate = dataset.RecommendedDisplayFrameRate = round(1000 / FRAME_TIME_MS)
    dataset.StartTrim, dataset.StopTrim = 1, layout.frames
    pixels(dataset, frames, where)
    return dataset


def _frame(scanner: Scanner, where: Sector, number: int, frames: int) -> Grey:
    picture = scanner.frame(*breathing_mm(number, frames), number)
    _draw_furniture(picture, where)
    return picture


def _draw_furniture(picture: Grey, where: Sector) -> None:
    """The bar of greys, and a mark each centimetre of depth."""
    rows, columns = picture.shape
    bar = slice(round(rows * 0.08), round(rows * 0.38))
    steps = np.linspace(255, 0, bar.stop - bar.start)
    picture[bar, round(columns * 0.965) : round(columns * 0.985)] = np.rint(steps)[:, None].astype(np.uint8)
    for z_mm in range(0, int(where.depth_mm) + 1, 10):
        row, _ = where.pixel(0, z_mm)
        length = columns // (60 if z_mm % 50 == 0 else 130)
        if row < rows:
            picture[round(row), round(columns * 0.94) - length : round(columns * 0.94)] = 170
