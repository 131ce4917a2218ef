"""Loading: the wanted image first, a bad file costs one image, nothing is left behind."""

import gc
import threading
import time
import weakref
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.loading.opened import WAIT_S, imported, studies
from workstation import jobs
from workstation.cache import files
from workstation.case.open import study_sets
from workstation.errors import Reason, Refused
from workstation.imaging.displaysets import DisplaySet
from workstation.loading import load, memory
from workstation.loading.load import Loader, Loading
from workstation.paths import Home
from workstation.phantom.dicom import write_series
from workstation.phantom.grid import Grid
from workstation.phantom.series import PhantomSeries

SHAPE = (24, 40, 32)
VALUES = np.random.default_rng(5).integers(-1000, 2000, SHAPE).astype(np.int16)

Opened = tuple[Home, DisplaySet, dict[str, str]]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    write_series(PhantomSeries(VALUES, Grid(SHAPE, (1.0, 2.0, 3.0), (0.9, 0.7), 1.5)), tmp_path / "in")
    home = imported(tmp_path, tmp_path / "in")
    (display_set,), digests = study_sets(home, *studies(home))
    return home, display_set, dict(digests)


def open_descriptors() -> list[str]:
    """What this process has open, as far as loading can have opened it."""
    gc.collect()
    targets = [str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink()]
    return sorted(each for each in targets if "voxels" in each or ".dcm" in each or "/home/" in each)


def whole(opened: Opened) -> Loading:
    home, display_set, digests = opened
    loader = Loader(home)
    try:
        loading = loader.open(display_set, digests)
        loader.wait(WAIT_S)
        return loading
    finally:
        loader.close_all()
        jobs.shutdown()


def test_every_voxel_is_the_one_that_was_written(opened: Opened) -> None:
    voxels = whole(opened).voxels
    assert voxels.whole
    assert np.array_equal(voxels.rescale.apply(voxels.stored), VALUES)


def test_the_wanted_image_comes_first_and_then_its_neighbours(opened: Opened) -> None:
    home, display_set, digests = opened
    loading = Loading(display_set, digests, home, lambda key: None)
    loading.want(17)
    order = [loading._next() for _ in range(5)]
    assert order[0] == 17
    assert {*order[1:]} == {15, 16, 18, 19}
    loading.want(2)
    assert loading._next() == 2
    loading.stop()


def test_images_that_arrived_are_whole_at_every_moment(opened: Opened) -> None:
    home, display_set, digests = opened
    loader = Loader(home)
    seen = []

    def look(key: str) -> None:
        loading = loader.get(key)
        if loading is not None:
            filled = np.flatnonzero(loading.voxels.filled)
            seen.append(filled.size)
            assert np.array_equal(loading.voxels.stored[filled] - 1024, VALUES[filled])

    loader._arrived = look
    try:
        loader.open(display_set, digests, image=12)
        loader.wait(WAIT_S)
        jobs.drain()
    finally:
        loader.close_all()
        jobs.shutdown()
    assert seen and seen[-1] == SHAPE[0]


@pytest.mark.parametrize(("damage", "reason"), [("gone", Reason.DAMAGED), ("flipped", Reason.DAMAGED)])
def test_a_bad_file_costs_one_image(damage: str, reason: Reason, opened: Opened) -> None:
    home, display_set, digests = opened
    digest = digests[display_set.images[9].instance.SOPInstanceUID]
    path = files.place_of(home, digest)
    if damage == "gone":
        path.unlink()
    else:
        data = bytearray(path.read_bytes())
        data[-100] ^= 1
        path.chmod(0o600)
        path.write_bytes(data)
    loading = whole(opened)
    (image,) = loading.problems
    problem = loading.problems[image]
    assert image == 9
    assert isinstance(problem, Refused)
    assert problem.reason is reason
    assert not loading.voxels.filled[9] and loading.voxels.filled.sum() == SHAPE[0] - 1


def test_closing_while_loading_leaves_no_thread_and_no_descriptor(opened: Opened) -> None:
    home, display_set, digests = opened
    whole(opened)
    descriptors, threads = open_descriptors(), threading.active_count()
    for _ in range(8):
        loader = Loader(home)
        loader.open(display_set, digests)
        loader.close_all()
        jobs.shutdown()
        jobs.drain()
        del loader
    assert threading.active_count() == threads
    assert not Counter(open_descriptors()) - Counter(descriptors)


def test_what_is_too_large_for_memory_is_refused_before_it_is_taken(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, display_set, digests = opened
    monkeypatch.setattr(memory, "_free_memory", lambda: VALUES.nbytes)
    loader = Loader(home)
    with pytest.raises(Refused) as refused:
        loader.open(display_set, digests)
    assert refused.value.reason is Reason.MEMORY
    loader.close_all()


@pytest.mark.parametrize(("share", "fits"), [(0.5, False), (0.7, True)])
def test_the_share_of_free_memory_that_may_be_taken_is_a_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, share: float, fits: bool
) -> None:
    monkeypatch.setattr(memory, "_free_memory", lambda: 1000)
    memory.take_at_most(share)
    try:
        with nullcontext() if fits else pytest.raises(Refused):
            memory.create((20, 30), np.dtype(np.uint8), Home(tmp_path).create()).close()
    finally:
        memory.take_at_most(0.8)


