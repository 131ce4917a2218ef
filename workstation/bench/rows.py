"""One line of the table: what was measured, beside whom, and what speed.md asks for."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

TIMES: Final = ("ms", "s", "1/s")
"""Units of what a slower machine does slower."""


@dataclass(frozen=True)
class Row:
    """`value` and `peer_value` are medians over `runs`, in `unit`; `skipped` is the reason why there is no value.

    `limit` is a bound on the value, an upper one unless `more_is_better`. `pace` is how many times as long a fixed work
    took on this machine, meanwhile, as on the one the limit was read on; None until it was measured.
    """

    work: str
    unit: str = ""
    peer: str = ""
    limit: float | None = None
    runs: tuple[float, ...] = ()
    peer_runs: tuple[float, ...] = ()
    more_is_better: bool = False
    skipped: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    pace: float | None = None

    @property
    def value(self) -> float | None:
        return _median(self.runs)

    @property
    def peer_value(self) -> float | None:
        return _median(self.peer_runs)

    @property
    def ratio(self) -> float | None:
        """Ours over the peer's, in the same run."""
        if self.value is None or not self.peer_value:
            return None
        return round(self.value / self.peer_value, 3)

    @property
    def holds(self) -> bool | None:
        """Whether the limit is kept; None where there is no limit or no value."""
        if self.value is None or self.limit is None:
            return None
        return self._kept(self.value)

    @property
    def at_pace(self) -> float | None:
        """The value as it would be on the machine the limit was read on, where this one is slower.

        What is painted of so many notches a second stays as it is: no machine paints more than it is asked for.
        """
        asked_for = self.unit == "1/s" and self.peer_value is not None
        if self.value is None or self.unit not in TIMES or (self.pace or 1) <= 1 or asked_for:
            return self.value
        assert self.pace is not None  # noqa: S101  asked before
        return round(self.value * self.pace if self.unit == "1/s" else self.value / self.pace, 4)

    @property
    def holds_at_pace(self) -> bool | None:
        """The same of that value."""
        return None if self.at_pace is None or self.limit is None else self._kept(self.at_pace)

    def _kept(self, value: float) -> bool:
        assert self.limit is not None  # noqa: S101  asked before
        return value >= self.limit if self.more_is_better else value <= self.limit

    def document(self) -> dict[str, Any]:
        """The row as JSON values."""
        shown: dict[str, Any] = {"work": self.work, "value": self.value, "unit": self.unit}
        shown |= {"peer": self.peer, "peer_value": self.peer_value, "ratio": self.ratio, "limit": self.limit}
        shown |= {"pace": self.pace, "at_pace": self.at_pace, "holds_at_pace": self.holds_at_pace}
        shown |= {"holds": self.holds, "runs": list(self.runs), "peer_runs": list(self.peer_runs)}
        if self.details:
            shown["details"] = self.details
        if self.skipped:
            shown["skipped"] = self.skipped
        return shown

    def line(self) -> str:
        """The row as a line of text."""
        if self.skipped:
            return f"{self.work:34} skipped: {self.skipped}"
        limit = "" if self.limit is None else f"{'>=' if self.more_is_better else '<='} {self.limit:g}"
        verdict = {True: "holds", False: "BROKEN", None: ""}[self.holds]
        if self.holds is False and self.holds_at_pace:
            verdict = f"holds at {self.at_pace:.3g}, for this machine is {self.pace:.2f} times as slow"
        peer = "" if self.peer_value is None else f"{self.peer_value:10.3f} {self.peer}"
        return f"{self.work:34} {self.value:10.3f} {self.unit:8} {limit:10} {verdict:7} {peer}"


def _median(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 4) if values else None
