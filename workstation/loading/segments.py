"""Compressed frames of an object, one after the other, decoded in a worker under its limits (safety.md 16)."""

from collections.abc import Callable

from workstation.dicom.entities import Instance
from workstation.loading import decode, memory
from workstation.loading.objects import Opened
from workstation.loading.worker import Task
from workstation.loading.workers import decoders, seconds_for
from workstation.paths import Home


def decoded_frames(data: bytes, instance: Instance, home: Home) -> Callable[[int], bytes]:
    """What gives the stored values of frame n (from 0) of an object. Raises `Refused`, as does what it gives."""
    decode.check(instance)
    opened = Opened(data, instance)
    assert instance.pixels is not None  # noqa: S101  checked above
    pixels = instance.pixels
    block = memory.create((1, *decode.image_shape(pixels)), decode.stored_dtype(pixels), home)

    def frame(number: int) -> bytes:
        task = Task(number, opened.frame_bytes(number), block.handle, 0, None, None, None, 1)
        decoders().decode(opened.shared, task, seconds_for(pixels.frame_bytes))
        return bytes(block.array[0].tobytes())

    return frame
