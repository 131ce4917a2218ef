"""What the numbers of a block mean: unit, and which of them are no image."""

import math
from dataclasses import dataclass
from typing import Final

from workstation.dicom.entities import Instance
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import Rescale
from workstation.imaging.suv import suv_of
from workstation.imaging.suv_values import Derivation, Measure, Refusal

NO_ATTENUATION_HU: Final = -2000.0
"""Nothing attenuates less than vacuum (-1000 HU). Scanners put values from here down outside their field of view,
often others than the PixelPaddingValue they declare (LIDC-IDRI: declared -3024 HU, written -2048 HU)."""

PET_UNITS: Final = {
    "BQML": "Bq/ml",
    "CNTS": "counts",
    "CPS": "counts/s",
    "PCNT": "%",
    "GML": "g/ml",
    "CM2ML": "cm²/ml",
    "MLG": "ml/g",
    "MLML": "ml/ml",
    "MLMING": "ml/min/g",
    "MLMINML": "ml/min/ml",
    "MGMINML": "mg/min/ml",
    "UMOLML": "µmol/ml",
    "UMOLMINML": "µmol/min/ml",
    "1CM": "1/cm",
    "STDDEV": "standard deviations",
    "PROPCNTS": "",
    "PROPCPS": "",
    "NONE": "",
}
"""Units of PET (PS3.3 C.8.9.1.1.3) as they are written; what is only proportional to counts has none."""


def padding_of(instance: Instance, rescale: Rescale) -> tuple[float, float] | None:
    """Stored values that are no image, ends included: what the object declares, and what no CT can measure."""
    declared, impossible = _declared_padding(instance), _below_vacuum(instance, rescale)
    if declared is None or impossible is None:
        return declared or impossible
    return (impossible[0], max(declared[1], impossible[1])) if declared[0] <= impossible[1] else declared


def _declared_padding(instance: Instance) -> tuple[float, float] | None:
    """PS3.3 C.7.5.1.1.2: one value, or the range between PixelPaddingValue and PixelPaddingRangeLimit."""
    value, limit = instance.PixelPaddingValue, instance.PixelPaddingRangeLimit
    if value is None:
        return None
    ends = sorted((value, value if limit is None else limit))
    return float(ends[0]), float(ends[1])


def _below_vacuum(instance: Instance, rescale: Rescale) -> tuple[float, float] | None:
    pixels = instance.pixels
    if pixels is None or unit_of(instance) != "HU" or rescale.slope <= 0:
        return None
    lowest = -float(1 << (pixels.BitsAllocated - 1)) if pixels.PixelRepresentation else 0.0
    highest = math.floor((NO_ATTENUATION_HU - rescale.intercept) / rescale.slope)
    return (lowest, float(highest)) if highest >= lowest else None


def unit_of(instance: Instance) -> str:
    """The unit of modality values: Units of PET (PS3.3 C.8.9.1.1.3), else RescaleType (PS3.3 C.11.1.1.2).

    CT may leave its HU out.
    """
    if instance.Modality == "PT" and instance.Units:
        return PET_UNITS.get(instance.Units, instance.Units)
    stated = instance.frames[0].RescaleType
    if stated and stated != "US":
        return stated
    return "HU" if instance.Modality == "CT" and "LOCALIZER" not in instance.ImageType else ""


@dataclass(frozen=True)
class Told:
    """In what a display set is told: modality values times `factors` (one, or one for each image) are in `unit`."""

    unit: str
    factors: tuple[float, ...] = (1.0,)
    suv: Derivation | Refusal | None = None


def told(display_set: DisplaySet, measure: Measure) -> Told:
    """PET as SUV, where that is asked for and can be derived; everything else as it is stored (safety.md 9)."""
    stored = unit_of(display_set.first)
    found = suv_of(display_set, measure.kind, measure.edits_of(display_set.series_instance_uid))
    if not isinstance(found, Derivation) or not measure.as_suv:
        return Told(stored, suv=found)
    return Told(str(found.kind), found.factors, found)
