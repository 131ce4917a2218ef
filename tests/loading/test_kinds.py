"""What kinds of image become in the block: colour, many frames, slopes of their own; series fill side by side."""

import threading
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest

from tests.loading.objects import made, new_home, stored
from tests.loading.test_codecs import GREY, RGB, TREE, colour, grey, j2k, rle
from tests.loading.test_decode import bits, image
from workstation import jobs
from workstation.dicom.entities import Instance
from workstation.errors import Reason
from workstation.imaging.displaysets import display_sets
from workstation.loading import decode, load
from workstation.loading.load import Loader, Loading


@pytest.fixture
def loaded(tmp_path: Path) -> Any:
    """Load files, each set whole; the workers end with the test."""
    home = new_home(tmp_path)
    loader = Loader(home)

    def opened(*datas: bytes) -> list[Loading]:
        instances, digests = stored(home, datas)
        loadings = [loader.open(each, digests) for each in display_sets(instances)]
        loader.wait(60)
        return loadings

    yield opened
    loader.close_all()
    jobs.shutdown()


def test_a_colour_set_is_a_block_of_rgb(loaded: Any) -> None:
    (loading,) = loaded(colour("1.2.840.10008.1.2.5", rle(*np.moveaxis(RGB, -1, 0)), PlanarConfiguration=1))
    assert loading.voxels.stored.shape == (1, 24, 40, 3) and loading.voxels.stored.dtype == np.uint8
    assert np.array_equal(loading.voxels.stored[0], RGB) and loading.voxels.padding is None


def test_frames_of_one_file_come_in_their_order(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(load.Objects, "_read", counted(load.Objects._read, read))
    frames = [np.roll(GREY, number, axis=1) for number in range(7)]
    (loading,) = loaded(grey(TREE + "90", *map(j2k, frames), NumberOfFrames=7))
    assert all(np.array_equal(seen, frame) for seen, frame in zip(loading.voxels.stored, frames, strict=True))
    assert len(read) == 1, "the file is read once for all of its frames"


def counted(call: Any, calls: list[str]) -> Any:
    def counting(self: object, instance: Instance) -> object:
        calls.append(instance.SOPInstanceUID)
        return call(self, instance)

    return counting


def test_slopes_of_their_own_make_a_block_of_modality_values(loaded: Any) -> None:
    slices: list[dict[str, Any]] = [{"SOPInstanceUID": f"1.2.{n}", "InstanceNumber": n} for n in (1, 2)]
    coded = bytes(imagecodecs.jpegls_encode(GREY))
    slopes = ({"RescaleSlope": 0.5, "RescaleIntercept": 3}, {"RescaleSlope": 0.25, "RescaleIntercept": 0})
    (loading,) = loaded(
        *(
            grey(TREE + "80", coded, PixelPaddingValue=7, **each, **slope)
            for each, slope in zip(slices, slopes, strict=True)
        )
    )
    block = loading.voxels.stored
    assert block.dtype == np.float32 and loading.voxels.padding == (decode.PADDING_OF_FLOATS,) * 2
    for number, (slope, intercept) in enumerate(((0.5, 3), (0.25, 0))):
        assert np.allclose(block[number][GREY != 7], GREY[GREY != 7] * slope + intercept)
        assert (block[number][GREY == 7] == decode.PADDING_OF_FLOATS).all()


def test_an_image_that_is_cut_off_has_a_problem_and_the_others_are_there(loaded: Any) -> None:
    whole = image(np.resize(np.arange(9), 60).astype("<u2").tobytes(), SOPInstanceUID="1.2.1")
    short = image(bytes(60), SOPInstanceUID="1.2.2")
    (loading,) = loaded(whole, short)
    (problem,) = loading.problems.values()
    assert problem.reason is Reason.PIXEL_LENGTH and loading.voxels.arrived == 1


def test_several_series_fill_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "TURN_S", 0.0)
    home = new_home(tmp_path)
    datas = [
        image(bytes(120), SOPInstanceUID=f"1.2.{series}.{n}", SeriesInstanceUID=f"1.3.{series}", InstanceNumber=n)
        for series in (1, 2)
        for n in range(1, 41)
    ]
    instances, digests = stored(home, datas)
    order: list[str] = []
    real = load.Loading._load
    both_wanted = threading.Event()  # else a fast machine is through with the first before the second is asked for

    def noted(self: Loading, place: int) -> None:
        both_wanted.wait(30)
        order.append(self.display_set.series_instance_uid)
        real(self, place)

    monkeypatch.setattr(load.Loading, "_load", noted)
    loader = Loader(home)
    try:
        for each in display_sets(instances):
            loader.open(each, digests)
        both_wanted.set()
        loader.wait(60)
    finally:
        both_wanted.set()
        loader.close_all()
        jobs.shutdown()
    assert len(order) == 80 and order.index("1.3.2") < 40 < 79 - order[::-1].index("1.3.1") + 2


def test_values_of_32_bits_are_not_narrowed(loaded: Any) -> None:
    values = (np.arange(60, dtype=np.uint32) * 71582788).reshape(6, 10)
    (loading,) = loaded(image(values.tobytes(), **bits(32)))
    assert loading.voxels.stored.dtype == np.uint32 and np.array_equal(loading.voxels.stored[0], values)


def test_a_video_is_refused_by_name(loaded: Any) -> None:
    from workstation.errors import Refused

    with pytest.raises(Refused) as refused:
        loaded(made(TREE + "102", b"\0\0", Rows=24, Columns=40, SamplesPerPixel=1, BitsAllocated=8, BitsStored=8))
    assert refused.value.reason is Reason.TRANSFER_SYNTAX and "H.264" in refused.value.sentence
