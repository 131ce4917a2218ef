"""Garbage is collected by the main thread alone.

Python collects cycles on whichever thread happens to allocate, and a window that another thread collects ends the
program (Qt's objects die on the thread they live on). So collecting is switched off and done here, a little at a time
and in the pauses of the reader; what was there at the start is never looked at again, or a full round took 80 ms.
"""

import gc
import time
from typing import Final

from PySide6.QtCore import QObject, QTimer

from workstation import jobs

LOOK_EVERY_MS: Final = 100
"""Often, so that each time little is new: what a study that arrives makes in half a second took 10 ms to look at."""
YOUNG: Final = 2000
"""So many new objects are worth a look at them."""
FULL_EVERY_S: Final = 20.0
LATEST_S: Final = 120.0
"""A full round takes 20 ms and more; it waits so long for a pause of the reader, and no longer."""
PAUSE_S: Final = 1.0
"""A reader for whom no picture was made for so long has paused."""


class Sweeper(QObject):
    """Collects while it lives; from `stop` on nothing is collected, for windows are yet to die.

    Qt holds a lock while it takes an object apart, and Python allocates meanwhile: a collection that begins there and
    meets a connection of another object may wait for that lock for ever, and the program never ends.
    """

    def __init__(self) -> None:
        super().__init__()
        gc.freeze()
        gc.disable()
        self._full_s = time.monotonic()
        self._clock = QTimer(self, interval=LOOK_EVERY_MS)
        self._clock.timeout.connect(self.sweep)
        self._clock.start()

    def sweep(self) -> None:
        """Collect what is young, now and then everything."""
        now = time.monotonic()
        since = now - self._full_s
        if since > LATEST_S or (since > FULL_EVERY_S and jobs.eye_rests(PAUSE_S)):
            self._full_s = now
            gc.collect()
        elif gc.get_count()[0] > YOUNG:
            gc.collect(1)

    def stop(self) -> None:
        self._clock.stop()
        gc.unfreeze()
