"""A long run of the receiver: ten thousand associations, honest ones, rude ones and ones that end in the middle."""

import os
import socket
import struct
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from workstation.bench.data import Study
from workstation.bench.rows import Row
from workstation.network import storage
from workstation.network.call import calling
from workstation.network.dimse import DimsePacs
from workstation.network.nodes import Node
from workstation.network.receiver import Receiver
from workstation.network.reception import Limits, Reception
from workstation.paths import Home
from workstation.traffic.receive import receiving
from workstation.traffic.writer import Writer

ASSOCIATIONS: Final = 10_000
WARM: Final = 1000
"""Of them: what the process still fills its memory in; it is compared from then on."""

MOST_GROWN_MIB: Final = 8.0
MOST_THREADS: Final = 6


def strangers(study: Study, runs: int) -> list[Row]:
    """Memory and threads of the receiver's process; HOUNSFIELD_ASSOCIATIONS gives another number."""
    count = int(os.environ.get("HOUNSFIELD_ASSOCIATIONS", ASSOCIATIONS))
    with tempfile.TemporaryDirectory(prefix="hounsfield-bench-") as folder:
        home = Home(Path(folder)).create()
        reception = Reception(port=0, limits=Limits(handshake_s=1.0, idle_s=5.0))
        with Writer(home) as writer, receiving(reception, writer) as (receiver, _):
            node = Node("us", reception.aet, "127.0.0.1", receiver.port)
            first = study.files[0].read_bytes()
            DimsePacs(node).echo()
            begun, warm = time.monotonic(), 0.0
            for turn in range(count):
                _VISITS[turn % len(_VISITS)](node, first)
                if turn == min(WARM, count // 2):
                    warm = _status(receiver, "VmRSS") / 1024
            spent = time.monotonic() - begun
            DimsePacs(node).echo()
            time.sleep(2 * reception.limits.handshake_s)  # who did not say goodbye is waited for so long
            grown, threads = _status(receiver, "VmRSS") / 1024 - warm, _status(receiver, "Threads")
            restarts = receiver.restarts
    title = f"{count} associations"
    return [
        Row(f"{title}, memory grown", "MiB", "", MOST_GROWN_MIB, (grown,)),
        Row(f"{title}, threads left", "", "", MOST_THREADS, (threads,)),
        Row(f"{title}, restarts", "", "", 0, (float(restarts),)),
        Row(f"{title}, a second", "1/s", "", None, (count / spent,)),
    ]


def _status(receiver: Receiver, field: str) -> float:
    """A number of the receiver's process, as the system has it."""
    text = Path(f"/proc/{receiver.pid}/status").read_text(encoding="ascii")
    return float(text.split(f"{field}:")[1].split()[0])


def _echoes(node: Node, data: bytes) -> None:
    DimsePacs(node).echo()


def _sends(node: Node, data: bytes) -> None:
    for _ in DimsePacs(node).store([data]):
        continue


def _ends_in_the_middle(node: Node, data: bytes) -> None:
    with calling(node, [(storage.VERIFICATION, storage.PLAIN)]) as call:
        call.link.end()


def _says_nonsense(node: Node, data: bytes) -> None:
    with socket.create_connection((node.host, node.port), 10) as stranger:
        stranger.sendall(struct.pack(">BBI", 1, 0, 70) + b"\xff" * 70)
        _heard_out(stranger)


def _declares_an_endless_pdu(node: Node, data: bytes) -> None:
    with socket.create_connection((node.host, node.port), 10) as stranger:
        stranger.sendall(struct.pack(">BBI", 1, 0, 0xFFFFFFFF) + bytes(1 << 16))
        _heard_out(stranger)


def _heard_out(stranger: socket.socket) -> None:
    with suppress(OSError):
        while stranger.recv(4096):
            continue


_VISITS: Final[tuple[Callable[[Node, bytes], None], ...]] = (
    *(_echoes, _ends_in_the_middle, _echoes, _says_nonsense, _sends),
    *(_echoes, _declares_an_endless_pdu, _echoes, _ends_in_the_middle, _echoes),
)
