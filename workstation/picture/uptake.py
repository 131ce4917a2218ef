"""What is said of a PET: weight, dose and uptake time in its corners; chips of why it is no SUV or of edited inputs."""

from typing import Final

from workstation.dicom.entities import Instance
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.suv_values import Derivation, Refusal
from workstation.imaging.uptake import Uptake
from workstation.imaging.volume import Voxels

FDG: Final = "FDG"
NO_UNIT: Final = "no unit"
ONLY_PROPORTIONAL: Final = {"PROPCNTS": "proportional to counts", "PROPCPS": "proportional to counts/s"}
"""Units that are none (PS3.3 C.8.9.1.1.3), in words."""


def uptake_fields(display_set: DisplaySet, suv: Derivation | Refusal | None) -> dict[str, str]:
    """Fields of the corner text; empty where the object does not say them."""
    if display_set.first.pet is None:
        return {}
    told = Uptake(display_set, suv)
    return {
        "tracer": FDG if "deoxyglucose" in told.tracer.lower() else told.tracer,
        "dose": "" if told.dose_mbq is None else f"{told.dose_mbq:.0f} MBq",
        "uptake": "" if told.minutes is None else f"{told.minutes:.0f} min",
        "weight": "" if told.weight_kg is None else f"{told.weight_kg:g} kg",
        "glucose": "" if told.glucose is None else "glucose " + " ".join(f"{each}" for each in told.glucose).strip(),
    }


def unit_words(instance: Instance, unit: str) -> str:
    """The unit of values as it is written beside them; numbers of a PET never stand alone, whatever its header says."""
    if unit or instance.Modality != "PT":
        return unit
    return ONLY_PROPORTIONAL.get(instance.Units, NO_UNIT)


def _why_none(suv: Refusal) -> str:
    """Why there is no SUV, for a chip: the attribute, and in words where its name alone says nothing."""
    if suv.keyword != "CorrectedImage":
        return suv.keyword
    return "not decay corrected" if "DECY" in suv.reason else "not attenuation corrected"


def uptake_notices(voxels: Voxels) -> list[tuple[str, str]]:
    """Chips and sentences, the most serious first (safety.md 9)."""
    suv = voxels.suv
    if suv is None:
        return []
    if isinstance(suv, Refusal):
        return [(f"no SUV: {_why_none(suv)}", f"Values are {voxels.unit or 'as stored'}, no SUV: {suv.reason}.")]
    said = []
    if suv.edited and voxels.is_suv:
        said.append((f"SUV with edited {suv.edited_words}", f"The {suv.edited_words} of this SUV was edited here."))
    if not voxels.is_suv:
        said.append((voxels.unit, f"Values are told as they are stored, in {voxels.unit}."))
    return said
