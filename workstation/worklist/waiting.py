"""How long something waits, in as few letters as a column has."""

from datetime import timedelta
from typing import Final

_DAY: Final = 24 * 60
_UNITS: Final = (
    (730 * _DAY, 365.25 * _DAY, "y"),
    (61 * _DAY, 30.44 * _DAY, "mo"),
    (2 * _DAY, _DAY, "d"),
    (60, 60, "h"),
)
"""From how many minutes on a unit is used, its own minutes, and its sign."""


def in_words(waiting: timedelta | None, to_the_day: bool = False) -> str:
    """ "12 min", "3 h", "2 d", "5 mo", "4 y": whole units; hours up to two days, months up to two years.

    Where only the day is known, nothing finer is said. An empty text when nothing is known.
    """
    if waiting is None:
        return ""
    minutes = waiting.total_seconds() / 60
    if to_the_day and minutes < 2 * _DAY:
        return f"{int(minutes // _DAY)} d" if minutes >= _DAY else "today"
    for least, size, sign in _UNITS:
        if minutes >= least:
            return f"{int(minutes // size)} {sign}"
    return f"{int(minutes)} min"
