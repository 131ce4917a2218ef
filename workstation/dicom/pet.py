"""What only PET says: tracer, patient and corrections, and what stored values mean in the real world."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from workstation.dicom.attributes import Attributes
from workstation.dicom.entities import Pet, RealWorldValue

_TRACER: Final = 0x00540016
_NUCLIDE: Final = 0x00540300
_REAL_WORLD: Final = 0x00409096
_MEASURED_IN: Final = 0x004008EA
_CONTEXT: Final = 0x00400555
_CONCEPT: Final = 0x0040A043
MOST_MAPPINGS: Final = 16
MOST_TRACERS: Final = 8

_GE: Final = (0x0009, "GEMS_PETD_01")
_PHILIPS: Final = (0x7053, "Philips PET Private Group")


def read_pet(read: Attributes) -> Pet | None:
    """The PET modules of an object (PS3.3 C.8.9); None where it is no PET."""
    if read.text("Modality") != "PT":
        return None
    tracers = list(islice(read.items(_TRACER), MOST_TRACERS))
    tracer = read.having(tracers[0] if tracers else {})
    nuclide = tracer.having(next(islice(tracer.items(_NUCLIDE), 1), {}))
    return Pet(
        PatientWeight=read.number("PatientWeight"),
        PatientSize=read.number("PatientSize"),
        SUVType=read.text("SUVType"),
        DecayCorrection=read.text("DecayCorrection"),
        RadionuclideTotalDose=tracer.number("RadionuclideTotalDose"),
        RadionuclideHalfLife=tracer.number("RadionuclideHalfLife"),
        RadiopharmaceuticalStartTime=tracer.text("RadiopharmaceuticalStartTime"),
        RadiopharmaceuticalStartDateTime=tracer.text("RadiopharmaceuticalStartDateTime"),
        Radiopharmaceutical=tracer.text("Radiopharmaceutical"),
        nuclide=(nuclide.text("CodeValue"), nuclide.text("CodeMeaning")),
        TimezoneOffsetFromUTC=read.text("TimezoneOffsetFromUTC"),
        ReconstructionMethod=read.text("ReconstructionMethod"),
        tracers=len(tracers),
        SeriesType=read.text("SeriesType"),
        DecayCorrectionDateTime=read.text("DecayCorrectionDateTime"),
        AttenuationCorrected=read.text("AttenuationCorrected"),
        DecayCorrected=read.text("DecayCorrected"),
        ge_scan=_private_text(read, *_GE, 0x0D),
        ge_injected=_private_text(read, *_GE, 0x3B),
        philips_suv=_private_number(read, *_PHILIPS, 0x00),
        philips_activity=_private_number(read, *_PHILIPS, 0x09),
        glucose=_glucose(read),
    )


def _glucose(read: Attributes) -> tuple[float, str] | None:
    """A numeric item of the acquisition context (PS3.3 C.7.6.14) whose concept is glucose."""
    for elements in islice(read.items(_CONTEXT), MOST_MAPPINGS):
        item = read.having(elements)
        concept = item.having(next(islice(item.items(_CONCEPT), 1), {}))
        value = item.number("NumericValue")
        if value is not None and "glucose" in concept.text("CodeMeaning").lower():
            return value, item.having(next(islice(item.items(_MEASURED_IN), 1), {})).text("CodeValue")
    return None


def _private_text(read: Attributes, group: int, creator: str, element: int) -> str:
    """A private element as text, by its creator; where somebody left the creator out, in the block it always has."""
    raw = read.private(group, creator, element)
    if raw is None and group << 16 | 0x10 not in read.elements:
        raw = read.elements.get(group << 16 | 0x10 << 8 | element)
    return read.bytes_of(raw).decode("latin-1").strip(" \0") if raw is not None else ""


def _private_number(read: Attributes, group: int, creator: str, element: int) -> float | None:
    try:
        value = float(_private_text(read, group, creator, element))
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def real_world(read: Attributes) -> tuple[RealWorldValue, ...]:
    """The linear mappings of RealWorldValueMappingSequence (PS3.3 C.7.6.16.2.11); tables are left out."""
    return tuple(_mappings(read))


def _mappings(read: Attributes) -> Iterator[RealWorldValue]:
    for elements in islice(read.items(_REAL_WORLD), MOST_MAPPINGS):
        item = read.having(elements)
        slope, intercept = item.number("RealWorldValueSlope"), item.number("RealWorldValueIntercept")
        code = item.having(next(islice(item.items(_MEASURED_IN), 1), {}))
        unit = code.text("CodeValue") or code.text("LongCodeValue")
        if slope and intercept is not None and unit:
            first, last = item.number("RealWorldValueFirstValueMapped"), item.number("RealWorldValueLastValueMapped")
            yield RealWorldValue(slope, intercept, unit, first, last, item.text("LUTLabel"))
