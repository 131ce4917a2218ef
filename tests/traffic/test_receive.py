"""What is answered 0x0000 is safe: programs that are killed, disks that are full, writers that are gone."""

import hashlib
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.cache.made import STUDY, ct
from tests.network.loopback import free_port, wait_for_port
from tests.network.read import contents
from tests.network.receiving import SHORT, running
from workstation.cache.index import Index
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.network.association import MOST_PDU_BYTES
from workstation.network.attendant import OUT_OF_ROOM
from workstation.network.desk import FAILED
from workstation.network.dimse import DimsePacs
from workstation.network.faults import NodeFault
from workstation.network.nodes import Node
from workstation.network.part10 import Received
from workstation.network.receiver import Receiver
from workstation.network.reception import Limits, Peer, Reception
from workstation.paths import Home

KILLS = 4
KILLED_AFTER = 3
"""Acknowledged objects in each turn, at least."""

PROGRAM = [str(Path(sys.executable).with_name("hounsfield")), "receive", "--aet", "US"]


def test_whatever_was_acknowledged_before_a_kill_is_there(tmp_path: Path) -> None:
    home = Home(tmp_path / "home").create()
    acknowledged: set[str] = set()
    chance = random.Random(4)
    for turn in range(KILLS):
        port = free_port()
        environment = os.environ | {"HOUNSFIELD_HOME": str(home.root)}
        running_ = subprocess.Popen([*PROGRAM, "--port", str(port)], env=environment, stderr=subprocess.DEVNULL)
        try:
            wait_for_port(port, running_)
            acknowledged |= sent_until_killed(port, running_, turn, chance.uniform(0.0, 0.3))
        finally:
            running_.kill()
            running_.wait()
    assert len(acknowledged) >= KILLS * KILLED_AFTER
    kept = contents(home, f"{STUDY}.1")  # reads and verifies every file
    assert acknowledged <= kept.keys()
    with Index(home, writer=True):
        pass


def sent_until_killed(port: int, program: "subprocess.Popen[bytes]", turn: int, after_s: float) -> set[str]:
    """UIDs that were acknowledged until the program was killed, so many seconds after the first few of them."""
    acknowledged: set[str] = set()
    objects = (ct(1 + number + 10_000 * turn) for number in range(5000))
    killer = threading.Timer(after_s, program.kill)
    try:
        for stored in DimsePacs(Node("us", "US", "127.0.0.1", port)).store(objects):
            if not stored.problem:
                acknowledged.add(stored.sop_instance_uid)
            if len(acknowledged) == KILLED_AFTER and killer.ident is None:
                killer.start()
    except NodeFault:
        killer.join()
        return acknowledged
    raise AssertionError("it survived")


def landing(reason: Reason | None, received: Received, synced: bool = False) -> str:
    """What a receiver's process does here instead of writing."""
    if reason is not None:
        raise Refused(reason)
    return received.sop_instance_uid


def answered(reason: Reason | None, take: Any) -> Iterator[int]:
    reception = Reception("US", port=0, limits=Limits(handshake_s=1.0, answer_s=0.3))
    with Receiver(reception, partial(landing, reason), take) as receiver:
        node = Node("us", "US", "127.0.0.1", receiver.port)
        for stored in DimsePacs(node).store([ct(1), ct(2)]):
            yield stored.status


@pytest.mark.parametrize(
    ("reason", "status"), [(Reason.DISK_FULL, OUT_OF_ROOM), (Reason.IO_ERROR, FAILED), (Reason.TRUNCATED, 0xC000)]
)
def test_what_could_not_be_written_is_not_acknowledged(reason: Reason, status: int) -> None:
    assert list(answered(reason, lambda record, reply, patient: reply(0))) == [status, status]


def stumbling(received: Received, synced: bool = False) -> str:
    raise KeyError(received.sop_instance_uid)


def test_a_mistake_in_reading_is_an_answer_too() -> None:
    with Receiver(Reception("US", port=0), stumbling, print) as receiver:
        stored = DimsePacs(Node("us", "US", "127.0.0.1", receiver.port)).store([ct(1), ct(2)])
        assert [each.status for each in stored] == [0xC000, 0xC000]


def test_without_a_word_of_the_writer_it_is_a_failure() -> None:
    seen = []
    assert list(answered(None, lambda record, reply, patient: seen.append(record))) == [FAILED, FAILED]
    assert seen == [f"{STUDY}.1.1.1", f"{STUDY}.1.1.2"]


def test_the_writers_word_is_passed_on() -> None:
    statuses = iter((0x0000, OUT_OF_ROOM))
    assert list(answered(None, lambda record, reply, patient: reply(next(statuses)))) == [0x0000, OUT_OF_ROOM]


def test_another_object_under_a_known_uid_is_kept_apart(tmp_path: Path) -> None:
    with running(Home(tmp_path / "home").create(), Reception(port=0, limits=SHORT)) as us:
        first, second = ct(1), ct(1, SliceThickness=5)
        assert [each.problem for each in DimsePacs(us.node).store([first, second])] == ["", ""]
        assert (us.tally.stored, us.tally.quarantined) == (1, 1)
        with Index(us.home) as index:
            assert [each.sop_instance_uid for each in index.quarantined()] == [f"{STUDY}.1.1.1"]


def hashed_again(received: Received, synced: bool = False) -> tuple[str, str, int]:
    """What the receiver's process took for the digest of an object, what it is, and how much of it there was."""
    return received.digest, hashlib.sha256(received.data).hexdigest(), len(received.data)


def test_the_digest_that_was_worked_out_while_an_object_came_is_its_own() -> None:
    """Of several on one association, in one PDU and in many."""
    records: list[tuple[str, str, int]] = []

    def take(record: tuple[str, str, int], reply: Any, patient: bool) -> None:
        records.append(record)
        reply(0)

    large = ct(3, Rows=512, Columns=512, PixelData=bytes(range(256)) * 2048)
    reception = Reception("US", port=0, limits=Limits(handshake_s=1.0, answer_s=30.0))
    with Receiver(reception, hashed_again, take) as receiver:
        node = Node("us", "US", "127.0.0.1", receiver.port)
        assert [each.status for each in DimsePacs(node).store([ct(1), large, ct(2)])] == [0, 0, 0]
    assert [told for told, _, _ in records] == [right for _, right, _ in records]
    assert records[1][2] > 4 * MOST_PDU_BYTES and len({told for told, _, _ in records}) == 3


def test_a_port_that_is_taken_has_its_sentence() -> None:
    with (
        Receiver(Reception(port=0), partial(landing, None), print) as receiver,
        pytest.raises(HounsfieldError, match="cannot be had"),
    ):
        Receiver(Reception(port=receiver.port), partial(landing, None), print)


def test_an_allowed_address_must_be_one() -> None:
    assert Peer.checked("A", "10.0.0.0/8").is_at("10.1.2.3")
    assert not Peer.checked("A", "10.0.0.0/8").is_at("11.1.2.3")
    with pytest.raises(HounsfieldError, match="neither an address nor a network"):
        Peer.checked("A", "ten")
