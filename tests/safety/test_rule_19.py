"""Safety rule 19: the receiver faces the enemy. Strangers cost neither memory nor the service of honest peers."""

import os
import signal
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct
from tests.network.read import contents
from tests.network.receiving import SHORT, Running, is_closed, running, until
from workstation.network import association, command, part10, storage
from workstation.network.association import Proposal, Request
from workstation.network.attendant import INVALID_INSTANCE
from workstation.network.call import calling
from workstation.network.command import C_STORE, SUCCESS, number
from workstation.network.dimse import DimsePacs
from workstation.network.faults import Gone, NodeFault, Side
from workstation.network.nodes import Node
from workstation.network.reception import Peer, Reception
from workstation.paths import Home

CT = storage.IMAGES + "2"
MIB = 1 << 20


@pytest.fixture(scope="module")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(Home(tmp_path_factory.mktemp("home")).create()) as made:
        DimsePacs(made.node).echo()
        yield made


PATIENT = replace(SHORT, handshake_s=120.0)
"""So long that whoever waits for the time of others to be up is told from whoever is served, on any machine."""

SERVED_S = 60.0
CLOSED_S = 60.0


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A receiver that lets nobody's time be up while a test lasts."""
    home = Home(tmp_path_factory.mktemp("patient")).create()
    with running(home, Reception(port=0, limits=PATIENT)) as made:
        yield made


def honest(receiver: Running, number_: int) -> None:
    """An honest peer is served, and does not wait for the time of others to be up."""
    begun = time.monotonic()
    (stored,) = DimsePacs(receiver.node).store([ct(number_, PatientName="Honest^Peer")])
    assert stored.problem == ""
    assert time.monotonic() - begun < SERVED_S < PATIENT.handshake_s


def test_an_endless_pdu_before_any_association_takes_no_memory(receiver: Running) -> None:
    before = receiver.resident_bytes
    with receiver.connect() as stranger:
        stranger.sendall(struct.pack(">BBI", 1, 0, 0xFFFFFFFF))
        with suppress(OSError):
            for _ in range(300):
                stranger.sendall(bytes(MIB))
        honest(receiver, 1)
        assert is_closed(stranger, CLOSED_S)
    assert receiver.resident_bytes - before < 20 * MIB


def test_a_message_without_end_is_broken_off(receiver: Running) -> None:
    before = receiver.resident_bytes
    request = {"AffectedSOPClassUID": CT, "CommandField": C_STORE, "MessageID": 1, "CommandDataSetType": 1}
    with pytest.raises(NodeFault), calling(receiver.node, [(CT, storage.PLAIN)]) as call:
        context, _ = call.service(CT, "CT")
        call.link.send_message(context, request | {"AffectedSOPInstanceUID": "1.2.3"})
        piece = struct.pack(">IBB", 2 + 100_000, context, 0) + bytes(100_000)
        for _ in range(1000):
            call.link.send(4, piece, 5.0)
    assert receiver.resident_bytes - before < SHORT.object_bytes + 20 * MIB
    honest(receiver, 2)


def test_fifty_idle_connections_lock_nobody_out(patient: Running) -> None:
    with ExitStack() as crowd:
        for _ in range(50):
            crowd.enter_context(patient.connect())
        honest(patient, 3)
        until(lambda: patient.threads <= PATIENT.lobby + 16 < 50)  # who was dropped ends, though nobody's time is up


def test_who_says_nothing_is_dropped_when_its_time_is_up(receiver: Running) -> None:
    with ExitStack() as crowd:
        idle = [crowd.enter_context(receiver.connect()) for _ in range(SHORT.lobby)]
        assert all(is_closed(each, CLOSED_S) for each in idle)


def test_one_who_trickles_is_dropped_as_well(receiver: Running) -> None:
    with receiver.connect() as slow:
        begun = time.monotonic()
        slow.sendall(struct.pack(">BBI", 1, 0, 5000))
        closed = False
        while not closed and time.monotonic() - begun < CLOSED_S:
            with suppress(OSError):
                slow.sendall(b"\0")
            closed = is_closed(slow, 0.1)
    assert closed


@pytest.mark.parametrize("uid", ["..", "../../x", "/etc/passwd", "1." * 149 + "1", "1.2.é", "", "1..2", "1.2\x00/x"])
def test_a_uid_that_is_none_is_refused_and_the_association_stands(receiver: Running, uid: str) -> None:
    before = set(receiver.home.root.parent.rglob("*"))
    outgoing = part10.unwrapped(ct(4, PatientName="Hostile^Peer"))
    with calling(receiver.node, [(CT, (outgoing.transfer_syntax_uid,))]) as call:
        context, _ = call.service(CT, "CT")
        statuses = []
        for given in (uid, outgoing.sop_instance_uid):
            request = {"AffectedSOPClassUID": CT, "CommandField": C_STORE, "MessageID": 1, "CommandDataSetType": 1}
            call.link.send_message(context, request | {"AffectedSOPInstanceUID": given}, outgoing.dataset)
            answer = call.link.read_message(10.0)
            assert answer is not None
            statuses.append(number(answer.command, "Status"))
    assert statuses == [INVALID_INSTANCE, SUCCESS]
    new = set(receiver.home.root.parent.rglob("*")) - before
    assert all(receiver.home.root in path.parents for path in new)


