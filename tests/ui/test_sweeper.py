"""Windows that are in cycles die on the main thread, and garbage does not pile up."""

import gc
import threading
import weakref

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from workstation.ui.sweeper import FULL_EVERY_S, YOUNG, Sweeper


class Cycle(QWidget):
    """Holds itself."""

    def __init__(self, died_on: list[int]) -> None:
        super().__init__()
        self.myself = self
        weakref.finalize(self, lambda: died_on.append(threading.get_ident()))


def _much() -> None:
    """Allocates as a busy thread does."""
    kept = [[number] for number in range(200_000)]
    assert len(kept) == 200_000


def test_a_window_in_a_cycle_is_collected_by_the_main_thread(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    died_on: list[int] = []
    sweeper = Sweeper()
    try:
        Cycle(died_on)
        busy = threading.Thread(target=_much)
        busy.start()
        busy.join()
        assert died_on == [], "no thread collects it"
        monkeypatch.setattr(sweeper, "_full_s", -FULL_EVERY_S)
        sweeper.sweep()
        assert died_on == [threading.main_thread().ident]
    finally:
        sweeper.stop()


def test_young_garbage_is_swept_between_full_rounds(qapp: QApplication) -> None:
    sweeper = Sweeper()
    try:
        died_on: list[int] = []
        Cycle(died_on)
        kept = [[number] for number in range(2 * YOUNG)]
        sweeper.sweep()
        assert died_on and kept
    finally:
        sweeper.stop()
    assert gc.isenabled()
    gc.disable()
