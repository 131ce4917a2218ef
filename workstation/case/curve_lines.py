"""The lines that were looked along in this session, by study: one that is opened again has the line it had."""

from typing import Final

from workstation.case.curve import Curve
from workstation.case.state import Case

MOST_STUDIES: Final = 12


class Lines:
    """Those of the last MOST_STUDIES studies that were open."""

    def __init__(self) -> None:
        self._of: dict[str, Curve] = {}

    def give_to(self, case: Case) -> None:
        """The case's line is that of its study from now on, and is remembered."""
        study = case.first.StudyInstanceUID if case.first is not None else ""
        known = self._of.pop(study, None)
        if known is not None and known is not case.curve:
            known.count_with(lambda: case.marks.steps)
            case.curve = known
        self._of[study] = case.curve
        while len(self._of) > MOST_STUDIES:
            del self._of[next(iter(self._of))]
