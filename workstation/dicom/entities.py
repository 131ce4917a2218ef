"""Instances as values: identity, pixel format and one `Frame` of attributes for each image in them.

A single-frame object has exactly one `Frame`; a multi-frame object has as many as it has images.
Nothing here holds pixels. All values are what the object says, not what we make of it: geometry is
worked out in `imaging`.
"""

from dataclasses import dataclass
from itertools import accumulate

Vec3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Patient:
    """Who is on the picture (PS3.3 C.7.1.1). Same patient means ID, issuer and birth date (safety.md 3)."""

    PatientID: str = ""
    IssuerOfPatientID: str = ""
    PatientName: str = ""
    PatientBirthDate: str = ""
    PatientSex: str = ""


@dataclass(frozen=True, slots=True)
class PixelFormat:
    """Image Pixel Module (PS3.3 C.7.6.3) and where the bytes stand in the file.

    `offset` and `length` (bytes, from the start of the DICOM file) are set only for native,
    undeflated pixel data, which can be read without parsing the file again.
    """

    Rows: int
    Columns: int
    SamplesPerPixel: int
    PhotometricInterpretation: str
    PlanarConfiguration: int
    BitsAllocated: int
    BitsStored: int
    HighBit: int
    PixelRepresentation: int
    NumberOfFrames: int
    keyword: str
    offset: int | None = None
    length: int | None = None

    @property
    def frame_bytes(self) -> int:
        """Bytes of one decoded frame as the header declares it."""
        return self.Rows * self.Columns * self.SamplesPerPixel * max(1, self.BitsAllocated // 8)


@dataclass(frozen=True, slots=True)
class VoiWindow:
    """One WindowCenter / WindowWidth pair with its explanation (PS3.3 C.11.2.1.2)."""

    center: float
    width: float
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class UltrasoundRegion:
    """A part of an ultrasound image with a scale of its own (PS3.3 C.8.5.5), the same in all frames.

    `box` is its first and last column and row, from 0: left, top, right, bottom. `units` and `deltas` are those of a
    step to the next column and row (C.8.5.5.1.15: 3 is cm, 4 seconds, 7 cm/s).
    """

    box: tuple[int, int, int, int]
    units: tuple[int, int]
    deltas: tuple[float, float]
    spatial_format: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class RealWorldValue:
    """Stored values from `first` to `last` mean slope * stored + intercept (PS3.3 C.7.6.16.2.11), in a UCUM `unit`."""

    slope: float
    intercept: float
    unit: str
    first: float | None = None
    last: float | None = None
    label: str = ""
    object_uid: str = ""
    """SOPInstanceUID of the mapping object that says so beside the image; empty where the image does."""


@dataclass(frozen=True, slots=True)
class Pet:
    """What a PET object says of tracer, patient and corrections (PS3.3 C.8.9.1, C.8.9.2, C.7.2.2), as it says it.

    Numbers that cannot be read are None. `nuclide` is the code and meaning of RadionuclideCodeSequence. GE and Philips
    keep some in private elements, whose names begin with theirs.
    """

    PatientWeight: float | None = None
    PatientSize: float | None = None
    SUVType: str = ""
    DecayCorrection: str = ""
    RadionuclideTotalDose: float | None = None
    RadionuclideHalfLife: float | None = None
    RadiopharmaceuticalStartTime: str = ""
    RadiopharmaceuticalStartDateTime: str = ""
    Radiopharmaceutical: str = ""
    nuclide: tuple[str, str] = ("", "")
    TimezoneOffsetFromUTC: str = ""
    ReconstructionMethod: str = ""
    tracers: int = 1
    """Items of RadiopharmaceuticalInformationSequence; what stands here is of the first."""
    SeriesType: str = ""
    """Its first value: STATIC, DYNAMIC, GATED, WHOLE BODY."""
    DecayCorrectionDateTime: str = ""
    AttenuationCorrected: str = ""
    DecayCorrected: str = ""
    """YES or NO: what enhanced objects say in the place of CorrectedImage and DecayCorrection (PS3.3 C.8.22)."""
    ge_scan: str = ""
    """(0009,100D) of GEMS_PETD_01: to when values are corrected for decay."""
    ge_injected: str = ""
    """(0009,103B): when the tracer was given."""
    philips_suv: float | None = None
    """(7053,1000): modality values times this are SUVbw."""
    philips_activity: float | None = None
    """(7053,1009): modality values times this are Bq/ml."""
    glucose: tuple[float, str] | None = None
    """The blood glucose that AcquisitionContextSequence gives, and its unit in UCUM."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What the header says of one image: plane, rescale, windows, and what tells it from others at its position.

    For an image of a multi-frame object the functional groups (PS3.3 C.7.6.16) are folded in under the keyword
    that single-frame objects use. What only the object as a whole says stays in `Instance`.
    """

    ImagePositionPatient: Vec3 | None = None
    ImageOrientationPatient: tuple[float, float, float, float, float, float] | None = None
    PixelSpacing: tuple[float, float] | None = None
    ImagerPixelSpacing: tuple[float, float] | None = None
    SliceThickness: float | None = None
    RescaleSlope: float | None = None
    RescaleIntercept: float | None = None
    RescaleType: str = ""
    windows: tuple[VoiWindow, ...] = ()
    VOILUTFunction: str = "LINEAR"
    PixelAspectRatio: tuple[float, float] | None = None
    FrameType: tuple[str, ...] = ()
    """FrameType of the functional groups, with ComplexImageComponent where that is given."""
    StackID: str = ""
    InStackPositionNumber: int | None = None
    TemporalPositionIndex: int | None = None
    """Or TemporalPositionIdentifier."""
    EchoTime: float | None = None
    """EchoTime or EffectiveEchoTime, ms."""
    InversionTime: float | None = None
    TriggerTime: float | None = None
    """TriggerTime or NominalCardiacTriggerDelayTime, ms."""
    NominalInterval: float | None = None
    """From one beat to the next, ms (PS3.3 C.7.6.18.1)."""
    NominalPercentageOfCardiacPhase: float | None = None
    DiffusionBValue: float | None = None
    """s/mm²; for older objects from the private element of its maker."""
    DiffusionGradientOrientation: tuple[float, ...] = ()
    AcquisitionNumber: int | None = None
    AcquisitionDateTime: str = ""
    """AcquisitionDateTime, FrameAcquisitionDateTime, or AcquisitionDate and AcquisitionTime together."""
    FrameReferenceTime: float | None = None
    """PET: ms from the start of the series (PS3.3 C.8.9.4)."""
    ActualFrameDuration: float | None = None
    """ms."""
    DecayFactor: float | None = None
    """PET: what values were multiplied by for decay (PS3.3 C.8.9.4)."""
    real_world: tuple[RealWorldValue, ...] = ()
    """PET: what the object itself says its stored values mean."""
    ReferencedSegmentNumber: int | None = None
    DimensionIndexValues: tuple[int, ...] = ()
    increments: tuple[tuple[str, int], ...] = ()
    """What nuclear medicine counts frames by (PS3.3 C.8.4.8): keyword of the vector and this frame's value."""
    tile: tuple[int, int, int, int] | None = None
    """First row, first column, rows and columns of this image in a stored frame that holds many (a mosaic)."""


@dataclass(frozen=True, slots=True)
class Instance:
    """One SOP Instance: what a list, a display set and a corner text need to know of it."""

    SOPInstanceUID: str
    SOPClassUID: str
    TransferSyntaxUID: str
    StudyInstanceUID: str
    SeriesInstanceUID: str
    patient: Patient
    pixels: PixelFormat | None
    frames: tuple[Frame, ...]
    StudyDate: str = ""
    StudyTime: str = ""
    StudyID: str = ""
    StudyDescription: str = ""
    AccessionNumber: str = ""
    ReferringPhysicianName: str = ""
    RequestedProcedurePriority: str = ""
    ReasonForTheRequestedProcedure: str = ""
    """Of the object, or of the first request of its series that says one (PS3.3 10.6, C.7.3.1)."""
    PatientAge: str = ""
    InstitutionName: str = ""
    Modality: str = ""
    SeriesNumber: int | None = None
    SeriesDescription: str = ""
    SeriesDate: str = ""
    SeriesTime: str = ""
    BodyPartExamined: str = ""
    Laterality: str = ""
    ImageLaterality: str = ""
    ViewPosition: str = ""
    ViewCodes: tuple[str, ...] = ()
    """CodeValue of the View Code Sequence, then of its modifiers (PS3.3 C.8.5.6, C.8.11.7)."""
    PresentationIntentType: str = ""
    ProtocolName: str = ""
    PatientPosition: str = ""
    Manufacturer: str = ""
    FrameOfReferenceUID: str = ""
    InstanceNumber: int | None = None
    AcquisitionNumber: int | None = None
    AcquisitionDate: str = ""
    AcquisitionTime: str = ""
    ContentTime: str = ""
    ImageType: tuple[str, ...] = ()
    PatientOrientation: tuple[str, ...] = ()
    PixelPaddingValue: int | None = None
    PixelPaddingRangeLimit: int | None = None
    BurnedInAnnotation: str = ""
    LossyImageCompression: str = ""
    LossyImageCompressionRatio: float | None = None
    ConvolutionKernel: str = ""
    ContrastBolusAgent: str = ""
    KVP: float | None = None
    XRayTubeCurrent: float | None = None
    EchoTime: float | None = None
    RepetitionTime: float | None = None
    PresentationLUTShape: str = ""
    Units: str = ""
    CorrectedImage: tuple[str, ...] = ()
    FrameTime: float | None = None
    FrameTimeVector: tuple[float, ...] = ()
    RecommendedDisplayFrameRate: float | None = None
    CineRate: float | None = None
    PixelIntensityRelationship: str = ""
    PixelSpacingCalibrationType: str = ""
    MaskFrameNumbers: tuple[int, ...] = ()
    """Frames (from 1) that its first mask operation averages into the mask (PS3.3 C.7.6.10)."""
    MaskSubPixelShift: tuple[float, ...] = ()
    pet: Pet | None = None
    """Of PET alone."""
    ultrasound: tuple[UltrasoundRegion, ...] = ()
    """SequenceOfUltrasoundRegions; regions without a scale are left out."""
    odd: tuple[str, ...] = ()
    """Sentences about attributes that were unreadable and were left out."""

    @property
    def images(self) -> int:
        """How many images it holds: stored frames, or the tiles of a mosaic."""
        if self.pixels is None:
            return 0
        if self.frames[0].tile is not None:
            return len(self.frames)
        return max(1, self.pixels.NumberOfFrames)

    @property
    def frame_times_ms(self) -> tuple[float, ...]:
        """When each frame begins, from the first (PS3.3 C.7.6.5); empty when the object does not say."""
        count = self.images
        if count < 2:
            return ()
        if len(self.FrameTimeVector) == count:
            return tuple(accumulate((0.0, *self.FrameTimeVector[1:])))
        step_ms = self.FrameTime
        rate = self.RecommendedDisplayFrameRate or self.CineRate
        if not step_ms and rate:
            step_ms = 1000.0 / rate
        return tuple(step_ms * frame for frame in range(count)) if step_ms and step_ms > 0 else ()
