"""Where a study came from: the node that what is made of it goes back to. Sealed, one document a study."""

import hashlib
import logging
from pathlib import Path

from workstation.cache import files, vault
from workstation.errors import HounsfieldError, NotFound
from workstation.network import nodes
from workstation.paths import Home

log = logging.getLogger(__name__)

FROM_NOWHERE = "this study came from no archive"


def note(home: Home, study_uid: str, node: str) -> None:
    """A study comes from a node, by its name or its AE title. A disk that does not take it keeps nobody from it."""
    try:
        vault.key_for_writing(home)
        path = _place(home, study_uid)
        if not path.exists() or files.unseal_document(home, path).decode() != node:
            files.seal_document(home, path, node.encode())
    except HounsfieldError as error:
        log.warning("where a study came from is not kept: %s", type(error).__name__)


def node_of(home: Home, study_uid: str) -> tuple[str, str]:
    """The name of the node that a study came from; else nothing, and why what is made of it stays here."""
    if not (home.root / "origins").is_dir():
        return "", FROM_NOWHERE
    try:
        word = files.unseal_document(home, _place(home, study_uid)).decode()
    except NotFound:
        return "", FROM_NOWHERE
    except HounsfieldError as error:
        return "", f"where this study came from cannot be read: {error.sentence}"
    known, _ = nodes.load(home)
    for name, each in known.items():
        if word in (name, each.aet):
            return name, ""
    return "", f"{word}, where this study came from, is not set up here"


def _place(home: Home, study_uid: str) -> Path:
    """Named as objects are: nobody without the key can tell which study it is. Raises KeyFault."""
    digest = hashlib.sha256(study_uid.encode()).hexdigest()
    return home.root / "origins" / vault.name_on_disk(home, digest)
