"""2,000 spoiled files: refused or shown, no crash, nobody else's pixels, memory flat."""

import struct
from collections.abc import Iterator
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tests.loading.objects import encapsulated, new_home
from tests.loading.test_codecs import GREY, LOSSLESS, RGB, colour, grey, rle
from workstation.dicom import header
from workstation.errors import Reason, Refused
from workstation.loading import decode, memory
from workstation.loading.objects import Opened
from workstation.loading.worker import Task
from workstation.loading.workers import Decoders

COUNT = 2000
LARGEST = 64 << 20
"""What a test machine can spare for one image; larger claims are refused before."""

REASONS = {
    Reason.NOT_DICOM,
    Reason.TRUNCATED,
    Reason.UNREADABLE,
    Reason.NO_IDENTITY,
    Reason.TOO_LARGE,
    Reason.TOO_DEEP,
    Reason.NOT_AN_IMAGE,
    Reason.TRANSFER_SYNTAX,
    Reason.PIXEL_FORMAT,
    Reason.PIXEL_LENGTH,
    Reason.CODESTREAM,
    Reason.PIXEL_DATA,
    Reason.MEMORY,
    Reason.WORKER_DIED,
    Reason.TIME_LIMIT,
}


def seeds(data_dir: Path) -> list[bytes]:
    """Small files of every codec, made here and real."""
    made = [grey(syntax, bytes(encode(GREY))) for syntax, encode in LOSSLESS.values()]
    made.append(colour("1.2.840.10008.1.2.5", rle(*np.moveaxis(RGB, -1, 0)), PlanarConfiguration=1))
    real = [
        "nasty/pydicom/JPEG2000-embedded-sequence-delimiter.dcm",
        "nasty/pydicom/SC_rgb_small_odd.dcm",
        "nasty/pydicom/badVR.dcm",
        "transfer_syntaxes/cornerstone/TestPattern_JPEG-Baseline_YBR422.dcm",
        "transfer_syntaxes/wg04/US1_J2KI",
        "transfer_syntaxes/cornerstone/CTImage.dcm_JPEGProcess2_4TransferSyntax_1.2.840.10008.1.2.4.51.dcm",
    ]
    return [*made, *((data_dir / each).read_bytes() for each in real)]


def flipped(data: bytearray, random: Random) -> None:
    for _ in range(random.randint(1, 12)):
        data[random.randrange(132, len(data))] ^= 1 << random.randrange(8)


def cut(data: bytearray, random: Random) -> None:
    del data[random.randrange(140, len(data)) :]


def absurd(data: bytearray, random: Random) -> None:
    """Rows, Columns, SamplesPerPixel or BitsAllocated of any size."""
    tag = random.choice((b"\x28\0\x10\0", b"\x28\0\x11\0", b"\x28\0\x02\0", b"\x28\0\0\1", b"\x28\0\3\1"))
    at = data.find(tag)
    if at > 0:
        struct.pack_into("<H", data, at + 8, random.choice((0, 1, 3, 255, 4096, 65535, random.randrange(65536))))


def nested(data: bytearray, random: Random) -> None:
    """Sequences inside sequences before the pixels."""
    depth = random.choice((2, 20, 40, 3000))
    at = data.find(b"\xe0\x7f\x10\x00")
    one = b"\x40\0\x75\xa7SQ\0\0\xff\xff\xff\xff\xfe\xff\x00\xe0\xff\xff\xff\xff"
    if at > 0:
        data[at:at] = one * depth + (b"\xfe\xff\x0d\xe0\0\0\0\0\xfe\xff\xdd\xe0\0\0\0\0") * depth


def swapped(data: bytearray, random: Random) -> None:
    """A stretch of the file somewhere else."""
    start, to = random.randrange(132, len(data)), random.randrange(132, len(data))
    stretch = data[start : start + random.randint(1, 400)]
    data[to : to + len(stretch)] = stretch


MUTATIONS = (flipped, flipped, cut, absurd, nested, swapped)


def mutants(data_dir: Path) -> Iterator[bytes]:
    random, files = Random(20260), seeds(data_dir)
    for number in range(COUNT):
        data = bytearray(files[number % len(files)])
        MUTATIONS[random.randrange(len(MUTATIONS))](data, random)
        yield bytes(data)


def resident_bytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmRSS"))


@pytest.mark.timeout(240)
def test_two_thousand_spoiled_files_are_refused_or_shown(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workstation.dicom.budget.LARGEST_FRAME_BYTES", LARGEST)
    home, decoders, seen = new_home(tmp_path), Decoders(2), {"shown": 0}
    early = 0
    try:
        for number, data in enumerate(mutants(data_dir)):
            try:
                outcome = shown(data, home, decoders)
            except Refused as refused:
                assert refused.reason in REASONS, refused
                outcome = refused.reason.name
            seen[outcome] = seen.get(outcome, 0) + 1
            if number == COUNT // 2:
                early = max(resident_bytes(worker.process.pid or 0) for worker in decoders._idle)
        late = max(resident_bytes(worker.process.pid or 0) for worker in decoders._idle)
        assert late < early + (128 << 20), "memory grows"
    finally:
        decoders.close()
    print(seen)
    assert sum(seen.values()) == COUNT and seen["shown"] > COUNT // 10 and len(seen) > 6, seen
    assert seen.get("TIME_LIMIT", 0) + seen.get("WORKER_DIED", 0) <= COUNT // 100, seen


def shown(data: bytes, home: object, decoders: Decoders) -> str:
    """Load the first frame as the program does; anything but an answer or `Refused` fails the test."""
    instance = header.read_instance(data)
    decode.check(instance)
    pixels = instance.pixels
    assert pixels is not None
    opened = Opened(data, instance)
    if not opened.by_worker:
        opened.native(0)
        return "shown"
    block = memory.create((1, *decode.image_shape(pixels)), decode.stored_dtype(pixels), home)  # type: ignore[arg-type]
    decoders.decode(opened.shared, Task(0, opened.frame_bytes(0), block.handle, 0), seconds=10)
    return "shown"


def test_the_mutations_reach_what_they_are_meant_for(data_dir: Path) -> None:
    base = seeds(data_dir)[0]
    deep = bytearray(base)
    nested(deep, Random(3))
    assert len(deep) > len(base) and base.count(b"\xe0\x7f\x10\x00") == 1
    assert encapsulated(b"", b"ab").count(b"\xfe\xff\x00\xe0") == 2
