"""What must be said of a PET's unit: why it is no SUV, that somebody edited what it follows from."""

from typing import Final

from workstation.case.state import TileView
from workstation.imaging.suv_values import Derivation, Refusal
from workstation.imaging.volume import Voxels

EDITED: Final = {
    "weight_kg": "weight",
    "height_m": "height",
    "sex": "sex",
    "dose_bq": "dose",
    "half_life_s": "half-life",
    "injected": "time of injection",
    "scanned": "time of scan",
}
"""Inputs that can be edited, as they are told."""


def uptake_notices(view: TileView, voxels: Voxels) -> list[tuple[str, str]]:
    """Chips and sentences, the most serious first (safety.md 9)."""
    suv = voxels.suv
    if suv is None:
        return []
    if isinstance(suv, Refusal):
        return [(f"no SUV: {suv.keyword}", f"Values are {voxels.unit or 'as stored'}, no SUV: {suv.reason}.")]
    said = []
    if suv.edited and voxels.is_suv:
        said.append((f"SUV with edited {edited_words(suv)}", f"The {edited_words(suv)} of this SUV was edited here."))
    if not voxels.is_suv:
        said.append((voxels.unit, f"Values are told as they are stored, in {voxels.unit}."))
    return said


def edited_words(suv: Derivation) -> str:
    """Which inputs a person put in the object's place, in words."""
    return ", ".join(EDITED[each] for each in suv.edited)
