"""A second start hands over to the first: one program shows the studies of a home, the others tell it what is wanted.

The first holds `desk.lock` and listens at a socket in the home (a named pipe on Windows). Both sides prove that they
know the key of the home before a word is said; what they say is JSON, never code. Requests are `{"act": "open",
"study": UID}` and `{"act": "import", "paths": [...]}`; `[done, total]` may come as often as it likes before the answer.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from workstation.cache import vault
from workstation.cache.lock import lock_is_free, locked
from workstation.errors import Cancelled, HounsfieldError
from workstation.paths import Home

MOST_BYTES: Final = 16 << 20
LONGEST_ADDRESS: Final = 100
"""Unix keeps 108 bytes for the path of a socket."""

Told = Callable[[int, int], None]
Answer = Callable[[Mapping[str, Any], Told], Mapping[str, Any]]
"""Does what is asked, on a thread of its own; `told(done, total)` raises Cancelled when nobody waits any more."""


class Desk:
    """Listens for other starts of the program until `close`; does nothing in a home that another one listens for.

    A home without a key has no studies yet: `is_listening` is False, and `listen` may be asked again.
    """

    def __init__(self, home: Home, answer: Answer) -> None:
        self._home, self._answer = home, answer
        self._handle = -1
        self._listener: Listener | None = None
        self._threads: list[threading.Thread] = []
        self._closing = threading.Event()

    def __enter__(self) -> "Desk":
        self.listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def is_listening(self) -> bool:
        return self._listener is not None

    def listen(self) -> None:
        """Begin, where nobody does. Raises HounsfieldError when the home is locked or takes no socket."""
        if self.is_listening or not vault.is_locked(self._home):
            return
        key = vault.part(self._home, "handover")
        try:
            self._handle = locked(_lock_of(self._home))
        except BlockingIOError:
            return
        try:
            place = _address(self._home, key)
            if sys.platform != "win32":
                Path(place).unlink(missing_ok=True)
            self._listener = Listener(place, authkey=key)
        except OSError as error:
            os.close(self._handle)
            raise HounsfieldError("this program cannot be reached by a second start", type(error).__name__) from error
        self._begin(self._serve, self._listener)

    def close(self) -> None:
        """Stop listening; an import that somebody handed over is stopped, and safe as far as it came."""
        if self._listener is None:
            return
        self._closing.set()
        key = vault.part(self._home, "handover")
        with suppress(OSError), Client(_address(self._home, key)):
            pass  # wakes the one that waits; without the handshake, for which nobody may be there any more
        for thread in self._threads:
            thread.join()
        self._listener.close()
        self._listener = None
        os.close(self._handle)

    def _begin(self, work: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, name="hounsfield-desk")
        self._threads = [each for each in self._threads if each.is_alive()] + [thread]
        thread.start()

    def _serve(self, listener: Listener) -> None:
        while not self._closing.is_set():
            try:
                connection = listener.accept()
            except (OSError, EOFError, AuthenticationError):
                continue  # one that does not know the key, or went away
            if self._closing.is_set():
                connection.close()
            else:
                self._begin(self._attend, connection)

    def _attend(self, connection: "Connection[bytes, bytes]") -> None:
        def told(done: int, total: int) -> None:
            if self._closing.is_set():
                raise Cancelled
            try:
                connection.send_bytes(json.dumps([done, total]).encode())
            except OSError as error:
                raise Cancelled from error

        with connection, suppress(OSError, EOFError, ValueError):
            request = json.loads(connection.recv_bytes(MOST_BYTES))
            try:
                answer = dict(self._answer(request, told))
            except HounsfieldError as error:
                answer = {"error": error.sentence}
            connection.send_bytes(json.dumps(answer).encode())


def ask(home: Home, request: Mapping[str, Any], told: Told = lambda done, total: None) -> dict[str, Any] | None:
    """Hand a request to the program that shows this home; None when there is none.

    `told` may raise to stop waiting. Raises HounsfieldError with the sentence that came back.
    """
    if not _is_attended(home):
        return None
    key = vault.part(home, "handover")
    try:
        with Client(_address(home, key), authkey=key) as connection:
            connection.send_bytes(json.dumps(request).encode())
            while True:
                answer = json.loads(connection.recv_bytes(MOST_BYTES))
                if isinstance(answer, dict):
                    break
                told(*answer)
    except (OSError, EOFError, AuthenticationError):
        return None  # it is just ending: this start goes on by itself
    if "error" in answer:
        raise HounsfieldError(str(answer["error"]))
    return answer


def _is_attended(home: Home) -> bool:
    lock = _lock_of(home)
    try:
        return lock.exists() and vault.is_locked(home) and not lock_is_free(lock)
    except OSError:
        return False


def _lock_of(home: Home) -> Path:
    return home.root / "desk.lock"


def _address(home: Home, key: bytes) -> str:
    if sys.platform == "win32":
        return rf"\\.\pipe\hounsfield-{key.hex()[:32]}"
    place = home.root / "desk"
    if len(os.fsencode(place)) <= LONGEST_ADDRESS:
        return str(place)
    import tempfile

    return str(Path(tempfile.gettempdir()) / f"hounsfield-{vault.name_on_disk(home, 'desk')[:32]}")
