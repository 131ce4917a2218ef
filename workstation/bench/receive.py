"""Objects sent to our receiver by DCMTK's storescu over loopback, until the last is acknowledged, and so safe.

DCMTK's storescp listens on all addresses, so it is no peer here: it is timed where tests keep it on this machine.
"""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from workstation.bench.data import Study
from workstation.bench.rows import Row
from workstation.network.attendant import Reception
from workstation.network.dimse import DimsePacs
from workstation.network.nodes import Node
from workstation.paths import Home
from workstation.traffic.receive import receiving
from workstation.traffic.writer import Writer

LEAST_MB_S: Final = 100.0
SENDERS: Final = (1, 2, 4)


def receive(study: Study, runs: int) -> list[Row]:
    """MB/s with every object synced, committed and verified, by how many send at once."""
    if shutil.which("storescu") is None:
        return [Row("receive", skipped="storescu is not installed")]
    rows = []
    for senders in SENDERS:
        speeds = tuple(_received(study, senders) for _ in range(runs))
        limit = LEAST_MB_S if senders == SENDERS[-1] else None
        rows.append(Row(f"receive, {senders} sending", "MB/s", "", limit, speeds, (), True))
    return rows


def _received(study: Study, senders: int) -> float:
    with tempfile.TemporaryDirectory(prefix="hounsfield-bench-") as folder:
        home = Home(Path(folder)).create()
        with Writer(home) as writer, receiving(Reception(port=0), writer) as (receiver, tally):
            DimsePacs(Node("us", "HOUNSFIELD", "127.0.0.1", receiver.port)).echo()
            os.sync()  # what others wrote before is not waited for by our first fsync
            begun = time.monotonic()
            shares = [study.files[start::senders] for start in range(senders)]
            sending = [_storescu(receiver.port, share) for share in shares]
            for each in sending:
                each.wait()
            spent = time.monotonic() - begun
        return tally.bytes / 1e6 / spent


def _storescu(port: int, files: list[Path]) -> "subprocess.Popen[bytes]":
    command = ["storescu", "-aec", "HOUNSFIELD", "-pdu", "131072", "127.0.0.1", str(port), *map(str, files)]
    return subprocess.Popen(command, env=os.environ | {"TCP_NODELAY": "1"}, stderr=subprocess.DEVNULL)
