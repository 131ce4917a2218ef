"""Bytes that only the holder of a key reads, and that nobody changes, shortens or exchanges unseen.

    byte 0        2, the format (1 is a plain file of an earlier program)
    byte 1        what it is (`Kind`)
    bytes 2-17    salt; the key of this one file is HMAC-SHA256(key, salt)
    then          pieces of 1 MiB, each followed by the 16 bytes of its AES-256-GCM tag

The nonce of a piece is its number (11 bytes) and whether it is the last (1 byte): a file that was cut at the end of a
piece, or whose pieces changed places, does not open. The first 18 bytes and the name it is kept under are authenticated
with each piece, so that one file is not taken for another. Keys are never used twice: each file has its own.
"""

import hashlib
import hmac
import io
import secrets
import threading
from collections.abc import Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT: Final = 2
PIECE_BYTES: Final = 1 << 20
_SALT_BYTES: Final = 16
_TAG_BYTES: Final = 16
HEAD_BYTES: Final = 2 + _SALT_BYTES


class Kind(IntEnum):
    """What a sealed file is; one is not opened as another."""

    OBJECT = 1
    THUMBNAIL = 2
    DOCUMENT = 3


class Broken(Exception):
    """It is not what was sealed: changed, cut, of another kind or name, or sealed with another key."""


class Source(Protocol):
    """Where sealed bytes are read from."""

    def read(self, size: int, /) -> bytes | None: ...

    def readinto(self, buffer: memoryview, /) -> int | None: ...


class _Buffers(threading.local):
    """What each thread reads and opens pieces in: fresh memory for each costs several times what the cipher does."""

    def __init__(self) -> None:
        self.sealed = memoryview(bytearray(PIECE_BYTES + _TAG_BYTES))
        self.plain = memoryview(bytearray(PIECE_BYTES))


_buffers = _Buffers()


def sealed(key: bytes, kind: Kind, name: str, data: bytes | memoryview) -> Iterator[bytes]:
    """The parts of the sealed form of `data`, one after the other."""
    head = bytes((FORMAT, kind)) + secrets.token_bytes(_SALT_BYTES)
    cipher, told, plain = _cipher(key, head), head + name.encode(), memoryview(data)
    last = max(0, (len(plain) - 1) // PIECE_BYTES)
    yield head
    for number in range(last + 1):
        piece = plain[number * PIECE_BYTES : (number + 1) * PIECE_BYTES]
        yield cipher.encrypt(_nonce(number, number == last), piece, told)


def opened(key: bytes, kind: Kind, name: str, source: Source, length: int) -> bytes:
    """What was sealed in the `length` bytes that `source` gives. Raises Broken."""
    from cryptography.exceptions import InvalidTag

    head = source.read(HEAD_BYTES) or b""
    left = length - HEAD_BYTES
    if head[:2] != bytes((FORMAT, kind)) or left < _TAG_BYTES:
        raise Broken
    cipher, told = _cipher(key, head), head + name.encode()
    last = (left - 1) // (PIECE_BYTES + _TAG_BYTES)
    plain = io.BytesIO()
    try:
        for number in range(last + 1):
            piece = _buffers.sealed[: min(left, PIECE_BYTES + _TAG_BYTES)]
            if source.readinto(piece) != len(piece):
                raise Broken
            if not last:
                return cipher.decrypt(_nonce(0, True), piece, told)
            into = _buffers.plain[: len(piece) - _TAG_BYTES]
            cipher.decrypt_into(_nonce(number, number == last), piece, told, into)
            plain.write(into)
            left -= len(piece)
    except (InvalidTag, ValueError) as error:
        raise Broken from error
    return plain.getvalue()


def _cipher(key: bytes, head: bytes) -> "AESGCM":
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(hmac.digest(key, head[2:], hashlib.sha256))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes((last,))
