"""Storage SOP classes and transfer syntaxes: what we take, and what we ask for in which order (PS3.4 B.5, PS3.6 A)."""

import re
from functools import cache
from typing import Final

from workstation.dicom.scan import BIG_ENDIAN, DEFLATED, EXPLICIT, IMPLICIT

VERIFICATION: Final = "1.2.840.10008.1.1"
IMAGES: Final = "1.2.840.10008.5.1.4.1.1."
_STANDARD: Final = "1.2.840.10008."
_UID: Final = re.compile(r"[0-9]+(\.[0-9]+)*")

PLAIN: Final = (EXPLICIT, IMPLICIT)
COMPRESSED: Final = tuple(
    f"1.2.840.10008.1.2.{each}"
    for each in (
        *("4.70", "4.90", "4.80", "4.50", "4.91", "4.81", "5", "4.57", "4.51", "4.201", "4.202", "4.203"),
        *("4.100", "4.101", "4.102", "4.103", "4.104", "4.105", "4.106", "4.107", "4.108", "4.92", "4.93"),
        *("4.110", "4.111", "4.112", "8.1"),
        *(f"4.{number}" for number in (*range(52, 57), *range(58, 67))),  # retired, and still in archives
    )
)
COMMON: Final = COMPRESSED[:10]
SYNTAXES: Final = (*PLAIN, *COMPRESSED, DEFLATED, BIG_ENDIAN)
"""In the order of preference where a peer offers several for one context."""

_GENERAL: Final = tuple(
    IMAGES + each
    for each in (
        *(
            "7",
            "11.1",
            "88.22",
            "88.33",
            "88.59",
            "88.67",
            "88.71",
            "66.4",
            "66.1",
            "66",
            "66.3",
            "104.1",
            "2",
            "4",
            "1.1",
        ),
        *("2.1", "4.1", "20", "128", "128.1", "130", "1", "1.1.1", "1.2", "1.2.1", "6.1", "6.2", "3.1", "12.1", "12.2"),
        *("12.1.1", "12.2.1", "13.1.3", "13.1.1", "481.1", "481.2", "481.3", "481.5", "77.1.4", "77.1.6", "77.1.1"),
        *("7.1", "7.2", "7.3", "7.4", "88.11", "88.34", "88.40", "88.50", "88.65", "88.69", "88.70", "11.2", "11.3"),
        *("11.4", "11.5", "11.8", "67", "30", "2.2", "4.2", "4.3", "4.4", "128.2", "1.3", "1.3.1", "9.1.1", "9.1.2"),
        *("9.1.3", "9.2.1", "9.3.1", "9.4.1", "77.1.1.1", "77.1.2", "77.1.2.1", "77.1.4.1", "77.1.5.1", "77.1.5.2"),
        *("77.1.5.4", "104.2", "104.3", "104.4", "481.4", "481.6", "481.7", "481.8", "481.9", "66.2", "66.5", "66.6"),
        *("78.1", "78.7", "79.1", "80.1", "68.1", "68.2", "13.1.2", "13.1.4", "13.1.5", "14.1", "14.2", "3", "5", "6"),
    )
)
"""What may be in any study, the likelier first."""

_OF_MODALITY: Final = {
    "CT": ("2", "2.1", "2.2", "7"),
    "MR": ("4", "4.1", "4.2", "4.4", "7"),
    "PT": ("128", "130", "128.1", "7"),
    "NM": ("20", "7"),
    "CR": ("1", "1.1", "7"),
    "DX": ("1.1", "1.1.1", "1", "7"),
    "MG": ("1.2", "1.2.1", "13.1.3", "7"),
    "US": ("6.1", "3.1", "7", "6.2"),
    "XA": ("12.1", "12.1.1", "7"),
    "RF": ("12.2", "12.2.1", "7"),
    "SR": ("88.11", "88.22", "88.33", "88.34", "88.67", "88.71"),
    "PR": ("11.1", "11.2", "11.3", "11.4", "11.8"),
    "KO": ("88.59",),
    "SEG": ("66.4", "66.7"),
    "RTSTRUCT": ("481.3",),
    "RTDOSE": ("481.2",),
    "RTPLAN": ("481.5", "481.8"),
    "OT": ("7", "7.4", "7.2", "104.1"),
    "SM": ("77.1.6",),
    "REG": ("66.1", "66.3"),
    "DOC": ("104.1", "104.2"),
}


def is_uid(text: str) -> bool:
    """Whether a text is a UID (PS3.5 9.1); leading zeros, which some devices write, are let pass."""
    return len(text) <= 64 and bool(_UID.fullmatch(text))


def is_storage(sop_class_uid: str) -> bool:
    """Whether objects of this class are taken: every storage class of the standard, and private ones."""
    if not is_uid(sop_class_uid):
        return False
    if sop_class_uid.startswith(IMAGES):
        return True
    return not sop_class_uid.startswith(_STANDARD) or sop_class_uid in _other_classes()


def wanted(
    sop_classes: tuple[str, ...], modalities: tuple[str, ...] = (), most: int = 126
) -> list[tuple[str, tuple[str, ...]]]:
    """Contexts to ask for so that objects come as they are stored: one for each pair, as far as `most` reaches.

    A peer picks one transfer syntax of a context; only with a context of its own does a compressed object come as
    it is. Classes that are known come first; without any, those of the modalities, then what any study may hold.
    """
    known = list(
        dict.fromkeys((*sop_classes, *(IMAGES + each for name in modalities for each in _OF_MODALITY.get(name, ()))))
    )
    rest = [] if sop_classes else [each for each in _GENERAL if each not in known]
    share = max(2, (most - min(len(rest), most // 3)) // len(known)) if known else 2
    contexts = [pair for uid in known for pair in _pairs(uid, share)]
    return (contexts + [pair for uid in rest for pair in _pairs(uid, 1)])[:most]


def is_known(modality: str) -> bool:
    """Whether we know which classes a series of this modality holds, mostly."""
    return modality in _OF_MODALITY


def _pairs(uid: str, share: int) -> list[tuple[str, tuple[str, ...]]]:
    """Up to `share` contexts for one class: uncompressed first, compressed ones alone, the last for all others."""
    alone = COMPRESSED[: max(0, share - 2)]
    pairs = [(uid, PLAIN), *((uid, (syntax,)) for syntax in alone)]
    others = COMPRESSED[len(alone) :]
    return pairs[:share] + ([(uid, (*others, DEFLATED))] if share > 1 and others else [])


@cache
def _other_classes() -> frozenset[str]:
    """Storage classes of the standard whose UIDs lie elsewhere: hanging protocols, palettes, implants, RT."""
    from pydicom._uid_dict import UID_dictionary

    return frozenset(
        uid
        for uid, (name, kind, *_) in UID_dictionary.items()
        if kind == "SOP Class" and name.removesuffix(" (Retired)").endswith("Storage")
    )
