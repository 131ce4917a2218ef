"""A receiver with a cache behind it, for tests: short limits, a port of its own, and what can be seen from outside."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from workstation.network.nodes import Node
from workstation.network.receiver import Receiver
from workstation.network.reception import Limits, Reception
from workstation.paths import Home
from workstation.traffic.receive import Tally, receiving
from workstation.traffic.writer import Writer

SHORT = Limits(handshake_s=1.5, idle_s=8.0, object_bytes=4 << 20, all_bytes=16 << 20, lobby=12)


@dataclass
class Running:
    """A running receiver: as a node, its cache, what it counted."""

    node: Node
    home: Home
    receiver: Receiver
    tally: Tally

    @property
    def resident_bytes(self) -> int:
        """Memory of the process that faces the network."""
        text = Path(f"/proc/{self.receiver.pid}/status").read_text()
        return 1024 * int(text.split("VmRSS:")[1].split()[0])

    @property
    def threads(self) -> int:
        text = Path(f"/proc/{self.receiver.pid}/status").read_text()
        return int(text.split("Threads:")[1].split()[0])

    def connect(self) -> socket.socket:
        """A bare connection, as a stranger has it."""
        return socket.create_connection((self.node.host, self.node.port), 60)


@contextmanager
def running(home: Home, reception: Reception | None = None) -> Iterator[Running]:
    """A receiver that answers when this yields."""
    reception = reception or Reception(port=0, limits=SHORT)
    with Writer(home) as writer, receiving(reception, writer) as (receiver, tally):
        made = Running(Node("us", reception.aet, "127.0.0.1", receiver.port), home, receiver, tally)
        until(lambda: receiver.pid is not None)
        yield made


def until(true: Callable[[], bool], within_s: float = 60.0) -> None:
    """Wait for something that happens elsewhere; AssertionError when it does not."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def is_closed(connection: socket.socket, within_s: float) -> bool:
    """Whether the other end hangs up within the time."""
    deadline = time.monotonic() + within_s
    try:
        while (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            if not connection.recv(4096):
                return True
    except TimeoutError:
        return False
    except OSError:
        return True
    return False
