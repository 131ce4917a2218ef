"""What a standardised uptake value is derived from, and what the derivation answers: values only."""

from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import Final

from workstation.dicom.entities import RealWorldValue


class Kind(StrEnum):
    """What the activity is divided by: dose over this much of the body. The value is how its unit is told."""

    BW = "SUVbw"
    LBM_JAMES128 = "SUVlbm(James128)"
    LBM_JAMES120 = "SUVlbm"
    LBM_JANMA = "SUVlbm(Janma)"
    BSA = "SUVbsa"
    IBW = "SUVibw"


LEAN: Final = (Kind.LBM_JANMA, Kind.LBM_JAMES128, Kind.LBM_JAMES120)
"""The formulas of lean body mass: any of them is called SUL."""

BQML: Final = "Bq/ml"
GML: Final = "g/ml"
CM2ML: Final = "cm²/ml"


def physical_unit(kind: Kind) -> str:
    """g/ml, of body surface area cm²/ml (PS3.16 CID 85)."""
    return CM2ML if kind is Kind.BSA else GML


SUV_UNITS: Final = frozenset(map(str, Kind))


IN_WORDS: Final = {
    "weight_kg": "weight",
    "height_m": "height",
    "sex": "sex",
    "dose_bq": "dose",
    "half_life_s": "half-life",
    "injected": "time of injection",
    "scanned": "time of scan",
}
"""Inputs that can be edited, as they are told."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One line of a derivation: what, which value, from which attribute, and where or by which rule it was had."""

    input: str
    value: str
    tag: str
    source: str


@dataclass(frozen=True)
class Derivation:
    """Modality values (after RescaleSlope) times the factor are SUV; one factor, or one for each image."""

    kind: Kind
    factors: tuple[float, ...]
    trace: tuple[Trace, ...]
    edited: tuple[str, ...] = ()
    """Inputs that a person put in the place of the object's."""

    @property
    def unit(self) -> str:
        return physical_unit(self.kind)

    @property
    def edited_words(self) -> str:
        """Which inputs were edited, in words; empty where none was."""
        return ", ".join(IN_WORDS[each] for each in self.edited)

    def factor(self, image: int) -> float:
        return self.factors[image if len(self.factors) > 1 else 0]


@dataclass(frozen=True)
class Refusal:
    """No number: `tag` names the attribute that is missing or cannot be believed, `reason` is a sentence about it."""

    tag: str
    reason: str
    trace: tuple[Trace, ...] = ()

    @property
    def keyword(self) -> str:
        """The attribute's name alone, for a chip."""
        return self.tag.split(" ")[0]


@dataclass(frozen=True)
class Edits:
    """What a person says in the place of the object; None leaves the object's. Times are DT or TM (PS3.5 6.2)."""

    weight_kg: float | None = None
    height_m: float | None = None
    sex: str | None = None
    dose_bq: float | None = None
    half_life_s: float | None = None
    injected: str | None = None
    scanned: str | None = None
    """To when the values are corrected for decay."""

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(each.name for each in fields(self) if getattr(self, each.name) is not None)


@dataclass(frozen=True)
class Measure:
    """In what PET is told: SUV of a kind where it can be derived, or as it is stored (`BQML`); and who edited what.

    `edits` are by SeriesInstanceUID.
    """

    unit: str = Kind.BW
    edits: tuple[tuple[str, Edits], ...] = ()

    @property
    def kind(self) -> Kind:
        """The kind it is told in; by body weight where it is told as stored."""
        return Kind(self.unit) if self.unit in SUV_UNITS else Kind.BW

    @property
    def as_suv(self) -> bool:
        return self.unit in SUV_UNITS

    def edits_of(self, series_instance_uid: str) -> Edits:
        return dict(self.edits).get(series_instance_uid, Edits())

    def edited(self, series_instance_uid: str, edits: Edits) -> "Measure":
        """With other edits of one series; none of it where they are empty."""
        others = tuple(each for each in self.edits if each[0] != series_instance_uid)
        return replace(self, edits=others + (((series_instance_uid, edits),) if edits.names else ()))


@dataclass(frozen=True, slots=True)
class Slice:
    """One image: when it was acquired, as its object says, and what its stored values mean."""

    date: str = ""
    time: str = ""
    frame_reference_ms: float | None = None
    duration_ms: float | None = None
    decay_factor: float | None = None
    slope: float = 1.0
    intercept: float = 0.0
    real_world: tuple[RealWorldValue, ...] = ()
    """What its stored values mean, as it or an object beside it says."""


@dataclass(frozen=True)
class Inputs:
    """All that is asked of a PET series, as its objects say it (PS3.3 C.7.2.2, C.8.9)."""

    Units: str = ""
    SUVType: str = ""
    CorrectedImage: tuple[str, ...] = ()
    DecayCorrection: str = ""
    PatientWeight: float | None = None
    PatientSize: float | None = None
    PatientSex: str = ""
    RadionuclideTotalDose: float | None = None
    RadionuclideHalfLife: float | None = None
    nuclide: str = ""
    tracers: int = 1
    SeriesDate: str = ""
    SeriesTime: str = ""
    RadiopharmaceuticalStartTime: str = ""
    RadiopharmaceuticalStartDateTime: str = ""
    TimezoneOffsetFromUTC: str = ""
    DecayCorrectionDateTime: str = ""
    ge_scan: str = ""
    ge_injected: str = ""
    by_ge: bool = False
    """Whether GE made it, whose FrameReferenceTime counts to the beginning of a frame."""
    dynamic: bool = False
    """Whether the tracer may have been given while the scan ran (SeriesType DYNAMIC)."""
    philips_suv: float | None = None
    philips_activity: float | None = None
    images: tuple[Slice, ...] = field(default=(Slice(),))
    edits: Edits = field(default_factory=Edits)


TAGS: Final = {
    "Units": "(0054,1001)",
    "SUVType": "(0054,1006)",
    "CorrectedImage": "(0028,0051)",
    "DecayCorrection": "(0054,1102)",
    "DecayFactor": "(0054,1321)",
    "PatientWeight": "(0010,1030)",
    "PatientSize": "(0010,1020)",
    "PatientSex": "(0010,0040)",
    "RadiopharmaceuticalInformationSequence": "(0054,0016)",
    "RadionuclideTotalDose": "(0018,1074)",
    "RadionuclideHalfLife": "(0018,1075)",
    "RadionuclideCodeSequence": "(0054,0300)",
    "RadiopharmaceuticalStartTime": "(0018,1072)",
    "RadiopharmaceuticalStartDateTime": "(0018,1078)",
    "SeriesTime": "(0008,0031)",
    "SeriesDate": "(0008,0021)",
    "AcquisitionTime": "(0008,0032)",
    "FrameReferenceTime": "(0054,1300)",
    "ActualFrameDuration": "(0018,1242)",
    "DecayCorrectionDateTime": "(0018,9701)",
    "RealWorldValueMappingSequence": "(0040,9096)",
    "GEScanDateTime": "(0009,100D)",
    "GEAdministeredDateTime": "(0009,103B)",
    "PhilipsSUVScaleFactor": "(7053,1000)",
    "PhilipsActivityScaleFactor": "(7053,1009)",
}


def tag(keyword: str) -> str:
    """An attribute as it is named to people: its keyword and its tag."""
    return f"{keyword} {TAGS[keyword]}"


class NoSuv(Exception):
    """Inside the engine: there is no number, because of this attribute."""

    def __init__(self, keyword: str, reason: str) -> None:
        super().__init__(reason)
        self.tag = tag(keyword)
        self.reason = reason
