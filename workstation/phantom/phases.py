"""What iodine does to each organ after the injection: the HU of every phase, known before anything is painted."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Enhancement:
    """Mean HU of the organs that contrast reaches; after `stacked`, arrays (phases, 1, 1)."""

    aorta: Any
    pulmonary: Any
    left_heart: Any
    right_heart: Any
    myocardium: Any
    upper_cava: Any
    lower_cava: Any
    iliac_vein: Any
    portal_vein: Any
    hepatic_vein: Any
    liver: Any
    spleen: Any
    pancreas: Any
    renal_cortex: Any
    renal_medulla: Any
    renal_pelvis: Any
    bowel_wall: Any
    adrenal: Any
    thyroid: Any
    bladder: Any
    liver_lesion: Any
    lesion_rim: Any
    lymph_node: Any


# The chest as it is scanned for itself, some 30 s after the injection.
CHEST = Enhancement(
    aorta=325.0,
    pulmonary=300.0,
    left_heart=320.0,
    right_heart=260.0,
    myocardium=118.0,
    upper_cava=330.0,
    lower_cava=90.0,
    iliac_vein=60.0,
    portal_vein=100.0,
    hepatic_vein=66.0,
    liver=76.0,
    spleen=118.0,
    pancreas=98.0,
    renal_cortex=185.0,
    renal_medulla=62.0,
    renal_pelvis=10.0,
    bowel_wall=85.0,
    adrenal=72.0,
    thyroid=150.0,
    bladder=6.0,
    liver_lesion=48.0,
    lesion_rim=92.0,
    lymph_node=70.0,
)
ARTERIAL = Enhancement(
    aorta=335.0,
    pulmonary=270.0,
    left_heart=325.0,
    right_heart=230.0,
    myocardium=122.0,
    upper_cava=260.0,
    lower_cava=95.0,
    iliac_vein=55.0,
    portal_vein=125.0,
    hepatic_vein=64.0,
    liver=80.0,
    spleen=132.0,
    pancreas=112.0,
    renal_cortex=205.0,
    renal_medulla=70.0,
    renal_pelvis=8.0,
    bowel_wall=95.0,
    adrenal=80.0,
    thyroid=160.0,
    bladder=5.0,
    liver_lesion=52.0,
    lesion_rim=118.0,
    lymph_node=74.0,
)
PORTAL = Enhancement(
    aorta=168.0,
    pulmonary=160.0,
    left_heart=165.0,
    right_heart=160.0,
    myocardium=120.0,
    upper_cava=170.0,
    lower_cava=155.0,
    iliac_vein=120.0,
    portal_vein=182.0,
    hepatic_vein=176.0,
    liver=114.0,
    spleen=128.0,
    pancreas=102.0,
    renal_cortex=196.0,
    renal_medulla=160.0,
    renal_pelvis=14.0,
    bowel_wall=98.0,
    adrenal=76.0,
    thyroid=135.0,
    bladder=8.0,
    liver_lesion=62.0,
    lesion_rim=96.0,
    lymph_node=88.0,
)
DELAYED = Enhancement(
    aorta=122.0,
    pulmonary=118.0,
    left_heart=120.0,
    right_heart=120.0,
    myocardium=104.0,
    upper_cava=124.0,
    lower_cava=122.0,
    iliac_vein=118.0,
    portal_vein=124.0,
    hepatic_vein=121.0,
    liver=96.0,
    spleen=104.0,
    pancreas=82.0,
    renal_cortex=148.0,
    renal_medulla=158.0,
    renal_pelvis=520.0,
    bowel_wall=84.0,
    adrenal=62.0,
    thyroid=118.0,
    bladder=150.0,
    liver_lesion=74.0,
    lesion_rim=88.0,
    lymph_node=84.0,
)


def stacked(phases: tuple[Enhancement, ...]) -> Enhancement:
    """One value that holds several phases, each organ as (phases, 1, 1); a single phase stays as it is."""
    if len(phases) == 1:
        return phases[0]
    names = [item.name for item in fields(Enhancement)]
    columns = {name: np.array([getattr(phase, name) for phase in phases], np.float32) for name in names}
    return Enhancement(**{name: values[:, None, None] for name, values in columns.items()})
