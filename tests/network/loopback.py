"""Other people's servers, kept on this machine (`bench.peers`): skipped, or failed where they are required, without."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

from tests.guards import required
from workstation.bench import peers
from workstation.bench.peers import free_port, wait_for_port
from workstation.errors import HounsfieldError

__all__ = ["free_port", "serving", "wait_for_port"]


@contextmanager
def serving(
    command: Sequence[str | Path], port: int, cwd: Path, extra: Mapping[str, str] | None = None
) -> "Iterator[Popen[bytes]]":
    """As `peers.serving`; what it needs of this machine is a family of tools like any other."""
    try:
        peers.shim()
    except HounsfieldError as error:
        required.missing("dcmtk", error.sentence)
    with peers.serving(command, port, cwd, extra) as running:
        yield running
