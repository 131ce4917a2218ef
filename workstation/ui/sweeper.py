"""Garbage is collected by the main thread alone.

Python collects cycles on whichever thread happens to allocate, and a window that another thread collects ends the
program (Qt's objects die on the thread they live on). So collecting is switched off and done here, a little at a time
and in the pauses of the reader; what was there at the start is never looked at again, or a full round took 80 ms.
"""

import gc
import time
from typing import Final

from PySide6.QtCore import QObject, QTimer

LOOK_EVERY_MS: Final = 500
YOUNG: Final = 2000
"""So many new objects are worth a look at them."""
FULL_EVERY_S: Final = 20.0


class Sweeper(QObject):
    """Collects while it lives; `stop` gives Python its own way back."""

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
        if now - self._full_s > FULL_EVERY_S:
            self._full_s = now
            gc.collect()
        elif gc.get_count()[0] > YOUNG:
            gc.collect(1)

    def stop(self) -> None:
        self._clock.stop()
        gc.unfreeze()
        gc.enable()
