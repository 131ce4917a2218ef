"""The program under measurement: started as a person starts it, watched on the screen, its memory read in /proc."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Final

import numpy as np

import workstation
from workstation.bench.screen import Screen
from workstation.errors import HounsfieldError
from workstation.paths import Home
from workstation.phantom.coded import Code, read_codes

START: Final = "import sys; from workstation.cli import main; raise SystemExit(main(sys.argv[1:]))"
LOOK_S: Final = 0.002
QUIET_S: Final = 0.7
"""A screen that has not changed for so long is done."""
CURSOR_PIXELS: Final = 12
"""Of every ninth pixel; a blinking cursor changes fewer and is no work of the program."""
LONGEST_S: Final = 30.0


class Program:
    """`hounsfield` with `arguments`, on a screen and a home. `started` and all times are of `time.monotonic`.

    Compiled modules are kept beside the home, or where `compiled` says: homes of one run may share them.
    """

    def __init__(
        self,
        screen: Screen,
        home: Home,
        arguments: tuple[str, ...],
        lateness: Path | None = None,
        compiled: Path | None = None,
    ) -> None:
        self._screen = screen
        self._lateness = lateness
        environment = screen.environment() | own_environment(home)
        if compiled is not None:
            environment["PYTHONPYCACHEPREFIX"] = str(compiled)
        if lateness is not None:
            environment["HOUNSFIELD_LATENESS"] = str(lateness)
        self.started = time.monotonic()
        self._process = subprocess.Popen([sys.executable, "-c", START, *arguments], env=environment)

    def wait_for(self, seen: Callable[[], bool]) -> float:
        """When something was to be seen. Raises HounsfieldError when it does not come or the program ends."""
        deadline = time.monotonic() + LONGEST_S
        while not seen():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise HounsfieldError("the program that was measured ended or showed nothing")
            time.sleep(LOOK_S)
        return time.monotonic()

    def wait_for_codes(self, count: int = 1) -> tuple[float, list[Code]]:
        """When `count` numbered images were readable on the screen, and where they are."""
        found: list[Code] = []
        looked_at = [np.zeros(0, np.uint8)]

        def seen() -> bool:
            now = self._screen.grey[::8, ::8].copy()
            if now.max() > 250 and not np.array_equal(now, looked_at[0]):  # to look takes time from who is measured
                looked_at[0] = now
                found[:] = [
                    code for code in read_codes(self._screen.grey) if code.number(self._screen.grey) is not None
                ]
            return len(found) >= count

        return self.wait_for(seen), found

    def wait_until_quiet(self) -> float:
        """When the screen changed for the last time."""
        last, before = time.monotonic(), self._screen.grey[::3, ::3].copy()
        while time.monotonic() - last < QUIET_S:
            now = self._screen.grey[::3, ::3].copy()
            if np.count_nonzero(now != before) > CURSOR_PIXELS:
                last, before = time.monotonic(), now
            time.sleep(5 * LOOK_S)
        return last

    def lateness_ms(self, start: float, end: float) -> list[float]:
        """How late the timer of the program's main thread was, for each tick between two times."""
        if self._lateness is None or not self._lateness.exists():
            return []
        ticks = [json.loads(line) for line in self._lateness.read_text(encoding="ascii").splitlines()]
        return [1000 * late for at, late in ticks if start <= at <= end]

    def memory_mib(self) -> float:
        """Proportional set size of the program and its workers; a shared block counts once."""
        total = 0
        for pid in _tree(self._process.pid):
            try:
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
            except OSError:  # it has just ended
                continue
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total / 1024

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(LONGEST_S)

    def __enter__(self) -> "Program":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def own_environment(home: Home) -> dict[str, str]:
    """As an installed program runs: its compiled modules are kept, wherever the checkout is read-only or shared."""
    package = str(Path(workstation.__file__).resolve().parents[1])
    return {
        "HOUNSFIELD_HOME": str(home.root),
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONPYCACHEPREFIX": str(home.root.parent / "compiled"),
        "PYTHONPATH": os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")])),
    }


def _tree(pid: int) -> list[int]:
    found = [pid]
    for place in found:
        for task in Path(f"/proc/{place}/task").glob("*/children"):
            try:
                found += [int(child) for child in task.read_text(encoding="ascii").split()]
            except OSError:  # it has just ended
                continue
    return found
