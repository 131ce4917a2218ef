"""Attributes by keyword, read from a scanned dataset; what cannot be read is left out and named in `odd`.

Values follow PS3.5 6.2. A VR that is written wins over the dictionary's, so that a number in the wrong VR is still
that number; bytes of no VR at all are read as the dictionary says.
"""

import struct
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from typing import Any, Final, TypeVar

from workstation.dicom.scan import Dataset, Raw, items

T = TypeVar("T")

TAGS: Final = {
    "SpecificCharacterSet": (0x00080005, "CS"),
    "ImageType": (0x00080008, "CS"),
    "SOPClassUID": (0x00080016, "UI"),
    "SOPInstanceUID": (0x00080018, "UI"),
    "StudyDate": (0x00080020, "DA"),
    "SeriesDate": (0x00080021, "DA"),
    "AcquisitionDate": (0x00080022, "DA"),
    "AcquisitionDateTime": (0x0008002A, "DT"),
    "StudyTime": (0x00080030, "TM"),
    "SeriesTime": (0x00080031, "TM"),
    "AcquisitionTime": (0x00080032, "TM"),
    "ContentTime": (0x00080033, "TM"),
    "AccessionNumber": (0x00080050, "SH"),
    "CodeValue": (0x00080100, "SH"),
    "CodingSchemeDesignator": (0x00080102, "SH"),
    "LongCodeValue": (0x00080119, "UC"),
    "CodeMeaning": (0x00080104, "LO"),
    "Modality": (0x00080060, "CS"),
    "PresentationIntentType": (0x00080068, "CS"),
    "Manufacturer": (0x00080070, "LO"),
    "TimezoneOffsetFromUTC": (0x00080201, "SH"),
    "InstitutionName": (0x00080080, "LO"),
    "ReferringPhysicianName": (0x00080090, "PN"),
    "StudyDescription": (0x00081030, "LO"),
    "SeriesDescription": (0x0008103E, "LO"),
    "ReferencedSOPClassUID": (0x00081150, "UI"),
    "ReferencedSOPInstanceUID": (0x00081155, "UI"),
    "ReferencedFrameNumber": (0x00081160, "IS"),
    "ManufacturerModelName": (0x00081090, "LO"),
    "RecommendedDisplayFrameRate": (0x00082144, "IS"),
    "FrameType": (0x00089007, "CS"),
    "ComplexImageComponent": (0x00089208, "CS"),
    "PatientName": (0x00100010, "PN"),
    "PatientID": (0x00100020, "LO"),
    "IssuerOfPatientID": (0x00100021, "LO"),
    "PatientBirthDate": (0x00100030, "DA"),
    "PatientSex": (0x00100040, "CS"),
    "PatientAge": (0x00101010, "AS"),
    "PatientSize": (0x00101020, "DS"),
    "PatientWeight": (0x00101030, "DS"),
    "ContrastBolusAgent": (0x00180010, "LO"),
    "BodyPartExamined": (0x00180015, "CS"),
    "CineRate": (0x00180040, "IS"),
    "SliceThickness": (0x00180050, "DS"),
    "KVP": (0x00180060, "DS"),
    "RepetitionTime": (0x00180080, "DS"),
    "EchoTime": (0x00180081, "DS"),
    "InversionTime": (0x00180082, "DS"),
    "EchoNumbers": (0x00180086, "IS"),
    "SpacingBetweenSlices": (0x00180088, "DS"),
    "SoftwareVersions": (0x00181020, "LO"),
    "ProtocolName": (0x00181030, "LO"),
    "TriggerTime": (0x00181060, "DS"),
    "NominalInterval": (0x00181062, "IS"),
    "FrameTime": (0x00181063, "DS"),
    "FrameTimeVector": (0x00181065, "DS"),
    "XRayTubeCurrent": (0x00181151, "IS"),
    "ImagerPixelSpacing": (0x00181164, "DS"),
    "RadiopharmaceuticalStartTime": (0x00181072, "TM"),
    "RadionuclideTotalDose": (0x00181074, "DS"),
    "RadionuclideHalfLife": (0x00181075, "DS"),
    "RadiopharmaceuticalStartDateTime": (0x00181078, "DT"),
    "Radiopharmaceutical": (0x00180031, "LO"),
    "ConvolutionKernel": (0x00181210, "SH"),
    "ActualFrameDuration": (0x00181242, "IS"),
    "NominalPercentageOfCardiacPhase": (0x00209241, "FL"),
    "ShutterShape": (0x00181600, "CS"),
    "ShutterLeftVerticalEdge": (0x00181602, "IS"),
    "ShutterRightVerticalEdge": (0x00181604, "IS"),
    "ShutterUpperHorizontalEdge": (0x00181606, "IS"),
    "ShutterLowerHorizontalEdge": (0x00181608, "IS"),
    "CenterOfCircularShutter": (0x00181610, "IS"),
    "RadiusOfCircularShutter": (0x00181612, "IS"),
    "VerticesOfThePolygonalShutter": (0x00181620, "IS"),
    "ShutterPresentationValue": (0x00181622, "US"),
    "ShutterOverlayGroup": (0x00181623, "US"),
    "PatientPosition": (0x00185100, "CS"),
    "RegionSpatialFormat": (0x00186012, "US"),
    "RegionFlags": (0x00186016, "UL"),
    "RegionLocationMinX0": (0x00186018, "UL"),
    "RegionLocationMinY0": (0x0018601A, "UL"),
    "RegionLocationMaxX1": (0x0018601C, "UL"),
    "RegionLocationMaxY1": (0x0018601E, "UL"),
    "PhysicalUnitsXDirection": (0x00186024, "US"),
    "PhysicalUnitsYDirection": (0x00186026, "US"),
    "PhysicalDeltaX": (0x0018602C, "FD"),
    "PhysicalDeltaY": (0x0018602E, "FD"),
    "ViewPosition": (0x00185101, "CS"),
    "FrameAcquisitionDateTime": (0x00189074, "DT"),
    "DiffusionDirectionality": (0x00189075, "CS"),
    "EffectiveEchoTime": (0x00189082, "FD"),
    "DiffusionBValue": (0x00189087, "FD"),
    "DiffusionGradientOrientation": (0x00189089, "FD"),
    "FrameReferenceDateTime": (0x00189151, "DT"),
    "DecayCorrectionDateTime": (0x00189701, "DT"),
    "DecayCorrected": (0x00189758, "CS"),
    "AttenuationCorrected": (0x00189759, "CS"),
    "StudyInstanceUID": (0x0020000D, "UI"),
    "SeriesInstanceUID": (0x0020000E, "UI"),
    "StudyID": (0x00200010, "SH"),
    "SeriesNumber": (0x00200011, "IS"),
    "AcquisitionNumber": (0x00200012, "IS"),
    "InstanceNumber": (0x00200013, "IS"),
    "PatientOrientation": (0x00200020, "CS"),
    "ImagePositionPatient": (0x00200032, "DS"),
    "ImageOrientationPatient": (0x00200037, "DS"),
    "FrameOfReferenceUID": (0x00200052, "UI"),
    "TemporalPositionIdentifier": (0x00200100, "IS"),
    "Laterality": (0x00200060, "CS"),
    "ImageLaterality": (0x00200062, "CS"),
    "StackID": (0x00209056, "SH"),
    "InStackPositionNumber": (0x00209057, "UL"),
    "TemporalPositionIndex": (0x00209128, "UL"),
    "NominalCardiacTriggerDelayTime": (0x00209153, "FD"),
    "FrameAcquisitionNumber": (0x00209156, "US"),
    "DimensionIndexValues": (0x00209157, "UL"),
    "SamplesPerPixel": (0x00280002, "US"),
    "PhotometricInterpretation": (0x00280004, "CS"),
    "PlanarConfiguration": (0x00280006, "US"),
    "NumberOfFrames": (0x00280008, "IS"),
    "Rows": (0x00280010, "US"),
    "Columns": (0x00280011, "US"),
    "PixelSpacing": (0x00280030, "DS"),
    "PixelAspectRatio": (0x00280034, "IS"),
    "CorrectedImage": (0x00280051, "CS"),
    "PixelSpacingCalibrationType": (0x00280A02, "CS"),
    "PixelIntensityRelationship": (0x00281040, "CS"),
    "BitsAllocated": (0x00280100, "US"),
    "BitsStored": (0x00280101, "US"),
    "HighBit": (0x00280102, "US"),
    "PixelRepresentation": (0x00280103, "US"),
    "PixelPaddingValue": (0x00280120, "US"),
    "PixelPaddingRangeLimit": (0x00280121, "US"),
    "BurnedInAnnotation": (0x00280301, "CS"),
    "WindowCenter": (0x00281050, "DS"),
    "WindowWidth": (0x00281051, "DS"),
    "RescaleIntercept": (0x00281052, "DS"),
    "RescaleSlope": (0x00281053, "DS"),
    "RescaleType": (0x00281054, "LO"),
    "WindowCenterWidthExplanation": (0x00281055, "LO"),
    "VOILUTFunction": (0x00281056, "CS"),
    "LossyImageCompression": (0x00282110, "CS"),
    "LossyImageCompressionRatio": (0x00282112, "DS"),
    "LUTExplanation": (0x00283003, "LO"),
    "ModalityLUTType": (0x00283004, "LO"),
    "MaskOperation": (0x00286101, "CS"),
    "ApplicableFrameRange": (0x00286102, "US"),
    "MaskFrameNumbers": (0x00286110, "US"),
    "MaskSubPixelShift": (0x00286114, "FL"),
    "EnergyWindowVector": (0x00540010, "US"),
    "DetectorVector": (0x00540020, "US"),
    "PhaseVector": (0x00540030, "US"),
    "RotationVector": (0x00540050, "US"),
    "RRIntervalVector": (0x00540060, "US"),
    "TimeSlotVector": (0x00540070, "US"),
    "SliceVector": (0x00540080, "US"),
    "AngularViewVector": (0x00540090, "US"),
    "TimeSliceVector": (0x00540100, "US"),
    "ReasonForTheRequestedProcedure": (0x00401002, "LO"),
    "RequestedProcedurePriority": (0x00401003, "SH"),
    "Units": (0x00541001, "CS"),
    "SeriesType": (0x00541000, "CS"),
    "SUVType": (0x00541006, "CS"),
    "DecayCorrection": (0x00541102, "CS"),
    "ReconstructionMethod": (0x00541103, "LO"),
    "FrameReferenceTime": (0x00541300, "DS"),
    "DecayFactor": (0x00541321, "DS"),
    "RealWorldValueFirstValueMapped": (0x00409216, "US"),
    "RealWorldValueLastValueMapped": (0x00409211, "US"),
    "RealWorldValueIntercept": (0x00409224, "FD"),
    "RealWorldValueSlope": (0x00409225, "FD"),
    "LUTLabel": (0x00409210, "SH"),
    "SegmentationType": (0x00620001, "CS"),
    "SegmentNumber": (0x00620004, "US"),
    "SegmentLabel": (0x00620005, "LO"),
    "SegmentDescription": (0x00620006, "ST"),
    "SegmentAlgorithmType": (0x00620008, "CS"),
    "SegmentAlgorithmName": (0x00620009, "LO"),
    "ReferencedSegmentNumber": (0x0062000B, "US"),
    "RecommendedDisplayCIELabValue": (0x0062000D, "US"),
    "MaximumFractionalValue": (0x0062000E, "US"),
    "SegmentationFractionalType": (0x00620010, "CS"),
    "SegmentsOverlap": (0x00620013, "CS"),
    "TrackingID": (0x00620020, "UT"),
    "TrackingUID": (0x00620021, "UI"),
    "AlgorithmVersion": (0x00660031, "LO"),
    "AlgorithmName": (0x00660036, "LO"),
    "GraphicLayer": (0x00700002, "CS"),
    "BoundingBoxAnnotationUnits": (0x00700003, "CS"),
    "AnchorPointAnnotationUnits": (0x00700004, "CS"),
    "GraphicAnnotationUnits": (0x00700005, "CS"),
    "UnformattedTextValue": (0x00700006, "ST"),
    "BoundingBoxTopLeftHandCorner": (0x00700010, "FL"),
    "BoundingBoxBottomRightHandCorner": (0x00700011, "FL"),
    "BoundingBoxTextHorizontalJustification": (0x00700012, "CS"),
    "AnchorPoint": (0x00700014, "FL"),
    "AnchorPointVisibility": (0x00700015, "CS"),
    "GraphicData": (0x00700022, "FL"),
    "GraphicType": (0x00700023, "CS"),
    "GraphicFilled": (0x00700024, "CS"),
    "ImageHorizontalFlip": (0x00700041, "CS"),
    "ImageRotation": (0x00700042, "US"),
    "DisplayedAreaTopLeftHandCorner": (0x00700052, "SL"),
    "DisplayedAreaBottomRightHandCorner": (0x00700053, "SL"),
    "GraphicLayerOrder": (0x00700062, "IS"),
    "GraphicLayerRecommendedDisplayGrayscaleValue": (0x00700066, "US"),
    "ContentLabel": (0x00700080, "CS"),
    "ContentDescription": (0x00700081, "LO"),
    "ContentCreatorName": (0x00700084, "PN"),
    "PresentationSizeMode": (0x00700100, "CS"),
    "PresentationPixelSpacing": (0x00700101, "DS"),
    "PresentationPixelAspectRatio": (0x00700102, "IS"),
    "PresentationPixelMagnificationRatio": (0x00700103, "FL"),
    "FrameOfReferenceTransformationMatrixType": (0x0070030C, "CS"),
    "SourceFrameOfReferenceUID": (0x00640003, "UI"),
    "GridDimensions": (0x00640007, "UL"),
    "GridResolution": (0x00640008, "FD"),
    "PresentationLUTShape": (0x20500020, "CS"),
    "RelationshipType": (0x0040A010, "CS"),
    "VerificationDateTime": (0x0040A030, "DT"),
    "ValueType": (0x0040A040, "CS"),
    "VerifyingObserverName": (0x0040A075, "PN"),
    "DateTime": (0x0040A120, "DT"),
    "Date": (0x0040A121, "DA"),
    "Time": (0x0040A122, "TM"),
    "PersonName": (0x0040A123, "PN"),
    "UID": (0x0040A124, "UI"),
    "TextValue": (0x0040A160, "UT"),
    "FloatingPointValue": (0x0040A161, "FD"),
    "NumericValue": (0x0040A30A, "DS"),
    "ContentDate": (0x00080023, "DA"),
    "CompletionFlag": (0x0040A491, "CS"),
    "VerificationFlag": (0x0040A493, "CS"),
    "DocumentTitle": (0x00420010, "ST"),
    "DVHType": (0x30040001, "CS"),
    "ReferencedFrameOfReferenceUID": (0x30060024, "UI"),
    "DoseUnits": (0x30040002, "CS"),
    "DoseType": (0x30040004, "CS"),
    "DoseComment": (0x30040006, "LO"),
    "DoseSummationType": (0x3004000A, "CS"),
    "GridFrameOffsetVector": (0x3004000C, "DS"),
    "DoseGridScaling": (0x3004000E, "DS"),
    "DVHDoseScaling": (0x30040052, "DS"),
    "DVHVolumeUnits": (0x30040054, "CS"),
    "DVHData": (0x30040058, "DS"),
    "DVHMinimumDose": (0x30040070, "DS"),
    "DVHMaximumDose": (0x30040072, "DS"),
    "DVHMeanDose": (0x30040074, "DS"),
    "StructureSetLabel": (0x30060002, "SH"),
    "StructureSetName": (0x30060004, "LO"),
    "ROINumber": (0x30060022, "IS"),
    "ROIName": (0x30060026, "LO"),
    "ROIDisplayColor": (0x3006002A, "IS"),
    "ROIGenerationAlgorithm": (0x30060036, "CS"),
    "ContourGeometricType": (0x30060042, "CS"),
    "ContourSlabThickness": (0x30060044, "DS"),
    "NumberOfContourPoints": (0x30060046, "IS"),
    "ReferencedROINumber": (0x30060084, "IS"),
    "RTROIInterpretedType": (0x300600A4, "CS"),
    "FrameOfReferenceTransformationMatrix": (0x300600C6, "DS"),
    "FrameOfReferenceTransformationComment": (0x300600C8, "LO"),
    "DoseReferenceStructureType": (0x300A0014, "CS"),
    "DoseReferenceType": (0x300A0020, "CS"),
    "TargetPrescriptionDose": (0x300A0026, "DS"),
    "OverlayRows": (0x60000010, "US"),
    "OverlayColumns": (0x60000011, "US"),
    "NumberOfFramesInOverlay": (0x60000015, "IS"),
    "OverlayDescription": (0x60000022, "LO"),
    "OverlayType": (0x60000040, "CS"),
    "OverlayOrigin": (0x60000050, "SS"),
    "ImageFrameOrigin": (0x60000051, "US"),
    "OverlayBitsAllocated": (0x60000100, "US"),
    "OverlayBitPosition": (0x60000102, "US"),
    "OverlayActivationLayer": (0x60001001, "CS"),
    "OverlayLabel": (0x60001500, "LO"),
}
"""Tag and VR of each attribute that is read (PS3.6); a test holds them against pydicom's dictionary."""

