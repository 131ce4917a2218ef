"""The one door to threads and processes, and the one way back to the main thread.

Work is captured as a function and runs in a lane: for the screen, somebody waits for it, or later. Results and
progress reach the main thread through `post` alone: in the program that is a queued Qt call (`app` sets
it), on the command line `drain` runs what was posted. Nothing here emits, locks state or knows what work is.
"""

import ctypes
import logging
import multiprocessing
import os
import queue
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import suppress
from enum import Enum
from functools import partial
from multiprocessing.process import BaseProcess
from typing import Any, Final, TypeVar

from workstation.errors import Cancelled

T = TypeVar("T")
log = logging.getLogger(__name__)

STEPS_BEHIND: Final = 5
"""Niceness of threads that work beside the main one: a third of its share where both want the same core."""

BEHIND_S: Final = 0.5
"""So long after a picture that came late others are taken to be late too."""

M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
"""What glibc's malloc.h calls them."""

LARGEST_KEPT_BYTES: Final = 32 << 20
MOST_KEPT_BYTES: Final = 256 << 20
"""Arrays up to the one are kept, and so much of each thread's free memory; glibc allows no larger ones."""


class Lane(Enum):
    """Who waits: the hand (pictures of the one tile it holds), the eye (of all that is on screen), the person in front
    of it, or nobody yet."""

    HAND = "hand"
    SCREEN = "screen"
    WAITING = "waiting"
    LATER = "later"


class Job:
    """One piece of work: a title, how far it is, and whether somebody asked it to stop.

    `progress`, `check` and `cancel` may be called from any thread. A `piece` is one turn of longer work that says
    itself how far it is.
    """

    def __init__(self, title: str, piece: bool = False) -> None:
        self.title = title
        self.piece = piece
        self.done = 0
        self.total = 0
        self.started = time.monotonic()
        self.finished = False
        self._stop = threading.Event()

    def progress(self, done: int, total: int) -> None:
        """Say how far the work is; raises `Cancelled` when it should stop."""
        self.done, self.total = done, total
        self.check()

    def check(self) -> None:
        """Raise `Cancelled` when somebody asked for it."""
        if self._stop.is_set():
            raise Cancelled

    def cancel(self) -> None:
        self._stop.set()

    @property
    def cancelled(self) -> bool:
        return self._stop.is_set()

    @property
    def eta_s(self) -> float | None:
        """Seconds left at the rate so far; None while there is no rate."""
        spent = time.monotonic() - self.started
        if not self.done or not self.total or spent < 0.5:
            return None
        return spent / self.done * (self.total - self.done)


_posted: "queue.SimpleQueue[Callable[[], None]]" = queue.SimpleQueue()
_poster: Callable[[Callable[[], None]], None] = _posted.put
_pools: dict[Lane, ThreadPoolExecutor] = {}
_active: list[Job] = []
_pool_lock = threading.Lock()
_eye_waits_for: set[Future[Any]] = set()
_behind_until = _eye_asked_s = 0.0
_at_shutdown: list[Callable[[], None]] = []
_watchers: list[Callable[[], None]] = []


def set_poster(poster: Callable[[Callable[[], None]], None] | None) -> None:
    """Let the program bring posted calls to its own main loop; None goes back to `drain`."""
    global _poster
    _poster = poster or _posted.put


def post(call: Callable[[], None]) -> None:
    """Have `call` run on the main thread, soon and in order."""
    _poster(call)


def drain(timeout_s: float = 0.0) -> int:
    """Run what was posted, waiting up to `timeout_s` for the first; for programs without a main loop."""
    count = 0
    try:
        _posted.get(timeout=timeout_s)() if timeout_s else _posted.get_nowait()()
        count = 1
        while True:
            _posted.get_nowait()()
            count += 1
    except queue.Empty:
        return count


def active() -> tuple[Job, ...]:
    """The jobs that run or wait, oldest first."""
    return tuple(job for job in _active if not job.finished)


def watch(call: Callable[[], None]) -> Callable[[], None]:
    """Have `call` run on the main thread after each job that begins, pieces aside; what is returned ends it."""
    _watchers.append(call)
    return lambda: _watchers.remove(call)


def run(
    title: str,
    work: Callable[[Job], T],
    then: Callable[[T], None] | None = None,
    failed: Callable[[Exception], None] | None = None,
    lane: Lane = Lane.WAITING,
    piece: bool = False,
) -> Job:
    """Run `work(job)` on a thread; `then(result)` or `failed(error)` follow on the main thread."""
    job = Job(title, piece)
    _active.append(job)
    for watcher in () if piece else tuple(_watchers):
        post(watcher)
    _thread_pool(lane).submit(_run, job, [work, then, failed])
    return job


