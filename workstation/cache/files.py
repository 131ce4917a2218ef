"""The only module that opens a cached file, and the only one that knows how they lie on disk.

    files/ab/ab12...      objects (safety.md 17, 18)
    incoming/<random>     objects on their way in; cleared when a writer starts
    quarantine/ab12...    objects that must not be shown
    thumbnails/ab/ab12... small pictures made of objects
    and small private documents, wherever the room that owns them wants them

All are sealed (`security.seal`), and opened with the key of the home alone. An object is called by the SHA-256 of its
DICOM bytes; its name on disk is made of that with the key (`vault`), and is part of what the seal holds: opening it
proves that it is what was received, five times faster than hashing it again. Earlier programs wrote plain files, named
by that SHA-256 and beginning with a byte 1; they are still read, and `rebuild` seals them.
"""

import ctypes
import errno
import hashlib
import os
import re
import secrets
import shutil
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import RawIOBase
from pathlib import Path
from typing import Final

from workstation.cache import vault
from workstation.errors import NotFound, Reason, Refused
from workstation.paths import Home
from workstation.security import seal
from workstation.security.seal import Kind

PLAIN: Final = 1
FLOOR_BYTES: Final = 16 << 20
NEARLY_BYTES: Final = 16 << 20
"""Larger than nearly every object: with less above what is kept free, one that did not come may not have fitted."""
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_LARGEST_DOCUMENT_BYTES: Final = 64 << 20
_SYNC_FILE_RANGE_WRITE: Final = 2

SYNCED_TOGETHER: Final = 8
"""So many files of a group are not synced one by one: each would wait for the disk's own cache to be emptied."""


def read(home: Home, digest: str) -> bytes:
    """The DICOM bytes kept under `digest`, proved to be those that were received.

    Raises NotFound when `digest` is none of ours, Refused(DAMAGED) when the file is gone or has changed,
    Refused(IO_ERROR) when the disk fails, KeyFault when the home is locked.
    """
    return _object(home, digest, home.files, folded=True)


def is_whole(home: Home, digest: str) -> bool:
    """Whether what is kept under `digest` is what was received."""
    try:
        read(home, digest)
    except (Refused, NotFound):
        return False
    return True


def read_incoming(home: Home, temporary: str, digest: str) -> bytes:
    """The bytes of an object that is not yet placed; errors as in `read`."""
    name = vault.name_on_disk(home, _checked(digest))
    with _read_errors(temporary):
        return _unsealed(home, home.incoming / temporary, name)


def read_quarantined(home: Home, digest: str) -> bytes:
    """The bytes of an object in quarantine; errors as in `read`."""
    return _object(home, digest, home.quarantine, folded=False)


