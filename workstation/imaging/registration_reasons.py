"""What the word of a registration rests on: the limits of its numbers, and lines that a reader can weigh.

Numbers are named by `registration_quality` and `case.landmarks`. What a document brings back may lack some of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from workstation.imaging.alignment import Quality, Word

BESIDE_MM: Final = 15.0
"""So far aside, or turned so far at 100 mm, `gain` is measured."""

FAR_MM: Final = 4.5
"""Ends this far off are another place; nearer ones are the same."""

POOR_BELOW: Final = {"overlap": 0.25, "gain": 0.12, "jacobian_low": 0.0, "stretch_low": 0.7}
POOR_ABOVE: Final = {"half_off_mm": 4.0, "rival": 0.65, "better": 0.05, "chance": 0.65, "stretch_high": 1.4}
GOOD_FROM: Final = {"gain": 0.13, "jacobian_low": 0.2, "stretch_low": 0.85, "more_alike": 0.0}
GOOD_TO: Final = {"half_off_mm": 2.5, "rival": 0.5, "chance": 0.58, "jacobian_high": 4.0, "stretch_high": 1.15}
"""Limits of the numbers, fitted to registrations whose truth is known (`hounsfield bench --rows registration`)."""

GOOD_RMS_MM, POOR_RMS_MM = 2.0, 5.0
"""What is left of landmarks on the average below which a fit is good, and from which it is poor."""

LINES: Final = 5
NOT_KEPT: Final = "The number that decided was not kept with it."
NONE_TO_SPARE: Final = "No pair of landmarks is left over to check the others by."

Numbers = Mapping[str, float]


@dataclass(frozen=True)
class Reason:
    """One line, with its unit; `decided` where the word rests on it, and then it says its limit."""

    text: str
    decided: bool = False


def word_of(numbers: Numbers) -> Word:
    """One word for an algorithm's numbers: poor where one speaks against it, good where all speak for it."""
    if any(_is_poor(name, numbers) for name in numbers):
        return "poor"
    return "check" if any(_is_open(name, numbers) for name in numbers) else "good"


def reasons_of(quality: Quality) -> tuple[Reason, ...]:
    """At most `LINES` lines, those that decided first."""
    numbers = quality.numbers
    decided = [name for name in deciding(quality) if name in _SAID]
    told = [Reason(f"{_line(name, numbers[name])} ({limit_of(name)}).", True) for name in decided]
    if quality.word != "good" and not told:
        told = [Reason(NONE_TO_SPARE if "rms mm" in numbers and quality.word == "check" else NOT_KEPT, True)]
    rest = [name for name in _USUAL if name in numbers and name not in decided]
    told += [Reason(f"{_line(name, numbers[name])}.") for name in rest]
    return tuple(told[:LINES])


def because_of(quality: Quality) -> str:
    """The first of its lines as a sentence; empty where there is none."""
    return next((each.text for each in reasons_of(quality)), "")


def said_of(quality: Quality | None) -> str:
    """What is said beside images that are laid so, with a space before it; empty where nobody measured."""
    return f" Its quality: {quality.word}. {because_of(quality)}".rstrip() if quality is not None else ""


def deciding(quality: Quality) -> tuple[str, ...]:
    """The names of the numbers for which the word is not a better one."""
    speaks = {"poor": _is_poor, "check": _is_open}.get(quality.word)
    if speaks is None:
        return ()
    order = [*_SAID, *(name for name in quality.numbers if name not in _SAID)]
    return tuple(name for name in order if name in quality.numbers and speaks(name, quality.numbers))


def ordered(quality: Quality) -> tuple[str, ...]:
    """The names of all numbers, those first that a reader is told of first."""
    told = (*deciding(quality), *_USUAL)
    return tuple(dict.fromkeys(name for name in (*told, *quality.numbers) if name in quality.numbers))


