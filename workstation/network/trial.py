"""The test of a node that was set up: each service that is needed, one after the other."""

import time
from collections.abc import Iterator

from workstation.network.pacs import Level, Pacs

_NO_SUCH_STUDY = "2.25.1"


def tried(pacs: Pacs) -> Iterator[tuple[str, float]]:
    """(step, seconds) as each succeeds. Raises NodeFault at the first that does not: whose side, which field."""
    yield "connection, association and echo", pacs.echo()
    begun = time.monotonic()
    keys = {"StudyInstanceUID": _NO_SUCH_STUDY}
    for _ in pacs.find(Level.STUDY, keys):
        continue
    yield "query", time.monotonic() - begun
