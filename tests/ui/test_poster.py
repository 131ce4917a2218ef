"""What other threads post reaches the main thread in order, a little at a time."""

import time

from PySide6.QtCore import QEventLoop, QTimer

from workstation.app import TURN_S, Poster


def test_calls_keep_their_order_and_let_timers_between_them(qapp: object) -> None:
    """Ten pictures that come at once do not keep the main thread from a wheel or a clock for all of them."""
    seen: list[str] = []
    loop = QEventLoop()

    def long(name: str) -> None:
        seen.append(name)
        until = time.monotonic() + 2 * TURN_S
        while time.monotonic() < until:
            pass

    poster, clock = Poster(), QTimer(interval=0)
    clock.timeout.connect(lambda: seen.append("tick"))
    clock.start()
    for name in "abc":
        poster.posted.emit(lambda name=name: long(name))
    poster.posted.emit(loop.quit)
    loop.exec()
    assert [each for each in seen if each != "tick"] == ["a", "b", "c"]
    assert "tick" in seen[seen.index("a") : seen.index("c")]


def test_a_call_that_fails_keeps_none_behind_it(qapp: object) -> None:
    seen: list[str] = []
    poster = Poster()
    poster.take(lambda: seen.append("first"))

    def fails() -> None:
        raise ZeroDivisionError

    poster.take(fails)
    poster.take(lambda: seen.append("after"))
    for _ in range(2):
        try:
            poster.go_on()
        except ZeroDivisionError:
            seen.append("failed")
    assert seen == ["first", "failed", "after"]
