"""Series that hold more than one thing: what is told apart, by which rule, and that no image is lost."""

from collections import Counter
from dataclasses import replace

import pytest

from tests.imaging.stacks import AXIAL, FRAME, PIXELS, image, multiframe, stack
from workstation.dicom.entities import Instance
from workstation.errors import Reason
from workstation.imaging.displaysets import DisplaySet, display_sets

HEIGHTS = [10.0, 13.5, 17.0, 20.5]


def sets_of(instances: list[Instance]) -> tuple[DisplaySet, ...]:
    """The display sets, after counting that each image is in exactly one of them."""
    sets = display_sets(instances)
    shown = Counter((ref.instance.SOPInstanceUID, ref.frame) for each in sets for ref in each.images)
    expected = {(each.SOPInstanceUID, frame) for each in instances for frame in range(each.images)}
    assert set(shown) == expected and set(shown.values()) == {1}
    return sets


def sentences(each: DisplaySet) -> str:
    return " ".join(notice.sentence for notice in each.notices)


def test_one_series_is_one_volume_and_nothing_is_said() -> None:
    (only,) = sets_of(stack(HEIGHTS))
    assert only.grid is not None and only.grid.spacing == (0.5, 0.7, 3.5)
    assert (only.notices, only.group) == ((), None)


@pytest.mark.parametrize(
    ("name", "values", "text"),
    [
        ("EchoTime", (4.6, 9.2), "9.2 ms"),
        ("InversionTime", (150.0, 2500.0), "2500 ms"),
        ("DiffusionBValue", (0.0, 800.0), "800 s/mm²"),
        ("TriggerTime", (12.0, 48.5), "48.5 ms"),
        ("TemporalPositionIndex", (1, 2), "2"),
        ("AcquisitionNumber", (7, 8), "8"),
        ("AcquisitionDateTime", ("20240101101500", "20240101101730"), "20240101101730"),
    ],
)
def test_a_second_axis_gives_a_volume_for_each_value(name: str, values: tuple[object, ...], text: str) -> None:
    series = stack(HEIGHTS, 1, **{name: values[0]}) + stack(HEIGHTS, 11, **{name: values[1]})
    first, second = sets_of(series)
    assert first.grid is not None and first.grid == second.grid
    assert first.group is not None and second.group is not None
    assert (second.group.axis, second.group.value, second.group.index, second.group.count) == (name, text, 1, 2)
    assert first.group.key == second.group.key
    assert f"{name} {text}" in sentences(second) and "Part 2 of 2" in sentences(second)


def test_diffusion_is_told_apart_by_b_value_and_then_by_direction() -> None:
    series = stack(HEIGHTS, 1, DiffusionBValue=0.0)
    directions = [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)]
    for number, direction in enumerate(directions, start=1):
        series += stack(HEIGHTS, 10 * number, DiffusionBValue=1000.0, DiffusionGradientOrientation=direction)
    sets = sets_of(series)
    assert [each.group and each.group.count for each in sets] == [4, 4, 4, 4]
    assert all(each.grid is not None for each in sets)
    assert "DiffusionGradientOrientation 0\\1\\0" in sentences(sets[2])


def test_echoes_over_time_are_one_axis_in_order() -> None:
    series = []
    for number, (echo, time) in enumerate([(4.6, 1), (9.2, 1), (4.6, 2), (9.2, 2)]):
        series += stack(HEIGHTS, 1 + 10 * number, EchoTime=echo, TemporalPositionIndex=time)
    sets = sets_of(series)
    assert len({each.group.key for each in sets if each.group}) == 1
    values = sorted((each.group.index, each.group.value) for each in sets if each.group)
    assert [value for _, value in values] == ["4.6 ms, 1", "4.6 ms, 2", "9.2 ms, 1", "9.2 ms, 2"]