_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d", "UV": "Q", "SV": "q"}
_LOCALISED: Final = frozenset(("LO", "LT", "PN", "SH", "ST", "UC", "UT"))
_UNSPLIT: Final = frozenset(("LT", "ST", "UR", "UT"))
_SIMPLE_SETS: Final = {
    "": "latin-1",
    "ISO_IR 6": "latin-1",
    "ISO_IR 100": "latin-1",
    "ISO_IR 192": "utf-8",
}
"""Character sets that Python decodes as they are; plain ASCII is read as Latin-1, as most writers without a
SpecificCharacterSet mean it."""


class Attributes:
    """The attributes of `dataset`; `odd` names what is there and cannot be read."""

    def __init__(self, dataset: Dataset) -> None:
        self.odd: list[str] = []
        self._dataset = dataset
        self._order = ">" if dataset.big_endian else "<"
        self._sets: tuple[str, ...] = ()
        self._sets = self.texts("SpecificCharacterSet")

    @property
    def elements(self) -> dict[int, Raw]:
        """The elements that are read, by tag."""
        return self._dataset.elements

    @property
    def big_endian(self) -> bool:
        """How the numbers of a value are written that is read as a whole (`bytes_of`)."""
        return self._dataset.big_endian

    def having(self, elements: dict[int, Raw]) -> "Attributes":
        """The same way of reading for other elements of the same file; they share `odd`."""
        other = copy(self)
        other._dataset = replace(self._dataset, elements=elements)
        return other

    def items(self, tag: int) -> Iterator[dict[int, Raw]]:
        """The elements of each item of a sequence (PS3.5 7.5); none when it is not there. Errors as `scan.scan`."""
        raw = self._dataset.elements.get(tag)
        if raw is None:
            return iter(())
        # A sequence of unknown VR is written implicitly, whatever is around it (PS3.5 6.2.2).
        dataset = replace(self._dataset, explicit=False) if raw.vr == b"UN" else self._dataset
        return items(dataset, raw)

    def private(self, group: int, creator: str, element: int) -> Raw | None:
        """A private element by the creator that reserved its block (PS3.5 7.8.1)."""
        for block in range(0x10, 0x100):
            raw = self._dataset.elements.get(group << 16 | block)
            if raw is not None and self.bytes_of(raw).strip(b" \0").decode("latin-1") == creator:
                return self._dataset.elements.get(group << 16 | block << 8 | element)
        return None

    def bytes_of(self, raw: Raw) -> bytes:
        """A value as it stands in the file."""
        return self._dataset.data[raw.start : raw.end]

    def private_numbers(self, group: int, creator: str, element: int, vr: str) -> tuple[float, ...]:
        """The numbers of a private element, whose `vr` implicit encodings do not say; none when it is not there."""
        raw = self.private(group, creator, element)
        if raw is None or raw.end == raw.start:
            return ()
        try:
            return tuple(_finite(value) for value in self._values(raw, vr))
        except (ValueError, struct.error):
            return ()

    def text(self, keyword: str) -> str:
        """The first value as text, without padding."""
        return self._read(keyword, lambda values: str(values[0]), "")

    def texts(self, keyword: str) -> tuple[str, ...]:
        return self._read(keyword, lambda values: tuple(map(str, values)), ())

    def integer(self, keyword: str) -> int | None:
        return self._read(keyword, lambda values: _whole(values[0]), None)

    def number(self, keyword: str) -> float | None:
        return self._read(keyword, lambda values: _finite(values[0]), None)

    def numbers(self, keyword: str, count: int = 0) -> tuple[float, ...]:
        """All values, which must be `count` when that is given."""
        return self._read(keyword, lambda values: _counted(tuple(map(_finite, values)), count), ())

    def _read(self, keyword: str, convert: Callable[[list[Any]], T], default: T) -> T:
        tag, dictionary_vr = TAGS[keyword]
        raw = self._dataset.elements.get(tag)
        if raw is None or raw.end == raw.start:
            return default
        try:
            values = self._values(raw, dictionary_vr)
            return convert(values) if any(value != "" for value in values) else default
        except (ValueError, struct.error, LookupError, OverflowError) as error:
            self.odd.append(f"{keyword} cannot be read ({type(error).__name__})")
            return default

    def _values(self, raw: Raw, dictionary_vr: str) -> list[Any]:
        vr = raw.vr.decode("latin-1") if raw.vr in _READABLE else dictionary_vr
        value = self._dataset.data[raw.start : raw.end]
        if vr in _NUMBERS:
            form = _NUMBERS[vr]
            count = len(value) // struct.calcsize(form)
            return list(struct.unpack_from(f"{self._order}{count}{form}", value))
        text = self._decoded(value, vr)
        parts = [text] if vr in _UNSPLIT else text.split("\\")
        return [part.strip(" \0").rstrip("=" if vr == "PN" else "") for part in parts]

    def _decoded(self, value: bytes, vr: str) -> str:
        if vr not in _LOCALISED or (value.isascii() and b"\x1b" not in value):
            return value.decode("latin-1")
        if len(self._sets) <= 1 and (encoding := _SIMPLE_SETS.get("".join(self._sets))):
            return value.decode(encoding, "replace")
        return _decoded_by_pydicom(value, vr, self._sets)


_READABLE: Final = frozenset(
    name.encode() for name in (*_NUMBERS, "AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR", *_LOCALISED)
)


def _decoded_by_pydicom(value: bytes, vr: str, sets: tuple[str, ...]) -> str:
    """Code extensions and the other character sets (PS3.5 6.1.2)."""
    from pydicom.charset import convert_encodings, decode_bytes
    from pydicom.valuerep import TEXT_VR_DELIMS, PersonName

    encodings = convert_encodings(list(sets))
    if vr == "PN":
        return "\\".join(str(PersonName(part, encodings)) for part in value.split(b"\\"))
    return str(decode_bytes(value, encodings, TEXT_VR_DELIMS))


def _whole(value: Any) -> int:
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            value = float(value)
    if value != int(value):
        raise ValueError("not a whole number")
    return int(value)


def _finite(value: Any) -> float:
    number = float(value)
    if number != number or number in (float("inf"), float("-inf")):
        raise ValueError("not a finite number")
    return number


def _counted(values: tuple[float, ...], count: int) -> tuple[float, ...]:
    if count and len(values) != count:
        raise ValueError(f"{len(values)} values, {count} expected")
    return values
