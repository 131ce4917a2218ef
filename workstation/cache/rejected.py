"""Registrations that the reader rejected: their objects stay in the study and in the archive, and are not applied.

rejected/<name>    one sealed document each; the name is made of the registration's UID with the key
"""

from collections.abc import Iterable
from pathlib import Path

from workstation.cache import files, vault
from workstation.paths import Home


def keep(home: Home, rejected: Iterable[str], taken_back: Iterable[str] = ()) -> None:
    """Keep which are rejected from now on, and which no longer. Raises what `files.seal_document` raises."""
    for uid in rejected:
        files.seal_document(home, _place(home, uid), b"rejected")
    for uid in taken_back:
        files.drop_document(_place(home, uid))


def among(home: Home, uids: Iterable[str]) -> frozenset[str]:
    """Those of some registrations that are rejected. Raises KeyFault."""
    return frozenset(uid for uid in uids if _place(home, uid).exists())


def _place(home: Home, uid: str) -> Path:
    return home.rejected / vault.name_on_disk(home, uid)