def test_each_set_gets_its_first_image_before_any_gets_its_second(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Turns in the order of their lane's queue, one after another, as one thread would take them."""
    home, display_set, digests = opened
    queue: list[tuple[jobs.Job, Callable[[jobs.Job], None]]] = []

    def queued(title: str, work: Callable[[jobs.Job], None], **others: object) -> jobs.Job:
        queue.append((jobs.Job(title), work))
        return queue[-1][0]

    monkeypatch.setattr(jobs, "run", queued)
    loader = Loader(home)
    sets = [replace(display_set, key=f"set {number}") for number in range(3)]
    loadings = [loader.open(each, digests, image=5) for each in sets]
    for count in (1, 2, 3):
        job, turn = queue.pop(0)
        turn(job)
        assert [each.voxels.arrived for each in loadings] == [1] * count + [0] * (3 - count)
    assert all(each.voxels.filled[5] for each in loadings)
    while queue:
        job, turn = queue.pop(0)
        turn(job)
    assert all(each.voxels.whole for each in loadings)
    loader.close_all()
    jobs.shutdown()


def test_a_set_that_begins_waits_for_the_eye_once_its_first_image_is_there(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, display_set, digests = opened
    waited: list[int] = []
    loading = Loading(display_set, digests, home, lambda key: None)
    monkeypatch.setattr(jobs, "give_way", lambda longest_s: waited.append(loading.voxels.arrived))
    loading.start()
    assert loading.wait(WAIT_S)
    jobs.shutdown()
    assert waited
    assert min(waited) >= 1
    loading.stop()


def part_of(display_set: DisplaySet, images: slice | list[int]) -> DisplaySet:
    kept = np.arange(len(display_set.images))[images]
    return replace(display_set, images=tuple(display_set.images[n] for n in kept), grid=None)


def grown_from(opened: Opened, parts: list[slice | list[int]]) -> list[Loading]:
    """Loadings of one set that holds more and more, each whole before the next begins."""
    home, display_set, digests = opened
    loader = Loader(home)
    loadings = [loader.open(part_of(display_set, parts[0]), digests)]
    try:
        loader.wait(WAIT_S)
        for part in parts[1:]:
            made = loader.grown(part_of(display_set, part), digests)
            assert made is not None
            loadings.append(made)
            loader.replace(made)
            loader.wait(WAIT_S)
        return loadings
    finally:
        loader.close_all()
        jobs.shutdown()


def test_images_that_come_before_and_behind_the_others_move_none_of_them(opened: Opened) -> None:
    first, second, third, fourth = grown_from(opened, [slice(9, 12), slice(6, 14), slice(2, 14), slice(0, 24)])
    assert not second.stays  # the first had no room: it might have been all there is
    assert third.stays and fourth.stays
    assert np.shares_memory(third.voxels.stored[4:], second.voxels.stored)
    assert np.shares_memory(fourth.voxels.stored[2:14], third.voxels.stored)
    for loading, part in ((first, slice(9, 12)), (second, slice(6, 14)), (third, slice(2, 14)), (fourth, slice(24))):
        assert loading.voxels.whole
        assert np.array_equal(loading.voxels.stored - 1024, VALUES[part])


def test_images_that_come_between_the_others_are_placed_elsewhere_under_nobodys_eyes(opened: Opened) -> None:
    before, after = grown_from(opened, [[0, 8, 16], [0, 4, 8, 12, 16]])
    assert not after.stays
    assert not np.shares_memory(before.voxels.stored, after.voxels.stored)
    assert np.array_equal(before.voxels.stored - 1024, VALUES[[0, 8, 16]])
    assert np.array_equal(after.voxels.stored - 1024, VALUES[[0, 4, 8, 12, 16]])


def test_what_was_loaded_is_not_loaded_again(opened: Opened) -> None:
    home, display_set, digests = opened
    loader = Loader(home)
    loader.open(part_of(display_set, slice(4, 8)), digests)
    loader.wait(WAIT_S)
    try:
        made = loader.grown(part_of(display_set, slice(2, 9)), digests)
        assert made is not None
        assert made.voxels.filled.tolist() == [False, False, True, True, True, True, False]
        assert np.array_equal(made.voxels.stored[2:6] - 1024, VALUES[4:8])
    finally:
        loader.close_all()
        jobs.shutdown()


def test_memory_that_is_left_is_given_back_beside_the_main_thread(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "OUTLIVES_S", 0.5)
    home, display_set, digests = opened
    loader = Loader(home)
    by: list[threading.Thread] = []
    given_back = threading.Event()
    try:
        former = loader.open(part_of(display_set, [0, 8, 16]), digests).voxels
        loader.wait(WAIT_S)
        deadline = time.monotonic() + WAIT_S
        while jobs.active() and time.monotonic() < deadline:
            jobs.drain(0.01)
        jobs.drain()  # what a job was given goes back to this thread
        weakref.finalize(former, lambda: (by.append(threading.current_thread()), given_back.set()))
        made = loader.grown(part_of(display_set, [0, 4, 8, 12, 16]), digests)
        assert made is not None
        loader.replace(made)
        del former
        assert given_back.wait(WAIT_S)
        assert by != [threading.main_thread()]
    finally:
        loader.close_all()
        jobs.shutdown()
