"""Whether lengths on an image are those of the patient, or of the detector behind them (safety.md 8)."""

from typing import Final

from workstation.imaging.images import ImageRef

PROJECTIONS: Final = frozenset(("CR", "DX", "MG", "XA", "RF", "IO", "PX", "RG", "DG"))


def is_at_detector(ref: ImageRef) -> bool:
    """Whether spacing is that of the detector: projections magnify what lies before it (PS3.3 10.7.1.3, safety.md 8).

    A PixelSpacing of theirs counts as the patient's only with the type of its calibration.
    """
    if ref.attributes.PixelSpacing is None:
        return True
    return ref.instance.Modality in PROJECTIONS and not ref.instance.PixelSpacingCalibrationType
