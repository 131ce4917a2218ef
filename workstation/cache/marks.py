"""What readers did with each study, kept beside the index too: a small sealed document for each.

    readings/<name>    status, claim, pin and parked page of one study; the name is made of its UID with the key

An index that is lost or spoiled takes nothing of it along: a rebuild gives it back. The index is asked; these are only
written, at each change, and read by a rebuild.
"""

import json
import logging
from dataclasses import asdict, dataclass

from workstation.cache import files, vault
from workstation.errors import HounsfieldError
from workstation.paths import Home
from workstation.security.keys import KeyFault

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mark:
    """All that is kept of what readers did with one study: what its files do not say."""

    study_uid: str
    status: str
    opened_at: str
    claimed_by: str
    parked: str
    pinned: int


def keep(home: Home, mark: Mark) -> None:
    """Keep a mark. A disk that does not take it costs only that: the index has it."""
    try:
        place = home.readings / vault.name_on_disk(home, mark.study_uid)
        files.seal_document(home, place, json.dumps(asdict(mark), separators=(",", ":")).encode())
    except HounsfieldError as error:
        log.warning("a mark is not kept beside the index: %s", error.detail or type(error).__name__)


def kept(home: Home) -> tuple[Mark, ...]:
    """Every mark that can be read. Raises KeyFault."""
    found = []
    for path in sorted(home.readings.glob("*")):
        if path.suffix:
            continue
        try:
            values = json.loads(files.unseal_document(home, path))
            found.append(Mark(**{**values, "pinned": int(values["pinned"])}))
        except KeyFault:
            raise
        except (HounsfieldError, ValueError, TypeError, KeyError):
            log.warning("a mark beside the index cannot be read")
    return tuple(found)
