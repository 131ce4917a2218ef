"""A disk that forgets: the system calls of a program, recorded by strace and replayed up to any point.

A kill never loses the page cache, a power cut does. So the calls that change files are replayed on a model where
data lasts only from its file's fsync on, and a name only from its folder's; what was not synced may be there or not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path, PurePosixPath
from random import Random

CALLS = (
    "openat,write,pwrite64,writev,pwritev,ftruncate,fsync,fdatasync,syncfs,rename,renameat,renameat2,unlink,unlinkat,mkdir,"
    "mkdirat,close"
)
_LINE = re.compile(r"^\d+ +(\w+)\((.*)\) += (-?\d+)")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')


class Lost(Enum):
    """What a power cut takes of that which was not synced."""

    NOTHING = "the page cache survived: a kill"
    DATA_AND_NAMES = "everything that was not synced"
    DATA = "data, while names stay"
    NAMES = "names, while data stays"
    SOME_DATA = "some writes and not others"


@dataclass
class _File:
    synced: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)
    """(offset, data) of writes, (length, None) of truncations, since the last fsync"""

    def content(self, lost: Lost, random: Random) -> bytes:
        kept = self.pending if lost in (Lost.NOTHING, Lost.NAMES) else []
        if lost is Lost.SOME_DATA:
            kept = [each for each in self.pending if random.random() < 0.5]
        return _applied(self.synced, kept)

    def sync(self) -> None:
        self.synced, self.pending = _applied(self.synced, self.pending), []


def _applied(content: bytes, changes: list[tuple[int, bytes | None]]) -> bytes:
    result = bytearray(content)
    for offset, data in changes:
        if len(result) < offset:
            result.extend(bytes(offset - len(result)))
        if data is None:
            del result[offset:]
        else:
            result[offset : offset + len(data)] = data
    return bytes(result)


@dataclass(frozen=True)
class Call:
    """One call that succeeded: its name, its texts (paths or data) and numbers as they stand, and its result."""

    name: str
    texts: tuple[bytes, ...]
    raw: str
    result: int

    @property
    def descriptor(self) -> int:
        match = re.match(r"(\d+)", self.raw)
        return int(match[1]) if match else -1

    @property
    def last_number(self) -> int:
        return int(self.raw.rpartition(", ")[2])


def recorded(trace: Path) -> list[Call]:
    """The calls in a file that `strace -f -xx -s LARGE -o` wrote."""
    calls = []
    for line in trace.read_text().splitlines():
        assert "unfinished" not in line, "one thread at a time can be replayed"
        match = _LINE.match(line)
        if match is None or int(match[3]) < 0:
            continue
        texts = tuple(bytes.fromhex(text.replace("\\x", "")) for text in _TEXT.findall(match[2]))
        calls.append(Call(match[1], texts, match[2], int(match[3])))
    return calls


class Disk:
    """The files under `root` as a sequence of calls leaves them."""

    def __init__(self, root: Path) -> None:
        self._root = PurePosixPath(root)
        self._names: dict[PurePosixPath, _File | None] = {}
        self._synced: dict[PurePosixPath, _File | None] = {}
        """None is a folder."""
        self._open: dict[int, tuple[PurePosixPath, _File | None, int]] = {}

    def apply(self, call: Call) -> bool:
        """Follow one call; whether anything under the root may have changed."""
        before = len(self._open)
        handler = getattr(self, f"_{call.name}", None)
        if handler is None:
            return False
        return bool(handler(call)) or len(self._open) != before

    def after_power_cut(self, lost: Lost, seed: int) -> dict[str, bytes | None]:
        """Path under the root -> content (None for a folder)."""
        random = Random(seed)
        names = self._synced if lost in (Lost.DATA_AND_NAMES, Lost.NAMES) else self._names
        whole = {path for path in names if all(up in names for up in self._folders_above(path))}
        return {
            str(path.relative_to(self._root)): file.content(lost, random) if (file := names[path]) else None
            for path in sorted(whole)
            if not path.name.endswith("-shm")  # SQLite makes it anew
        }

    def _folders_above(self, path: PurePosixPath) -> Iterator[PurePosixPath]:
        for up in path.parents:
            if up == self._root:
                return
            yield up

    def _inside(self, text: bytes) -> PurePosixPath | None:
        path = PurePosixPath(text.decode())
        return path if self._root in path.parents else None

    def _openat(self, call: Call) -> bool:
        path = PurePosixPath(call.texts[0].decode())
        if path != self._root and self._root not in path.parents:
            self._open.pop(call.result, None)
            return False
        if path not in self._names and "O_CREAT" in call.raw:
            self._names[path] = _File()
        file = self._names.get(path)
        if file and "O_TRUNC" in call.raw:
            file.pending.append((0, None))
        self._open[call.result] = (path, file, 0)
        return True

    def _close(self, call: Call) -> bool:
        return self._open.pop(call.descriptor, None) is not None

    def _write(self, call: Call) -> bool:
        path, file, offset = self._open.get(call.descriptor, (None, None, 0))
        if path is None or file is None:
            return False
        file.pending.append((offset, call.texts[0][: call.result]))
        self._open[call.descriptor] = (path, file, offset + call.result)
        return True

    def _pwrite64(self, call: Call) -> bool:
        _, file, _ = self._open.get(call.descriptor, (None, None, 0))
        if file is not None:
            file.pending.append((call.last_number, call.texts[0][: call.result]))
        return file is not None

    def _ftruncate(self, call: Call) -> bool:
        _, file, _ = self._open.get(call.descriptor, (None, None, 0))
        if file is not None:
            file.pending.append((call.last_number, None))
        return file is not None

    def _fsync(self, call: Call) -> bool:
        path, file, _ = self._open.get(call.descriptor, (None, None, 0))
        if path is None:
            return False
        if file is not None:
            file.sync()
            return True
        for each in [each for each in self._synced if each.parent == path and each not in self._names]:
            del self._synced[each]
        self._synced |= {each: content for each, content in self._names.items() if each.parent == path}
        return True

    _fdatasync = _fsync

    def _syncfs(self, call: Call) -> bool:
        if call.descriptor not in self._open:
            return False
        for file in self._names.values():
            if file is not None:
                file.sync()
        self._synced = dict(self._names)
        return True

    def _rename(self, call: Call) -> bool:
        source, target = (self._inside(text) for text in call.texts)
        if source is None or target is None:
            return False
        self._names[target] = self._names.pop(source)
        return True

    _renameat = _renameat2 = _rename

    def _unlink(self, call: Call) -> bool:
        path = self._inside(call.texts[0])
        return path is not None and self._names.pop(path, None) is not None

    _unlinkat = _unlink

    def _mkdir(self, call: Call) -> bool:
        path = self._inside(call.texts[0])
        if path is not None:
            self._names[path] = None
        return path is not None

    _mkdirat = _mkdir

    def _writev(self, call: Call) -> bool:
        raise AssertionError("writev is not modelled")

    _pwritev = _writev
