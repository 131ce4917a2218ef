"""Small pictures that were made once: kept under a name that says of which bytes they are, and thrown away freely.

A picture is no record: one that is damaged, or was made by another version of the program, is not there.
"""

import hashlib
from collections.abc import Iterable
from typing import Final

from workstation.cache import files
from workstation.errors import Refused
from workstation.paths import Home

VERSION: Final = 1
"""Of how they are made; another number makes all of them anew."""

MOST: Final = 20_000
"""Pictures that are kept, some kilobytes each; beyond them the oldest go."""


def name_of(key: str, digests: Iterable[str], size_px: int) -> str:
    """Under which name the picture of display set `key` is kept, `size_px` device pixels wide.

    `digests` are those of the objects it is made of: a set that has grown has another picture.
    """
    told = "\n".join([f"{VERSION} {size_px}", key, *sorted(digests)])
    return hashlib.sha256(told.encode("utf-8", "backslashreplace")).hexdigest()


def read(home: Home, name: str) -> bytes | None:
    """The encoded picture; None when there is none that is whole."""
    try:
        return files.read_thumbnail(home, name)
    except Refused:
        return None


def keep(home: Home, name: str, encoded: bytes) -> None:
    """Keep a picture for the next time. A disk that does not take it costs only that."""
    try:
        files.write_thumbnail(home, name, encoded)
    except Refused:
        return


def tidy(home: Home) -> None:
    """Throw the oldest away when there are more than `MOST`."""
    files.limit_thumbnails(home, MOST)
