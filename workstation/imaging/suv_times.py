"""How long the tracer decayed before the time that values are corrected to, and who says so.

Where several attributes say the same they must agree: times that contradict each other give no number. Dates may be
shifted, times of day never are.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from workstation.imaging.suv_clock import DAY_S, apart, at, moment, of_day, seconds, wrapped
from workstation.imaging.suv_values import Inputs, NoSuv, Slice, Trace, tag

MOST_HALF_LIVES: Final = 5.0
"""Nobody scans later: three hundredths of the dose are left."""

NEEDS_DATE_S: Final = 6 * 3600.0
"""From this half-life on a scan may follow days later, and times of day alone say nothing."""

SAME_S: Final = 1.0
CLOSE_S: Final = 10.0
CLOSE_SHARE: Final = 0.05
"""Of a frame: by so much its reference time may be off, as some take the middle of it."""

LONGEST_SCAN_S: Final = 3 * 3600.0
EDITED: Final = "edited by the reader"
HEADER: Final = "the image's header"


@dataclass
class Decay:
    """Seconds from the injection to the time each image is corrected to; one where it is the same for all."""

    waited_s: tuple[float, ...]
    trace: list[Trace] = field(default_factory=list)


def to_start(inputs: Inputs, half_life_s: float) -> Decay:
    """For values corrected to the beginning of the scan (DecayCorrection START). Raises `NoSuv`."""
    begun, said = _scan_start(inputs, half_life_s)
    waited_s, injected = _since_injection(inputs, begun, half_life_s)
    return Decay((waited_s,), [injected, said, _told(waited_s)])


def to_frames(inputs: Inputs, half_life_s: float) -> Decay:
    """For values that were not corrected (DecayCorrection NONE): each counts where its count rate was average."""
    times = [_counted_at(inputs, each, half_life_s) for each in inputs.images]
    first = min(times)
    waited_s, injected = _since_injection(inputs, first, half_life_s)
    said = Trace("scan", _clock(first), tag("AcquisitionTime"), "of each image, at its average count rate")
    each = tuple(waited_s + (time - first).total_seconds() for time in times)
    return Decay(each, [injected, said, _told(waited_s)])


def average_after_s(duration_s: float, half_life_s: float) -> float:
    """How long after its beginning a frame has its average count rate (PS3.3 C.8.9.4.1.5)."""
    within = math.log(2) / half_life_s * duration_s
    return half_life_s / math.log(2) * math.log(within / -math.expm1(-within)) if within > 0 else 0.0


# ---------------------------------------------------------------- when the scan began


def acquired(inputs: Inputs, image: Slice) -> datetime | None:
    """When an image was acquired; its date is the series' where it has none."""
    found = at(image.date or inputs.SeriesDate, image.time)
    series = at(inputs.SeriesDate, inputs.SeriesTime)
    if found is not None and series is not None and not image.date and (series - found).total_seconds() > DAY_S / 2:
        found += timedelta(days=1)  # the scan went on after midnight
    return found


def _scan_start(inputs: Inputs, half_life_s: float) -> tuple[datetime, Trace]:
    if inputs.edits.scanned is not None:
        return _edited_scan(inputs)
    if (stated := moment(inputs.DecayCorrectionDateTime, inputs.TimezoneOffsetFromUTC)) is not None:
        return stated, _scan_trace(stated, "DecayCorrectionDateTime", HEADER)
    series = at(inputs.SeriesDate or inputs.images[0].date, inputs.SeriesTime)
    known = [when for each in inputs.images if (when := acquired(inputs, each)) is not None]
    ge = moment(inputs.ge_scan, inputs.TimezoneOffsetFromUTC)
    if not known:
        return _without_acquisition(series, ge)
    first = min(known)
    if series is None or apart(series, first) > SAME_S:
        return _second_source(inputs, series, ge, first, half_life_s)
    _agrees(inputs, series, ge, first, half_life_s)
    return series, _scan_trace(series, "SeriesTime", HEADER)


def _edited_scan(inputs: Inputs) -> tuple[datetime, Trace]:
    text = inputs.edits.scanned or ""
    when = moment(text) or at(inputs.SeriesDate or inputs.images[0].date or "20000101", text)
    if when is None:
        raise NoSuv("SeriesTime", f"{text!r} is no time")
    return when, _scan_trace(when, "SeriesTime", EDITED)


def _without_acquisition(series: datetime | None, ge: datetime | None) -> tuple[datetime, Trace]:
    if series is not None and ge is not None and abs(apart(series, ge)) <= SAME_S:
        return series, _scan_trace(series, "GEScanDateTime", "GE's own element, as SeriesTime; no AcquisitionTime")
    raise NoSuv("AcquisitionTime", "AcquisitionTime is missing: nothing shows that SeriesTime is that of the scan")


