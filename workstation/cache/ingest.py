"""The way into the cache: bytes -> incoming/ -> their place -> a committed row (safety.md 20, 21).

`receive` may run in a worker process; it writes and syncs one file and touches no index. `Ingest` runs where the
writer's lock is held; it renames and commits in groups, since each commit waits for the disk.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from workstation.cache import files
from workstation.cache.entries import Arrival
from workstation.cache.index import Index
from workstation.cache.room import Limits, Room, checked_limits
from workstation.dicom import budget, header
from workstation.dicom.scan import has_preamble
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.paths import Home

GROUP: Final = 64
GROUP_S: Final = 0.5
"""A group is committed when it has this many objects or is this old."""

MOST_ANNOUNCED: Final = 1024
"""Of objects that were announced and never came; those are announced again."""

_TIFF: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_one_flush = threading.Lock()
"""Two imports of one program must not both find that an object is new."""


def receive(
    home: Home,
    data: bytes,
    label: str,
    source_digest: str = "",
    synced: bool = False,
    soon: Callable[[str], None] = lambda digest: None,
) -> Arrival:
    """Write one DICOM object to incoming/; `source_digest` saves hashing `data` once more, `synced` waits for the disk.

    `soon` is told its digest before anything else is done with it (`Ingest.announce`). Raises Refused as
    `header.read_instance`, `budget.check` and `files.write_incoming` do.
    """
    source_digest = source_digest or hashlib.sha256(data).hexdigest()
    kept = without_program(data)
    digest = source_digest if kept is data else hashlib.sha256(kept).hexdigest()
    soon(digest)
    instance = header.read_instance(kept)
    if instance.pixels is not None:
        budget.check(instance.pixels, instance.SOPClassUID)
    text = json.dumps(header.to_json(instance), separators=(",", ":"))
    temporary = files.write_incoming(home, kept, digest, synced)
    return Arrival(label, temporary, digest, source_digest, len(kept), instance, text, synced=synced)


def without_program(data: bytes) -> bytes:
    """`data` itself, or with its preamble zeroed where that may be a program (PS3.10 7.5, CVE-2019-11687).

    Zeros and the header of a TIFF file (dual-personality slides) stay; everything else has no use in a preamble.
    """
    preamble = data[:128]
    if not has_preamble(data) or not any(preamble) or preamble.startswith(_TIFF):
        return data
    return bytes(128) + data[128:]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an arrival: stored, already stored (`reason` None), or refused with `reason`."""

    arrival: Arrival
    stored: bool
    reason: Reason | None = None


