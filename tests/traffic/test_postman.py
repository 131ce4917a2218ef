"""While the program runs the outbox empties itself, and somebody listens while an archive's word is awaited."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct
from tests.network.committing import Keeper, keeping
from tests.network.loopback import free_port
from tests.network.read import keep
from tests.network.receiving import until
from tests.traffic.test_outbox import UIDS, Hasty
from workstation.cache.outbox import Kind, Outbox, State
from workstation.errors import HounsfieldError
from workstation.network import nodes
from workstation.network.dimse import DimsePacs
from workstation.network.nodes import Node
from workstation.paths import Home
from workstation.traffic.carrier import Carrier
from workstation.traffic.outbox import Sender
from workstation.traffic.postman import Postman


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home").create()
    keep(made, [ct(number) for number in (1, 2, 3)])
    return made


def test_it_goes_round_until_it_is_stopped_and_says_what_it_holds(home: Home) -> None:
    keeper, told = Keeper(), threading.Event()
    with keeping(keeper) as node:
        made = Postman(
            home, lambda shown: Sender(home, lambda name: DimsePacs(node), shown=shown), changed=told.set, look_s=0.01
        )
        with made:
            Outbox(home).put(f"{STUDY}.1", (), "keeper", Kind.COMMIT)
            until(lambda: not Outbox(home).items())
            until(lambda: told.is_set() and not made.items)
    assert keeper.kept == set(UIDS)


def test_it_listens_for_the_archives_word_and_for_nothing_else(home: Home) -> None:
    """The word comes on a call of the archive's own, minutes later: our receiver stands just as long."""
    keeper, port = Keeper(reports="later"), free_port()
    with keeping(keeper) as node:
        nodes.add(home, node)
        carrier = Carrier(home, port=port, heard=lambda report: made.heard(report))  # noqa: PLW0108  made later
        made = Postman(
            home,
            lambda shown: Sender(home, lambda name: Hasty(node), shown=shown),
            carrier.listening,
            look_s=0.01,
            linger_s=1.0,
        )
        with made:
            assert not answers(port)
            Outbox(home).put(f"{STUDY}.1", (), "keeper", Kind.COMMIT)
            until(lambda: bool(keeper.waiting) and [each.state for each in made.items] == [State.SENT], 60.0)
            assert keeper.say(port) == [0x0000]
            until(lambda: not made.items and not answers(port), 60.0)
    assert Outbox(home).items() == ()


def test_a_port_that_is_another_programs_is_said_and_sending_goes_on(home: Home) -> None:
    @contextmanager
    def taken() -> Iterator[None]:
        raise HounsfieldError("Port 11112 cannot be had.")
        yield

    with keeping(Keeper()) as node:
        sent = Postman(home, lambda shown: Sender(home, lambda name: DimsePacs(node)), taken, look_s=0.01)
        with sent:
            Outbox(home).put(f"{STUDY}.1", (), "keeper", Kind.COMMIT)
            until(lambda: not Outbox(home).items())
            sent.always = True
            until(lambda: sent.problem == "Port 11112 cannot be had.")


@pytest.mark.expects_log("sending failed")
def test_a_fault_of_ours_ends_nobody(home: Home) -> None:
    keeper = Keeper()
    faults = [ZeroDivisionError()]

    def way(name: str) -> DimsePacs:
        if faults:
            raise faults.pop()
        return DimsePacs(node)

    with keeping(keeper) as node, Postman(home, lambda shown: Sender(home, way), look_s=0.01):
        Outbox(home).put(f"{STUDY}.1", (), "keeper")
        until(lambda: not Outbox(home).items())


def answers(port: int) -> bool:
    try:
        return DimsePacs(Node("us", "HOUNSFIELD", "127.0.0.1", port)).echo() >= 0
    except HounsfieldError:
        return False