def _second_source(
    inputs: Inputs, series: datetime | None, ge: datetime | None, first: datetime, half_life_s: float
) -> tuple[datetime, Trace]:
    """When the scan began where SeriesTime is missing, or is that of later processing."""
    why = "SeriesTime is missing" if series is None else "SeriesTime is after the acquisition"
    if ge is not None:
        if apart(ge, first) > SAME_S:
            raise NoSuv("GEScanDateTime", f"{why}, and so is GE's own element ({_clock(ge)})")
        return first - timedelta(seconds=apart(first, ge)), _scan_trace(ge, "GEScanDateTime", f"GE's own; {why}")
    counted = _counted_back(inputs, half_life_s)
    if counted is not None and apart(counted, first) <= SAME_S:
        said = f"AcquisitionTime less FrameReferenceTime; {why}"
        return counted, _scan_trace(counted, "FrameReferenceTime", said)
    raise NoSuv(_what_lacks(inputs, series), f"{why}, and nothing else says when the scan began")


def _what_lacks(inputs: Inputs, series: datetime | None) -> str:
    if series is None:
        return "SeriesTime"
    if any(not each.frame_reference_ms for each in inputs.images):
        return "FrameReferenceTime"
    return "ActualFrameDuration" if any(not each.duration_ms for each in inputs.images) else "SeriesTime"


def _agrees(inputs: Inputs, series: datetime, ge: datetime | None, first: datetime, half_life_s: float) -> None:
    """Raise `NoSuv` where anything else says that the scan began at another time."""
    if ge is not None:
        if abs(apart(series, ge)) > CLOSE_S:
            raise _contradict(inputs, series, "GE's own element", ge)
        return
    if apart(first, series) > LONGEST_SCAN_S:
        raise _contradict(inputs, series, "AcquisitionTime", first)
    others = [
        when
        for at_average in (True, False)
        if (when := _counted_back(inputs, half_life_s, at_average=at_average)) is not None
    ]
    longest_s = max((each.duration_ms or 0.0) for each in inputs.images) / 1000.0
    allowed_s = max(CLOSE_S, CLOSE_SHARE * longest_s)
    if others and min(abs(apart(series, other)) for other in others) > allowed_s:
        raise _contradict(inputs, series, "AcquisitionTime less FrameReferenceTime", others[0])


def _contradict(inputs: Inputs, series: datetime, other: str, when: datetime) -> NoSuv:
    told = f"times contradict each other: SeriesTime {_clock(series)}, {other} {_clock(when)}"
    lacks = f"; {tag('GEScanDateTime')}, which would decide, is missing" if inputs.by_ge and not inputs.ge_scan else ""
    return NoSuv("SeriesTime", told + lacks)


def _counted_back(inputs: Inputs, half_life_s: float, at_average: bool | None = None) -> datetime | None:
    """The scan's beginning by AcquisitionTime and FrameReferenceTime, where the images agree about it.

    FrameReferenceTime counts to where a frame's count rate is average, for GE to its beginning (`at_average` asks for
    one of the two). None where an image does not say it.
    """
    if at_average is None:
        at_average = not inputs.by_ge
    found: list[datetime] = []
    for image in inputs.images:
        when, offset_ms = acquired(inputs, image), image.frame_reference_ms
        if when is None or offset_ms is None or offset_ms < 0 or not image.duration_ms or image.duration_ms <= 0:
            return None
        into_s = average_after_s(image.duration_ms / 1000.0, half_life_s) if at_average else 0.0
        if offset_ms / 1000.0 < into_s - SAME_S:
            return None
        found.append(when - timedelta(seconds=offset_ms / 1000.0 - into_s))
    if not at_average and min(each.frame_reference_ms or 0.0 for each in inputs.images) > 0:
        return None  # only a first frame at nought shows that it is counted so
    longest_ms = max(each.duration_ms or 0.0 for each in inputs.images)
    same = (max(found) - min(found)).total_seconds() <= max(CLOSE_S, CLOSE_SHARE * longest_ms / 1000.0)
    return min(found) if same and (at_average or inputs.by_ge) else None


def _counted_at(inputs: Inputs, image: Slice, half_life_s: float) -> datetime:
    when = acquired(inputs, image)
    if when is None:
        raise NoSuv("AcquisitionTime", "AcquisitionTime is missing or is no time, and values are not decay-corrected")
    if not image.duration_ms or image.duration_ms <= 0:
        raise NoSuv("ActualFrameDuration", "ActualFrameDuration is missing, and values are not decay-corrected")
    return when + timedelta(seconds=average_after_s(image.duration_ms / 1000.0, half_life_s))


