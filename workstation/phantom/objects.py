"""What every object of a made study has in common, whatever it holds: patient, study, series, equipment, names."""

from pathlib import Path

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ExplicitVRLittleEndian

from workstation.phantom.series import PhantomStudy, uid_of


def new_object(
    study: PhantomStudy,
    sop_class_uid: UID,
    modality: str,
    series_number: int,
    series_description: str,
    *content: object,
) -> FileDataset:
    """An object of a study, ready for its own modules; its UID follows from `content`, the series' does not.

    Content is dated as the study is. Explicit VR Little Endian.
    """
    series_uid = uid_of("series", study.study_instance_uid, modality, series_number, series_description)
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class_uid
    meta.MediaStorageSOPInstanceUID = UID(uid_of("object", series_uid, *content))
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = UID(uid_of("hounsfield phantom writer"))
    meta.ImplementationVersionName = "HOUNSFIELD_PH"
    dataset = FileDataset("", {}, preamble=b"\0" * 128, file_meta=meta, is_implicit_VR=False, is_little_endian=True)
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    identify(dataset, study)
    dataset.Modality = modality
    dataset.SeriesInstanceUID = series_uid
    dataset.SeriesNumber = series_number
    dataset.SeriesDescription = series_description
    dataset.Manufacturer = "Hounsfield"
    dataset.ManufacturerModelName = "Phantom"
    dataset.DeviceSerialNumber = "1"
    dataset.SoftwareVersions = "1"
    dataset.ContentDate, dataset.ContentTime = study.study_date, study.study_time
    return dataset


def identify(dataset: Dataset, study: PhantomStudy) -> None:
    """Patient and General Study modules (PS3.3 C.7.1.1, C.7.2.1)."""
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientName = study.patient_name
    dataset.PatientID = study.patient_id
    dataset.PatientBirthDate = study.patient_birth_date
    dataset.PatientSex = study.patient_sex
    dataset.PatientAge = study.patient_age
    dataset.StudyInstanceUID = study.study_instance_uid
    dataset.StudyDate = study.study_date
    dataset.StudyTime = study.study_time
    dataset.StudyID = study.study_id
    dataset.StudyDescription = study.study_description
    dataset.AccessionNumber = study.accession_number
    dataset.ReferringPhysicianName = study.referring_physician_name


def request(dataset: Dataset, study: PhantomStudy) -> None:
    """How urgently a study was asked for, and why, as far as it says: for images, whose series may hold the Request
    Attributes Sequence (PS3.3 C.7.3.1, 10.6). The urgency is an extension: no module of images has it."""
    if study.priority:
        dataset.RequestedProcedurePriority = study.priority
    if study.indication:
        asked = Dataset()
        asked.RequestedProcedureDescription = study.study_description
        asked.RequestedProcedureID = study.study_id
        asked.ReasonForTheRequestedProcedure = study.indication
        asked.ScheduledProcedureStepID = "1"
        dataset.RequestAttributesSequence = [asked]


def save(dataset: FileDataset, folder: Path, name: str) -> Path:
    """Write an object into `folder`, made if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.dcm"
    dcmwrite(path, dataset, enforce_file_format=True)
    return path


def coded(value: str, scheme: str, meaning: str) -> Dataset:
    """An item of a code sequence (PS3.3 8.8)."""
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
    return code