def test_magnitude_and_phase_are_kinds_and_not_an_axis() -> None:
    series = stack(HEIGHTS, 1, ImageType=("ORIGINAL", "PRIMARY", "M")) + stack(
        HEIGHTS, 11, ImageType=("ORIGINAL", "PRIMARY", "P")
    )
    magnitude, phase = sets_of(series)
    assert magnitude.group is None and phase.group is None
    assert "ImageType ORIGINAL\\PRIMARY\\P" in sentences(phase)


def test_pet_with_and_without_attenuation_correction_are_apart() -> None:
    series = stack(HEIGHTS, 1, CorrectedImage=("DECY", "ATTN")) + stack(HEIGHTS, 11, CorrectedImage=("DECY",))
    assert [len(each.images) for each in sets_of(series)] == [4, 4]


def test_pet_slices_with_their_own_slopes_stay_together() -> None:
    series = [image(n, (0.0, 0.0, 3.27 * n), RescaleSlope=0.01 * n, Modality="PT") for n in range(1, 6)]
    (only,) = sets_of(series)
    assert only.grid is not None


def test_trigger_times_that_differ_a_little_between_slices_are_ranked() -> None:
    series = [
        image(10 * phase + slice_ + 1, (0.0, 0.0, height), TriggerTime=35.0 * phase + 0.3 * slice_)
        for phase in range(3)
        for slice_, height in enumerate(HEIGHTS)
    ]
    sets = sets_of(series)
    assert [each.group and (each.group.axis, each.group.index) for each in sets] == [
        ("TriggerTime", 0),
        ("TriggerTime", 1),
        ("TriggerTime", 2),
    ]


def test_a_series_repeated_with_nothing_to_tell_it_by_goes_by_number() -> None:
    first, second = sets_of(stack(HEIGHTS) + stack(HEIGHTS, 43))
    assert first.place_of.keys() == {"1.2.1", "1.2.2", "1.2.3", "1.2.4"}
    assert second.grid == first.grid and "InstanceNumber 2 of 2 at each position" in sentences(second)


def test_duplicates_are_all_shown_and_the_volume_survives() -> None:
    volume, duplicates = sets_of([*stack(HEIGHTS), image(9, (-3.0, 5.0, 17.0))])
    assert volume.grid is not None and len(volume.images) == 4
    assert [ref.instance.SOPInstanceUID for ref in duplicates.images] == ["1.2.9"]
    assert "1 images lie at positions that other images of the series have" in sentences(duplicates)


def test_images_of_one_place_are_one_stack_over_time() -> None:
    series = [image(n, (0.0, 0.0, 5.0), TriggerTime=40.0 * n) for n in range(1, 8)]
    (cine,) = sets_of(series)
    assert (len(cine.images), cine.no_volume) == (7, Reason.TOO_FEW_SLICES)
    assert cine.times_ms == (0.0, 40.0, 80.0, 120.0, 160.0, 200.0, 240.0)


def test_two_places_seen_many_times_are_two_stacks() -> None:
    series = [image(10 * n + k, (0.0, 0.0, 8.0 * k), TriggerTime=40.0 * n) for n in range(5) for k in (1, 2)]
    sets = sets_of(series)
    assert [len(each.images) for each in sets] == [5, 5]
    assert [len({ref.position_lps for ref in each.images}) for each in sets] == [1, 1]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("size", {"pixels": replace(PIXELS, Rows=8)}),
        ("pixels", {"pixels": replace(PIXELS, PixelRepresentation=1)}),
        ("PixelSpacing", {"PixelSpacing": (0.7, 0.6)}),
        ("ImageType", {"ImageType": ("ORIGINAL", "PRIMARY", "LOCALIZER")}),
        ("FrameOfReferenceUID", {"FrameOfReferenceUID": "1.8"}),
        ("Modality", {"Modality": "CT"}),
        ("ImageOrientationPatient", {"ImageOrientationPatient": (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)}),
    ],
)
def test_what_cannot_lie_in_one_block_is_apart_and_named(name: str, other: dict[str, object]) -> None:
    sets = sets_of(stack(HEIGHTS) + stack([30.0, 33.5, 37.0], 21, **other))
    assert len(sets) == 2
    assert all(f"told apart by {name}" in sentences(each) for each in sets)


