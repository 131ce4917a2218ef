"""What is said of a PET: weight, dose and uptake time in its corners; chips of why it is no SUV or of edited inputs."""

from typing import Final

from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.suv_values import Derivation, Refusal
from workstation.imaging.uptake import Uptake
from workstation.imaging.volume import Voxels

FDG: Final = "FDG"


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


def uptake_notices(voxels: Voxels) -> list[tuple[str, str]]:
    """Chips and sentences, the most serious first (safety.md 9)."""
    suv = voxels.suv
    if suv is None:
        return []
    if isinstance(suv, Refusal):
        return [(f"no SUV: {suv.keyword}", f"Values are {voxels.unit or 'as stored'}, no SUV: {suv.reason}.")]
    said = []
    if suv.edited and voxels.is_suv:
        said.append((f"SUV with edited {suv.edited_words}", f"The {suv.edited_words} of this SUV was edited here."))
    if not voxels.is_suv:
        said.append((voxels.unit, f"Values are told as they are stored, in {voxels.unit}."))
    return said
