"""What a person gave to be imported -> candidates: files, folders, zip archives, DICOMDIR media.

Nothing is trusted (safety.md 18): links that lead out of the folder given are refused, names inside archives and
DICOMDIRs are never used as paths on disk beyond their root, and what looks odd is refused with its reason.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workstation.cache import archives, dicomdir
from workstation.errors import Reason, Refused

LARGEST_FILE_BYTES: Final = 2 << 30


@dataclass(frozen=True, slots=True)
class Candidate:
    """One file that may be DICOM: `path` on disk or, with `members`, inside the archive at `path`."""

    label: str
    path: Path
    size_bytes: int
    members: tuple[str, ...] = ()

    def read(self) -> bytes:
        """All its bytes. Raises Refused(IO_ERROR, TOO_LARGE, NOT_DICOM, ARCHIVE or ARCHIVE_LIMIT)."""
        if self.size_bytes > LARGEST_FILE_BYTES:
            raise Refused(Reason.TOO_LARGE)
        if self.members:
            return archives.read_member(self.path, self.members)
        return _read_regular(self.path)


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that was found and is refused before it is read."""

    label: str
    reason: Reason


Found = Candidate | Rejected


def walk(paths: Iterable[str | Path]) -> Iterator[Found]:
    """Everything under `paths`, in a stable order; folders are walked, archives and DICOMDIRs looked into."""
    for path in paths:
        given = Path(path)
        try:
            if given.is_dir():
                yield from _folder(given, given.resolve())
            elif not given.exists():
                yield Rejected(str(given), Reason.MISSING)
            elif given.name.upper() == "DICOMDIR":
                yield from _media(given)
            else:
                yield from _file(str(given), given.resolve())
        except OSError:
            yield Rejected(str(given), Reason.IO_ERROR)


def _folder(folder: Path, root: Path) -> Iterator[Found]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        yield Rejected(str(folder), Reason.IO_ERROR)
        return
    for entry in entries:
        if entry.is_symlink():
            yield from _link(entry, root)
        elif entry.is_dir():
            yield from _folder(entry, root)
        elif entry.name.upper() == "DICOMDIR":
            yield from _map_only(entry)
        else:
            yield from _file(str(entry), entry)


def _link(path: Path, root: Path) -> Iterator[Rejected]:
    """A link to something inside the root is met again under its own name; others are refused."""
    target = path.resolve()
    if not dicomdir.is_inside(target, root):
        yield Rejected(str(path), Reason.OUTSIDE_ROOT)
    elif not target.exists():
        yield Rejected(str(path), Reason.MISSING)


def _file(label: str, path: Path) -> Iterator[Found]:
    """`label` is what the person sees, `path` where the bytes are."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            yield Rejected(label, Reason.NOT_DICOM)
        elif archives.is_archive(path):
            yield from _archive(label, path)
        else:
            yield Candidate(label, path, status.st_size)
    except OSError:
        yield Rejected(label, Reason.IO_ERROR)


def _archive(label: str, path: Path) -> Iterator[Found]:
    for name, members, size_bytes, reason in archives.members(path):
        shown = f"{label}/{name}" if name else label
        yield Candidate(shown, path, size_bytes, members) if reason is None else Rejected(shown, reason)


def _map_only(path: Path) -> Iterator[Rejected]:
    """A DICOMDIR in a folder that is walked anyway adds what it names and is not there."""
    try:
        references = dicomdir.references(_read_regular(path), path.parent)
    except Refused as refused:
        yield Rejected(str(path), refused.reason)
        return
    for reference in references:
        if reference.reason is not None:
            yield Rejected(f"{path}: {reference.name}", reference.reason)


def _media(path: Path) -> Iterator[Found]:
    """A DICOMDIR given by itself: the files it names, inside its folder."""
    try:
        references = dicomdir.references(_read_regular(path.resolve()), path.parent)
    except Refused as refused:
        yield Rejected(str(path), refused.reason)
        return
    for reference in references:
        if reference.path is not None:
            yield from _file(str(reference.path), reference.path)
        elif reference.reason is not None:
            yield Rejected(f"{path}: {reference.name}", reference.reason)


def _read_regular(path: Path) -> bytes:
    """The bytes of a regular file; a pipe or device that took its place is not waited for."""
    flags = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        with os.fdopen(os.open(path, flags), "rb", buffering=0) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Refused(Reason.NOT_DICOM)
            if status.st_size > LARGEST_FILE_BYTES:
                raise Refused(Reason.TOO_LARGE)
            return file.readall()
    except OSError as error:
        raise Refused(Reason.IO_ERROR, detail=str(error.errno)) from error
