"""Progress with the time that is left, on one line of stderr."""

import sys
import time
from typing import Final, TextIO

EVERY_S: Final = 0.2


class Ticker:
    """Call it with (done, total); it writes when `shown`, at most five times a second, and ends with `clear`."""

    def __init__(self, what: str, shown: bool | None = None, stream: TextIO | None = None) -> None:
        self._what = what
        self._stream = stream or sys.stderr
        self._shown = self._stream.isatty() if shown is None else shown
        self._started = self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if not self._shown or (now - self._last < EVERY_S and done != total):
            return
        self._last = now
        self._stream.write(f"\r{self._what} {done} of {total}{self._left(done, total, now)}\x1b[K")
        self._stream.flush()

    def _left(self, done: int, total: int, now: float) -> str:
        spent_s = now - self._started
        if not done or done >= total or spent_s < 0.5:
            return ""
        left_s = round(spent_s / done * (total - done))
        return f", {left_s // 60}:{left_s % 60:02d} left"

    def clear(self) -> None:
        """End the line."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