class Ingest:
    """Takes arrivals into the cache of `home`, in groups; use as a context manager.

    `same_image(stored_digest, arrival)` says whether an arrival is another form of what is stored under that
    digest; it is asked only when UIDs are equal and bytes are not. `limits` are those of the settings if not given.
    """

    def __init__(self, home: Home, same_image: Callable[[str, Arrival], bool], limits: Limits | None = None) -> None:
        self.home = home
        self.index = Index(home, writer=True)
        self._room = Room(self.index, checked_limits(home) if limits is None else limits)
        self._same_image = same_image
        self._group: dict[str, Arrival] = {}
        self._since = 0.0
        self._announced: set[str] = set()
        if self.index.first_writer:
            self._clean_up()
            self._renew_headers()

    def __enter__(self) -> "Ingest":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for arrival in self._group.values():
            files.drop_incoming(self.home, arrival.temporary)
        self.index.close()

    def add(self, arrival: Arrival) -> list[Outcome]:
        """Take one object; returns what was settled by now, which may be nothing or a whole group."""
        uid = arrival.instance.SOPInstanceUID
        settled = self.flush() if uid in self._group else []
        self._since = self._since if self._group else time.monotonic()
        self._group[uid] = arrival
        if len(self._group) >= GROUP or time.monotonic() - self._since > GROUP_S:
            settled += self.flush()
        return settled

    def announce(self, digest: str) -> None:
        """An object with this digest is being written: what its row needs beforehand is on the disk when it comes."""
        if len(self._announced) >= MOST_ANNOUNCED:
            self._announced.clear()
        self.index.announce([digest])
        self._announced.add(digest)

    def flush(self) -> list[Outcome]:
        """Settle everything that was added."""
        group, self._group = list(self._group.values()), {}
        with _one_flush:
            known = self.index.digests_of(arrival.instance.SOPInstanceUID for arrival in group)
            stored = [(arrival, known.get(arrival.instance.SOPInstanceUID)) for arrival in group]
            outcomes = self._store([arrival for arrival, digest in stored if digest is None])
            outcomes += [self._settle(arrival, digest) for arrival, digest in stored if digest is not None]
        return outcomes

    def _store(self, group: list[Arrival]) -> list[Outcome]:
        if not group:
            return []
        digests = [arrival.digest for arrival in group]
        try:
            self._room.check(sum(arrival.size_bytes for arrival in group))
            if not self._announced.issuperset(digests):
                self.index.announce(digests)
            synced = {arrival.temporary for arrival in group if arrival.synced}
            files.place(self.home, ((arrival.temporary, arrival.digest) for arrival in group), synced)
            self.index.commit(group)
        except Refused as refused:
            self._take_back(group)
            return [Outcome(arrival, False, refused.reason) for arrival in group]
        finally:
            self._announced.difference_update(digests)
        return [Outcome(arrival, True) for arrival in group]

    def _settle(self, arrival: Arrival, stored_digest: str) -> Outcome:
        """The UID is taken: by the same object in whatever form, or by another one (safety.md 21).

        The very bytes of an object whose file was damaged take its place again.
        """
        try:
            if arrival.digest in self._announced:
                self._announced.discard(arrival.digest)
                self.index.forget_announced([arrival.digest])
            if stored_digest == arrival.digest and not files.is_whole(self.home, stored_digest):
                files.place(self.home, [(arrival.temporary, arrival.digest)])
                return Outcome(arrival, True)
            if stored_digest == arrival.digest or self._same_image(stored_digest, arrival):
                self.index.same_as_stored(arrival)
                files.drop_incoming(self.home, arrival.temporary)
                return Outcome(arrival, False)
            files.quarantine(self.home, arrival.temporary, arrival.digest)
            self.index.quarantine(arrival, Reason.CONFLICT)
        except Refused as refused:
            files.drop_incoming(self.home, arrival.temporary)
            return Outcome(arrival, False, refused.reason)
        return Outcome(arrival, False, Reason.CONFLICT)

    def _take_back(self, group: list[Arrival]) -> None:
        for arrival in group:
            files.drop_incoming(self.home, arrival.temporary)
        with suppress(HounsfieldError):  # a disk that is full may refuse this too; the next start does it again
            self._discard(self.index.unfinished({arrival.digest for arrival in group}))

    def _clean_up(self) -> None:
        """What a program that was stopped left behind: half-written files, and placed ones without a row."""
        with files.disk_errors():
            files.clear_incoming(self.home)
            self._discard(self.index.unfinished())
            for folder in (self.home.root, self.home.files):
                files.sync_folder(folder)

    def _renew_headers(self) -> None:
        """Read again what an earlier program kept of each header; a file that cannot be read keeps the old one."""
        outdated = self.index.outdated_headers()
        for start in range(0, len(outdated), GROUP):
            self.index.renew_headers({digest: self._header(digest) for digest in outdated[start : start + GROUP]})

    def _header(self, digest: str) -> str | None:
        try:
            instance = header.read_instance(files.read(self.home, digest))
        except HounsfieldError:
            return None
        return json.dumps(header.to_json(instance), separators=(",", ":"))

    def _discard(self, digests: Iterable[str]) -> None:
        digests = tuple(digests)
        for digest in digests:
            files.discard(self.home, digest)
        self.index.forget_announced(digests)
