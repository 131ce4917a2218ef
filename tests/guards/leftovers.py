"""A thread or process that a test started and left behind fails it.

What a fixture of module or session scope starts while it is set up lives as long as the fixture.
"""

import multiprocessing
import multiprocessing.resource_tracker
import os
import threading
import time
from contextlib import suppress
from pathlib import Path

# Time for what was told to stop to be gone; nothing waits this long when all is well, however busy the machine is.
GRACE_S = float(os.environ.get("HOUNSFIELD_TEST_GRACE_S", "20"))


def _living_children() -> dict[int, str]:
    """Child processes that still run, with their command lines; zombies are dead."""
    if not Path("/proc/self/task").is_dir():
        return {child.pid: child.name for child in multiprocessing.active_children() if child.pid is not None}
    children: dict[int, str] = {}
    for task in Path("/proc/self/task").iterdir():
        with suppress(OSError):  # a thread may end while we look
            for pid in map(int, (task / "children").read_text().split()):
                children |= _described(pid)
    return children


def _described(pid: int) -> dict[int, str]:
    with suppress(OSError):
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        if state not in "ZX":
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            return {pid: command.strip()[:200]}
    return {}


class Leftovers:
    """Knows what ran before a test, and says what runs after it that did not."""

    def __init__(self) -> None:
        self._threads: set[threading.Thread] = set()
        self._pids: set[int] = set()

    def accept_all_running(self) -> None:
        """What runs now is somebody else's: an earlier test's fault or a wider fixture's server."""
        self._threads = set(threading.enumerate())
        self._pids = set(_living_children())

    def accept_since(self, before: "Snapshot") -> None:
        """What was started after `before` belongs to a fixture that outlives the test."""
        self._threads |= set(threading.enumerate()) - before.threads
        self._pids |= set(_living_children()) - before.pids

    def find(self) -> list[str]:
        """Non-daemon threads and child processes that are new and stay, after a moment of grace."""
        deadline = time.monotonic() + GRACE_S
        while (left := self._running()) and time.monotonic() < deadline:
            threading.Event().wait(0.01)
        return left

    def _running(self) -> list[str]:
        tracker = getattr(multiprocessing.resource_tracker._resource_tracker, "_pid", None)
        threads = [
            f"thread left running: {thread.name}"
            for thread in threading.enumerate()
            if thread not in self._threads and not thread.daemon
        ]
        processes = [
            f"process left running: {pid} {command}"
            for pid, command in _living_children().items()
            if pid not in self._pids and pid != tracker
        ]
        return threads + processes


class Snapshot:
    """The threads and child processes at one moment."""

    def __init__(self) -> None:
        self.threads = set(threading.enumerate())
        self.pids = set(_living_children())