def _run(job: Job, calls: list[Any]) -> None:
    """On a thread. What was given goes back to the main thread: it may hold the last word of a window."""
    work, then, failed = calls
    calls.clear()
    job.started = time.monotonic()
    answer: Callable[[], None] = _nothing
    try:
        job.check()
        result = work(job)
        answer = partial(then, result) if then is not None else _nothing
    except Exception as error:  # a thread has nobody above it: every failure is handed to the main thread
        if failed is not None:
            answer = partial(failed, error)
        elif not isinstance(error, Cancelled):
            log.error("job failed without anybody to tell: %s", type(error).__name__, exc_info=error)
    given = [work, then, failed, answer]
    del work, then, failed, answer
    post(partial(_end, given))  # before the job counts as ended: who waits for that finds the answer posted
    del given
    job.finished = True
    _active.remove(job)


def _nothing() -> None:
    """Nobody waits for an answer."""


def _end(given: list[Any]) -> None:
    """On the main thread: hand the answer over, and let go of what the job was given."""
    given[-1]()
    given.clear()


def _thread_pool(lane: Lane) -> ThreadPoolExecutor:
    with _pool_lock:
        if lane not in _pools:
            workers = 1 if lane in (Lane.HAND, Lane.LATER) else max(2, cores())
            name = f"hounsfield-{lane.value}"
            _pools[lane] = ThreadPoolExecutor(workers, thread_name_prefix=name, initializer=_behind_main_thread)
        return _pools[lane]


def _behind_main_thread() -> None:
    """The hand goes first: where all cores are busy with pictures, the main thread would wait for its turn like them.

    Linux alone counts niceness by threads; what a thread begins (VTK's helpers) has it too.
    """
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), STEPS_BEHIND)


def submit(work: Callable[..., T], *args: Any, lane: Lane = Lane.WAITING) -> "Future[T]":
    """A bare future on a lane's threads, for code that itself already runs inside a job."""
    future = _thread_pool(lane).submit(work, *args)
    if lane in (Lane.HAND, Lane.SCREEN):
        global _eye_asked_s
        _eye_asked_s = time.monotonic()
        _eye_waits_for.add(future)
        future.add_done_callback(_eye_waits_for.discard)
    return future


def give_way(longest_s: float) -> None:
    """Let the pictures that the eye waits for be made first; called between two pieces of other work."""
    if waited_for := list(_eye_waits_for):
        wait(waited_for, longest_s)


def eye_rests(for_s: float) -> bool:
    """Whether no picture was asked for during this time, and none is being made."""
    return not _eye_waits_for and time.monotonic() - _eye_asked_s > for_s


def fall_behind() -> None:
    """Pictures come later than the hand asks for them: for a while, what nobody looks at goes slowly."""
    global _behind_until
    _behind_until = time.monotonic() + BEHIND_S


def is_behind() -> bool:
    """Whether that was just so; for any thread."""
    return time.monotonic() < _behind_until


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def process_pool(workers: int | None = None, memory_bytes: int | None = None) -> ProcessPoolExecutor:
    """Worker processes (`spawn`, no Qt, no VTK), each held to `memory_bytes` of address space when given."""
    return ProcessPoolExecutor(
        workers or cores(),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=limit_worker,
        initargs=(memory_bytes,),
    )


def keep_memory() -> None:
    """Have the allocator keep what pictures were made in for the next ones, instead of giving it back each time.

    A picture of a tile takes 13 MB that the system otherwise finds, clears and hands over anew: a third of its time.
    Only where glibc is; blocks of voxels are no part of it.
    """
    with suppress(AttributeError, OSError):
        allow = ctypes.CDLL(None).mallopt
        allow(M_MMAP_THRESHOLD, LARGEST_KEPT_BYTES)
        allow(M_TRIM_THRESHOLD, MOST_KEPT_BYTES)


def limit_worker(memory_bytes: int | None) -> None:
    """First words of a worker process: it ignores Ctrl-C and takes at most `memory_bytes` of address space."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when work stops
    if memory_bytes is None:
        return
    try:
        import resource
    except ImportError:  # Windows limits memory by a Job object, set by the installer's launcher
        return
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def end_process(process: BaseProcess) -> None:
    """Kill a process of ours and wait for its end; from any thread.

    `multiprocessing` looks after all its children whenever one is started: where another thread learns of the end at
    the same moment, `close` is told that the process still runs, and what it held goes with the object.
    """
    process.kill()
    process.join()
    with suppress(ValueError):
        process.close()


def at_shutdown(call: Callable[[], None]) -> None:
    """Have `call` run once, by the next `shutdown`, before threads are waited for: it ends what they wait for."""
    _at_shutdown.append(call)


def shutdown() -> None:
    """Stop every job and wait for the threads; called once, at the end of the program."""
    for job in active():
        job.cancel()
    while _at_shutdown:
        _at_shutdown.pop()()
    with _pool_lock:
        pools = list(_pools.values())
        _pools.clear()
    for pool in pools:
        pool.shutdown(wait=True, cancel_futures=True)
