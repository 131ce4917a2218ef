"""Cine against the clock: each image stays as long as the object says, whatever the machine's speed."""

import pytest

from workstation.case.cine import USUAL_MS, durations_ms, image_at
from workstation.case.state import Playing
from workstation.dicom.entities import Frame, Instance, Patient, PixelFormat
from workstation.imaging.displaysets import display_sets

UNEVEN = (40.0, 10.0, 100.0, 50.0)


def cine_instance(frames: int, **attributes: object) -> Instance:
    pixels = PixelFormat(
        Rows=20, Columns=30, SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", PlanarConfiguration=0,
        BitsAllocated=8, BitsStored=8, HighBit=7, PixelRepresentation=0, NumberOfFrames=frames, keyword="PixelData",
    )  # fmt: skip
    return Instance(
        SOPInstanceUID="1.2.3", SOPClassUID="1.2.840.10008.5.1.4.1.1.3.1", TransferSyntaxUID="1.2.840.10008.1.2.1",
        StudyInstanceUID="1.2.4", SeriesInstanceUID="1.2.5", patient=Patient("P"), pixels=pixels,
        frames=(Frame(),), Modality="US", **attributes,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("after_ms", "image"), [(0, 0), (39, 0), (41, 1), (51, 2), (149, 2), (151, 3), (199, 3), (201, 0), (241, 1)]
)
def test_uneven_frames_stay_for_their_own_time_and_repeat(after_ms: float, image: int) -> None:
    assert image_at(UNEVEN, Playing(100.0, 0), 100.0 + after_ms / 1000) == image


def test_starts_from_the_image_on_screen() -> None:
    assert image_at(UNEVEN, Playing(0.0, 2), 0.0) == 2
    assert image_at(UNEVEN, Playing(0.0, 2), 0.151) == 0


def test_to_and_fro_turns_at_the_ends() -> None:
    seen = [image_at((10.0,) * 4, Playing(0.0, 0, to_and_fro=True), step / 100 + 0.005) for step in range(8)]
    assert seen == [0, 1, 2, 3, 2, 1, 0, 1]


def test_double_speed_halves_the_time() -> None:
    assert image_at(UNEVEN, Playing(0.0, 0, speed=2.0), 0.026) == 2


def test_frame_time_and_vector_give_the_durations() -> None:
    (even,) = display_sets([cine_instance(3, FrameTime=33.0)])
    assert durations_ms(even) == pytest.approx((33.0, 33.0, 33.0))
    (uneven,) = display_sets([cine_instance(3, FrameTimeVector=(0.0, 20.0, 60.0))])
    assert durations_ms(uneven) == pytest.approx((20.0, 60.0, 40.0))
    (untimed,) = display_sets([cine_instance(3)])
    assert durations_ms(untimed) == (USUAL_MS,) * 3
