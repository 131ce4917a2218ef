"""multipart/related as DICOMweb has it (RFC 2046 5.1, RFC 2387, PS3.18 8.6.1): read as it comes, and written.

What a stranger sends is read under limits; each part that came whole is given out before the next is looked at, so that
a stream that ends early loses nothing but its last part.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Final

_LONGEST_BOUNDARY: Final = 200
"""RFC 2046 allows 70; some servers send more."""

_MOST_BLANKS: Final = 256
"""White space behind a delimiter; there is hardly ever any."""


class Spoiled(Exception):
    """What came is no multipart content, or more than the limits allow."""


class CutShort(Spoiled):
    """The stream ended before its last delimiter."""


@dataclass(frozen=True)
class Limits:
    """What one stream may hold; bytes before the first part, of headers, of one part, and how many parts."""

    preamble_bytes: int = 1 << 16
    header_bytes: int = 1 << 14
    part_bytes: int = 1 << 30
    parts: int = 200_000


LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Part:
    """One part: header fields by lower-case name, and its bytes as they came."""

    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return media_type(self.headers.get("content-type", ""))


def media_type(content_type: str) -> str:
    """`type/subtype` in lower case."""
    return content_type.split(";")[0].strip().lower()


def parameter(content_type: str, name: str) -> str:
    """A parameter of a Content-Type; empty when there is none."""
    message = Message()
    message["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")
    value = message.get_param(name, "")
    return value if isinstance(value, str) else ""


def boundary_of(content_type: str) -> str:
    """Raises Spoiled when it is no multipart content type with a boundary that can be used."""
    boundary = parameter(content_type, "boundary")
    usable = 0 < len(boundary) <= _LONGEST_BOUNDARY and boundary.isascii() and boundary.isprintable()
    if not media_type(content_type).startswith("multipart/") or not usable:
        raise Spoiled("no boundary")
    return boundary


def parts(chunks: Iterable[bytes], boundary: str, limits: Limits = LIMITS) -> Iterator[Part]:
    """Each part as soon as it is whole. Raises Spoiled, CutShort when the stream ends too early."""
    return _Reader(chunks, boundary, limits).run()


class _Reader:
    def __init__(self, chunks: Iterable[bytes], boundary: str, limits: Limits) -> None:
        self._chunks = iter(chunks)
        self._mark = b"\r\n--" + boundary.encode("ascii")
        self._limits = limits
        self._buffer = bytearray(b"\r\n")  # the first delimiter may stand at the very beginning

    def run(self) -> Iterator[Part]:
        at, end, last = self._delimiter(self._limits.preamble_bytes)
        count = 0
        while not last:
            del self._buffer[:end]
            headers = self._headers()
            at, end, last = self._delimiter(self._limits.part_bytes)
            count += 1
            if count > self._limits.parts:
                raise Spoiled("more parts than the limit")
            with memoryview(self._buffer) as view:
                body = bytes(view[:at])
            yield Part(headers, body)

    def _delimiter(self, most_bytes: int) -> tuple[int, int, bool]:
        """Where the next delimiter begins and ends, and whether it is the last one."""
        start = 0
        while True:
            at = self._buffer.find(self._mark, start)
            if at > most_bytes or (at < 0 and len(self._buffer) > most_bytes + len(self._mark)):
                raise Spoiled("a part longer than the limit")
            if at < 0:
                start = max(0, len(self._buffer) - len(self._mark) + 1)
                self._fill()
                continue
            end, last = self._behind(at + len(self._mark))
            if end:
                return at, end, last
            start = at + 1

    def _behind(self, at: int) -> tuple[int, bool]:
        """End of a delimiter, whose mark ends at `at`; 0 when other text follows: then it is none."""
        while True:
            found = bytes(self._buffer[at : at + _MOST_BLANKS])
            if found.startswith(b"--"):
                return at + 2, True
            blank = found.lstrip(b" \t")
            if blank.startswith(b"\r\n"):
                return at + len(found) - len(blank) + 2, False
            if (blank and blank not in (b"\r", b"-")) or len(found) == _MOST_BLANKS:
                return 0, False
            self._fill()

    def _headers(self) -> dict[str, str]:
        """Header fields up to the empty line, which there may be nothing before."""
        while True:
            if self._buffer.startswith(b"\r\n"):
                del self._buffer[:2]
                return {}
            at = self._buffer.find(b"\r\n\r\n", 0, self._limits.header_bytes)
            if at >= 0:
                break
            if len(self._buffer) >= self._limits.header_bytes:
                raise Spoiled("headers longer than the limit")
            self._fill()
        lines = self._buffer[:at].decode("latin-1").split("\r\n")
        del self._buffer[: at + 4]
        return dict(_field(line) for line in lines)

    def _fill(self) -> None:
        for chunk in self._chunks:
            self._buffer += chunk
            return
        raise CutShort("the stream ends before its last delimiter")


def _field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise Spoiled("a header line without a name")
    return name.strip().lower(), value.strip()


def related(objects: Sequence[bytes], content_type: str) -> tuple[str, list[bytes]]:
    """Content-Type and body, in pieces, of objects as multipart/related."""
    boundary = f"hounsfield-{secrets.token_hex(16)}"
    head = f"--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode("ascii")
    pieces: list[bytes] = []
    for each in objects:
        pieces += (head, each, b"\r\n")
    pieces.append(f"--{boundary}--\r\n".encode("ascii"))
    return f'multipart/related; type="{content_type}"; boundary={boundary}', pieces
