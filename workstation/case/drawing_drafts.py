"""Findings, segments and key images nobody has signed yet, kept in the home: sealed, synced, with no name of a patient.

One document a study; one that cannot be read is laid aside under another name and never written over.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType

from workstation.cache import files, vault
from workstation.errors import HounsfieldError, NotFound
from workstation.findings.saved import Draft, Kept, Looks, as_text, read_text
from workstation.paths import Home

log = logging.getLogger(__name__)


def keep(
    home: Home,
    study_instance_uid: str,
    drafts: Iterable[Draft],
    known: Iterable[str] = (),
    looks: Looks = MappingProxyType({}),
) -> None:
    """Keep a study's drafts in place of those before; none, where nothing was `known`, removes the document.

    `known` are tracking UIDs of what the study's documents say: what of that is missing was removed. `looks` are of
    segments that stand in documents. For any thread.

    Raises what `cache.files.seal_document` raises; then the drafts before it are still there.
    """
    found = tuple(drafts)
    vault.key_for_writing(home)
    path = _place(home, study_instance_uid)
    said = tuple(known)
    if found or said or looks:
        files.seal_document(home, path, as_text(study_instance_uid, found, said, looks).encode())
    elif path.exists():
        files.drop_document(path)


def kept(home: Home, study_instance_uid: str) -> tuple[Draft, ...]:
    """The drafts of a study, findings first, in the order they were made. For any thread."""
    found = kept_with_known(home, study_instance_uid)
    return found.drafts if found is not None else ()


def kept_with_known(home: Home, study_instance_uid: str) -> Kept | None:
    """The drafts of a study and what its documents said by then; None when nothing is kept. For any thread."""
    if not _folder(home).is_dir():
        return None
    path = _place(home, study_instance_uid)
    try:
        return read_text(study_instance_uid, files.unseal_document(home, path).decode())
    except NotFound:
        return None
    except (HounsfieldError, ValueError) as error:
        log.warning("drafts of a study cannot be read and are laid aside: %s", type(error).__name__)
        if path.exists():
            path.rename(path.with_name(f"{path.name}.aside-{secrets.token_hex(4)}"))
        return None


def _folder(home: Home) -> Path:
    return home.root / "drafts"


def _place(home: Home, study_instance_uid: str) -> Path:
    """Named as objects are: nobody without the key can tell which study it is. Raises KeyFault."""
    return _folder(home) / vault.name_on_disk(home, hashlib.sha256(study_instance_uid.encode()).hexdigest())
