"""Objects are written down beside the one who reads them: in order, none lost, and never too many ahead."""

import threading

import pytest

from workstation.errors import Reason, Refused
from workstation.network.part10 import Received
from workstation.network.porter import MOST_AHEAD, MOST_AHEAD_BYTES, Porter, Turned


def received(number: int, data: bytes = b"data") -> Received:
    return Received("1.2.840.10008.5.1.4.1.1.2", f"1.2.{number}", "1.2.840.10008.1.2.1", data)


def test_each_has_its_record_in_the_order_they_came() -> None:
    def land(each: Received) -> str:
        if each.sop_instance_uid == "1.2.3":
            raise Refused(Reason.DISK_FULL)
        if each.sop_instance_uid == "1.2.5":
            raise ZeroDivisionError("a parser gave up")
        return each.sop_instance_uid

    porter = Porter(land)
    records = [record for number in range(8) for record in porter.take(received(number))] + porter.rest()
    porter.end()
    assert records == [
        *("1.2.0", "1.2.1", "1.2.2", Turned("1.2.3", Reason.DISK_FULL), "1.2.4"),
        *(Turned("1.2.5", Reason.UNREADABLE), "1.2.6", "1.2.7"),
    ]


@pytest.mark.parametrize(("data", "ahead"), [(b"small", MOST_AHEAD), (bytes(MOST_AHEAD_BYTES // 2 + 1), 1)])
def test_whoever_reads_waits_for_who_writes(data: bytes, ahead: int) -> None:
    """Three small ones may wait, of large ones no more than there is room for."""
    may, came = threading.Semaphore(0), []

    def land(each: Received) -> str:
        may.acquire()
        return each.sop_instance_uid

    porter = Porter(land)
    for number in range(ahead):
        assert porter.take(received(number, data)) == []
    one_more = threading.Thread(target=lambda: came.extend(porter.take(received(ahead, data))))
    one_more.start()
    may.release()
    one_more.join(30)
    assert came == ["1.2.0"], "there was room once the first was written"
    may.release(ahead)
    assert porter.rest() == [f"1.2.{number}" for number in range(1, ahead + 1)]
    porter.end()
