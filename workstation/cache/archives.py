"""Zip archives: what is in them, under limits, without writing anything to disk.

Names inside an archive are only shown, never used as paths; one that tries to leave its root is refused all the
same, because whoever made it meant harm. An archive inside an archive is opened once, not deeper.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

from workstation.errors import Reason, Refused

MOST_MEMBERS: Final = 200_000
LARGEST_DIRECTORY_BYTES: Final = 64 << 20
LARGEST_NESTED_BYTES: Final = 512 << 20
LARGEST_TOTAL_BYTES: Final = 4 << 30
LARGEST_RATIO: Final = 200
"""All members together may be this many times the archive, or LARGEST_TOTAL_BYTES. Single ones may be more:
deflate makes a thousandth of a black image."""

Member = tuple[str, tuple[str, ...], int, Reason | None]
"""Name as shown, names to read it by, bytes when unpacked, and why it is refused."""

_UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


def is_archive(path: Path) -> bool:
    """Whether the file begins as a zip archive does; raises OSError."""
    with path.open("rb") as file:
        return _begins_as_zip(file.read(4))


def members(path: Path) -> Iterator[Member]:
    """What is in the archive at `path`; an archive that is refused as a whole is one member without a name."""
    try:
        with _opened(path) as archive:
            yield from _listed(archive, ())
    except Refused as refused:
        yield "", (), 0, refused.reason
    except _UNREADABLE:
        yield "", (), 0, Reason.ARCHIVE


def read_member(path: Path, names: tuple[str, ...]) -> bytes:
    """The bytes of one member; two names lead into an archive inside the archive. Raises Refused."""
    try:
        if len(names) == 2:
            return _kept_nested(path, names[0]).read(names[1])
        return _kept_open(path).read(names[0])
    except _UNREADABLE as error:
        raise Refused(Reason.ARCHIVE, detail=type(error).__name__) from error


@lru_cache(maxsize=1)
def _kept_open(path: Path) -> zipfile.ZipFile:
    """A worker reads many members of one archive; its directory is read once."""
    return _opened(path)


@lru_cache(maxsize=1)
def _kept_nested(path: Path, name: str) -> zipfile.ZipFile:
    return _opened(io.BytesIO(_kept_open(path).read(name)))


def forget() -> None:
    """Close the archives that `read_member` kept open."""
    for kept in (_kept_nested, _kept_open):
        kept.cache_clear()


def _opened(source: Path | io.BytesIO) -> zipfile.ZipFile:
    if isinstance(source, Path):
        with source.open("rb") as stream:
            _check_directory(stream)
    else:
        _check_directory(source)
    return zipfile.ZipFile(source)


def _listed(archive: zipfile.ZipFile, outer: tuple[str, ...]) -> Iterator[Member]:
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    _check_totals(archive, entries)
    for entry in sorted(entries, key=lambda entry: entry.filename):
        shown, names = "/".join((*outer, entry.filename)), (*outer, entry.filename)
        if not _stays_inside(entry.filename):
            yield shown, names, entry.file_size, Reason.OUTSIDE_ROOT
        elif entry.flag_bits & 1:
            yield shown, names, entry.file_size, Reason.ARCHIVE
        elif entry.filename.lower().endswith(".zip"):
            yield from _nested(archive, entry, outer)
        else:
            yield shown, names, entry.file_size, None


def _nested(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, outer: tuple[str, ...]) -> Iterator[Member]:
    name = entry.filename
    if outer:
        yield "/".join((*outer, name)), (*outer, name), entry.file_size, Reason.NESTED_ARCHIVE
        return
    if entry.file_size > LARGEST_NESTED_BYTES:
        yield name, (name,), entry.file_size, Reason.ARCHIVE_LIMIT
        return
    try:
        with _opened(io.BytesIO(archive.read(entry))) as inner:
            yield from _listed(inner, (name,))
    except Refused as refused:
        yield name, (name,), entry.file_size, refused.reason
    except _UNREADABLE:
        yield name, (name,), entry.file_size, Reason.ARCHIVE


def _check_totals(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> None:
    """Declared sizes are limits too: zipfile reads no more of a member than it declares."""
    packed = sum(entry.compress_size for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    size_bytes = _size_bytes(archive)
    if packed > size_bytes or unpacked > max(LARGEST_TOTAL_BYTES, LARGEST_RATIO * size_bytes):
        raise Refused(Reason.ARCHIVE_LIMIT)  # members that overlap add up to more than the archive


def _size_bytes(archive: zipfile.ZipFile) -> int:
    stream = archive.fp
    if stream is None:
        return 0
    return stream.seek(0, io.SEEK_END)


def _check_directory(stream: IO[bytes]) -> None:
    """Refuse a directory too large to be read at all, by the end record that declares it (APPNOTE 4.3.16)."""
    stream.seek(max(0, stream.seek(0, io.SEEK_END) - 22 - 0xFFFF))
    tail = stream.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < 22:
        raise Refused(Reason.ARCHIVE)
    count, directory_bytes = struct.unpack_from("<HI", tail, at + 10)
    wide = tail.rfind(b"PK\6\6", 0, at)
    if wide >= 0 and len(tail) - wide >= 56:
        count, directory_bytes = struct.unpack_from("<QQ", tail, wide + 32)
    if count > MOST_MEMBERS or directory_bytes > LARGEST_DIRECTORY_BYTES:
        raise Refused(Reason.ARCHIVE_LIMIT)


def _begins_as_zip(head: bytes) -> bool:
    return head in (b"PK\3\4", b"PK\5\6")


def _stays_inside(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return not name.startswith(("/", "\\")) and ".." not in parts and ":" not in parts[0]
