"""What a worker process does with one candidate: read, recognise, hash, parse, write to incoming/."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from workstation.cache import files, ingest
from workstation.cache.entries import Arrival, Known
from workstation.cache.index import Index
from workstation.cache.media import Candidate
from workstation.dicom import header
from workstation.paths import Home


@dataclass(frozen=True, slots=True)
class Intake:
    """A task: `candidate` into incoming/ of `home`, unless its very bytes came before and are still whole."""

    home: Home
    candidate: Candidate

    def __call__(self) -> Arrival | Known:
        """Raises Refused as `Candidate.read` and `ingest.receive` do, NOT_DICOM and MEDIA_DIRECTORY besides."""
        return take_in(self.home, self.candidate, _reader(self.home).known)


def take_in(home: Home, candidate: Candidate, known: Callable[[str], Known | None]) -> Arrival | Known:
    """The work of `Intake` with an index that is already open."""
    data = candidate.read()
    header.check_kind(data)
    source_digest = hashlib.sha256(data).hexdigest()
    before = known(source_digest)
    if before is not None and (before.quarantined or files.is_whole(home, before.digest)):
        return before
    return ingest.receive(home, data, candidate.label, source_digest)


@lru_cache(maxsize=1)
def _reader(home: Home) -> Index:
    """A worker keeps its connection until it ends."""
    return Index(home)
