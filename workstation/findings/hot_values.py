"""What a segment measures of PET beyond a segment's own values: the peak, metabolic volume, total lesion glycolysis.

Maximum and mean stand among the statistics of every segment; of PET they are told as SUVmax and SUVmean.
"""

from collections.abc import Callable
from typing import Final

from workstation.findings.finding import Value
from workstation.imaging.hot_peak import BEST_HOW, CUT_OFF, best_peak
from workstation.imaging.masks import Mask
from workstation.imaging.volume import Voxels

PEAK, MTV, TLG = "Peak", "MTV", "TLG"
HOT_MODALITIES: Final = ("PT", "NM")

MTV_HOW: Final = "volume of all voxels of the segment, whatever their value"
TLG_HOW: Final = "mean times metabolic volume"

_GRAMS: Final = ("SUVbw", "SUVlbm", "SUVibw", "g/ml")
_TOLD: Final = {"Max": "SUVmax", "Mean": "SUVmean", "Peak": "SUVpeak", "Min": "SUVmin", "Median": "SUVmedian"}


def _nothing() -> None:
    """Nobody asks to stop."""


def is_suv(unit: str) -> bool:
    """Whether values of this unit are standardised uptake values; GML of others is one already (safety.md 9)."""
    return unit.startswith("SUV") or unit == "g/ml"


def told_as(name: str, unit: str) -> str:
    """How a value of PET is called to people: SUVmax, and SULmax of lean body mass."""
    if not is_suv(unit) or name not in _TOLD:
        return name
    return _TOLD[name].replace("SUV", "SUL") if unit.startswith("SUVlbm") else _TOLD[name]


def hot_values(voxels: Voxels, mask: Mask, mean: float, check: Callable[[], None] = _nothing) -> tuple[Value, ...]:
    """Peak in the unit of the image, MTV in ml and, of uptake by weight, TLG in g. `mean` is that of the segment."""
    found, peak = [], best_peak(voxels, mask, check)
    if peak is not None:
        how = (BEST_HOW,) if peak.whole else (BEST_HOW, CUT_OFF)
        found.append(Value(PEAK, peak.value, voxels.unit, "; ".join((*how, *voxels.caution))))
    found.append(Value(MTV, mask.volume_ml, "ml", MTV_HOW))
    if voxels.unit.startswith(_GRAMS):
        found.append(Value(TLG, mean * mask.volume_ml, "g", "; ".join((TLG_HOW, *voxels.caution))))
    return tuple(found)
