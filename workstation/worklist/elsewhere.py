"""What archives have of a patient beside what is here: whether they were asked, and which earlier studies they know."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from workstation.cache.entries import StudyRow
from workstation.worklist.found import FoundStudy
from workstation.worklist.items import Identity, Item, identity_of

ASK: Final = "ask"
"""In place of a number that nobody knows: no earlier study is here, and no archive was asked for one."""


@dataclass(frozen=True)
class Elsewhere:
    """`archives` says that there is somebody to ask, `known` what all of them said of a patient."""

    archives: bool = False
    known: Mapping[Identity, tuple[FoundStudy, ...]] = field(default_factory=dict)

    def told(self, identity: Identity, studies: Iterable[FoundStudy]) -> "Elsewhere":
        """All archives were asked for all studies of this patient, and found these."""
        of_patient = tuple(each for each in studies if _is_of(each, identity))
        return replace(self, known={**self.known, identity: of_patient})

    def earlier(self, row: StudyRow, here: Collection[str]) -> tuple[FoundStudy, ...] | None:
        """Studies made before this one of which nothing is `here`, newest first; None where nobody was asked."""
        identity = identity_of(row)
        known = self.known.get(identity) if identity is not None else None
        if known is None:
            return None
        made = row.study_date, row.study_time
        found = (each for each in known if (each.study_date, each.study_time) < made and each.uid not in here)
        return tuple(sorted(found, key=lambda each: (each.study_date, each.study_time), reverse=True))

    def count(self, item: Item, here: Collection[str]) -> str:
        """As "2", "2 +1" with one more in the archives, "0" where they have none either, or `ASK`."""
        more = self.earlier(item.row, here)
        if more is None:
            unknown = ASK if self.archives and identity_of(item.row) is not None else ""
            return str(len(item.priors) or unknown)
        return f"{len(item.priors)} +{len(more)}" if more else str(len(item.priors))


def _is_of(study: FoundStudy, identity: Identity) -> bool:
    """An archive that names no issuer speaks of its own patients; one that names another means somebody else."""
    number, issuer, born = identity
    same = (study.patient_id, study.birth_date) == (number, born)
    return same and (not issuer or not study.issuer or study.issuer == issuer)
