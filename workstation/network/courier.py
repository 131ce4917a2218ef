"""Fetching in a process of its own (`runner`), from the side of whoever sends it out."""

import multiprocessing
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Final

from workstation import jobs
from workstation.errors import Cancelled, HounsfieldError
from workstation.network.faults import NodeFault, Side
from workstation.network.pace import Saying, Slow
from workstation.network.pacs import Retrieved, Selection, Watch
from workstation.network.runner import Land, Load, LookedAt, Order, Ready, Stop, Way, serve

TICK_S: Final = 0.1
STOPS_S: Final = 10.0
"""How long one that was asked to stop may take; then it is ended."""


class Couriers:
    """Processes that fetch, one for each order that runs at a time; those that are idle are kept. For any thread.

    Use as a context manager. `land` writes an object down there, as for the receiver; beside a window that comes `nice`
    steps later than what the eye waits for.
    """

    def __init__(self, land: Land, nice: int = 0) -> None:
        self._land, self._nice = land, nice
        self._guard = threading.Lock()
        self._idle: list[_Courier] = []

    def __enter__(self) -> "Couriers":
        self._give_back(_Courier(self._land, self._nice))  # the first order finds it started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._idle:
            each.close()

    def wait(self) -> None:
        """Until the processes that are idle have come up."""
        with self._guard:
            for each in self._idle:
                each.wait()

    def fetch(self, way: Way, what: Selection, take: Callable[[Any], None], watch: Watch, going: "Going") -> Retrieved:
        """As `Pacs.retrieve`; `take` is given each record of `land` and each `Turned`, on this thread.

        Raises NodeFault, HounsfieldError and Cancelled as `way` does there; a process that dies is a fault that passes.
        """
        with self._guard:
            courier = self._idle.pop() if self._idle else None
        courier = courier or _Courier(self._land, self._nice)
        try:
            result = courier.run(Order(way, what), take, watch, going)
        except BaseException:
            courier.close()
            raise
        if courier.alive:
            self._give_back(courier)
        if isinstance(result, HounsfieldError):
            raise result
        return result

    def _give_back(self, courier: "_Courier") -> None:
        with self._guard:
            self._idle.append(courier)


class Going:
    """An order under way, for whoever may say by now what is looked at; from any thread, before it begins too."""

    def __init__(self, instances: tuple[str, ...] = ()) -> None:
        self._guard = threading.Lock()
        self._instances = instances
        self._new = bool(instances)

    def look_at(self, instances: tuple[str, ...]) -> None:
        """These SOP instances are on the screen."""
        with self._guard:
            self._new = self._new or instances != self._instances
            self._instances = instances

    def taken(self) -> LookedAt | None:
        """What is to be said, once."""
        with self._guard:
            new, self._new = self._new, False
            return LookedAt(self._instances) if new else None


class _Courier:
    def __init__(self, land: Land, nice: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe: Connection[Any, Any]
        self._pipe, far_end = context.Pipe()
        self._process: BaseProcess = context.Process(
            target=serve, args=(land, far_end, nice), daemon=True, name="courier"
        )
        self._process.start()
        far_end.close()
        self.alive = True

    def run(self, order: Order, take: Callable[[Any], None], watch: Watch, going: Going) -> Retrieved | HounsfieldError:
        """What came is taken even when somebody stops it; the last word is returned. Raises what `take` raises."""
        asked_s, slowly = 0.0, Saying()
        try:
            self._pipe.send(order)
            while asked_s < STOPS_S:
                if not asked_s:
                    asked_s = self._stopped(watch)
                    self._say(going.taken())
                    self._say(Slow() if slowly.is_due(jobs.is_behind()) else None)
                if not self._pipe.poll(TICK_S):
                    asked_s += TICK_S if asked_s else 0.0
                    continue
                word = self._pipe.recv()
                if not isinstance(word, Load):
                    return Cancelled() if asked_s and isinstance(word, NodeFault) else word
                for record in word.records:
                    take(record)
                watch.told(word.progress)
        except (EOFError, OSError) as error:
            return _died(self, error)
        self.close()
        return Cancelled()

    def wait(self) -> None:
        """Until it has come up; one that dies says so later."""
        with suppress(EOFError, OSError):
            self._pipe.send(Ready())
            self._pipe.recv()

    def close(self) -> None:
        """End it; what it was writing is of nobody, and cleared away at the next start."""
        self.alive = False
        with suppress(AttributeError, ValueError):
            self._process.kill()
            self._process.join()
        self._pipe.close()

    def _stopped(self, watch: Watch) -> float:
        try:
            watch.check()
        except Cancelled:
            self._say(Stop())
            return TICK_S
        return 0.0

    def _say(self, word: LookedAt | Slow | Stop | None) -> None:
        if word is not None:
            self._pipe.send(word)


def _died(courier: _Courier, error: Exception) -> NodeFault:
    courier.close()
    return NodeFault(
        "what it sent ended the process that reads it", Side.OURS, passing=True, detail=type(error).__name__
    )
