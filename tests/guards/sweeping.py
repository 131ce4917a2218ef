"""Garbage of tests is collected by the main thread alone, as in the program (`ui.sweeper`).

A window that another thread collects ends the run, later and elsewhere. So nothing is collected by itself while a test
of windows runs, and other threads collect nothing at all: each server of pynetdicom's would, every sixty looks.
"""

import ctypes
import gc
import threading
from contextlib import suppress
from typing import Final

COLLECT: Final = gc.collect


def begin() -> None:
    """From now on `gc.collect` does nothing on other threads."""
    gc.collect = _here  # type: ignore[assignment]


def _here(generation: int = 2) -> int:
    return COLLECT(generation) if threading.current_thread() is threading.main_thread() else 0


def pause() -> None:
    gc.disable()


def sweep(all_of_it: bool) -> None:
    """Collect, here where windows may die. What outlives the tests of a file (`all_of_it`) is not looked at each time:
    a round takes a tenth of a second with it, and a few milliseconds without.
    """
    if all_of_it:
        gc.unfreeze()
    gc.collect()
    if all_of_it:
        gc.freeze()
        _give_back()


def _give_back() -> None:
    """Free memory lies in the arenas of threads that are long gone: a whole run grew to 3 GB. glibc alone does so."""
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).malloc_trim(0)


def go_on() -> None:
    gc.enable()
