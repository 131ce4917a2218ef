"""The receiver: a process that takes what is sent to us (`attendant`), kept alive, and the pipe of what it took.

The listening socket is made here and outlives the process: while one that died is started anew, callers wait in the
system's queue instead of being refused.
"""

import logging
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, Final

from workstation import jobs
from workstation.errors import HounsfieldError
from workstation.network.attendant import serve
from workstation.network.desk import COMING, SLOWLY, SOON, Land
from workstation.network.pace import Saying
from workstation.network.reception import Reception

log = logging.getLogger(__name__)

BACKLOG: Final = 64
_FIRST_WAIT_S: Final = 0.1
_LONGEST_WAIT_S: Final = 10.0
_HEALTHY_S: Final = 30.0

Reply = Callable[[int], None]
"""Says with which DIMSE status an object is answered; for any thread, once."""


class Receiver:
    """Use as a context manager. `take(record, reply, patient)` gets each record that `land` made in the other process.

    `take` runs on a thread of the receiver and returns soon; `reply` is called when the object is safe, or not. It is
    `patient` where no peer waits for that; of those `coming(count)` says before how many more, or fewer, are to come.
    `soon(word)` hears what `land` says before it writes. Raises HounsfieldError when the port cannot be had or a TLS
    file is wrong.
    """

    def __init__(
        self,
        reception: Reception,
        land: Land,
        take: Callable[[Any, Reply, bool], None],
        coming: Callable[[int], None] = lambda count: None,
        soon: Callable[[str], None] | None = None,
    ) -> None:
        self._coming, self._soon = coming, soon
        self._reception = reception
        self._land = land
        self._take = take
        self._closing = threading.Event()
        self._listener = _listening(reception)
        self._process: BaseProcess | None = None
        self._supervisor = threading.Thread(target=self._supervise, name="hounsfield-receiver", daemon=True)
        self.restarts = 0

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def pid(self) -> int | None:
        """Of the process that faces the network; None while there is none."""
        return self._process.pid if self._process is not None else None

    def __enter__(self) -> "Receiver":
        self._supervisor.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process. What was not yet answered was not promised."""
        self._closing.set()
        with suppress(AttributeError, ValueError):
            if self._process is not None:
                self._process.kill()
        self._supervisor.join()
        self._listener.close()

    def _supervise(self) -> None:
        wait_s = _FIRST_WAIT_S
        while not self._closing.is_set():
            begun = time.monotonic()
            self._one_life()
            if self._closing.is_set():
                return
            self.restarts += 1
            log.warning("the receiver ended and is started again")
            wait_s = _FIRST_WAIT_S if time.monotonic() - begun > _HEALTHY_S else min(2 * wait_s, _LONGEST_WAIT_S)
            self._closing.wait(wait_s)

    def _one_life(self) -> None:
        context = multiprocessing.get_context("spawn")
        pipe, far_end = context.Pipe()
        process = context.Process(
            target=serve,
            args=(self._reception, self._listener, self._land, far_end, self._soon is not None),
            daemon=True,
            name="receiver",
        )
        process.start()
        self._process = process
        far_end.close()
        if self._closing.is_set():
            process.kill()
        self._listen_to(pipe)
        process.kill()
        process.join()
        pipe.close()

    def _listen_to(self, pipe: "Connection[Any, Any]") -> None:
        guard = threading.Lock()

        def replying(ticket: int) -> Reply:
            def reply(status: int) -> None:
                with guard, suppress(OSError, ValueError):  # it died meanwhile; the peer hears nothing and sends again
                    pipe.send((ticket, status))

            return reply

        coming, slowly = 0, Saying()
        while True:
            try:
                ticket, record = pipe.recv()
            except (EOFError, OSError):
                self._coming(-coming)
                return
            if slowly.is_due(jobs.is_behind()):
                replying(SLOWLY)(0)
            if ticket == SOON and self._soon is not None:
                self._soon(record)
            elif ticket == COMING:
                coming += record
                self._coming(record)
            else:
                self._take(record, replying(ticket), ticket < 0)


def _listening(reception: Reception) -> socket.socket:
    if reception.tls is not None:
        from workstation.security.tls import server_context

        server_context(reception.tls)
    family = socket.AF_INET6 if ":" in reception.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((reception.host, reception.port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise HounsfieldError(
            f"Port {reception.port} of {reception.host} cannot be had: {error.strerror}.", type(error).__name__
        ) from error
    listener.setblocking(True)
    return listener
