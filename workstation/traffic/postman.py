"""While a program runs: what its outbox holds goes out, and whoever may call us finds somebody who listens.

It listens while an archive's word is awaited, or always where the settings say that nodes may send. Whatever the
network needs is imported when the first item is due: most days begin without one.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from workstation.cache.outbox import Item, Kind, Outbox, State
from workstation.errors import Cancelled, HounsfieldError
from workstation.paths import Home

if TYPE_CHECKING:
    from workstation.network.commitment import CommitmentReport
    from workstation.network.pacs import Progress
    from workstation.traffic.fetch import Transfer
    from workstation.traffic.outbox import Sender, Shown

log = logging.getLogger(__name__)

LOOK_S: Final = 2.0
AGAIN_S: Final = 60.0
"""How long until it is tried again to listen, where the port or the cache could not be had."""

LINGER_S: Final = 5.0
"""How long it listens on after the last word: whoever says it hears our answer."""

SURE_NS: Final = 2_000_000_000
"""A folder that changed so recently may have changed again at what its clock calls the same time."""

MakeSender = Callable[["Shown"], "Sender"]


class Postman:
    """A thread of its own; use as a context manager. `changed` is called on it after anything below is another.

    `items` is what the outbox holds, `underway` how far what is being sent is, by key, `totals` of how many objects
    each item was that has been begun; `problem` why nobody listens, empty when somebody does or need not.
    """

    def __init__(
        self,
        home: Home,
        make: MakeSender,
        listening: Callable[[], AbstractContextManager[Any]] = nullcontext,
        changed: Callable[[], None] = lambda: None,
        look_s: float = LOOK_S,
        linger_s: float = LINGER_S,
    ) -> None:
        self._outbox, self._make, self._listening, self._changed = Outbox(home), make, listening, changed
        self._look_s, self._linger_s = look_s, linger_s
        self._sender: Sender | None = None
        self._one = threading.Lock()
        self._closing = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hounsfield-postman")
        self._stamp = -1
        self._begun_s: dict[str, float] = {}
        self._ear = ExitStack()
        self._hears = False
        self._deaf_until_s = self._wanted_s = 0.0
        self.items: tuple[Item, ...] = ()
        self.underway: dict[str, Transfer] = {}
        self.totals: dict[str, int] = {}
        self.problem = ""
        self.always = False
        """Whether nodes may send at any time; obeyed at the next look."""

    def __enter__(self) -> "Postman":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """What is on its way stops at once, and is sent again by the next one."""
        self._closing.set()
        self._wake.set()
        self._thread.join()

    @property
    def is_running(self) -> bool:
        return self._thread.is_alive()

    def nudge(self, anew: bool = False) -> None:
        """Look now. `anew`: who may call us has changed; listen to those."""
        if anew:
            self._deaf_until_s = -1.0
        self._wake.set()

    def heard(self, report: "CommitmentReport") -> bool:
        """The archive's word; `traffic.receive.Heard`."""
        known = self._its_sender().heard(report)
        self.nudge()
        return known

    def _its_sender(self) -> "Sender":
        with self._one:
            if self._sender is None:
                self._sender = self._make(self._shown)
            return self._sender

    def _run(self) -> None:
        with self._ear:
            while not self._closing.is_set():
                self._wake.clear()
                self._look()
                self._listen()
                if self._is_due():
                    self._send()
                    self._look()
                self._wake.wait(self._look_s)

    def _look(self) -> None:
        stamp = self._outbox.stamp()
        if stamp == self._stamp and time.time_ns() - stamp > SURE_NS:
            return
        self._stamp = stamp
        found = self._outbox.items() if stamp else ()
        if found != self.items:
            self.items = found
            self._changed()

    def _is_due(self) -> bool:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        return any(each.is_done or (each.state is not State.FAILED and each.next_at <= now) for each in self.items)

    def _send(self) -> None:
        try:
            self._its_sender().step(self._check)
        except Cancelled:
            return
        except HounsfieldError as error:  # the disk does not take how far an item is: it stays as it was
            log.warning("the outbox cannot go on: %s", error.sentence)
        except Exception as error:  # a thread has nobody above it, and others of its items can still go
            log.error("sending failed: %s", type(error).__name__, exc_info=error)
        finally:
            self.underway, self._begun_s = {}, {}
            self._changed()

    def _listen(self) -> None:
        """Be there while somebody may call."""
        anew = self._deaf_until_s < 0
        self._deaf_until_s = max(0.0, self._deaf_until_s)
        now = time.monotonic()
        wanted = self.always or any(each.kind is Kind.COMMIT and each.state is not State.FAILED for each in self.items)
        self._wanted_s = now if wanted else self._wanted_s
        if self._hears and (anew or now - self._wanted_s > self._linger_s):
            self._ear.close()
            self._hears = False
        if not wanted:
            self._say("")
        elif not self._hears and now >= self._deaf_until_s:
            try:
                self._ear.enter_context(self._listening())
                self._hears = True
                self._say("")
            except HounsfieldError as error:
                self._deaf_until_s = time.monotonic() + AGAIN_S
                self._say(error.sentence)

    def _say(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            self._changed()

    def _shown(self, item: Item, progress: "Progress") -> None:
        from workstation.traffic.fetch import Transfer

        done, total, now = progress.done, progress.total, time.monotonic()
        spent = now - self._begun_s.setdefault(item.key, now)
        eta = spent / done * (total - done) if done and spent else None
        rate = progress.bytes / spent if spent else 0.0
        first = item.key not in self.underway
        self.totals[item.key] = total
        self.underway = {item.key: Transfer(done, total, progress.bytes, rate, eta)}
        if first:
            self._changed()

    def _check(self) -> None:
        if self._closing.is_set():
            raise Cancelled
