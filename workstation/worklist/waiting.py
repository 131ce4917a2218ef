"""How long something waits, in as few letters as a column has."""

from datetime import datetime, timedelta
from typing import Final

_DAY: Final = 24 * 60
_UNITS: Final = ((2 * _DAY, _DAY, "d"), (60, 60, "h"))
"""From how many minutes on a unit is used, its own minutes, and its sign."""

LONGEST: Final = timedelta(days=7)
"""Nobody waits for longer: what is older was made then, and its date says so."""


def in_words(waiting: timedelta | None, since: datetime | None = None, to_the_day: bool = False) -> str:
    """ "12 min", "3 h", "2 d": whole units, hours up to two days; from a week on the date of `since`.

    Where only the day is known, nothing finer is said. An empty text when nothing is known.
    """
    if waiting is None:
        return ""
    if since is not None and waiting >= LONGEST:
        return f"{since:%Y-%m-%d}"
    minutes = waiting.total_seconds() / 60
    if to_the_day and minutes < 2 * _DAY:
        return f"{int(minutes // _DAY)} d" if minutes >= _DAY else "today"
    for least, size, sign in _UNITS:
        if minutes >= least:
            return f"{int(minutes // size)} {sign}"
    return f"{int(minutes)} min"
