"""What a CT reconstruction kernel is made for, by the names its makers give it."""

import re
from functools import lru_cache
from typing import Final

_PATTERNS: Final = (
    # Siemens: region letter, in newer ones a family letter, then sharpness.
    (r"[BHQDUTIE][a-z]?(\d\d)[a-z]?", "number"),
    (r"LUNG.*|CHST", "lung"),  # GE
    (r"BONE.*|EDGE|ULTRA.*|HD BONE.*", "bone"),
    (r"STANDARD|STND|SOFT|DETAIL|HD STD.*", "soft"),
    (r"[A-C]|U[A-C]|BRAIN.*|XC[A-C]", "soft"),  # Philips
    (r"L|YA|YB|XL", "lung"),
    (r"[DE]|Y[C-E]|U[DE]", "sharp"),
    (r"FC(\d\d).*", "canon"),
    (r".*V?SHARP.*", "sharp"),  # United Imaging
    (r".*SOFT.*|.*SMOOTH.*", "soft"),
)
_COMPILED: Final = tuple((re.compile(pattern, re.IGNORECASE), kind) for pattern, kind in _PATTERNS)
_SHARP_FROM: Final = 50
"""Sharpness from which a Siemens kernel is made for lung or bone."""


@lru_cache(maxsize=1024)
def kernel_tissue(kernel: str) -> str:
    """soft, lung, bone, sharp (lung or bone, as the region says), or nothing for a kernel that is not known."""
    for pattern, kind in _COMPILED:
        match = pattern.fullmatch(kernel.strip())
        if match is None:
            continue
        if kind == "number":
            sharp = int(match[1]) >= _SHARP_FROM
            return ("lung" if kernel[1:2] == "l" else "sharp") if sharp else "soft"
        return _canon(int(match[1])) if kind == "canon" else kind
    return ""


def _canon(number: int) -> str:
    """Canon and Toshiba: FC01 to FC29 body and head, FC30 to FC49 bone, FC50 to FC59 and FC80 to FC89 lung."""
    if 30 <= number < 50:
        return "bone"
    return "lung" if 50 <= number < 60 or 80 <= number < 90 else "soft"


def is_head_kernel(kernel: str) -> bool:
    """Whether a kernel is made for heads: Siemens H, Canon FC20 to FC29."""
    return re.match(r"H[a-z]?\d\d|FC2\d", kernel.strip(), re.IGNORECASE) is not None
