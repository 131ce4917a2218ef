"""What is true of structure sets, doses and segmentations of the shared data, by their SOURCE.md and other programs.

Doses by dicompyler-core 0.5.6 (with pydicom 2.4.5 and numpy 1.26.4, in an environment of its own):

    from dicompylercore import dvhcalc
    found = dvhcalc.get_dvh("rtss.dcm", "rtdose.dcm", number)
    print(found.volume, found.mean, found.min, found.max, found.D95.value, found.V5Gy.value, found.V12Gy.value)

Without `interpolation_resolution`: with it the mean of the heart moves by 6 % away from the planning system's (its own
DVH in the object: 4.6254 % of 14 Gy = 0.6476 Gy), so that is no truth.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Gtv:
    """A tumour as SOURCE.md of petctmr_sts_006 has it; `voxels` are those of its NIfTI mask."""

    volume_ml: float
    voxels: int
    mean: float
    max: float | None = None


GTV: Final = {
    "PET": Gtv(volume_ml=259.3, voxels=5197, mean=7.86, max=26.65),
    "CT": Gtv(volume_ml=260.2, voxels=83436, mean=37.8),
    "MR_T1": Gtv(volume_ml=260.2, voxels=83436, mean=308.8),
}

IMAGE_MAX: Final = 27.77
"""Of the whole PET, outside the tumour: the bladder's edge must not leak in."""


@dataclass(frozen=True)
class Dvh:
    """Volumes in ml, doses in Gy."""

    volume: float
    mean: float
    min: float
    max: float
    d95: float
    v5: float
    v12: float


DVHS: Final = {
    "BODY": Dvh(14882.1, 0.45720, 0.01, 14.69, 0.0, 266.7188, 99.3375),
    "Breast": Dvh(400.3875, 5.58195, 0.05, 14.69, 0.08, 180.6563, 95.3250),
    "Heart": Dvh(440.2312, 0.64753, 0.03, 3.10, 0.04, 0.0, 0.0),
    "Lt Lung": Dvh(2004.525, 0.90583, 0.03, 12.11, 0.05, 40.3687, 0.0562),
    "Tumor Bed": Dvh(13.0687, 14.29167, 14.08, 14.57, 14.13, 13.0687, 13.0687),
    "Tumor Bed Block": Dvh(63.3375, 14.28127, 12.61, 14.66, 13.85, 63.3375, 63.3375),
}

GRID_MAX_GY: Final = 14.680764
"""1.4e-5 times the largest stored value of rtdose.dcm."""

PRESCRIBED_GY: Final = 14.0
"""TargetPrescriptionDose of rtplan.dcm."""

OWN_DVH_PERCENT: Final = {"Tumor Bed": 102.0761, "Heart": 4.6254}
"""DVHMeanDose of rtdose.dcm, which calls itself GY and is a share of the 14 Gy: the grid ends at 14.68 Gy."""

DCMQI: Final = {
    "liver.dcm": ("liver_seg.nrrd",),
    "partial_overlaps.dcm": ("partial_overlaps-1.nrrd", "partial_overlaps-2.nrrd", "partial_overlaps-3.nrrd"),
}
"""Segmentations and the label images they were made from."""
