"""The error family.

    HounsfieldError            a sentence for the person, a detail for the log
    ├── Refused                the answer is "no", with one of the fixed reasons below
    ├── NotFound               a study, series or file that was named and is not there
    └── Cancelled              somebody asked for it to stop

A refusal is an answer, not an accident: safety.md asks that every refusal comes from one
fixed, listed set of reasons, so that nothing is hidden behind a vague message.
"""

import difflib
from collections.abc import Sequence
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Every reason for which the workstation refuses an object, a picture or a number."""

    NOT_DICOM = "not a DICOM file"
    TRUNCATED = "the file ends before its data does"
    UNREADABLE = "the header cannot be read"
    NO_IDENTITY = "SOP Instance, Study or SOP Class UID is missing"
    TOO_LARGE = "declares more data than the limit allows"
    TOO_DEEP = "sequences are nested deeper than the limit allows"
    OUTSIDE_ROOT = "its path leads outside the folder or archive it came in"
    CONFLICT = "another object with the same SOP Instance UID is already stored"
    MISSING = "there is no such file"
    MEDIA_DIRECTORY = "this is the table of contents of media (DICOMDIR), not an object"
    NOT_ON_MEDIA = "the DICOMDIR names this file, and it is not there"
    ARCHIVE = "the archive is damaged, protected by a password, or packed in an unknown way"
    ARCHIVE_LIMIT = "the archive holds more than the limit allows"
    NESTED_ARCHIVE = "an archive inside an archive inside an archive is not opened"
    WORKER_DIED = "reading it ended the process that read it"
    TIME_LIMIT = "reading it took longer than the limit allows"
    IO_ERROR = "the file cannot be read from disk"
    DISK_FULL = "the disk is full"
    DAMAGED = "the stored file no longer has the digest it was received with"
    NOT_A_PRESENTATION = "it is no presentation state that can be read"
    NOT_A_REPORT = "it is no report that can be read"
    NOT_A_STRUCTURE_SET = "it is no RT structure set that can be read"
    NOT_A_DOSE = "it is no RT dose that can be read"
    NOT_A_SEGMENTATION = "it is no segmentation that can be read"
    NOT_A_REGISTRATION = "it is no spatial registration that can be read"
    NO_FRAMES = "it names no two frames of reference, so nothing says which images it lays on which"
    OTHER_FRAME = "it lies in another frame of reference, and nothing says how the two fit"
    NOTHING_ENCLOSED = "its contours enclose nothing"
    NOT_AN_IMAGE = "this object holds no image"
    TRANSFER_SYNTAX = "its transfer syntax cannot be decoded"
    PIXEL_FORMAT = "its pixel format cannot be shown yet"
    PIXEL_LENGTH = "its pixel data is shorter than its header says"
    CODESTREAM = "its compressed pixels contradict its header"
    PIXEL_DATA = "its pixel data is damaged"
    NO_GEOMETRY = "it has no position or orientation in the patient"
    TOO_FEW_SLICES = "a volume needs at least three slices"
    MIXED_ORIENTATION = "its slices do not lie parallel"
    CONTRADICTING_POSITIONS = "its slice positions contradict each other"
    UNEVEN_SPACING = "its slices are not evenly spaced"
    TILTED = "its slices are sheared against their normal (gantry tilt)"
    MEMORY = "there is not enough memory for it"
    NOT_PERMITTED = "the role of whoever sits here does not allow it"
    PAST_EDGE = "the region lies outside the stored voxels"
    ONLY_PADDING = "the region holds padding alone"
    ACROSS_REGIONS = "it crosses ultrasound regions that have different scales"
    NOT_SPATIAL = "time and speed run here, not lengths"
    CROSSES_ITSELF = "its outline crosses itself, so it has no area"
    NO_EXTENT = "points that must lie apart lie together"
    NO_NUMBERS = "colours are no measured values"
    NOT_STORED = "only a stack of stored grey images, shown by a window, can be kept as a presentation state"
    NO_FRAME = "it lies in no frame of reference and on no single image, so no document can say where"
    NO_PATH = "no way inside of what lies under the two points was found"
    NO_OUTLINE = "it has no wall that stands out from what is around it"
    NOT_CT = "only CT values tell bone and table apart from the rest"
    NO_SURFACE = "nothing in it has a surface at this value"
    SURFACE_OFF = "its surface would not have its volume"
    NOT_CLOSED = "its surface is not closed"
    TWO_SURFACES = "the two points lie on surfaces that do not touch"
    NO_PET = "only PET has standardised uptake values"
    NO_REFORMAT = "reformats are written of CT, MR and PET images only"


class HounsfieldError(Exception):
    """Base of the family: `sentence` is shown to the person, `detail` goes to the log only."""

    def __init__(self, sentence: str, detail: str = "") -> None:
        super().__init__(sentence if not detail else f"{sentence} [{detail}]")
        self.sentence = sentence
        self.detail = detail


class Refused(HounsfieldError):
    """A "no" with one of the fixed reasons; `what` names the thing refused."""

    def __init__(self, reason: Reason, what: str = "", detail: str = "") -> None:
        super().__init__(f"{what}: {reason.value}" if what else reason.value, detail)
        self.reason = reason
        self.what = what

    def __reduce__(self) -> tuple[type["Refused"], tuple[Reason, str, str]]:
        return (Refused, (self.reason, self.what, self.detail))


class NotFound(HounsfieldError):
    """Something that was named is not there."""


class Cancelled(HounsfieldError):
    """The work was stopped because somebody asked for it."""

    def __init__(self) -> None:
        super().__init__("stopped")

    def __reduce__(self) -> tuple[type["Cancelled"], tuple[()]]:
        return (Cancelled, ())


def meant(word: str, known: Sequence[Any]) -> str:
    """The end of a sentence about an unknown word: what was probably meant, else what there is."""
    names = [str(each) for each in known if each != ""]
    close = difflib.get_close_matches(word, names, n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; known are {', '.join(names)}"