# ---------------------------------------------------------------- when the tracer was given


@dataclass(frozen=True)
class _Given:
    """When the tracer was given: by time of day, with its date where that is known, and who says so."""

    of_day_s: float
    dated: datetime | None
    keyword: str
    source: str = HEADER


def _since_injection(inputs: Inputs, scanned: datetime, half_life_s: float) -> tuple[float, Trace]:
    given = _given(inputs)
    least_s = -_runs_s(inputs, scanned) if inputs.dynamic else 0.0
    most_s = MOST_HALF_LIVES * half_life_s
    source = given.source
    if given.dated is not None:
        waited_s = (scanned - given.dated).total_seconds()
        if least_s <= waited_s <= most_s:
            return waited_s, Trace("injection", str(given.dated), tag(given.keyword), source)
        source = f"{source}; dates shifted: {given.dated:%Y-%m-%d} and {scanned:%Y-%m-%d}, times of day count"
    if half_life_s > NEEDS_DATE_S:
        why = "its date cannot be right" if given.dated is not None else "it has no date"
        raise NoSuv("RadiopharmaceuticalStartDateTime", f"so slow a tracer may be scanned days later, and {why}")
    waited_s = (of_day(scanned) - given.of_day_s) % DAY_S
    if waited_s - DAY_S >= least_s and waited_s > most_s:
        waited_s -= DAY_S
    if not least_s <= waited_s <= most_s:
        told = f"tracer given at {_time_of_day(given.of_day_s)}, scan at {_time_of_day(of_day(scanned))}"
        raise NoSuv(given.keyword, f"times contradict each other: {told}")
    return waited_s, Trace("injection", _time_of_day(given.of_day_s), tag(given.keyword), source)


def _given(inputs: Inputs) -> _Given:
    zone = inputs.TimezoneOffsetFromUTC
    if inputs.edits.injected is not None:
        return _edited_injection(inputs.edits.injected)
    dated = moment(inputs.RadiopharmaceuticalStartDateTime, zone)
    of_day_s = seconds(inputs.RadiopharmaceuticalStartTime)
    ge = moment(inputs.ge_injected, zone)
    if dated is not None and of_day_s is not None and abs(wrapped(of_day(dated) - of_day_s)) > SAME_S:
        told = f"{_time_of_day(of_day_s)} and {_time_of_day(of_day(dated))}"
        raise NoSuv("RadiopharmaceuticalStartTime", f"it and RadiopharmaceuticalStartDateTime contradict: {told}")
    if dated is not None:
        found = _Given(of_day(dated), dated, "RadiopharmaceuticalStartDateTime")
    elif of_day_s:
        found = _Given(of_day_s, None, "RadiopharmaceuticalStartTime")
    elif ge is not None:
        return _Given(of_day(ge), ge, "GEAdministeredDateTime", "GE's own element")
    else:
        if of_day_s == 0.0:
            why = "RadiopharmaceuticalStartTime says midnight, which nobody else confirms"
        else:
            why = "neither RadiopharmaceuticalStartTime nor RadiopharmaceuticalStartDateTime is a time"
        raise NoSuv("RadiopharmaceuticalStartTime", why)
    if ge is not None and abs(wrapped(of_day(ge) - found.of_day_s)) > CLOSE_S:
        told = f"{_time_of_day(found.of_day_s)} and {_time_of_day(of_day(ge))}"
        raise NoSuv(found.keyword, f"it and GE's own element contradict: {told}")
    return found


def _edited_injection(text: str) -> _Given:
    dated, of_day_s = moment(text), seconds(text)
    if dated is not None:
        return _Given(of_day(dated), dated, "RadiopharmaceuticalStartDateTime", EDITED)
    if of_day_s is None:
        raise NoSuv("RadiopharmaceuticalStartTime", f"{text!r} is no time")
    return _Given(of_day_s, None, "RadiopharmaceuticalStartTime", EDITED)


def _runs_s(inputs: Inputs, scanned: datetime) -> float:
    """How long the scan runs, by its last image."""
    ends = [
        apart(when, scanned) + (each.duration_ms or 0.0) / 1000.0
        for each in inputs.images
        if (when := acquired(inputs, each)) is not None
    ]
    return min(max(ends, default=0.0), LONGEST_SCAN_S)


def _scan_trace(when: datetime, keyword: str, source: str) -> Trace:
    return Trace("scan", _clock(when), tag(keyword), source)


def _told(waited_s: float) -> Trace:
    return Trace("decay", f"{waited_s:.3f} s", "", "from the injection to the scan")


def _clock(when: datetime) -> str:
    return f"{when:%Y-%m-%d %H:%M:%S}"


def _time_of_day(of_day_s: float) -> str:
    whole = int(of_day_s)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
