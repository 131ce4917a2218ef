"""The only module that opens a cached file, and the only one that knows how they lie on disk.

    files/ab/ab12...      objects, named by the SHA-256 of their DICOM bytes (safety.md 17, 18)
    incoming/<random>     objects on their way in; cleared when a writer starts
    quarantine/ab12...    objects that must not be shown
    thumbnails/ab/ab12... small pictures made of objects, behind the SHA-256 (32 bytes) of what follows

The first byte of each file is its format: 1 is plain, the DICOM bytes follow. Encryption takes another number.
"""

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from workstation.errors import NotFound, Reason, Refused
from workstation.paths import Home

PLAIN: Final = b"\x01"
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def read(home: Home, digest: str) -> bytes:
    """The DICOM bytes kept under `digest`, verified against it.

    Raises NotFound when `digest` is none of ours, Refused(DAMAGED) when the file is gone or has changed,
    Refused(IO_ERROR) when the disk fails.
    """
    return _verified(_place_of(home, digest), digest)


def is_whole(home: Home, digest: str) -> bool:
    """Whether what is kept under `digest` is what was received."""
    try:
        read(home, digest)
    except (Refused, NotFound):
        return False
    return True


def read_incoming(home: Home, temporary: str, digest: str) -> bytes:
    """The bytes of an object that is not yet placed; errors as in `read`."""
    return _verified(home.incoming / temporary, digest)


def read_quarantined(home: Home, digest: str) -> bytes:
    """The bytes of an object in quarantine; errors as in `read`."""
    return _verified(home.quarantine / _checked(digest), digest)


def write_incoming(home: Home, data: bytes) -> str:
    """Write `data` to a new file in incoming/, synced to disk; its name there.

    Raises Refused(DISK_FULL) or Refused(IO_ERROR); then nothing is left behind.
    """
    name = secrets.token_hex(16)
    path = home.incoming / name
    try:
        with disk_errors(), os.fdopen(os.open(path, _NEW, 0o600), "wb") as file:
            file.write(PLAIN)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name


def place(home: Home, moves: Iterable[tuple[str, str]]) -> None:
    """Rename (temporary, digest) pairs from incoming/ to their place and sync the folders they came to."""
    touched: set[Path] = set()
    with disk_errors():
        for temporary, digest in moves:
            target = _place_of(home, digest)
            if not target.parent.is_dir():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                touched.add(home.files)
            (home.incoming / temporary).replace(target)
            touched.add(target.parent)
        for folder in touched:
            sync_folder(folder)


def quarantine(home: Home, temporary: str, digest: str) -> None:
    """Move an object from incoming/ to quarantine/, synced."""
    with disk_errors():
        (home.incoming / temporary).replace(home.quarantine / _checked(digest))
        sync_folder(home.quarantine)


def drop_incoming(home: Home, temporary: str) -> None:
    """Forget an object that will not be placed."""
    (home.incoming / temporary).unlink(missing_ok=True)


def clear_incoming(home: Home) -> None:
    """Remove what an earlier program left on its way in."""
    for path in home.incoming.iterdir():
        path.unlink(missing_ok=True)


def discard(home: Home, digest: str) -> None:
    """Remove a placed object whose row was never committed."""
    _place_of(home, digest).unlink(missing_ok=True)


def read_thumbnail(home: Home, name: str) -> bytes:
    """The encoded picture kept under `name`. Raises Refused(DAMAGED) without a whole one, Refused(IO_ERROR)."""
    try:
        with disk_errors():
            kept = (home.thumbnails / _checked(name)[:2] / name).read_bytes()
    except Refused as refused:
        raise Refused(Reason.DAMAGED if "ENOENT" in refused.detail else refused.reason, detail=name) from refused
    data = kept[33:]
    if kept[:1] != PLAIN or kept[1:33] != hashlib.sha256(data).digest():
        raise Refused(Reason.DAMAGED, detail=name)
    return data


def write_thumbnail(home: Home, name: str, encoded: bytes) -> None:
    """Keep an encoded picture under `name`; a power cut may lose it. Raises Refused(DISK_FULL) or Refused(IO_ERROR)."""
    target = home.thumbnails / _checked(name)[:2] / name
    beside = target.with_name(f"{secrets.token_hex(8)}.new")
    try:
        with disk_errors():
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(beside, _NEW, 0o600), "wb") as file:
                file.write(PLAIN + hashlib.sha256(encoded).digest() + encoded)
            beside.replace(target)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def limit_thumbnails(home: Home, most: int) -> None:
    """Remove the oldest pictures beyond `most`, and halves that a stopped program left."""
    found = sorted(
        ((path.stat().st_mtime, path) for path in home.thumbnails.glob("*/*")), key=lambda pair: pair[0], reverse=True
    )
    for _, path in found[most:]:
        path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut; Windows does that by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what the operating system says into Refused(DISK_FULL) or Refused(IO_ERROR)."""
    try:
        yield
    except OSError as error:
        reason = Reason.DISK_FULL if error.errno in _FULL else Reason.IO_ERROR
        raise Refused(reason, detail=errno.errorcode.get(error.errno or 0, type(error).__name__)) from error


def _verified(path: Path, digest: str) -> bytes:
    try:
        with path.open("rb", buffering=0) as file:
            format_byte, data = file.read(1), file.readall()
    except FileNotFoundError as error:
        raise Refused(Reason.DAMAGED, detail=f"{digest} is gone") from error
    except OSError as error:
        raise Refused(Reason.IO_ERROR, detail=f"{digest}: {error.errno}") from error
    if format_byte != PLAIN or hashlib.sha256(data).hexdigest() != digest:
        raise Refused(Reason.DAMAGED, detail=digest)
    return data


def _place_of(home: Home, digest: str) -> Path:
    return home.files / _checked(digest)[:2] / digest


def _checked(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise NotFound("there is no such object in the cache")
    return digest
