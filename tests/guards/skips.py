"""Everything that was skipped, with its reason, as the last block before pytest's closing line."""

from collections import Counter
from typing import Any


def skip_lines(reports: list[Any]) -> list[str]:
    """One line per reason, the most frequent first."""
    counted = Counter(_reason(report) for report in reports)
    return [f"{count:4d}  {reason}" for reason, count in counted.most_common()]


def _reason(report: Any) -> str:
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ")
