"""One writer per HOME: a lock of the operating system, gone with the process that held it.

Process-wide state lives here: the open lock files of this process with how often they are held. Threads of one
process share the lock (SQLite serialises their transactions); a second process is told with a sentence.
"""

import os
import sys
import threading
from pathlib import Path

from workstation.errors import HounsfieldError

BUSY = "another Hounsfield program is writing to this home; close it, or wait until it is done"

_held: dict[Path, tuple[int, int]] = {}
_guard = threading.Lock()


class WriterLock:
    """Held from creation until `release`; `first` says that this process did not hold it before.

    Raises HounsfieldError when another process holds it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path.absolute()
        self._released = False
        with _guard:
            handle, count = _held.get(self._path, (-1, 0))
            self.first = count == 0
            if self.first:
                handle = _open_locked(self._path)
            _held[self._path] = (handle, count + 1)

    def release(self) -> None:
        """Let go; the last holder of this process frees the lock. Harmless when called twice."""
        with _guard:
            if self._released:
                return
            self._released = True
            handle, count = _held.pop(self._path)
            if count > 1:
                _held[self._path] = (handle, count - 1)
            else:
                os.close(handle)


def _open_locked(path: Path) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle)
    except OSError as error:
        os.close(handle)
        raise HounsfieldError(BUSY, detail=type(error).__name__) from error
    return handle


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
