"""The life of a decoding worker: what it is sent, what it answers. No Qt, no VTK, no numpy before its limits stand.

The pixels go straight into the shared block; only small facts travel back. What belongs to a whole object (its
head, its attributes) is sent once for all of its frames.
"""

import os
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any

from workstation import jobs
from workstation.errors import Reason, Refused

if TYPE_CHECKING:
    from workstation.dicom.entities import Instance
    from workstation.dicom.looks import ImageLook
    from workstation.imaging.greyscale import Rescale
    from workstation.loading.memory import BlockHandle
    from workstation.loading.source import Source


@dataclass(frozen=True, eq=False)
class Object:
    """What all frames of an object share: `head` is the file up to its pixels, or `whole`, where it is deflated."""

    head: bytes
    instance: "Instance"
    whole: bool = False


@dataclass(frozen=True)
class Task:
    """Decode frame `frame`, whose own bytes are `data`, into image `image` of a block.

    `crop` is the part of the frame that is the image: first row, first column, rows, columns. `rescale`
    and `padding` are for `decode.place`; `threads` are for one large image that has the machine alone.
    """

    frame: int
    data: bytes
    block: "BlockHandle"
    image: int
    crop: tuple[int, int, int, int] | None = None
    rescale: "Rescale | None" = None
    padding: tuple[float, float] | None = None
    threads: int = 1


def serve(pipe: "Connection[Any, Any]", memory_bytes: int | None) -> None:
    """Answer (Object or None, Task) with the image's look or a Refused, until the other end of the pipe is gone.

    The first answer, to nothing, says that the worker is ready.
    """
    # A linear algebra library would reserve address space for a thread on each core.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    jobs.limit_worker(memory_bytes)
    _be_silent()
    _warm()
    current: Object | None = None
    try:
        pipe.send(None)
        while True:
            sent, task = pipe.recv()
            current = sent or current
            pipe.send(answer(current, task) if current else Refused(Reason.WORKER_DIED))
    except (EOFError, OSError):
        return


def answer(shared: Object, task: Task) -> "ImageLook | Refused | None":
    """Do one task; whatever a decoder raises on spoiled bytes is an answer about these bytes."""
    from workstation.loading import decode, memory
    from workstation.loading.profiles import look_of

    try:
        head, data = _inflated(shared, task.frame) if shared.whole else (shared.head, task.data)
        stored = decode.image(data, head, shared.instance, task.frame, task.threads)
        target = memory.image_of(task.block, task.image)
        decode.place(decode.cropped(stored, task.crop), target, task.rescale, task.padding)
        return look_of(head, shared.instance, task.frame, data)
    except Refused as refused:
        return refused
    except MemoryError:
        return Refused(Reason.MEMORY)
    except Exception as error:
        return Refused(Reason.PIXEL_DATA, detail=where(error))


def _inflated(shared: Object, frame: int) -> "tuple[bytes, bytes | memoryview]":
    """Head and frame of a deflated object, inflated once for all of its frames."""
    source = _last_inflated(shared)
    assert shared.instance.pixels is not None  # noqa: S101  only images are sent
    return source.head, source.frame(shared.instance.pixels, frame)


@lru_cache(maxsize=1)
def _last_inflated(shared: Object) -> "Source":
    from workstation.loading.source import open_source

    return open_source(shared.head, shared.instance)


def where(error: Exception) -> str:
    """Kind and place of an error; its words may quote what was read (safety.md 23)."""
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}:{last.lineno}"


def _be_silent() -> None:
    """Libraries quote what they read in warnings and log lines; codecs write to the standard error themselves."""
    import logging
    import warnings

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _warm() -> None:
    """Load what the first image would wait for."""
    import imagecodecs

    from workstation.loading import decode

    _ = (decode, imagecodecs.jpeg8_decode, imagecodecs.jpeg2k_decode, imagecodecs.jpegls_decode)
