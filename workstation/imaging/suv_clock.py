"""Dates and times of DICOM in all the forms they come in, as points on one clock (PS3.5 6.2: DA, TM, DT)."""

import re
from datetime import date, datetime, timedelta
from typing import Final

DAY_S: Final = 86400.0

_DATE: Final = re.compile(r"^(\d{4})[.\-/]?(\d{2})[.\-/]?(\d{2})$")
_TIME: Final = re.compile(r"^(\d{2})(?::?(\d{2}))?(?::?(\d{2}))?(?:[.,](\d{1,9}))?$")
_ZONE: Final = re.compile(r"^([+-])(\d{2}):?(\d{2})$")
_MOMENT: Final = re.compile(r"^(\d{8})(\d{2,6}(?:[.,]\d{1,9})?)([+-]\d{4})?$")


def day(text: str) -> date | None:
    """A DA, or its older form with dots; None where it is no day."""
    found = _DATE.match(text.strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def seconds(text: str) -> float | None:
    """A TM, or its older form with colons, as seconds of the day; None where it is no time."""
    found = _TIME.match(text.strip())
    if not found:
        return None
    hour, minute, second = (int(each or 0) for each in found.groups()[:3])
    if hour > 23 or minute > 59 or second > 60:  # 60 is a leap second
        return None
    return hour * 3600.0 + minute * 60.0 + second + float(f"0.{found.group(4) or 0}")


def zone_s(text: str) -> float | None:
    """TimezoneOffsetFromUTC (&ZZXX) in seconds; None where there is none."""
    found = _ZONE.match(text.strip())
    if not found:
        return None
    sign, hours, minutes = found.groups()
    return (1 if sign == "+" else -1) * (int(hours) * 3600.0 + int(minutes) * 60.0)


def moment(text: str, zone: str = "") -> datetime | None:
    """A DT with at least hour and minute, by the clock of `zone` (&ZZXX) where both say which clock theirs is."""
    found = _MOMENT.match(text.strip())
    if not found:
        return None
    there = at(found.group(1), found.group(2))
    own, wanted = zone_s(found.group(3) or ""), zone_s(zone)
    if there is None or own is None or wanted is None:
        return there
    return there + timedelta(seconds=wanted - own)


def at(date_text: str, time_text: str) -> datetime | None:
    """A DA and a TM together; None unless both are sound."""
    on, since = day(date_text), seconds(time_text)
    if on is None or since is None:
        return None
    return datetime(on.year, on.month, on.day) + timedelta(seconds=since)


def of_day(when: datetime) -> float:
    """Seconds since its midnight."""
    return (when - datetime(when.year, when.month, when.day)).total_seconds()


def apart(later: datetime, earlier: datetime) -> float:
    """Seconds between two points; by their times of day, the shorter way round, where their dates lie days apart.

    De-identification shifts dates, often not all by as much.
    """
    whole = (later - earlier).total_seconds()
    return whole if abs(whole) < DAY_S else wrapped(of_day(later) - of_day(earlier))


def wrapped(difference_s: float) -> float:
    """A difference of times of day, from -12 to 12 hours."""
    return (difference_s + DAY_S / 2) % DAY_S - DAY_S / 2