def test_bits_and_colour_models_that_decode_to_the_same_stay_together() -> None:
    rgb = replace(PIXELS, SamplesPerPixel=3, PhotometricInterpretation="RGB", BitsAllocated=8)
    ybr = replace(rgb, PhotometricInterpretation="YBR_FULL_422")
    twelve, sixteen = replace(PIXELS, BitsStored=12), replace(PIXELS, BitsStored=16, HighBit=15)
    assert len(sets_of([image(1, None, pixels=rgb), image(2, None, pixels=ybr)])) == 1
    assert len(sets_of([image(1, None, pixels=twelve), image(2, None, pixels=sixteen)])) == 1


def test_images_of_which_hardly_two_are_parallel_stay_one_stack() -> None:
    turned = [(0.0, 1.0, 0.0, 0.0, 0.0, -1.0), (1.0, 0.0, 0.0, 0.0, 0.0, -1.0), AXIAL]
    series = [image(n, (0.0, 0.0, 1.0 * n), ImageOrientationPatient=each) for n, each in enumerate(turned, start=1)]
    (localizer,) = sets_of(series)
    assert localizer.no_volume is Reason.MIXED_ORIENTATION
    assert "not parallel" in sentences(localizer)


def test_rounding_of_cosines_and_positions_splits_nothing() -> None:
    noisy = (1.0, 0.0, 0.0004996, 0.0, 1.0, 0.0)
    series = [
        image(1 + n + 10 * echo, (-3.0, 5.0, height + 0.004999 * echo), EchoTime=5.0 + echo, ImageOrientationPatient=o)
        for echo in (0, 1)
        for n, (height, o) in enumerate(zip(HEIGHTS, (AXIAL, noisy, AXIAL, noisy), strict=True))
    ]
    assert [len(each.images) for each in sets_of(series)] == [4, 4]


def test_two_regular_acquisitions_with_a_gap_between_are_two_volumes() -> None:
    series = stack([0.0, 2.0, 4.0], 1, AcquisitionNumber=1) + stack([30.0, 35.0, 40.0], 4, AcquisitionNumber=2)
    sets = sets_of(series)
    assert [each.grid.spacing[2] for each in sets if each.grid] == [2.0, 5.0]


def test_frames_of_an_enhanced_object_split_like_single_frames() -> None:
    frames = [
        replace(FRAME, ImagePositionPatient=(0.0, 0.0, height), StackID="1", TemporalPositionIndex=time)
        for time in (1, 2)
        for height in HEIGHTS
    ]
    sets = sets_of([multiframe(frames)])
    assert [[ref.frame for ref in each.images] for each in sets] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert all(each.grid is not None and each.group is not None for each in sets)


def test_stacks_of_an_enhanced_object_are_apart() -> None:
    frames = [replace(FRAME, ImagePositionPatient=(0.0, 0.0, 4.0 * n), StackID=str(1 + n // 3)) for n in range(6)]
    assert [len(each.images) for each in sets_of([multiframe(frames)])] == [3, 3]


def test_gated_nuclear_slices_are_a_volume_for_each_time_slot() -> None:
    frames = [
        replace(
            FRAME, ImagePositionPatient=(0.0, 0.0, 6.2 * n), increments=(("TimeSlotVector", slot), ("SliceVector", n))
        )
        for slot in (1, 2)
        for n in (1, 2, 3)
    ]
    sets = sets_of([multiframe(frames, Modality="NM")])
    assert [each.group and (each.group.axis, each.group.value) for each in sets] == [
        ("TimeSlotVector", "1"),
        ("TimeSlotVector", "2"),
    ]
