"""Where measuring begins: the program on a screen of its own, at its study list, quiet; and what watches beside it."""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from workstation.bench.data import Study
from workstation.bench.program import Program
from workstation.bench.screen import Screen

WIDTH, HEIGHT = 1600, 1200
SLEEP_PEER: Final = "a thread of our own that sleeps 5 ms, beside it"


@contextmanager
def at_the_list(study: Study) -> Iterator[tuple[Screen, Program]]:
    with Screen(WIDTH, HEIGHT) as screen, Program(screen, study.home, ()) as program:
        bring_up(screen, program)
        yield screen, program


def bring_up(screen: Screen, program: Program) -> None:
    program.wait_for(lambda: bool(screen.grey[::8, ::8].max() > 150))
    screen.fill(WIDTH, HEIGHT)
    screen.point(WIDTH // 2, HEIGHT // 2)
    program.wait_until_quiet()


@contextmanager
def watched(measure: Callable[[], float]) -> Iterator[list[float]]:
    """Measure again and again, on a thread, while the block runs."""
    found, over = [measure()], threading.Event()

    def watch() -> None:
        while not over.wait(0.02):
            found.append(measure())

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


@contextmanager
def sleeping() -> Iterator[list[float]]:
    """How late, in ms, a sleeper in a process of its own is: what the machine does to everybody."""
    code = (
        "import time, sys\nlast = time.monotonic()\n"
        "while True:\n time.sleep(0.005); now = time.monotonic(); print(1000 * (now - last - 0.005)); last = now\n"
    )
    found: list[float] = []
    with tempfile.TemporaryFile("w+") as out:
        process = subprocess.Popen([sys.executable, "-c", code], stdout=out)
        try:
            yield found
        finally:
            process.terminate()
            process.wait()
            out.seek(0)
            found += [float(line) for line in out.read().splitlines()[:-1]]
