"""The index from the files again: they are the record, the index only knows where things are.

What the files do not say (how far studies were read, what is parked, claimed and pinned) is taken over from the old
index where that can be read, and from what lies beside it (`cache.marks`). While this runs, a mark in the home says
that the index is not whole; whoever opens it then is told, and a rebuild that was killed is begun anew.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from workstation.cache import files
from workstation.cache.entries import Arrival
from workstation.cache.index import Index
from workstation.cache.lock import WriterLock
from workstation.cache.marks import Mark, kept
from workstation.dicom import header
from workstation.errors import HounsfieldError, Reason, Refused
from workstation.paths import Home
from workstation.security import acts

GROUP: Final = 64
MARKS: Final = "marks"
PRIVATE: Final = ("worklist.json", "demo.json")
"""Documents in the home's root that earlier programs did not seal."""

SPOILED: Final = ".spoiled"
"""What an old index is kept as, until the next one is spoiled: sealed like the one before."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Rebuilt:
    """What was found: visible objects, objects in quarantine, plain files that were sealed, and what cannot be read.

    `marks` counts studies whose reading status, claim, pin or parked page was taken over.
    """

    objects: int = 0
    quarantined: int = 0
    sealed: int = 0
    damaged: tuple[str, ...] = ()
    marks: int = 0

    @property
    def sentence(self) -> str:
        """What a person is told."""
        said = f"The index was rebuilt from the files: {self.objects} objects"
        said += f", {self.quarantined} of them in quarantine" if self.quarantined else ""
        said += f"; {len(self.damaged)} files cannot be read" if self.damaged else ""
        lost = "" if self.marks else " What was noted of reading (read, claimed, parked, pinned) is not known any more."
        return f"{said}.{lost}"


def rebuild(home: Home, progress: Progress = lambda done, total: None) -> Rebuilt:
    """Make the index anew, and seal what an earlier program left plain.

    `progress(done, total)` counts files and may raise `Cancelled`: the next start goes on with it from the beginning.
    Raises HounsfieldError when another program is writing, KeyFault, Refused(DISK_FULL).
    """
    acts.permit(acts.Kind.REBUILD)
    lock = WriterLock(home.create().lock)
    try:
        marks = _saved_marks(home)
        _set_aside(home)
        with Index(home, writer=True, anew=True) as index:
            made = _Making(home, index)
            paths = list(files.stored(home))
            for number, (path, apart) in enumerate(paths):
                progress(number, len(paths))
                made.take(path, apart)
            made.commit()
            index.restore(marks)
            _seal_the_rest(home)
            progress(len(paths), len(paths))
        with files.disk_errors():
            home.half_rebuilt.unlink(missing_ok=True)
            files.drop_document(home.root / MARKS)
    finally:
        lock.release()
    return Rebuilt(made.objects + made.quarantined, made.quarantined, made.sealed, tuple(made.damaged), len(marks))


class _Making:
    def __init__(self, home: Home, index: Index) -> None:
        self._home, self._index = home, index
        self._group: dict[str, Arrival] = {}
        self.objects = self.quarantined = self.sealed = 0
        self.damaged: list[str] = []

    def take(self, path: Path, apart: bool) -> None:
        """One file: into the group that is committed next, or into the list of what cannot be read."""
        try:
            digest, data, plain = files.read_stored(self._home, path)
            instance = header.read_instance(data)
        except HounsfieldError:
            self.damaged.append(path.name)
            return
        came = datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds")
        text = json.dumps(header.to_json(instance), separators=(",", ":"))
        arrival = Arrival("", "", digest, digest, len(data), instance, text, came)
        if plain:
            files.seal_plain(self._home, path, digest, data)
            self.sealed += 1
        if apart:
            self.commit()
            self._index.quarantine(arrival, Reason.CONFLICT)
            self.quarantined += 1
            return
        if instance.SOPInstanceUID in self._group or self._index.digest_of(instance.SOPInstanceUID) is not None:
            self.damaged.append(path.name)  # two of one UID among the files: the first is the one
            return
        self._group[instance.SOPInstanceUID] = arrival
        if len(self._group) == GROUP:
            self.commit()

    def commit(self) -> None:
        self._index.commit(tuple(self._group.values()))
        self.objects += len(self._group)
        self._group = {}


def _seal_the_rest(home: Home) -> None:
    """What else an earlier program left plain: pictures, and what the study list remembers."""
    files.drop_plain_thumbnails(home)
    for path in filter(Path.exists, (home.root / name for name in PRIVATE)):
        with suppress(Refused):  # one that is damaged stays as it is: whoever reads it says so
            files.seal_document(home, path, files.unseal_document(home, path))


def _saved_marks(home: Home) -> tuple[Mark, ...]:
    """What readers did, as far as the old index says it; kept beside it, for a rebuild that is stopped."""
    beside = home.root / MARKS
    if home.half_rebuilt.exists():
        with suppress(HounsfieldError, ValueError, TypeError):
            return tuple(Mark(*each) for each in json.loads(files.unseal_document(home, beside)))
    found = {each.study_uid: each for each in kept(home)}
    if home.index.exists():
        with suppress(HounsfieldError), Index(home, anew=True) as index:
            found |= {each.study_uid: each for each in index.marks()}
    marks = tuple(found.values())
    files.seal_document(home, beside, json.dumps([astuple(each) for each in marks]).encode())
    return marks


def _set_aside(home: Home) -> None:
    """Mark the home as half rebuilt, then put the old index where nobody opens it."""
    with files.disk_errors():
        home.half_rebuilt.touch(mode=0o600)
        files.sync_folder(home.root)
        for path in home.root.glob(f"{home.index.name}-*"):
            path.unlink()
        if home.index.exists():
            home.index.replace(home.index.with_name(home.index.name + SPOILED))
        files.sync_folder(home.root)