def limit_of(name: str) -> str:
    """Up to where, and from where on: "good to 2.5 mm, poor over 4 mm"; empty for a number without a limit."""
    if name not in _SAID:
        return ""
    _, shown, turned = _SAID[name]
    to, over = ("from", "below") if not turned else ("to", "over")
    lower = {"good": GOOD_FROM.get(name), "poor": POOR_BELOW.get(name)}
    upper = {"good": GOOD_TO.get(name), "poor": POOR_ABOVE.get(name)}
    if name == "rms mm":
        upper = {"good": GOOD_RMS_MM, "poor": POOR_RMS_MM}
    parts = []
    for limits, good, poor in ((lower, to, over), (upper, "to", "over")):
        parts += [f"good {good} {shown(each, None)}" for each in [limits["good"]] if each is not None]
        parts += [f"poor {poor} {shown(each, None)}" for each in [limits["poor"]] if each is not None]
    return ", ".join(parts)


def shown_of(name: str, value: float) -> str:
    """A number as its limits are told, with its unit; one that has no line of its own with three digits."""
    if name in _SAID:
        return _SAID[name][1](value)
    return f"{value:.3g} mm" if name.endswith("_mm") else f"{value:.3g}"


def _is_poor(name: str, numbers: Numbers) -> bool:
    value = numbers[name]
    if name == "rms mm":
        return value >= POOR_RMS_MM
    return value < POOR_BELOW.get(name, value) or value > POOR_ABOVE.get(name, value)


def _is_open(name: str, numbers: Numbers) -> bool:
    value = numbers[name]
    if name == "rms mm":
        return value >= GOOD_RMS_MM
    return value < GOOD_FROM.get(name, value) or value > GOOD_TO.get(name, value)


def _mm(value: float, digits: int | None = 1) -> str:
    return f"{max(value, 0.1):.{digits}f} mm" if digits is not None else f"{value:g} mm"


def _percent(value: float, digits: int | None = 0) -> str:
    return f"{100 * value:.{digits}f} %" if digits is not None else f"{100 * value:.4g} %"


def _rest(value: float, digits: int | None = 0) -> str:
    return _percent(1 - value, digits)


def _times(value: float, digits: int | None = 2) -> str:
    return f"{value:.{digits}f}" if digits is not None else f"{value:g}"


def _count(value: float, digits: int | None = 0) -> str:
    return f"{value:.0f}"


_SAID: Final[dict[str, tuple[str, Callable[..., str], bool]]] = {
    "overlap": ("{} of the body lies within the other images", _percent, False),
    "rms mm": ("Landmarks fit within {} on the average", _mm, True),
    "most mm": ("The landmark that fits worst is {} off", _mm, True),
    "landmarks": ("Pairs of landmarks: {}", _count, False),
    "half_off_mm": ("Registered by half of the body alone, it ends within {} of here", _mm, True),
    "rival": ("Another position matches {} as well as this one", _percent, True),
    "better": ("Begun from another position, the images match {} better", _percent, True),
    "chance": ("Turned wrongly by 90° or 180°, the images match {} as well as here", _percent, True),
    "gain": (f"Shifted or turned by {BESIDE_MM:g} mm, the images match up to {{}} as well as here", _rest, True),
    "stretch_low": ("Its smallest scale is {}", _times, False),
    "stretch_high": ("Its largest scale is {}", _times, True),
    "jacobian_low": ("Where it shrinks most, {} of a volume is left", _percent, False),
    "jacobian_high": ("Where it grows most, a volume becomes {} times as large", _times, True),
    "more_alike": ("Bending makes the images match {} better", _percent, False),
    "agreement_worst_mm": ("Begun from other positions, it ends within {} of here", _mm, True),
}
"""What is said of a number, how it is shown, and whether more of what is shown is worse; in this order."""

_USUAL: Final = (
    "rms mm", "most mm", "landmarks", "stretch_low", "stretch_high", "jacobian_low", "jacobian_high", "overlap",
    "agreement_worst_mm", "half_off_mm", "chance", "gain",
)  # fmt: skip


def _line(name: str, value: float) -> str:
    """With as many digits as it takes to tell the value from its limits."""
    words, shown, _ = _SAID[name]
    limits = [each[name] for each in (POOR_BELOW, POOR_ABOVE, GOOD_FROM, GOOD_TO) if name in each]
    if name == "rms mm":
        limits += [GOOD_RMS_MM, POOR_RMS_MM]
    usual = shown(value)
    finer = [usual, *(shown(value, digits) for digits in (1, 2, 3))]
    for text in finer:
        if all(text not in (shown(each), *(shown(each, digits) for digits in (1, 2, 3))) for each in limits):
            return words.format(text)
    return words.format(usual)
