"""mm only with a real calibration; the detector's is called so; ultrasound by region (safety.md 8)."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.findings.made import finding
from tests.imaging.stacks import PIXELS, image
from workstation.dicom.entities import UltrasoundRegion
from workstation.dicom.header import from_json, read_instance, to_json
from workstation.errors import Reason, Refused
from workstation.findings.finding import Kind, Value
from workstation.findings.measure import measured
from workstation.findings.scale import SHAPE_GUESSED, brings_calibration, edge_of
from workstation.imaging.images import ImageRef

NOWHERE = {"ImageOrientationPatient": None, "PixelSpacing": None}
LINE = [(10.0, 20.0), (13.0, 24.0)]


def length(ref: ImageRef, points: list[tuple[float, float]] = LINE, true_mm: float | None = None) -> Value:
    return measured(finding(Kind.LENGTH, points, image="1.2.1"), ref, true_mm)[0]


def test_without_calibration_lengths_are_pixels() -> None:
    found = length(ImageRef(image(1, None, **NOWHERE, Modality="DX")))
    assert (found.value, found.unit) == (5.0, "px")


def test_pixels_that_are_known_not_to_be_square_count_as_what_they_are() -> None:
    found = length(ImageRef(image(1, None, **NOWHERE, PixelAspectRatio=(2.0, 1.0))))
    assert (found.value, found.unit) == (pytest.approx((3**2 + 8**2) ** 0.5), "px")


@pytest.mark.parametrize("modality", ["DX", "CR", "MG", "XA", "RF"])
def test_a_projection_without_a_calibration_of_its_own_is_at_the_detector(modality: str) -> None:
    values = {**NOWHERE, "Modality": modality}
    detector = length(ImageRef(image(1, None, **values, ImagerPixelSpacing=(0.2, 0.1))))
    assert (detector.value, detector.unit) == (pytest.approx((0.3**2 + 0.8**2) ** 0.5), "mm at detector")
    plain = length(ImageRef(image(1, None, **{**values, "PixelSpacing": (0.2, 0.1)})))
    assert plain.unit == "mm at detector"
    sure = image(1, None, **{**values, "PixelSpacing": (0.2, 0.1)}, PixelSpacingCalibrationType="FIDUCIAL")
    assert length(ImageRef(sure)).unit == "mm"


def test_a_calibration_line_makes_millimetres_of_pixels() -> None:
    ref = ImageRef(image(1, None, **NOWHERE, ImagerPixelSpacing=(0.2, 0.1), Modality="DX"))
    given = finding(Kind.CALIBRATION, [(0, 0), (0, 50)], image="1.2.1")
    edge_mm = 25.0 / edge_of(ref, given.points)
    assert edge_mm == 0.25
    found = length(ref, [(0, 0), (0, 50)], edge_mm)
    assert (found.value, found.unit, found.how) == (25.0, "mm", "by your calibration line")
    assert length(ref, [(0, 0), (50, 0)], edge_mm).value == 12.5


def test_a_calibration_line_never_stands_instead_of_the_objects_own() -> None:
    sure = ImageRef(image(1, None, **{**NOWHERE, "PixelSpacing": (0.2, 0.1)}, Modality="SC"))
    assert brings_calibration(sure)
    assert (length(sure, [(0, 0), (50, 0)], 9.0).value, length(sure, [(0, 0), (50, 0)], 9.0).unit) == (5.0, "mm")
    ref = echo(TISSUE)
    assert brings_calibration(ref)
    assert length(ref, [(20, 20), (50, 60)], 9.0).value == length(ref, [(20, 20), (50, 60)]).value
    assert length(ref, [(120, 20), (123, 24)], 9.0).unit == "mm"
    detector = ImageRef(image(1, None, **NOWHERE, ImagerPixelSpacing=(0.2, 0.1), Modality="DX"))
    assert not brings_calibration(detector)


TISSUE = UltrasoundRegion((10, 10, 99, 89), (3, 3), (0.05, 0.04), 1)
OTHER = UltrasoundRegion((110, 10, 199, 89), (3, 3), (0.02, 0.02), 1)
DOPPLER = UltrasoundRegion((10, 100, 199, 189), (4, 7), (0.01, 0.5), 3)


def echo(*regions: UltrasoundRegion) -> ImageRef:
    made = image(1, None, **NOWHERE, Modality="US", ultrasound=regions)
    return ImageRef(replace(made, pixels=replace(PIXELS, Rows=200, Columns=210)))


def test_a_length_in_an_ultrasound_region_has_that_regions_scale() -> None:
    ref = echo(TISSUE, OTHER, DOPPLER)
    inside = length(ref, [(20, 20), (50, 60)])
    assert (inside.value, inside.unit) == (pytest.approx((15.0**2 + 16.0**2) ** 0.5, rel=1e-12), "mm")
    assert length(ref, [(120, 20), (150, 60)]).value == pytest.approx(0.2 * 50)


@pytest.mark.parametrize(
    "points", [[(20, 20), (150, 20)], [(20, 20), (20, 150)], [(20, 20), (3, 20)], [(5, 20), (205, 20)]]
)
def test_a_length_that_leaves_a_region_is_refused(points: list[tuple[float, float]]) -> None:
    with pytest.raises(Refused) as refused:
        length(echo(TISSUE, OTHER, DOPPLER), points)
    assert refused.value.reason is Reason.ACROSS_REGIONS


def test_outside_the_regions_it_is_pixels() -> None:
    assert length(echo(TISSUE), [(120, 20), (123, 24)]).unit == "px"


def test_a_doppler_trace_is_time_and_speed_and_no_length() -> None:
    ref = echo(TISSUE, DOPPLER)
    found = measured(finding(Kind.LENGTH, [(50, 110), (70, 150)], image="1.2.1"), ref)
    assert [(each.name, each.value, each.unit) for each in found] == [
        ("Time", pytest.approx(0.2), "s"),
        ("Speed", pytest.approx(20.0), "cm/s"),
    ]
    for kind in (Kind.ELLIPSE, Kind.BIDIRECTIONAL, Kind.COBB):
        with pytest.raises(Refused) as refused:
            measured(finding(kind, [(50, 110), (70, 150), (52, 140), (66, 120)], image="1.2.1"), ref)
        assert refused.value.reason is Reason.NOT_SPATIAL


def test_a_region_in_a_region_with_another_scale_is_told_apart() -> None:
    zoom = UltrasoundRegion((40, 40, 60, 60), (3, 3), (0.01, 0.01), 1)
    ref = echo(TISSUE, zoom)
    assert length(ref, [(42, 42), (52, 42)]).value == pytest.approx(1.0)
    assert length(ref, [(20, 20), (30, 20)]).value == pytest.approx(5.0)
    with pytest.raises(Refused):
        length(ref, [(20, 50), (50, 50)])


def test_regions_larger_than_the_image_calibrate_nothing() -> None:
    assert (
        length(echo(UltrasoundRegion((10, 10, 595, 414), (3, 3), (0.05, 0.05), 1)), [(20, 20), (30, 20)]).unit == "px"
    )


def test_angles_need_no_calibration_but_no_time_either() -> None:
    ref = ImageRef(image(1, None, **NOWHERE, Modality="DX"))
    (angle,) = measured(finding(Kind.ANGLE, [(10, 0), (0, 0), (0, 10)], image="1.2.1"), ref)
    assert (angle.value, angle.unit) == (pytest.approx(90.0), "°")


def test_real_ultrasound_is_measured_within_its_region(data_dir: Path) -> None:
    """DIRW0007: one region without units around one of 0.0525 cm a pixel."""
    instance = read_instance((data_dir / "us_cine" / "DIRW0007.dcm").read_bytes())
    assert from_json(to_json(instance)).ultrasound == instance.ultrasound
    found = length(ImageRef(instance), [(100, 100), (200, 100)])
    assert (found.value, found.unit) == (pytest.approx(52.478, abs=1e-3), "mm")
    with pytest.raises(Refused):
        length(ImageRef(instance), [(100, 100), (20, 100)])


@pytest.mark.parametrize("kind", [Kind.COBB, Kind.CARDIOTHORACIC])
def test_what_follows_from_pixels_of_unknown_shape_is_doubted(kind: Kind) -> None:
    """An angle and a ratio need no millimetres, but pixels whose sides are known in proportion."""
    drawn = finding(kind, [(0, 0), (10, 1), (0, 20), (10, 25)], image="1.2.1")
    unreadable = image(1, None, **NOWHERE, Modality="CR", odd=("PixelAspectRatio cannot be read (ValueError)",))
    for ref in (unreadable, image(1, None, **NOWHERE, PixelAspectRatio=(0.0, 1.0))):
        assert all(SHAPE_GUESSED in each.how for each in measured(drawn, ImageRef(ref)))
    spaced = replace(unreadable, frames=(replace(unreadable.frames[0], PixelSpacing=(0.2, 0.1)),))
    for sure in (spaced, image(1, None, **NOWHERE), image(1, None, **NOWHERE, PixelAspectRatio=(2.0, 1.0))):
        assert not any(SHAPE_GUESSED in each.how for each in measured(drawn, ImageRef(sure)))


def test_regions_that_cannot_be_used_leave_room_for_a_line_of_the_readers_own() -> None:
    assert not brings_calibration(echo(UltrasoundRegion((10, 10, 595, 414), (3, 3), (0.05, 0.05), 1)))
    assert brings_calibration(echo(TISSUE))
