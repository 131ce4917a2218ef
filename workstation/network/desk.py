"""The receiver's end of the pipe: records go up it, and what became of each is heard; who is told before that, waits.

Each has a number, its ticket: positive where a peer waits for the answer, negative where none does.
"""

import os
import queue
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final

from workstation.network.command import SUCCESS
from workstation.network.pace import Pace
from workstation.network.part10 import Received
from workstation.network.reception import Limits

FAILED: Final = 0x0110

COMING: Final = 0
"""The ticket of what is no record but a count."""

SOON: Final = None
"""The ticket of what is no record but what `land` says first."""

SLOWLY: Final = 0
"""The ticket, down the pipe, of what is no answer: pictures fall behind."""

AHEAD_THREADS: Final = 2

Land = Callable[..., Any]
"""`land(received, synced=...)` writes an object down, synced where that is wanted; what it returns goes up the pipe.
What `land` is to say before it writes, it is given `soon` for, where the other end wants to hear it. Raises Refused."""


class Desk:
    """Sends records up the pipe and hears the answer to each."""

    def __init__(self, pipe: "Connection[Any, Any]", tells: bool) -> None:
        self._pipe = pipe
        self.tells = tells
        self.pace = Pace()
        self._guard = threading.Lock()
        self._asked: dict[int, Callable[[int], None]] = {}
        self._next = 0

    def is_safe(self, record: Any, within_s: float) -> int:
        """The DIMSE status that the writer has for a record; failure when none comes."""
        told = threading.Event()
        answer: list[int] = []

        def hear(status: int) -> None:
            answer.append(status)
            told.set()

        ticket = self.ask(record, hear)
        if not told.wait(within_s):
            with self._guard:
                self._asked.pop(ticket, None)
        return answer[0] if answer else FAILED

    def ask(self, record: Any, hear: Callable[[int], None], patient: bool = False) -> int:
        """Have a record made safe; `hear` is told its status, soon, or with others where it is `patient`."""
        with self._guard:
            self._next += 1
            ticket = -self._next if patient else self._next
            self._asked[ticket] = hear
            self._pipe.send((ticket, record))
        return ticket

    def say_soon(self, what: str) -> None:
        """Something about an object that is still being written."""
        with self._guard:
            self._pipe.send((SOON, what))

    def say_coming(self, count: int) -> None:
        """So many more, or fewer, objects come that their sender was told of before they are safe."""
        with self._guard:
            self._pipe.send((COMING, count))

    def hear(self) -> None:
        """Answers until the writer is gone; then nothing could be made safe, and this process ends."""
        while True:
            try:
                ticket, status = self._pipe.recv()
            except (EOFError, OSError):
                os._exit(0)
            if ticket == SLOWLY:
                self.pace.slow()
                continue
            with self._guard:
                hear = self._asked.pop(ticket, None)
            if hear is not None:
                hear(status)


class Ahead:
    """Objects that answer a C-MOVE of ours: the archive keeps its own and goes on while ours are written.

    What lacks afterwards is found by comparing, as with C-GET, and asked for again. Nobody else is answered so.
    """

    def __init__(self, land: Land, desk: Desk, limits: Limits) -> None:
        self._land = land
        self._desk = desk
        self._limits = limits
        self._queue: queue.SimpleQueue[tuple[Received, Callable[[], None]]] = queue.SimpleQueue()
        self._guard = threading.Lock()
        self._bytes = 0
        self._failed = False
        for _ in range(AHEAD_THREADS):
            threading.Thread(target=self._work, daemon=True).start()

    def take(self, received: Received, give_back: Callable[[], None]) -> bool:
        """Whether it is taken; `give_back` is called when it no longer takes room. After a failure one waits again."""
        size = len(received.data)
        with self._guard:
            if self._failed or self._bytes + size > self._limits.ahead_bytes:
                self._failed = False
                return False
            self._bytes += size
        self._desk.say_coming(1)
        self._queue.put((received, give_back))
        return True

    def _work(self) -> None:
        while True:
            received, give_back = self._queue.get()
            size = len(received.data)
            try:
                record = self._land(received)
            except Exception:  # whatever a parser raises on a stranger's bytes; what lacks is asked for again
                self._over(size, give_back, FAILED)
            else:
                self._desk.ask(record, partial(self._over, size, give_back), patient=True)
            del received

    def _over(self, size: int, give_back: Callable[[], None], status: int) -> None:
        give_back()
        with self._guard:
            self._bytes -= size
            self._failed = self._failed or status != SUCCESS
        self._desk.say_coming(-1)
