"""What a phantom is before it becomes files: voxels, their place, and whose they claim to be."""

import hashlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workstation.phantom.acquisition import CtAcquisition, MrAcquisition, PetAcquisition
from workstation.phantom.grid import Grid

# Any fixed UUID will do: it only keeps our names apart from other people's version-5 UUIDs.
_NAMESPACE = uuid.UUID("6f1c5d1e-8f0a-5d8e-9a44-2d3f5b7c9e10")


def uid_of(*words: object) -> str:
    """A UID under 2.25 (PS3.5 B.2), always the same for the same words."""
    return f"2.25.{uuid.uuid5(_NAMESPACE, chr(31).join(str(word) for word in words)).int}"


@dataclass(frozen=True)
class Window:
    """WindowCenter, WindowWidth and WindowCenterWidthExplanation, in output units (HU for CT)."""

    center: float
    width: float
    explanation: str


_VOXELS = {"CT": np.int16, "MR": np.uint16, "PT": np.float32}

MEDIASTINUM = Window(40, 400, "MEDIASTINUM")
LUNG = Window(-600, 1500, "LUNG")


@dataclass(frozen=True)
class PhantomStudy:
    """Patient and study attributes; dates are fixed so that the same phantom is the same bytes on any day."""

    patient_name: str = "Phantom^Known"
    patient_id: str = "PHANTOM-1"
    patient_birth_date: str = "19700101"
    patient_sex: str = "O"
    patient_age: str = "055Y"
    patient_size_m: float | None = None
    patient_weight_kg: float | None = None
    study_id: str = "1"
    study_date: str = "20250311"
    study_time: str = "091500"
    study_description: str = "Phantom"
    accession_number: str = "PH0001"
    referring_physician_name: str = "Referrer^Demo"
    priority: str = ""
    """RequestedProcedurePriority (PS3.3 C.4.11)."""
    indication: str = ""
    """ReasonForTheRequestedProcedure, 64 letters at most."""
    seed: int = 0

    @cached_property
    def study_instance_uid(self) -> str:
        """Follows from patient, study and seed alone."""
        return uid_of("study", self.seed, self.patient_id, self.study_id, self.study_date, self.accession_number)


@dataclass(frozen=True, eq=False)
class PhantomSeries:
    """One series of single-frame images.

    `voxels` is (slices, rows, columns): int16 in HU for CT, uint16 stored values for MR, float32 in Units for PET, of
    which each slice is stored with a RescaleSlope of its own. Voxels outside the scanned field carry
    `pixel_padding_value` already rescaled (stored -2000 under an intercept of -1024 is -3024 HU).
    `reverse_order` numbers the images against the direction in which slices are stacked.
    """

    voxels: NDArray[np.int16] | NDArray[np.uint16] | NDArray[np.float32]
    grid: Grid
    modality: Literal["CT", "MR", "PT"] = "CT"
    study: PhantomStudy = field(default_factory=PhantomStudy)
    series_number: int = 1
    series_description: str = "Phantom"
    series_time: str = "092000"
    protocol_name: str = "PHANTOM"
    body_part_examined: str = "CHEST"
    patient_position: str = "HFS"
    frame_of_reference: str = "scanner"
    windows: tuple[Window, ...] = (MEDIASTINUM,)
    rescale_slope: float = 1.0
    rescale_intercept: float = -1024.0
    pixel_padding_value: int | None = None
    convolution_kernel: str = "SOFT"
    contrast_agent: str | None = None
    contrast_start_time: str | None = None
    gantry_detector_tilt_deg: float | None = None
    slice_thickness_mm: float | None = None
    reverse_order: bool = False
    acquisition: CtAcquisition | MrAcquisition | PetAcquisition | None = None

    def __post_init__(self) -> None:
        if self.voxels.shape != self.grid.shape:
            raise ValueError(f"voxels {self.voxels.shape} on a grid of {self.grid.shape}")
        wanted = np.dtype(_VOXELS[self.modality])
        if self.voxels.dtype != wanted:
            raise ValueError(f"{self.modality} voxels must be {wanted}, not {self.voxels.dtype}")

    @cached_property
    def series_instance_uid(self) -> str:
        """Follows from all that is written: no two different series ever share a UID (nor do their images)."""
        content = hashlib.sha256(np.ascontiguousarray(self.voxels).data)
        for name in (item.name for item in fields(self) if item.name != "voxels"):
            content.update(f"{name}={getattr(self, name)!r};".encode())
        return uid_of("series", self.study.study_instance_uid, self.series_number, content.hexdigest())

    @property
    def frame_of_reference_uid(self) -> str:
        """Series of one study with the same `frame_of_reference` word share it."""
        return uid_of("frame of reference", self.study.study_instance_uid, self.frame_of_reference)

    def sop_instance_uid(self, slice_index: int) -> str:
        """UID of the image that holds `voxels[slice_index]`."""
        return uid_of("image", self.series_instance_uid, slice_index)

    def instance_number(self, slice_index: int) -> int:
        """InstanceNumber of the image that holds `voxels[slice_index]`, counted from 1."""
        return len(self.voxels) - slice_index if self.reverse_order else slice_index + 1


@dataclass(frozen=True)
class DemoStudy:
    """A study of the demo patient, made only when asked for.

    `series` takes a size ("tiny", "small" or "full") and gives the series one after another, so that only one needs to
    be in memory. It is a function of a module: a value of this class can be sent to another process.
    """

    title: str
    study: PhantomStudy
    series: Callable[[str], Iterator[PhantomSeries]]
