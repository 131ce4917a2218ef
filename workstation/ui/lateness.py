"""How late the main thread is: a timer that ought to tick each 5 ms writes down when it did.

Runs only where HOUNSFIELD_LATENESS names a file, as `hounsfield bench` does; lines are [time.monotonic, seconds late].
"""

import json
import os
import time
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer

EVERY_S: Final = 0.005
_LINES_AT_ONCE: Final = 100


class Lateness(QObject):
    """Ticks until the program ends."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._out = file.open("w", encoding="ascii")
        self._ticks: list[str] = []
        self._last = time.monotonic()
        self._timer = QTimer(self, interval=round(EVERY_S * 1000), timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.monotonic()
        self._ticks.append(json.dumps([now, max(0.0, now - self._last - EVERY_S)]) + "\n")
        self._last = now
        if len(self._ticks) >= _LINES_AT_ONCE:
            self._out.writelines(self._ticks)
            self._out.flush()
            self._ticks.clear()


def wanted() -> Lateness | None:
    """The timer, where the environment asks for it."""
    file = os.environ.get("HOUNSFIELD_LATENESS")
    return Lateness(Path(file)) if file else None
