"""Why a node cannot be called: each cause has its own sentence, side and field."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.network.scripted import Script, scripted
from workstation.errors import Cancelled
from workstation.network import association
from workstation.network.association import Agreed, Answer
from workstation.network.call import AT_MOST, Patience, calling
from workstation.network.dimse import DimsePacs
from workstation.network.faults import NodeFault, Side, failed_status, rejected
from workstation.network.nodes import Node
from workstation.network.pacs import Level
from workstation.network.storage import PLAIN, VERIFICATION
from workstation.network.trial import tried

QUICK = Patience(2.0, 1.0, 1.0)


def fault(node: Node) -> NodeFault:
    with pytest.raises(NodeFault) as caught:
        list(tried(DimsePacs(node, patience=QUICK)))
    return caught.value


def node_at(port: int, host: str = "127.0.0.1") -> Node:
    return Node("x", "X", host, port)


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Somebody at a port who does as `answer` says, once for each caller, until the end."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield int(server.getsockname()[1])
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


def until_closed(connection: socket.socket) -> None:
    connection.settimeout(60)
    with suppress(OSError):
        while connection.recv(4096):
            continue


def test_a_host_nobody_knows() -> None:
    wrong = fault(node_at(104, "no-such-host.invalid"))
    assert (wrong.side, wrong.field) == (Side.OURS, "host")


def test_a_port_that_is_closed() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        wrong = fault(node_at(taken.getsockname()[1]))
    assert (wrong.side, wrong.field, wrong.passing) == (Side.BETWEEN, "port", True)


def test_a_port_where_somebody_is_silent_or_speaks_something_else() -> None:
    with answering(until_closed) as port:
        silent = fault(node_at(port))
    assert (silent.field, "does not answer in DICOM" in silent.sentence) == ("port", True)
    with answering(lambda connection: connection.sendall(b"SSH-2.0-OpenSSH_9.2p1 Debian\r\n")) as port:
        other = fault(node_at(port))
    assert "not DICOM" in other.sentence
    with answering(lambda connection: connection.recv(10)) as port:
        hung_up = fault(node_at(port))
    assert hung_up.side is Side.THEIRS


def test_an_answer_that_is_endless_is_not_read() -> None:
    def endless(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(b"\x02\0\xff\xff\xff\xff" + bytes(1 << 16))

    with answering(endless) as port:
        assert "not DICOM" in fault(node_at(port)).sentence


def test_ae_titles_that_the_other_side_does_not_know() -> None:
    with scripted([], Script(), require_calling="SOMEBODY") as node:
        ours = fault(node)
        theirs = fault(Node("x", "WRONG", node.host, node.port, "SOMEBODY"))
    assert (ours.side, ours.field) == (Side.THEIRS, "our_aet")
    assert "HOUNSFIELD" in ours.sentence
    assert (theirs.side, theirs.field) == (Side.OURS, "aet")
    assert "WRONG" in theirs.sentence


def test_a_service_that_is_not_offered() -> None:
    def accepts_nothing(connection: socket.socket) -> None:
        connection.recv(4096)
        body = association.encode_answer(Answer("X", "HOUNSFIELD", (Agreed(1, 3, PLAIN[0]),)))
        connection.sendall(b"\x02\0" + len(body).to_bytes(4, "big") + body)
        connection.recv(4096)

    with answering(accepts_nothing) as port:
        wrong = fault(node_at(port))
    assert (wrong.side, "does not offer verification" in wrong.sentence) == (Side.THEIRS, True)


def test_busy_is_a_fault_that_passes_and_a_wrong_title_is_not() -> None:
    assert rejected(2, 3, 2, "A", "B").passing
    assert rejected(2, 3, 1, "A", "B").passing
    assert not rejected(1, 1, 7, "A", "B").passing
    assert not rejected(1, 1, 1, "A", "B").passing


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0xA700, "no room"),
        (0xA801, "where to send"),
        (0x0124, "allow"),
        (0xC123, "make sense"),
        (0xA9FF, "does not fit"),
    ],
)
def test_statuses_have_words(status: int, words: str) -> None:
    made = failed_status(status)
    assert words in made.sentence
    assert f"{status:04X}" in made.sentence


def test_no_more_than_two_associations_at_a_time() -> None:
    with scripted([], Script()) as node, calling(node, [(VERIFICATION, PLAIN)]), calling(node, [(VERIFICATION, PLAIN)]):
        assert AT_MOST == 2

        def check() -> None:
            raise Cancelled

        with pytest.raises(Cancelled), calling(node, [(VERIFICATION, PLAIN)], check):
            pass


def test_a_query_that_is_closed_is_stopped_at_the_node() -> None:
    from tests.cache.made import ct

    script = Script()
    with scripted([ct(1, study=number) for number in range(1, 9)] * 40, script) as node:
        rows = DimsePacs(node).find(Level.STUDY, {"PatientName": ""})
        assert next(rows)["PatientName"] == "Yamada^Tarou=山田^太郎"
        rows.close()
        assert DimsePacs(node).echo() > 0


def test_a_failed_query_has_the_words_of_its_status() -> None:
    with scripted([], Script(find_status=0xA700)) as node, pytest.raises(NodeFault, match="no room"):
        list(DimsePacs(node).find(Level.STUDY, {}))