def test_odd_uids_inside_an_object_name_no_file(receiver: Running) -> None:
    odd = ct(5, StudyInstanceUID="1.2.777", SeriesInstanceUID="1.2.778")
    odd = odd.replace(b"1.2.777", b"../../x").replace(b"1.2.778", b"/../..x")
    (stored,) = DimsePacs(receiver.node).store([odd])
    assert stored.problem == ""
    assert list(contents(receiver.home, "../../x")) == [f"{STUDY}.1.1.5"]
    names = {path.name for path in receiver.home.files.rglob("*")}
    assert all(set(name) <= set("0123456789abcdef") for name in names)


def test_spoiled_objects_are_answered_one_by_one(receiver: Running, data_dir: Path) -> None:
    first = receiver.receiver.pid
    spoiled = [path.read_bytes() for path in sorted((data_dir / "fuzz").rglob("*")) if path.is_file()]
    spoiled = [each for each in spoiled if len(each) < MIB][:80]
    whole = bytes(part10.unwrapped(ct(8)).dataset)
    spoiled += [whole[:cut] for cut in range(1, len(whole), 23)] + [b"\xff" * 3000]
    statuses = []
    with calling(receiver.node, [(CT, (storage.PLAIN[0],))]) as call:
        request = {"AffectedSOPClassUID": CT, "CommandField": C_STORE, "MessageID": 1, "CommandDataSetType": 1}
        for number_, data in enumerate(spoiled):
            call.link.send_message(1, request | {"AffectedSOPInstanceUID": f"1.2.{number_}"}, data)
            answer = call.link.read_message(20.0)
            assert answer is not None
            statuses.append(number(answer.command, "Status"))
    assert len(statuses) > 60
    assert set(statuses) <= {0xC000, 0xA700}
    assert receiver.receiver.pid == first
    honest(receiver, 9)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        bytes(68),
        association.encode_request(Request("HOUNSFIELD", "X", ()))[:70] + b"\x20\x00\xff\xff",
        association.encode_request(Request("HOUNSFIELD", "X", (Proposal(1, CT, ()),))) + b"\x50",
        b"\xff" * 5000,
    ],
)
def test_nonsense_instead_of_a_request_is_broken_off(receiver: Running, body: bytes) -> None:
    with receiver.connect() as stranger:
        stranger.sendall(struct.pack(">BBI", 1, 0, len(body)) + body)
        assert is_closed(stranger, CLOSED_S)
    honest(receiver, 6)


def test_five_hundred_associations_leave_nothing_behind(receiver: Running) -> None:
    def many(count: int) -> None:
        for turn in range(count):
            with calling(receiver.node, [(storage.VERIFICATION, storage.PLAIN)]) as call:
                if turn % 5 == 0:
                    call.link.end()
                    continue
                request = {"AffectedSOPClassUID": storage.VERIFICATION, "CommandField": 0x30, "MessageID": 1}
                call.link.send_message(1, request | {"CommandDataSetType": command.NO_DATA})
                assert call.link.read_message(10.0) is not None

    many(100)
    before = receiver.resident_bytes
    many(400)
    until(lambda: receiver.threads <= 4)
    assert receiver.resident_bytes - before < 4 * MIB


def test_who_may_send_and_how_many_at_once(tmp_path_factory: pytest.TempPathFactory) -> None:
    allowed = (Peer("MODALITY"), Peer("", "10.0.0.0/8"))
    limits = SHORT.__class__(of_one_peer=1, handshake_s=1.5)
    reception = Reception("STATION", port=0, peers=allowed, limits=limits)
    with running(Home(tmp_path_factory.mktemp("home")).create(), reception) as receiver:
        port = receiver.node.port
        faults = []
        for called, calling_ in (("STATION", "STRANGER"), ("OTHER", "MODALITY")):
            with pytest.raises(NodeFault) as caught:
                DimsePacs(Node("us", called, "127.0.0.1", port, calling_)).echo()
            faults.append((caught.value.side, caught.value.field))
        assert faults == [(Side.THEIRS, "our_aet"), (Side.OURS, "aet")]
        node = Node("us", "STATION", "127.0.0.1", port, "MODALITY")
        with calling(node, [(storage.VERIFICATION, storage.PLAIN)]):
            with pytest.raises(NodeFault, match="as many connections as it takes") as caught:
                DimsePacs(node).echo()
            assert caught.value.passing
        until(lambda: _answers(node))


@pytest.mark.expects_log("the receiver ended and is started again")
def test_one_that_is_killed_is_started_again_on_the_same_port(receiver: Running) -> None:
    first = receiver.receiver.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: receiver.receiver.pid not in (None, first))
    honest_after = DimsePacs(receiver.node).echo()
    assert honest_after < 10
    honest(receiver, 7)


def _answers(node: Node) -> bool:
    try:
        return DimsePacs(node).echo() > 0
    except (NodeFault, Gone):
        return False
