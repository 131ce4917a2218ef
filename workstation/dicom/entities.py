"""Instances as values: identity, pixel format and one `Frame` of attributes for each image in them.

A single-frame object has exactly one `Frame`; a multi-frame object has as many as it has images.
Nothing here holds pixels. All values are what the object says, not what we make of it: geometry is
worked out in `imaging`.
"""

from dataclasses import dataclass

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
class Frame:
    """What the header says of one image: plane, rescale, windows."""

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
    PatientAge: str = ""
    InstitutionName: str = ""
    Modality: str = ""
    SeriesNumber: int | None = None
    SeriesDescription: str = ""
    SeriesDate: str = ""
    SeriesTime: str = ""
    BodyPartExamined: str = ""
    Laterality: str = ""
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
    odd: tuple[str, ...] = ()
    """Sentences about attributes that were unreadable and were left out."""
