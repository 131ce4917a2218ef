"""Small DICOM objects for the tests of this room: made pixels in any encoding, files opened without a cache."""

import hashlib
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.dicom.test_header import UIDS, part10
from workstation.cache import files
from workstation.dicom import header
from workstation.dicom.entities import Instance
from workstation.loading import decode
from workstation.loading.source import open_source
from workstation.paths import Home

EXPLICIT = "1.2.840.10008.1.2.1"


def fragments(*pieces: bytes, table: bytes = b"") -> bytes:
    """An encapsulated value: offset table, pieces, delimiter (PS3.5 A.4)."""
    items = b"".join(b"\xfe\xff\x00\xe0" + struct.pack("<I", len(each)) + each for each in (table, *pieces))
    return items + b"\xfe\xff\xdd\xe0" + bytes(4)


def encapsulated(head: bytes, *pieces: bytes, table: bytes = b"") -> bytes:
    """A file whose header is `head`, with fragments for its pixels."""
    return head + b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + fragments(*pieces, table=table)


def made(syntax: str, *pieces: bytes, table: bytes = b"", **attributes: Any) -> bytes:
    """A compressed object with these attributes of its pixels."""
    head = part10(**{**UIDS, "SOPInstanceUID": "1.2.3.4", **attributes}, syntax=EXPLICIT)
    return encapsulated(declaring(head, syntax), *pieces, table=table)


def declaring(file: bytes, syntax: str) -> bytes:
    """An explicit file that says it has another transfer syntax, whether its writer knows that one or not."""
    before, name, behind = file.partition(b"\x02\x00\x10\x00UI")
    uid = syntax.encode() + b"\0" * (len(syntax) % 2)
    (length,) = struct.unpack_from("<H", behind)
    return before + name + struct.pack("<H", len(uid)) + uid + behind[2 + length :]


def opened(data: bytes, frame: int = 0) -> NDArray[Any]:
    """One frame of a file as it is loaded, without worker or cache."""
    instance = header.read_instance(data)
    assert instance.pixels is not None
    decode.check(instance)
    source = open_source(data, instance)
    return decode.image(source.frame(instance.pixels, frame), source.head, instance, frame)


def stored(home: Home, datas: Iterable[bytes]) -> tuple[list[Instance], dict[str, str]]:
    """Files put into a cache as they are; their instances and digests."""
    instances, digests = [], {}
    for data in datas:
        instance = header.read_instance(data)
        digest = hashlib.sha256(data).hexdigest()
        files.place(home, [(files.write_incoming(home, data, digest), digest)])
        instances.append(instance)
        digests[instance.SOPInstanceUID] = digest
    return instances, digests


def new_home(folder: Path) -> Home:
    return Home(folder / "home").create()


def ramp(rows: int = 24, columns: int = 40, dtype: str = "u2", top: int = 4095) -> NDArray[Any]:
    """Values that differ everywhere, rows and columns unequal."""
    values = np.arange(rows * columns, dtype=np.int64) * 7 % (top + 1)
    return values.reshape(rows, columns).astype(dtype)
