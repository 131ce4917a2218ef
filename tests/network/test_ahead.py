"""Who is answered before an object is safe: an archive that we asked for it, and nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from tests.cache.made import ct
from tests.network.receiving import until
from tests.traffic.test_receive import landing
from workstation.errors import Reason
from workstation.network import part10
from workstation.network.attendant import OUT_OF_ROOM
from workstation.network.call import calling
from workstation.network.command import C_STORE, SUCCESS, number
from workstation.network.desk import FAILED
from workstation.network.nodes import Node
from workstation.network.receiver import Receiver
from workstation.network.reception import Limits, Reception

LIMITS = Limits(handshake_s=1.0, answer_s=0.3)


class Desk:
    """The writer's side: it answers nothing until it is told to."""

    def __init__(self) -> None:
        self.patient: list[bool] = []
        self.replies: list[Any] = []
        self.coming = 0

    def take(self, record: Any, reply: Any, patient: bool) -> None:
        self.patient.append(patient)
        self.replies.append(reply)

    def expect(self, count: int) -> None:
        self.coming += count


@contextmanager
def desk_of(reason: Reason | None = None, limits: Limits = LIMITS) -> Iterator[tuple[Desk, int]]:
    desk = Desk()
    with Receiver(Reception("US", port=0, limits=limits), partial(landing, reason), desk.take, desk.expect) as receiver:
        yield desk, receiver.port


def statuses(port: int, originator: str, count: int) -> list[int]:
    """What is answered to so many objects that a C-MOVE of `originator` brings."""
    found = []
    outgoing = part10.unwrapped(ct(1))
    with calling(
        Node("us", "US", "127.0.0.1", port), [(outgoing.sop_class_uid, (outgoing.transfer_syntax_uid,))]
    ) as call:
        for _ in range(count):
            request = {"AffectedSOPClassUID": outgoing.sop_class_uid, "CommandField": C_STORE, "MessageID": 1}
            request |= {"CommandDataSetType": 1, "AffectedSOPInstanceUID": outgoing.sop_instance_uid}
            request |= {"MoveOriginatorApplicationEntityTitle": originator} if originator else {}
            call.link.send_message(1, request, outgoing.dataset)
            answer = call.link.read_message(10.0)
            assert answer is not None
            found.append(number(answer.command, "Status"))
    return found


def test_what_we_asked_for_is_answered_at_once_and_expected() -> None:
    with desk_of() as (desk, port):
        assert statuses(port, "US", 3) == [SUCCESS] * 3
        until(lambda: len(desk.replies) == 3)
        assert (desk.patient, desk.coming) == ([True] * 3, 3)
        for reply in desk.replies:
            reply(SUCCESS)
        until(lambda: desk.coming == 0)


def test_nobody_else_hears_success_before_it_is_safe() -> None:
    with desk_of() as (desk, port):
        for originator in ("", "OTHER", "US2"):
            assert statuses(port, originator, 1) == [FAILED]
        assert (desk.patient, desk.coming) == ([False] * 3, 0)


def test_after_one_that_could_not_be_kept_the_next_waits_for_the_word() -> None:
    with desk_of() as (desk, port):
        assert statuses(port, "US", 1) == [SUCCESS]
        until(lambda: len(desk.replies) == 1)
        desk.replies[0](OUT_OF_ROOM)
        until(lambda: desk.coming == 0)
        assert statuses(port, "US", 2) == [FAILED, SUCCESS]
        until(lambda: len(desk.patient) == 3)
        assert desk.patient == [True, False, True]


def test_what_cannot_be_written_is_no_longer_expected() -> None:
    with desk_of(Reason.DISK_FULL) as (desk, port):
        assert statuses(port, "US", 1) == [SUCCESS]
        until(lambda: desk.coming == 0)
        assert OUT_OF_ROOM in statuses(port, "US", 2)


def test_no_more_is_taken_ahead_than_there_is_room_for() -> None:
    with desk_of(limits=Limits(handshake_s=1.0, answer_s=0.3, ahead_bytes=1)) as (desk, port):
        assert statuses(port, "US", 1) == [FAILED]
        assert desk.patient == [False]
