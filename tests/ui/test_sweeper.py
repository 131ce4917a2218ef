"""Windows that are in cycles die on the main thread, and garbage does not pile up."""

import gc
import threading
import time
import weakref

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from workstation import jobs
from workstation.ui.sweeper import FULL_EVERY_S, LATEST_S, PAUSE_S, YOUNG, Sweeper


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
        monkeypatch.setattr(sweeper, "_full_s", -LATEST_S)  # whatever was painted just now
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
    Cycle(died_on)
    _much()
    assert len(died_on) == 1, "windows are taken apart at the end, and nothing may begin there"


def test_a_full_round_waits_for_a_pause_of_the_reader(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(jobs, "_eye_waits_for", set())
    rounds: list[float] = []
    monkeypatch.setattr(gc, "collect", lambda *young: None if young else rounds.append(now[0]))
    sweeper = Sweeper()
    try:
        now[0] += FULL_EVERY_S + 1
        monkeypatch.setattr(jobs, "_eye_asked_s", now[0] - PAUSE_S / 2)
        sweeper.sweep()
        assert rounds == [], "a picture was asked for just now"
        now[0] += PAUSE_S
        sweeper.sweep()
        assert rounds == [now[0]]
        now[0] += LATEST_S + 1
        monkeypatch.setattr(jobs, "_eye_asked_s", now[0])
        sweeper.sweep()
        assert len(rounds) == 2, "it does not wait for ever"
    finally:
        sweeper.stop()
