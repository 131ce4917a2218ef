"""What a PET tells of patient and tracer beside its values: weight, dose, how long the tracer was in the body.

Where SUV is derived it is what the derivation used, edits and all; else what the headers say.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.suv import inputs_of
from workstation.imaging.suv_times import to_start
from workstation.imaging.suv_values import Derivation, NoSuv, Refusal

LEAST_DOSE_BQ: Final = 1e6
"""Less is given to nobody: the number is in another unit."""

_MINUTES: Final[dict[tuple[object, ...], float | None]] = {}
"""By what it follows from: each picture asks for it, and times of hundreds of images are compared."""

MOST_KEPT: Final = 256


@dataclass(frozen=True, eq=False)
class Uptake:
    """Of one display set; `suv` is how its values were derived, or why not. Each is None or empty where unknown."""

    display_set: DisplaySet
    suv: Derivation | Refusal | None = None

    @property
    def weight_kg(self) -> float | None:
        pet = self.display_set.first.pet
        return self._told("weight", pet.PatientWeight if pet else None)

    @property
    def dose_mbq(self) -> float | None:
        """At the time of injection."""
        pet = self.display_set.first.pet
        dose_bq = self._told("dose", pet.RadionuclideTotalDose if pet else None)
        return dose_bq / 1e6 if dose_bq is not None and dose_bq >= LEAST_DOSE_BQ else None

    @cached_property
    def minutes(self) -> float | None:
        """From the injection to the time that values are corrected to."""
        waited_s = self._told("decay", None)
        return _minutes(self.display_set) if waited_s is None else waited_s / 60

    @property
    def tracer(self) -> str:
        pet = self.display_set.first.pet
        return (pet.Radiopharmaceutical or pet.nuclide[1]) if pet else ""

    @property
    def glucose(self) -> tuple[float, str] | None:
        """Blood glucose and its unit."""
        pet = self.display_set.first.pet
        return pet.glucose if pet else None

    @cached_property
    def _trace(self) -> dict[str, str]:
        return {each.input: each.value for each in self.suv.trace} if isinstance(self.suv, Derivation) else {}

    def _told(self, name: str, else_: float | None) -> float | None:
        """A number of the derivation, whose values begin with it."""
        return float(self._trace[name].split()[0]) if name in self._trace else else_


def _minutes(display_set: DisplaySet) -> float | None:
    first = display_set.first
    key = (display_set.key, len(display_set.images), first.pet, first.SeriesTime, first.AcquisitionTime)
    if key not in _MINUTES:
        if len(_MINUTES) >= MOST_KEPT:
            _MINUTES.clear()
        _MINUTES[key] = _by_headers(display_set)
    return _MINUTES[key]


def _by_headers(display_set: DisplaySet) -> float | None:
    inputs = inputs_of(display_set)
    if inputs is None or not inputs.RadionuclideHalfLife:
        return None
    try:
        return to_start(inputs, inputs.RadionuclideHalfLife).waited_s[0] / 60
    except NoSuv:
        return None
