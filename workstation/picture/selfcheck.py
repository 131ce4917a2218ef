"""The program checks its own pictures: one of known values goes through the composer and is held against closed forms.

Greys against PS3.3 C.11.2.1.2.1 at one screen pixel a stored pixel, letters against the axes they were made with; and
the SUV of a header that can be worked out in the head.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.tile import Tile, TileView
from workstation.dicom.entities import Frame, Instance, Patient, PixelFormat
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.greyscale import Window, rescale_of
from workstation.imaging.suv import Derivation, Inputs, Refusal, derive
from workstation.imaging.suv_values import Slice
from workstation.imaging.view import Display, Framing
from workstation.imaging.volume import Voxels
from workstation.picture.compose import Picture, compose

ROWS: Final = 48
COLUMNS: Final = 80
SLOPE: Final = 0.5
INTERCEPT: Final = -900.0
CENTER: Final = 40.0
WIDTH: Final = 400.0
LETTERS: Final = {"left": "R", "right": "L", "top": "A", "bottom": "P"}
"""Of an axial image seen from the feet, as PS3.3 C.7.6.2.1.1 has its axes."""

DO_NOT_READ: Final = "Do not read with this program, and tell who looks after it."

WHAT: Final = (
    f"A picture of {COLUMNS} x {ROWS} known values was made as every picture is: each of its greys against the formula "
    "of PS3.3 C.11.2.1.2.1, its letters R, L, A and P, and both again mirrored; and the SUV of a known PET header."
)

HALF_GONE: Final = Inputs(
    Units="BQML",
    CorrectedImage=("ATTN", "DECY"),
    DecayCorrection="START",
    PatientWeight=74.0,
    RadionuclideTotalDose=370e6,
    RadionuclideHalfLife=6600.0,
    SeriesDate="20240229",
    SeriesTime="101500",
    RadiopharmaceuticalStartTime="082500",
    images=(Slice("20240229", "101500"),),
)
"""Scanned one half-life, 1 h 50 min, after the injection."""
PER_BQML: Final = 74_000.0 / 185e6
"""Its SUVbw for each Bq/ml: grams over half the dose."""


@dataclass(frozen=True)
class SelfCheck:
    """What came of it; `wrong` is a sentence, empty when all was as it must be."""

    wrong: str = ""

    @property
    def passed(self) -> bool:
        return not self.wrong

    @property
    def sentence(self) -> str:
        return f"{WHAT} {self.wrong or 'All was exact.'}"


def self_check() -> SelfCheck:
    """Make the picture and judge it. Takes some ms, on any thread."""
    (shown,) = display_sets([_image()])
    stored = np.arange(ROWS * COLUMNS, dtype=np.int16).reshape(1, ROWS, COLUMNS)
    voxels = Voxels(shown, stored, np.ones(1, np.bool_), rescale_of(_frame()), None, "HU")
    for mirrored in (False, True):
        wanted = closed_form(stored[0])
        picture = compose(_view(shown, mirrored), voxels, "", (COLUMNS, ROWS), 1.0, bare=True)
        if wrong := judged(picture, wanted[:, ::-1] if mirrored else wanted, mirrored):
            return SelfCheck(wrong)
    return SelfCheck(suv_judged(derive(HALF_GONE)))


def suv_judged(found: Derivation | Refusal) -> str:
    """What is wrong with the SUV of the known header; empty when nothing is."""
    right = isinstance(found, Derivation) and np.allclose(found.factors, PER_BQML, rtol=1e-12, atol=0.0)
    return "" if right else f"The SUV of a known header was WRONG. {DO_NOT_READ}"


def judged(picture: Picture, wanted: NDArray[np.uint8], mirrored: bool) -> str:
    """What is wrong with a picture of this check; empty when nothing is."""
    bits = np.frombuffer(picture.image.constBits(), np.uint32).reshape(ROWS, COLUMNS)
    for shift in (16, 8, 0):
        differ = int(np.count_nonzero((bits >> np.uint32(shift) & np.uint32(255)) != wanted))
        if differ:
            return f"{differ} of {wanted.size} greys were WRONG. {DO_NOT_READ}"
    letters = {**LETTERS, "left": "L", "right": "R"} if mirrored else LETTERS
    if picture.facts["letters"] != letters:
        return f"The letters at the edges were WRONG. {DO_NOT_READ}"
    return ""


def closed_form(stored: NDArray[np.int16]) -> NDArray[np.uint8]:
    """The grey of each stored value by the linear function of PS3.3 C.11.2.1.2.1, rounded down."""
    values = stored * SLOPE + INTERCEPT
    grey = ((values - (CENTER - 0.5)) / (WIDTH - 1) + 0.5) * 255
    low, high = CENTER - 0.5 - (WIDTH - 1) / 2, CENTER - 0.5 + (WIDTH - 1) / 2
    grey = np.where(values <= low, 0, np.where(values > high, 255, np.floor(grey)))
    return np.asarray(grey, np.uint8)


def _view(shown: DisplaySet, mirrored: bool) -> TileView:
    display = replace(Display(), window=Window(CENTER, WIDTH))
    tile = Tile(shown.key, None, 0, replace(Framing(), mirrored=mirrored), display)
    return TileView(0, tile, shown, None, active=False, linked=False)


def _frame() -> Frame:
    # Squares: only where both spacings are equal does every stored pixel have a screen pixel of its own.
    return Frame(
        ImagePositionPatient=(-30.0, -20.0, 10.0),
        ImageOrientationPatient=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        PixelSpacing=(0.75, 0.75),
        SliceThickness=2.0,
        RescaleSlope=SLOPE,
        RescaleIntercept=INTERCEPT,
    )


def _image() -> Instance:
    pixels = PixelFormat(
        Rows=ROWS, Columns=COLUMNS, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2",
        PlanarConfiguration=0, BitsAllocated=16, BitsStored=16, HighBit=15, PixelRepresentation=1, NumberOfFrames=1,
        keyword="PixelData",
    )  # fmt: skip
    return Instance(
        SOPInstanceUID="2.25.1.1",
        SOPClassUID="1.2.840.10008.5.1.4.1.1.2",
        TransferSyntaxUID="1.2.840.10008.1.2.1",
        StudyInstanceUID="2.25.1",
        SeriesInstanceUID="2.25.1.2",
        patient=Patient("", "", "", "", ""),
        pixels=pixels,
        frames=(_frame(),),
        Modality="CT",
    )
