"""Decoding workers: processes under limits, one task each at a time (safety.md 16).

One that dies or hangs costs the image it was at a sentence and is replaced; the others go on. Who wants an image
decoded waits for it on a thread of its own, so there is no queue here: the order is the caller's.
"""

import multiprocessing
import threading
from contextlib import suppress
from typing import Final

from workstation import jobs
from workstation.dicom.looks import ImageLook
from workstation.errors import Reason, Refused
from workstation.loading.worker import Object, Task, serve

MEMORY_BYTES: Final = 2 << 30
"""Address space of a worker; its libraries take a fifth of a gigabyte, most of it never touched."""

START_S: Final = 60.0
"""A worker on a loaded machine may take long to start; that says nothing about any image."""

SECONDS: Final = 10.0
BYTES_A_SECOND: Final = 16 << 20
"""Beyond 160 MiB decoded, an image has a second more for each 16 MiB: an eighth of the slowest codec's speed."""


def seconds_for(decoded_bytes: int) -> float:
    """How long an image may take."""
    return max(SECONDS, decoded_bytes / BYTES_A_SECOND)


_decoders: "Decoders | None" = None
_decoders_lock = threading.Lock()


def decoders() -> "Decoders":
    """The workers of this program, shared by all display sets; `jobs.shutdown` ends them."""
    global _decoders
    with _decoders_lock:
        if _decoders is None or _decoders.closed:
            _decoders = Decoders()
            jobs.at_shutdown(_decoders.close)
        return _decoders


class _Worker:
    def __init__(self, memory_bytes: int | None) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, far_end = context.Pipe()
        self.shared: Object | None = None
        self.ready = False
        self.process = context.Process(target=serve, args=(far_end, memory_bytes), daemon=True)
        self.process.start()
        far_end.close()

    def do(self, shared: Object, task: Task, seconds: float) -> ImageLook | Refused | None:
        """Raises Refused(WORKER_DIED or TIME_LIMIT), after which the worker is of no more use."""
        try:
            if not self.ready:
                self._receive(START_S)
                self.ready = True
            self.pipe.send((None if shared is self.shared else shared, task))
            self.shared = shared
            return self._receive(seconds)
        except (EOFError, OSError) as error:
            raise Refused(Reason.WORKER_DIED) from error

    def _receive(self, seconds: float) -> ImageLook | Refused | None:
        if not self.pipe.poll(seconds):
            raise Refused(Reason.TIME_LIMIT)
        answer: ImageLook | Refused | None = self.pipe.recv()
        return answer

    def end(self) -> None:
        jobs.end_process(self.process)
        self.pipe.close()


class Decoders:
    """Up to `workers` processes, started when first needed and kept. All methods may be called from any thread."""

    def __init__(self, workers: int | None = None, memory_bytes: int | None = MEMORY_BYTES) -> None:
        self._most = workers or jobs.cores()
        self._memory_bytes = memory_bytes
        self._changed = threading.Condition()
        self._idle: list[_Worker] = []
        self._busy: list[_Worker] = []
        self._closed = False

    def warm(self) -> None:
        """Start every worker; they get ready while the caller goes on."""
        with self._changed:
            while not self._closed and len(self._idle) + len(self._busy) < self._most:
                self._idle.append(_Worker(self._memory_bytes))

    def decode(self, shared: Object, task: Task, seconds: float = SECONDS) -> ImageLook | None:
        """Have one image decoded into its block, and its look read; blocks until it is there. Raises `Refused`."""
        worker = self._take(shared)
        try:
            answer = worker.do(shared, task, seconds)
        except BaseException:
            self._dismiss(worker)
            raise
        with self._changed:
            self._busy.remove(worker)
            if self._closed:
                worker.end()
            else:
                self._idle.append(worker)
            self._changed.notify_all()
        if isinstance(answer, Refused):
            raise answer
        return answer

    def close(self) -> None:
        """End every worker at once and for good, whatever it is at; who waits for one is refused."""
        with self._changed:
            self._closed = True
            for worker in self._busy:
                with suppress(ValueError):  # its own thread has just ended it
                    worker.process.kill()
            while self._idle:
                self._idle.pop().end()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._busy, SECONDS)

    @property
    def closed(self) -> bool:
        return self._closed

    def _take(self, shared: Object) -> _Worker:
        """An idle worker, one that knows the object if there is one; waits for one."""
        with self._changed:
            while True:
                if self._closed:
                    raise Refused(Reason.WORKER_DIED, detail="closed")
                if self._idle:
                    knows = [worker for worker in self._idle if worker.shared is shared]
                    worker = (knows or self._idle)[-1]
                    self._idle.remove(worker)
                    break
                if len(self._busy) < self._most:
                    worker = _Worker(self._memory_bytes)
                    break
                self._changed.wait()
            self._busy.append(worker)
            return worker

    def _dismiss(self, worker: _Worker) -> None:
        worker.end()
        with self._changed:
            self._busy.remove(worker)
            self._changed.notify_all()
