"""How a phantom's series claims to have been acquired: values keep the keyword of their DICOM attribute."""

from dataclasses import dataclass

F18_HALF_LIFE_S = 6586.2
FDG_CORRECTIONS = ("NORM", "DTIM", "ATTN", "SCAT", "DECY", "RAN")


@dataclass(frozen=True)
class MrAcquisition:
    """MR Image module (PS3.3 C.8.3.1) and, with a b-value, Diffusion (C.8.13.5.9); times in ms."""

    ImageType: tuple[str, ...] = ("ORIGINAL", "PRIMARY", "OTHER")
    ScanningSequence: tuple[str, ...] = ("SE",)
    SequenceVariant: tuple[str, ...] = ("NONE",)
    ScanOptions: tuple[str, ...] = ()
    MRAcquisitionType: str = "2D"
    SequenceName: str = ""
    MagneticFieldStrength: float = 1.5
    RepetitionTime: float = 500.0
    EchoTime: float = 12.0
    InversionTime: float | None = None
    EchoTrainLength: int = 1
    FlipAngle: float = 90.0
    DiffusionBValue: float | None = None


@dataclass(frozen=True)
class CtAcquisition:
    """CT Image module (PS3.3 C.8.2.1): tube voltage in kV, current in mA, time in ms."""

    KVP: float = 120.0
    XRayTubeCurrent: int = 220
    ExposureTime: int = 500


@dataclass(frozen=True)
class Tracer:
    """What was injected: Bq, s; the time as TM of the study's day. The patient's weight is the study's."""

    RadionuclideTotalDose: float = 285.0e6
    RadiopharmaceuticalStartTime: str = "081200"
    RadionuclideHalfLife: float = F18_HALF_LIFE_S


@dataclass(frozen=True)
class PetAcquisition:
    """PET Series and Image modules (PS3.3 C.8.9.1, C.8.9.4).

    `frame_starts_s` says for every slice when its bed position began, in seconds after the series' time, to which all
    values are corrected for decay (DecayCorrection START).
    """

    frame_starts_s: tuple[float, ...]
    frame_duration_s: float = 150.0
    tracer: Tracer = Tracer()
    CorrectedImage: tuple[str, ...] = FDG_CORRECTIONS
    Units: str = "BQML"
