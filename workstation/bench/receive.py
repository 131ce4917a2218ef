"""Objects sent to our receiver by DCMTK's storescu over loopback, until the last is acknowledged, and so safe.

Beside it, in the same run, the same objects go to DCMTK's storescp, which syncs nothing: what the sender, the loopback
and this machine at this moment allow.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from workstation.bench import peers
from workstation.bench.data import Study
from workstation.bench.rows import Row
from workstation.network.dimse import DimsePacs
from workstation.network.nodes import Node
from workstation.network.reception import Reception
from workstation.paths import Home
from workstation.traffic.receive import receiving
from workstation.traffic.writer import QUICK_TURNS_S, Writer

LEAST_MB_S: Final = 100.0
SENDERS: Final = (1, 2, 4)


def receive(study: Study, runs: int) -> list[Row]:
    """MB/s with every object synced, committed and verified, by how many send at once."""
    if shutil.which("storescu") is None:
        return [Row("receive", skipped="storescu is not installed")]
    rows = []
    for senders in SENDERS:
        ours, theirs = [], []
        for _ in range(runs):
            theirs.append(_beside(study, senders))
            ours.append(_received(study, senders))
        limit = LEAST_MB_S if senders == SENDERS[-1] else None
        title = f"receive, {senders} sending"
        rows.append(Row(title, "MB/s", "storescp, unsynced", limit, tuple(ours), tuple(theirs), more_is_better=True))
    return rows


@contextmanager
def quick_turns() -> Iterator[None]:
    """Threads give way as they do in the commands that talk to the network."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(QUICK_TURNS_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def _received(study: Study, senders: int) -> float:
    with tempfile.TemporaryDirectory(prefix="hounsfield-bench-") as folder, quick_turns():
        home = Home(Path(folder)).create()
        with Writer(home) as writer, receiving(Reception(port=0), writer) as (receiver, _):
            DimsePacs(Node("us", "HOUNSFIELD", "127.0.0.1", receiver.port)).echo()
            return _sent(study, senders, receiver.port, "HOUNSFIELD")


def _beside(study: Study, senders: int) -> float:
    with (
        tempfile.TemporaryDirectory(prefix="hounsfield-bench-") as folder,
        peers.storescp(Path(folder) / "scp") as port,
    ):
        return _sent(study, senders, port, "STORESCP")


def _sent(study: Study, senders: int, port: int, title: str) -> float:
    """MB/s until the last of them is acknowledged; 0 when a sender failed."""
    os.sync()  # what others wrote before is not waited for by our first fsync
    begun = time.monotonic()
    sending = [_storescu(port, title, study.files[start::senders]) for start in range(senders)]
    failed = [each.wait() for each in sending]
    spent = time.monotonic() - begun
    if any(failed):
        return 0.0
    return sum(path.stat().st_size for path in study.files) / 1e6 / spent


def _storescu(port: int, title: str, files: list[Path]) -> "subprocess.Popen[bytes]":
    command = ["storescu", "-aec", title, "-pdu", "131072", "127.0.0.1", str(port), *map(str, files)]
    return subprocess.Popen(command, env=os.environ | {"TCP_NODELAY": "1"}, stderr=subprocess.DEVNULL)
