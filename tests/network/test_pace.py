"""What comes goes slowly while pictures fall behind the hand, and only then."""

import time
from multiprocessing import Pipe

import pytest

from workstation.network.pace import LONGEST_REST_S, REST, SAID_EVERY_S, Pace, Saying, Slow
from workstation.network.runner import _Trip


def compute(for_s: float) -> None:
    begun = time.process_time()
    while time.process_time() - begun < for_s:
        sum(range(1000))


def test_it_rests_while_pictures_fall_behind_and_in_proportion_to_its_work() -> None:
    rests: list[float] = []
    pace = Pace(rests.append)
    compute(0.004)
    pace.rest()
    assert rests == [], "nobody has said so"
    pace.slow()
    compute(0.004)
    pace.rest()
    assert REST * 0.004 <= rests[0] <= LONGEST_REST_S
    compute(2 * LONGEST_REST_S / REST)
    pace.rest()
    assert rests[1] == LONGEST_REST_S, "a sender never waits longer for an answer"


def test_it_is_said_again_and_again_but_not_with_every_object(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    saying = Saying()
    assert not saying.is_due(behind=False)
    assert saying.is_due(behind=True)
    now[0] += SAID_EVERY_S / 2
    assert not saying.is_due(behind=True)
    now[0] += SAID_EVERY_S
    assert saying.is_due(behind=True)


def test_the_process_that_fetches_hears_it_while_it_runs() -> None:
    ours, theirs = Pipe()
    trip = _Trip(lambda received: received, theirs)
    assert not trip.pace.is_slow
    ours.send(Slow())
    trip.check()
    assert trip.pace.is_slow