def write_incoming(home: Home, data: bytes, digest: str, synced: bool = False) -> str:
    """Seal `data`, whose SHA-256 is `digest`, into a new file in incoming/; its name there.

    Its way to the disk begins, and is waited for by `place` or `quarantine`: that of a group costs little more than of
    one (64 objects: 80 ms, where syncing each when it is written took 330). `synced` waits for it here: where several
    processes or threads write at once, and somebody waits for each object.

    Raises Refused(DISK_FULL) or Refused(IO_ERROR), then nothing is left behind, and KeyFault.
    """
    key = vault.key_for_writing(home).part("objects")
    name = secrets.token_hex(16)
    path = home.incoming / name
    try:
        with disk_errors(), os.fdopen(os.open(path, _NEW, 0o600), "wb", buffering=0) as file:
            _check_floor(file.fileno(), len(data))
            for part in seal.sealed(key, Kind.OBJECT, vault.name_on_disk(home, _checked(digest)), data):
                _write_all(file, part)
            if synced:
                os.fsync(file.fileno())
            else:
                _begin_writeback(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name


def place(home: Home, moves: Iterable[tuple[str, str]], synced: Collection[str] = ()) -> None:
    """Rename (temporary, digest) pairs from incoming/ to their place; sync them and the folders they came to.

    The temporary files in `synced` were synced when they were written.
    """
    unsynced: list[Path] = []
    touched: set[Path] = set()
    with disk_errors():
        for temporary, digest in moves:
            target = place_of(home, digest)
            if not target.parent.is_dir():
                target.parent.mkdir(mode=0o700, exist_ok=True)
                touched.add(home.files)
            (home.incoming / temporary).replace(target)
            if temporary not in synced:
                unsynced.append(target)
            touched.add(target.parent)
        if len(unsynced) >= SYNCED_TOGETHER and sys.platform == "linux":
            _sync_all(home.files)
            return
        for path in unsynced:  # after all the renames: one commit of the file system's journal holds them all
            _sync_file(path)
        for folder in touched:
            sync_folder(folder)


def quarantine(home: Home, temporary: str, digest: str) -> None:
    """Move an object from incoming/ to quarantine/, synced."""
    target = home.quarantine / vault.name_on_disk(home, _checked(digest))
    with disk_errors():
        (home.incoming / temporary).replace(target)
        _sync_file(target)
        sync_folder(home.quarantine)


def drop_incoming(home: Home, temporary: str) -> None:
    """Forget an object that will not be placed."""
    (home.incoming / temporary).unlink(missing_ok=True)


def clear_incoming(home: Home) -> None:
    """Remove what an earlier program left on its way in."""
    for path in home.incoming.iterdir():
        path.unlink(missing_ok=True)


def discard(home: Home, digest: str) -> None:
    """Remove a placed object that no row names."""
    if vault.is_locked(home):
        place_of(home, digest).unlink(missing_ok=True)
    _plain_place(home.files, digest, folded=True).unlink(missing_ok=True)


def place_of(home: Home, digest: str) -> Path:
    """Where the object `digest` lies, or would lie. Raises NotFound when it is none of ours, KeyFault."""
    name = vault.name_on_disk(home, _checked(digest))
    return home.files / name[:2] / name


def names_of(home: Home, digest: str) -> set[str]:
    """Under which names `stored` may meet the object `digest`: sealed, or as an earlier program wrote it."""
    sealed = {vault.name_on_disk(home, _checked(digest))} if vault.is_locked(home) else set()
    return sealed | {digest}


def stored(home: Home) -> Iterator[tuple[Path, bool]]:
    """Every object file that lies in the home, whatever the index says, and whether it is in quarantine."""
    for path in sorted(home.files.glob("*/*")):
        yield path, False
    for path in sorted(home.quarantine.glob("*")):
        yield path, True


def read_stored(home: Home, path: Path) -> tuple[str, bytes, bool]:
    """(digest, DICOM bytes, whether it lies there plain) of one path of `stored`, hashed again.

    Raises Refused(DAMAGED) when it is not what its name says, Refused(IO_ERROR), KeyFault.
    """
    with _read_errors(path.name):
        plain = is_plain(path)
        data = _plain(path) if plain else _unsealed(home, path, path.name)
    digest = hashlib.sha256(data).hexdigest()
    if path.name != (digest if plain else vault.name_on_disk(home, digest)):
        raise Refused(Reason.DAMAGED, detail=path.name)
    return digest, data, plain


def is_plain(path: Path) -> bool:
    """Whether an earlier program wrote this file."""
    with path.open("rb", buffering=0) as file:
        return file.read(1) == bytes((PLAIN,))


def seal_plain(home: Home, path: Path, digest: str, data: bytes) -> None:
    """Put the sealed form of a plain file into its place, synced, then remove the plain one."""
    temporary = write_incoming(home, data, digest)
    if path.parent == home.quarantine:
        quarantine(home, temporary, digest)
    else:
        place(home, [(temporary, digest)])
    with disk_errors():
        path.unlink()


def read_thumbnail(home: Home, name: str) -> bytes:
    """The encoded picture kept under `name`. Raises Refused(DAMAGED) without a whole one, Refused(IO_ERROR)."""
    if not vault.is_locked(home):
        raise Refused(Reason.DAMAGED, detail=name)
    hidden = vault.name_on_disk(home, _checked(name))
    key = vault.part(home, "thumbnails")
    with _read_errors(name), (home.thumbnails / hidden[:2] / hidden).open("rb", buffering=0) as file:
        return seal.opened(key, Kind.THUMBNAIL, hidden, file, os.fstat(file.fileno()).st_size)


def write_thumbnail(home: Home, name: str, encoded: bytes) -> None:
    """Keep an encoded picture under `name`; a power cut may lose it. Raises Refused(DISK_FULL) or Refused(IO_ERROR)."""
    key = vault.key_for_writing(home).part("thumbnails")
    hidden = vault.name_on_disk(home, _checked(name))
    target = home.thumbnails / hidden[:2] / hidden
    with disk_errors():
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_whole(target, b"".join(seal.sealed(key, Kind.THUMBNAIL, hidden, encoded)), synced=False)


def limit_thumbnails(home: Home, most: int) -> None:
    """Remove the oldest pictures beyond `most`, and halves that a stopped program left."""
    found = sorted(
        ((path.stat().st_mtime, path) for path in home.thumbnails.glob("*/*")), key=lambda pair: pair[0], reverse=True
    )
    for _, path in found[most:]:
        path.unlink(missing_ok=True)


def beside_bytes(home: Home) -> int:
    """What quarantine and pictures take in the home; ten milliseconds for a thousand of them."""
    found = 0
    for path in (*home.quarantine.glob("*"), *home.thumbnails.glob("*/*")):
        with suppress(OSError):
            found += path.stat().st_size
    return found


def drop_plain_thumbnails(home: Home) -> None:
    """Remove the pictures that an earlier program left plain; they are made again."""
    for path in home.thumbnails.glob("*/*"):
        if is_plain(path):
            path.unlink(missing_ok=True)


def seal_document(home: Home, path: Path, data: bytes) -> None:
    """Keep a small private document under `path`, which lies in the home: sealed, whole, synced, or as it was before.

    It opens under this very path alone. Raises Refused(DISK_FULL) or Refused(IO_ERROR), and KeyFault.
    """
    key = vault.key_for_writing(home).part("documents")
    with disk_errors():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_whole(path, b"".join(seal.sealed(key, Kind.DOCUMENT, _told(home, path), data)), synced=True)


def unseal_document(home: Home, path: Path) -> bytes:
    """What `seal_document` kept under `path`, or the plain document of an earlier program.

    Raises NotFound when there is none, Refused(DAMAGED) when it was changed, Refused(IO_ERROR), KeyFault.
    """
    if not path.exists():
        raise NotFound("there is no such document")
    with _read_errors(path.name), path.open("rb", buffering=0) as file:
        length = os.fstat(file.fileno()).st_size
        if length > _LARGEST_DOCUMENT_BYTES:
            raise Refused(Reason.TOO_LARGE)
        earlier = file.read(1) != bytes((seal.FORMAT,))
        file.seek(0)
        if earlier:
            return file.readall()
        return seal.opened(vault.part(home, "documents"), Kind.DOCUMENT, _told(home, path), file, length)


def drop_document(path: Path) -> None:
    """Remove a document, for good."""
    with disk_errors():
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut; Windows does that by itself."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_nearly_full(home: Home, reserve_bytes: int = 0) -> bool:
    """Whether the disk of the home may have had no room for an object, beside the reserve and what is the index's."""
    with disk_errors():
        disk = shutil.disk_usage(home.root)
    return disk.free < max(reserve_bytes, FLOOR_BYTES) + NEARLY_BYTES


def _check_floor(handle: int, size_bytes: int) -> None:
    """Objects on their way in leave the index room to say that earlier ones are there."""
    if hasattr(os, "fstatvfs"):
        disk = os.fstatvfs(handle)
        if disk.f_bavail * disk.f_frsize < FLOOR_BYTES + size_bytes:
            raise OSError(errno.ENOSPC, "the last of the disk is the index's")


def _sync_file(path: Path) -> None:
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_all(folder: Path) -> None:
    """Whatever is not yet on the disk of `folder`, of anybody (syncfs(2)): one wait instead of one for each file."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        if _libc().syncfs(handle):
            raise OSError(ctypes.get_errno(), "syncfs")
    finally:
        os.close(handle)


def _begin_writeback(handle: int) -> None:
    """Have the system begin to write a file out (sync_file_range(2)); elsewhere all of that is left to its sync."""
    if sys.platform == "linux":
        _libc().sync_file_range(handle, ctypes.c_int64(0), ctypes.c_int64(0), _SYNC_FILE_RANGE_WRITE)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@contextmanager
def disk_errors() -> Iterator[None]:
    """Turn what the operating system says into Refused(DISK_FULL) or Refused(IO_ERROR)."""
    try:
        yield
    except OSError as error:
        reason = Reason.DISK_FULL if error.errno in _FULL else Reason.IO_ERROR
        raise Refused(reason, detail=errno.errorcode.get(error.errno or 0, type(error).__name__)) from error


def _object(home: Home, digest: str, folder: Path, folded: bool) -> bytes:
    """An object by its digest: sealed, or plain where an earlier program wrote it."""
    _checked(digest)
    with _read_errors(digest):
        if vault.is_locked(home):
            name = vault.name_on_disk(home, digest)
            with suppress(FileNotFoundError):
                return _unsealed(home, folder / name[:2] / name if folded else folder / name, name)
        data = _plain(_plain_place(folder, digest, folded))
        if hashlib.sha256(data).hexdigest() != digest:
            raise Refused(Reason.DAMAGED, detail=digest)
        return data


def _unsealed(home: Home, path: Path, name: str) -> bytes:
    """What the sealed object at `path` holds. Raises OSError, seal.Broken, KeyFault."""
    with path.open("rb", buffering=0) as file:
        return seal.opened(vault.part(home, "objects"), Kind.OBJECT, name, file, os.fstat(file.fileno()).st_size)


def _plain(path: Path) -> bytes:
    """What an earlier program's file holds, not verified. Raises OSError, seal.Broken."""
    with path.open("rb", buffering=0) as file:
        if file.read(1) != bytes((PLAIN,)):
            raise seal.Broken
        return file.readall()


@contextmanager
def _read_errors(what: str) -> Iterator[None]:
    """What reading a file of the cache may raise, as a refusal."""
    try:
        yield
    except FileNotFoundError as error:
        raise Refused(Reason.DAMAGED, detail=f"{what} is gone") from error
    except OSError as error:
        raise Refused(Reason.IO_ERROR, detail=f"{what}: {error.errno}") from error
    except seal.Broken as broken:
        raise Refused(Reason.DAMAGED, detail=what) from broken


def _write_whole(path: Path, data: bytes, synced: bool) -> None:
    """Under its name whole, or as it was before."""
    beside = path.with_name(f"{secrets.token_hex(8)}.new")
    try:
        with disk_errors():
            with os.fdopen(os.open(beside, _NEW, 0o600), "wb", buffering=0) as file:
                _write_all(file, data)
                if synced:
                    os.fsync(file.fileno())
            beside.replace(path)
            if synced:
                sync_folder(path.parent)
    except BaseException:
        with suppress(OSError):
            beside.unlink()
        raise


def _write_all(file: RawIOBase, data: bytes) -> None:
    """A raw file may take less than it is given when the disk is nearly full; the next write says why."""
    view = memoryview(data)
    while view:
        view = view[file.write(view) or 0 :]


def _told(home: Home, path: Path) -> str:
    return path.relative_to(home.root).as_posix()


def _plain_place(folder: Path, digest: str, folded: bool) -> Path:
    return folder / _checked(digest)[:2] / digest if folded else folder / _checked(digest)


def _checked(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise NotFound("there is no such object in the cache")
    return digest
