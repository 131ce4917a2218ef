"""What an MR series is weighted by: from its words, else from its times."""

from typing import Final

from workstation.dicom.entities import Instance
from workstation.hanging.words import meanings

_STRONGEST_FIRST: Final = ("adc", "dti", "swi", "perfusion", "tof", "dwi", "flair", "stir", "t2*", "pd", "t1", "t2")
_FLAIR_FROM_MS: Final = 1500.0
"""Inversion times that null water are longer, those that null fat far shorter."""

_T1_INVERSION_MS: Final = (300.0, 1300.0)
"""Inversion times that part grey from white matter, where the echo is short."""

_FLAVOURS: Final = {
    "T1": "t1",
    "T2": "t2",
    "T2_STAR": "t2*",
    "PROTON_DENSITY": "pd",
    "FLUID_ATTENUATED": "flair",
    "STIR": "stir",
    "TOF": "tof",
    "DIFFUSION": "dwi",
    "PERFUSION": "perfusion",
}
"""Value 3 of ImageType of an enhanced MR image (PS3.3 C.8.13.3.1.1)."""


def sequence_of(first: Instance, contrast: bool | None, why: dict[str, str]) -> str:
    """adc, dti, perfusion, tof, swi, dwi, flair, stir, t2*, pd, t1, t1c (after contrast), t2, or nothing."""
    said = meanings("sequence", first.SeriesDescription)
    types = {each.upper() for each in first.ImageType}
    flavour = _FLAVOURS.get(first.ImageType[2].upper(), "") if len(first.ImageType) > 2 else ""
    if "ADC" in types:
        sequence, reason = "adc", "ImageType ADC"
    elif said:
        sequence = _by_words(frozenset(said), first)
        reason = f"“{said.get(sequence, next(iter(said.values())))}” in the description"
    elif flavour:
        sequence, reason = flavour, f"ImageType {first.ImageType[2]}"
    else:
        sequence, reason = _by_times(first)
    if sequence == "t1" and contrast:
        sequence, reason = "t1c", f"{reason}; contrast: {why.get('contrast', '')}"
    if sequence:
        why["sequence"] = reason
    return sequence


def _by_words(said: frozenset[str], first: Instance) -> str:
    inversion = first.frames[0].InversionTime
    strongest = next(each for each in _STRONGEST_FIRST if each in said)
    if strongest in ("flair", "stir") and "t1" in said:
        return "t1"  # T1 FLAIR, T1 TIR: the inversion is for contrast of the tissues
    if strongest == "t2*" and "t1" in said and "t2" not in said:
        return "t1"  # a gradient echo that says what it is weighted by
    if strongest == "stir" and inversion is not None and inversion >= _FLAIR_FROM_MS:
        return "flair"
    return strongest


def _by_times(first: Instance) -> tuple[str, str]:
    echo, repetition, inversion = first.EchoTime, first.RepetitionTime, first.frames[0].InversionTime
    b_value = first.frames[0].DiffusionBValue
    if b_value:
        return "dwi", f"DiffusionBValue {b_value:g}"
    if echo is None or repetition is None:
        return "", ""
    reason = f"TE {echo:g}, TR {repetition:g}" + (f", TI {inversion:g}" if inversion else "")
    if inversion and inversion >= _FLAIR_FROM_MS and echo >= 60:
        return "flair", reason
    if inversion and 80 <= inversion <= 250 and repetition >= 1500:
        return "stir", reason
    if inversion and _T1_INVERSION_MS[0] <= inversion <= _T1_INVERSION_MS[1] and echo <= 40:
        return "t1", reason
    if echo <= 30 and repetition <= 1000:
        return "t1", reason
    if repetition >= 1800:
        return ("t2", reason) if echo >= 60 else ("pd", reason)
    return "", ""
