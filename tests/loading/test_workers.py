"""Workers: pixels go into the shared block, one that dies or hangs costs one image, the others go on."""

import os
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from tests.loading.objects import new_home
from tests.loading.test_codecs import GREY, LOSSLESS, grey
from workstation import jobs
from workstation.dicom import header
from workstation.errors import Reason, Refused
from workstation.loading import memory, workers
from workstation.loading.memory import Block
from workstation.loading.objects import Opened
from workstation.loading.worker import Object, Task, serve
from workstation.loading.workers import Decoders

SYNTAX, ENCODE = LOSSLESS["J2K"]


@pytest.fixture
def block(tmp_path: Path) -> Block:
    return memory.create((4, 24, 40), np.dtype(np.uint16), new_home(tmp_path))


@pytest.fixture
def whole() -> Opened:
    data = grey(SYNTAX, bytes(ENCODE(GREY)))
    return Opened(data, header.read_instance(data))


def task(opened: Opened, block: Block, image: int) -> Task:
    return Task(0, opened.frame_bytes(0), block.handle, image)


def test_images_arrive_in_the_block_each_in_its_place(block: Block, whole: Opened) -> None:
    decoders = Decoders(2)
    try:
        for image in (2, 0):
            decoders.decode(whole.shared, task(whole, block, image))
        assert [np.array_equal(block.array[image], GREY) for image in range(4)] == [True, False, True, False]
        assert not block.array[1].any() and not block.array[3].any()
    finally:
        decoders.close()


def test_a_block_that_is_gone_is_written_by_nobody(tmp_path: Path, block: Block, whole: Opened) -> None:
    stale = task(whole, block, 0)
    block.close()
    others = []
    while not others or others[-1].handle.path != stale.block.path:  # the path comes to mean another block
        others.append(memory.create((4, 24, 40), np.dtype(np.uint16), new_home(tmp_path / f"other{len(others)}")))
    decoders = Decoders(1)
    try:
        with pytest.raises(Refused):
            decoders.decode(whole.shared, stale)
        assert not any(other.array.any() for other in others)
    finally:
        decoders.close()


def treacherous(pipe: "Connection[Any, Any]", memory_bytes: int | None) -> None:
    """A worker that obeys what the patient's name says; otherwise it works as all do."""
    real = pipe.recv

    def recv() -> Any:
        shared, given = real()
        word = shared.instance.patient.PatientName if shared else ""
        if word == "die":
            os._exit(11)
        while word == "hang":
            pass
        return shared, given

    pipe.recv = recv  # type: ignore[method-assign]
    serve(pipe, memory_bytes)


def named(name: str) -> Opened:
    data = grey(SYNTAX, bytes(ENCODE(GREY)), PatientName=name)
    return Opened(data, header.read_instance(data))


@pytest.mark.parametrize(("name", "reason"), [("die", Reason.WORKER_DIED), ("hang", Reason.TIME_LIMIT)])
def test_a_worker_that_dies_or_hangs_costs_its_image_alone(
    name: str, reason: Reason, block: Block, whole: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "serve", treacherous)
    decoders = Decoders(1)
    try:
        decoders.decode(whole.shared, task(whole, block, 0), seconds=20)
        bad = named(name)
        with pytest.raises(Refused) as refused:
            decoders.decode(bad.shared, task(bad, block, 1), seconds=20 if name == "die" else 0.3)
        assert refused.value.reason is reason
        decoders.decode(whole.shared, task(whole, block, 2), seconds=20)
        assert np.array_equal(block.array[2], GREY) and not block.array[1].any()
    finally:
        decoders.close()


def test_closing_ends_who_waits(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "serve", treacherous)
    decoders = Decoders(1)
    bad = named("hang")
    answers: list[Reason] = []

    def wait_for_it() -> None:
        try:
            decoders.decode(bad.shared, task(bad, block, 0), seconds=60)
        except Refused as refused:
            answers.append(refused.reason)

    threads = [Thread(target=wait_for_it) for _ in range(2)]
    for thread in threads:
        thread.start()
    decoders.close()
    for thread in threads:
        thread.join(20)
    assert answers == [Reason.WORKER_DIED] * 2


@pytest.mark.skipif(sys.platform != "linux", reason="platform: only Linux holds address space to a limit")
def test_more_memory_than_allowed_is_refused(block: Block, whole: Opened) -> None:
    decoders = Decoders(1, memory_bytes=400 << 20)
    rows, columns = 8192, 8000
    pixels = np.zeros((rows, columns), np.uint8)
    import imagecodecs

    coded = bytes(imagecodecs.jpeg2k_encode(pixels, codecformat="j2k", level=0, reversible=True))
    data = grey(SYNTAX, coded, Rows=rows, Columns=columns, BitsAllocated=8, BitsStored=8, HighBit=7)
    huge = Opened(data, header.read_instance(data))
    try:
        with pytest.raises(Refused) as refused:
            decoders.decode(huge.shared, task(huge, block, 1), seconds=60)
        assert refused.value.reason in (Reason.MEMORY, Reason.PIXEL_DATA, Reason.WORKER_DIED)
        decoders.decode(whole.shared, task(whole, block, 2), seconds=20)
        assert np.array_equal(block.array[2], GREY)
    finally:
        decoders.close()


def test_the_workers_of_the_program_end_with_it() -> None:
    first = workers.decoders()
    assert workers.decoders() is first
    jobs.shutdown()
    assert first.closed and workers.decoders() is not first
    jobs.shutdown()


def test_a_worker_imports_neither_qt_nor_vtk_nor_scipy(tmp_path: Path) -> None:
    import subprocess

    code = (
        "import sys; from workstation.loading import worker, decode, source, objects; worker._warm();"
        "print([name for name in ('PySide6', 'vtkmodules', 'scipy', 'SimpleITK') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_an_object_is_sent_once_for_all_its_frames(block: Block, whole: Opened) -> None:
    decoders = Decoders(1)
    sent: list[Any] = []
    try:
        decoders.decode(whole.shared, task(whole, block, 0))
        worker = decoders._idle[0]
        send = worker.pipe.send
        worker.pipe.send = lambda message: (sent.append(message[0]), send(message))[1]  # type: ignore[method-assign]
        decoders.decode(whole.shared, task(whole, block, 1))
        other = Object(whole.shared.head, whole.shared.instance)
        decoders.decode(other, task(whole, block, 2))
    finally:
        decoders.close()
    assert sent == [None, other]
