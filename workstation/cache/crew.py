"""Worker processes for bytes nobody trusts: one that dies, hangs or eats memory costs only the task it was at.

`concurrent.futures` was tried and rejected: there a worker that dies breaks the whole pool with every task in it,
a running task cannot be stopped, and workers outlive a parent that was killed. Here each worker has a pipe of its
own: what it was at is known, and the end of the pipe is the end of the worker.

Tasks (T) are picklable callables; answers are what they return (R), or the `Refused` that they raised.
"""

import multiprocessing
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

from workstation import jobs
from workstation.errors import Reason, Refused
from workstation.security import keys

T = TypeVar("T", bound=Callable[[], Any])
R = TypeVar("R")
BATCH: Final = 8
"""Tasks sent at once, while they are short: a worker that has to be asked for each one idles between them."""

TICK_S: Final = 0.2


class _Worker(Generic[T]):
    def __init__(self, memory_bytes: int | None) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, far_end = context.Pipe()
        self.tasks: deque[T] = deque()
        self.deadline = 0.0
        self.process = context.Process(target=_serve, args=(far_end, memory_bytes, keys.held()), daemon=True)
        self.process.start()
        far_end.close()

    def give(self, tasks: Iterable[T], seconds: float) -> None:
        self.tasks.extend(tasks)
        self.deadline = time.monotonic() + seconds
        with suppress(OSError):  # it died while idle: the next look at its pipe finds that out
            self.pipe.send(tuple(self.tasks))

    def end(self) -> None:
        jobs.end_process(self.process)
        self.pipe.close()


class Crew(Generic[T, R]):
    """Up to `workers` processes, started when first needed; use as a context manager.

    They end with the thread that first uses the crew. Each is held to `memory_bytes` of address space (where the
    system can do that) and each task to `seconds`. `batch` is how many tasks a worker has at most at a time: 1 where
    each takes long.
    """

    def __init__(
        self, workers: int | None = None, memory_bytes: int | None = None, seconds: float = 60.0, batch: int = BATCH
    ) -> None:
        self._most = workers or jobs.cores()
        self._batch = batch
        self._memory_bytes = memory_bytes
        self._seconds = seconds
        self._workers: list[_Worker[T]] = []

    def __enter__(self) -> "Crew[T, R]":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every worker at once, whatever it is at."""
        while self._workers:
            self._workers.pop().end()

    def each(self, tasks: Iterable[T], tick: Callable[[], None] = lambda: None) -> Iterator[tuple[T, R | Refused]]:
        """(task, answer) as they are done; `tick` is called while nothing happens and may raise to stop."""
        waiting = deque(tasks)
        try:
            while waiting or any(worker.tasks for worker in self._workers):
                self._hand_out(waiting)
                yield from self._collect(waiting)
                tick()
        finally:
            for worker in [worker for worker in self._workers if worker.tasks]:
                self._dismiss(worker)

    def one(self, task: T) -> R:
        """The answer to one task; raises the `Refused` that it ended with."""
        for _, answer in self.each([task]):
            if isinstance(answer, Refused):
                raise answer
            return answer
        raise AssertionError("a task has one answer")

    def _hand_out(self, waiting: "deque[T]") -> None:
        busy = sum(1 for worker in self._workers if worker.tasks)
        while len(self._workers) < min(self._most, busy + -(-len(waiting) // self._batch)):
            self._workers.append(_Worker(self._memory_bytes))
        share = max(1, min(self._batch, len(waiting) // (2 * len(self._workers) or 1)))
        for worker in self._workers:
            if not worker.tasks and waiting:
                worker.give([waiting.popleft() for _ in range(min(share, len(waiting)))], self._seconds)

    def _collect(self, waiting: "deque[T]") -> Iterator[tuple[T, R | Refused]]:
        busy: dict[Any, _Worker[T]] = {worker.pipe: worker for worker in self._workers if worker.tasks}
        for pipe in wait(list(busy), TICK_S):
            worker = busy.pop(pipe)
            try:
                answer = worker.pipe.recv()
            except (EOFError, OSError):
                yield self._lost(worker, waiting, Reason.WORKER_DIED)
            else:
                worker.deadline = time.monotonic() + self._seconds
                yield worker.tasks.popleft(), answer
        for worker in busy.values():
            if time.monotonic() > worker.deadline:
                yield self._lost(worker, waiting, Reason.TIME_LIMIT)

    def _lost(self, worker: _Worker[T], waiting: "deque[T]", reason: Reason) -> tuple[T, Refused]:
        task = worker.tasks.popleft()
        waiting.extendleft(reversed(worker.tasks))
        self._dismiss(worker)
        return task, Refused(reason)

    def _dismiss(self, worker: _Worker[T]) -> None:
        self._workers.remove(worker)
        worker.end()


def _serve(pipe: "Connection[Any, Any]", memory_bytes: int | None, known: "Mapping[Path, keys.Key]") -> None:
    """The life of a worker; ends when the other end of its pipe is gone. It asks for no passphrase: keys are given."""
    _die_with_parent()
    for root, key in known.items():
        keys.accept(root, key)
    jobs.limit_worker(memory_bytes)
    _be_silent()
    while True:
        try:
            tasks = pipe.recv()
            for task in tasks:
                pipe.send(_answer(task))
        except (EOFError, OSError):
            return


def _answer(task: Callable[[], R]) -> R | Refused:
    try:
        return task()
    except Refused as refused:
        return refused
    except MemoryError:
        return Refused(Reason.MEMORY)
    except Exception as error:  # whatever a parser raises on spoiled bytes is an answer about these bytes
        return Refused(Reason.UNREADABLE, detail=_where(error))


def _where(error: Exception) -> str:
    """Kind and place of an error; its words may quote what was read (safety.md 23)."""
    import traceback

    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} in {last.name}, {Path(last.filename).name}:{last.lineno}"


def _die_with_parent() -> None:
    """Where the system can do it (prctl(2), PR_SET_PDEATHSIG), a worker ends with the thread that started it.

    The end of the pipe says the same, but later: until then an orphan would go on writing into a home that the next
    program has just cleaned.
    """
    if sys.platform != "linux":
        return
    import ctypes
    import os
    import signal

    parent = multiprocessing.parent_process()
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))
    if parent is not None and os.getppid() != parent.pid:
        os._exit(1)


def _be_silent() -> None:
    """Libraries quote what they read in warnings and log lines: a patient's name, for one (safety.md 23)."""
    import logging
    import warnings

    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
