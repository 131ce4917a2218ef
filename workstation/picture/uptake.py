"""What must be said of a PET's unit: why it is no SUV, that somebody edited what it follows from."""

from workstation.imaging.suv_values import Refusal
from workstation.imaging.volume import Voxels


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
