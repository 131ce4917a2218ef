"""One writer per HOME: a lock of the operating system, gone with the process that held it.

Process-wide state lives here: the open lock files of this process with how often they are held. Threads of one
process share the lock (SQLite serialises their transactions); a second process is told with a sentence.
"""

import os
import sys
import threading
from pathlib import Path
from typing import Final

from workstation.errors import HounsfieldError

BUSY: Final = "another Hounsfield program is writing to this home; close it, or wait until it is done"

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


def locked(path: Path) -> int:
    """A handle of the file at `path`, made where it is missing, which is locked until the handle is closed.

    Raises OSError, at once where another handle holds the lock.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(handle)
    except OSError:
        os.close(handle)
        raise
    return handle


def lock_is_free(path: Path) -> bool:
    """Whether nobody holds the lock of a file that is there. Raises OSError."""
    handle = os.open(path, os.O_RDWR)
    try:
        _lock(handle)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(handle)


def _open_locked(path: Path) -> int:
    try:
        return locked(path)
    except BlockingIOError as error:
        raise HounsfieldError(BUSY, detail=type(error).__name__) from error


if sys.platform == "win32":
    import msvcrt

    _BEYOND: Final = 1 << 30  # Windows lets nobody else read what is locked

    def _lock(handle: int) -> None:
        os.lseek(handle, _BEYOND, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            raise BlockingIOError(*error.args) from error
        finally:
            os.lseek(handle, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
