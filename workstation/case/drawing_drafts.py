"""Findings and segments that nobody has signed yet, kept in the home: sealed, synced, without a patient's name.

One document a study; one that cannot be read is laid aside under another name and never written over.
"""

import hashlib
import logging
import secrets
from collections.abc import Iterable
from pathlib import Path

from workstation.cache import files, vault
from workstation.errors import HounsfieldError, NotFound
from workstation.findings.saved import Draft, as_text, from_text
from workstation.paths import Home

log = logging.getLogger(__name__)


def keep(home: Home, study_instance_uid: str, drafts: Iterable[Draft]) -> None:
    """Keep a study's drafts in place of those before; none removes the document. For any thread.

    Raises what `cache.files.seal_document` raises; then the drafts before it are still there.
    """
    found = tuple(drafts)
    vault.key_for_writing(home)
    path = _place(home, study_instance_uid)
    if found:
        files.seal_document(home, path, as_text(study_instance_uid, found).encode())
    elif path.exists():
        files.drop_document(path)


def kept(home: Home, study_instance_uid: str) -> tuple[Draft, ...]:
    """The drafts of a study, findings first, in the order they were made. For any thread."""
    if not _folder(home).is_dir():
        return ()
    path = _place(home, study_instance_uid)
    try:
        return from_text(study_instance_uid, files.unseal_document(home, path).decode())
    except NotFound:
        return ()
    except (HounsfieldError, ValueError) as error:
        log.warning("drafts of a study cannot be read and are laid aside: %s", type(error).__name__)
        if path.exists():
            path.rename(path.with_name(f"{path.name}.aside-{secrets.token_hex(4)}"))
        return ()


def _folder(home: Home) -> Path:
    return home.root / "drafts"


def _place(home: Home, study_instance_uid: str) -> Path:
    """Named as objects are: nobody without the key can tell which study it is. Raises KeyFault."""
    return _folder(home) / vault.name_on_disk(home, hashlib.sha256(study_instance_uid.encode()).hexdigest())
