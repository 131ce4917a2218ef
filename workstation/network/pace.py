"""How fast a process beside the window takes what comes: where pictures fall behind the hand, a ninth of the time.

On a machine with few cores that is what makes thirty steps a second out of twenty while a study arrives.
"""

import threading
import time
from collections.abc import Callable
from typing import Final

SLOW_S: Final = 1.0
"""So long after it was last said that pictures fall behind; it is said again while they do."""

SAID_EVERY_S: Final = 0.1
REST: Final = 8.0
"""Times as long as the process has computed since it last rested, while it goes slowly."""

LONGEST_REST_S: Final = 0.1
"""Whoever sends waits for no answer longer than that for our sake."""


class Slow:
    """The word for it, on whichever pipe."""


class Pace:
    """Of one process. `slow` from any thread; `rest` between two objects, on the thread that takes them."""

    def __init__(self, sleep: Callable[[float], None] = time.sleep) -> None:
        self._sleep = sleep
        self._guard = threading.Lock()
        self._until_s = 0.0
        self._computed_s = time.process_time()

    def slow(self) -> None:
        """Pictures fall behind."""
        self._until_s = time.monotonic() + SLOW_S

    @property
    def is_slow(self) -> bool:
        """Whether that was just said."""
        return time.monotonic() < self._until_s

    def rest(self) -> None:
        """Sleep where it is time to go slowly."""
        with self._guard:
            before, self._computed_s = self._computed_s, time.process_time()
            spent = self._computed_s - before
        if self.is_slow:
            self._sleep(min(LONGEST_REST_S, REST * spent))


class Saying:
    """Whether it is time to say `Slow`: while pictures fall behind, now and then."""

    def __init__(self) -> None:
        self._said_s = 0.0

    def is_due(self, behind: bool) -> bool:
        now = time.monotonic()
        if not behind or now - self._said_s < SAID_EVERY_S:
            return False
        self._said_s = now
        return True
