"""Whether SUV of two PET examinations of one patient may be compared, by PERCIST 1.0 (Wahl 2009) and EANM 2.0."""

from dataclasses import dataclass
from typing import Final

from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.nuclides import nuclide_of
from workstation.imaging.uptake import Uptake

MOST_MINUTES_APART: Final = 15.0
"""Uptake times (PERCIST)."""

LIVER_SHARE: Final = 0.20
LIVER_SUL: Final = 0.3
"""The mean SUL of the normal liver: within 20 % and less than 0.3 of before (PERCIST)."""

DOSE_SHARE: Final = 0.20
"""Administered activity (PERCIST)."""

Said = tuple[str, str]
"""A word for the chip, a sentence for the rest."""


@dataclass(frozen=True)
class Examination:
    """What of a PET must be alike; None or empty where it does not say."""

    minutes: float | None = None
    dose_mbq: float | None = None
    tracer: str = ""
    units: str = ""
    method: str = ""
    """ReconstructionMethod with ConvolutionKernel."""
    maker: str = ""
    corrected: bool = True


def examination(display_set: DisplaySet) -> Examination:
    """Of a display set, by its headers."""
    first, told = display_set.first, Uptake(display_set)
    pet = first.pet
    method = "  ".join(filter(None, (pet.ReconstructionMethod if pet else "", first.ConvolutionKernel)))
    tracer = nuclide_of(pet.nuclide[0], pet.nuclide[1], pet.Radiopharmaceutical) if pet else ""
    corrected = "ATTN" in first.CorrectedImage
    return Examination(told.minutes, told.dose_mbq, tracer, first.Units, method, first.Manufacturer, corrected)


def differences(now: Examination, before: Examination) -> tuple[Said, ...]:
    """Why values of one are not those of the other, the gravest first; empty where nothing speaks against it."""
    said: list[Said] = []
    if now.corrected is not before.corrected:
        said.append(("one not corrected", "One of the two was not corrected for attenuation: they do not compare."))
    if now.tracer and before.tracer and now.tracer != before.tracer:
        said.append(("other nuclide", f"Tracers differ: {now.tracer} now, {before.tracer} before."))
    if now.units != before.units:
        said.append(("other units", f"Values are stored in {now.units} now, in {before.units} before."))
    if now.minutes is not None and before.minutes is not None:
        apart = abs(now.minutes - before.minutes)
        if apart > MOST_MINUTES_APART:
            sentence = (
                f"Uptake times differ by {apart:.0f} min ({now.minutes:.0f} now, {before.minutes:.0f} before); PERCIST "
                f"wants them within {MOST_MINUTES_APART:.0f}."
            )
            said.append((f"uptake {now.minutes:.0f} / {before.minutes:.0f} min", sentence))
    elif now.minutes != before.minutes:
        which = "now" if now.minutes is None else "before"
        sentence = f"Uptake time is not known {which}: whether it is within {MOST_MINUTES_APART:.0f} min is not either."
        said.append((f"uptake {_minutes(now)} / {_minutes(before)} min", sentence))
    if now.dose_mbq and before.dose_mbq and abs(now.dose_mbq / before.dose_mbq - 1) > DOSE_SHARE:
        told = f"{now.dose_mbq:.0f} MBq now, {before.dose_mbq:.0f} before"
        said.append(("other dose", f"Doses differ by more than 20 %: {told}."))
    if now.method != before.method or now.maker != before.maker:
        told = f"{_of(now)} now, {_of(before)} before"
        said.append(("other reconstruction", f"Scanner or reconstruction differ: {told}."))
    return tuple(said)


def _minutes(examination: Examination) -> str:
    return "?" if examination.minutes is None else f"{examination.minutes:.0f}"


def _of(examination: Examination) -> str:
    return ", ".join(filter(None, (examination.maker, examination.method))) or "not said"


def liver_differs(now_sul: float, before_sul: float) -> Said | None:
    """Whether the mean SUL of the normal liver left PERCIST's limits; None where it is within them."""
    apart = now_sul - before_sul
    if abs(apart) < LIVER_SUL and abs(apart) <= LIVER_SHARE * before_sul:
        return None
    told = f"{now_sul:.2f} now, {before_sul:.2f} before".replace("-", "−")
    sentence = f"The liver's mean SUL is {told}; PERCIST wants it within 20 % and less than 0.3 of before."
    return f"liver SUL {now_sul:.1f} / {before_sul:.1f}", sentence
