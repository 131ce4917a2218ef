"""What is right for PET headers, by the rules of PS3.3 C.8.9 and the QIBA vendor-neutral pseudo-code, in closed form.

Written before there was an engine to ask. A factor turns modality values (after RescaleSlope) into SUVbw.
"""

from dataclasses import dataclass
from typing import Final

F18_S: Final = 6586.2


def corrected_to_start(weight_kg: float, dose_bq: float, waited_s: float, half_life_s: float) -> float:
    """g over the activity that is left of the dose when the scan begins."""
    return weight_kg * 1000.0 / (dose_bq * 0.5 ** (waited_s / half_life_s))


@dataclass(frozen=True)
class Expected:
    """The factor to SUVbw of every image; how near the engine must come."""

    factor: float
    relative: float = 1e-9


_PLAIN: Final = corrected_to_start(70.0, 368.08e6, 3600.0, F18_S)
_MALE_LEAN_KG: Final = 1.10 * 70.0 - 128.0 * (70.0 / 175.0) ** 2

DROS: Final = {
    "DRO_0_0": Expected(_PLAIN),
    "DRO_1_0": Expected(_PLAIN),
    "DRO_2_0": Expected(1.0),
    "DRO_2_1": Expected(70.0 / _MALE_LEAN_KG),
    "DRO_2_4": Expected(0.0005),
    "DRO_3_1": Expected(70e3 / 368.08e6),
    "DRO_3_3": Expected(_PLAIN),
    "DRO_4_0": Expected(_PLAIN),
    "DRO_4_1": Expected(_PLAIN),
}
"""Inside the mask of each the smallest, middle and largest SUVbw are 0.20, 1.00 and 4.00."""

DRO_SUV: Final = (0.20, 1.00, 4.00)
DRO_TOLERANCE: Final = 0.01

GE_SLICES: Final = Expected(corrected_to_start(85.0, 606_671_936.0, 3440.0, 6588.0))
"""10:55:00 to 11:52:20; the dates of the injection (1998) and of the scan (2015) were shifted apart."""
GE_SLICES_FACTOR: Final = 2.012108e-4

HEADERS: Final = {
    "SIEMENS": Expected(corrected_to_start(67.0, 374e6, (10 * 60 + 48) * 60 + 29 - ((8 * 60 + 30) * 60 + 45), F18_S)),
    "GE_MEDICAL_AND_BQML": Expected(
        corrected_to_start(52.0, 152_022_720.0, (9 * 60 + 56) * 60 + 21 - (8 * 60 + 45) * 60, 6586.2001953125)
    ),
    "RADIOPHARM_DATETIME_UNDEFINED": Expected(
        corrected_to_start(102.0, 412e6, (13 * 60 + 54) * 60 + 31.843 - (12 * 60 + 50) * 60, F18_S)
    ),
    "PHILIPS_CNTS_AND_SUV": Expected(0.000728),
}
"""The first instance of each file in pet_suv/header_cases."""
