"""What is measured, by the codes of PS3.16; and our own scheme for what no template of it can say.

The scheme 99HOUNSFIELD (UID below) stands in the CodingSchemeIdentificationSequence of each object that uses it:

    tool       CODE   which tool drew a finding; its values are the kinds of `findings.finding.Kind`
    number     TEXT   the number of a finding in its study: as a NUM others would list it as measured
    status     CODE   draft, confirmed, from-ai; withdrawn stands alone, where no finding is left
    hidden     CODE   the mark was hidden by its reader; present only then (value: hidden)
    label      SCOORD or SCOORD3D POINT, where the words of a mark were put
    site       TEXT   where a finding lies, in the reader's words
    no-value   TEXT   why a finding has no number, or none of what is inside
    origin     TEXT   what a segment was copied from: the series, and the algorithm where one made it
    given      NUM    what a calibration line really measures, mm
    value      NUM    a value without a code of its own, called by its meaning
    at-detector       measurement method: in the plane of the detector, not corrected for magnification
"""

from dataclasses import dataclass
from typing import Final

from workstation.findings.finding import Kind
from workstation.findings.scale import AT_DETECTOR

SCHEME: Final = "99HOUNSFIELD"
SCHEME_UID: Final = "2.25.300420082212919038051529510720876881150"


@dataclass(frozen=True, slots=True)
class Code:
    """A coded entry (PS3.3 8.8); two are the same when value and scheme are, whatever they are called."""

    value: str
    scheme: str
    meaning: str

    @property
    def key(self) -> tuple[str, str]:
        """What makes it this code; SNOMED-RT identifiers are brought to SNOMED CT's where a template has both."""
        return _BY_OLD.get((self.value, self.scheme), (self.value, self.scheme))


def ours(value: str, meaning: str) -> Code:
    return Code(value, SCHEME, meaning)


_OLD: Final = {
    "G-D7FE": "410668003",
    "G-A166": "42798000",
    "G-A16A": "131184002",
    "G-A185": "103339001",
    "G-A186": "103340004",
    "G-A193": "131187009",
    "G-A194": "131188004",
    "G-A197": "131191004",
    "M-02550": "81827009",
    "G-D705": "118565006",
    "G-A220": "103355008",
    "R-00317": "373098007",
    "R-10047": "386136009",
    "R-404FB": "255605001",
    "G-A437": "56851009",
    "R-00319": "373099004",
    "G-C0E3": "363698007",
    "G-C036": "370129005",
}
_BY_OLD: Final = {(old, scheme): (new, "SCT") for old, new in _OLD.items() for scheme in ("SRT", "99SDM", "SNM3")}

# ---------------------------------------------------------------- the templates' own concepts

REPORT: Final = Code("126000", "DCM", "Imaging Measurement Report")
MEASUREMENTS: Final = Code("126010", "DCM", "Imaging Measurements")
GROUP: Final = Code("125007", "DCM", "Measurement Group")
TRACKING: Final = Code("112039", "DCM", "Tracking Identifier")
TRACKING_UID: Final = Code("112040", "DCM", "Tracking Unique Identifier")
FINDING: Final = Code("121071", "DCM", "Finding")
FINDING_SITE: Final = Code("363698007", "SCT", "Finding site")
REGION: Final = Code("111030", "DCM", "Image Region")
SOURCE: Final = Code("121112", "DCM", "Source of Measurement")
COMMENT: Final = Code("121106", "DCM", "Comment")
DERIVATION: Final = Code("121401", "DCM", "Derivation")
METHOD: Final = Code("370129005", "SCT", "Measurement Method")
ALGORITHM: Final = Code("111001", "DCM", "Algorithm Name")
OF_ITS_MAKING: Final = (
    Code("111003", "DCM", "Algorithm Version"),
    Code("276214006", "SCT", "Finding category"),
)
"""What a group says besides that nobody asks for beside an image."""

PERSON: Final = Code("121008", "DCM", "Person Observer Name")
DEVICE_NAME: Final = Code("121013", "DCM", "Device Observer Name")
PATH: Final = Code("121055", "DCM", "Path")
SEGMENT: Final = Code("121191", "DCM", "Referenced Segment")
SEGMENT_FRAME: Final = Code("121214", "DCM", "Referenced Segmentation Frame")
SOURCE_SERIES: Final = Code("121232", "DCM", "Source series for segmentation")

TOOL: Final = ours("tool", "Drawn with")
NUMBER: Final = ours("number", "Number of the finding")
STATUS: Final = ours("status", "Status of the finding")
HIDDEN: Final = ours("hidden", "Hidden by its reader")
LABEL: Final = ours("label", "Place of the label")
SITE: Final = ours("site", "Finding site in words")
NO_VALUE: Final = ours("no-value", "Why there is no value")
ORIGIN: Final = ours("origin", "Copied from")
ALIGNMENT: Final = ours("alignment", "Registrations used")
GIVEN: Final = ours("given", "True length given by hand")
VALUE: Final = ours("value", "Value")
OF_DETECTOR: Final = ours("at-detector", "In the plane of the detector")
WITHDRAWN: Final = ours("withdrawn", "withdrawn")
CLOSED: Final = ours("polyline-closed", "Closed polyline")

# ---------------------------------------------------------------- what is measured

_LENGTH: Final = Code("410668003", "SCT", "Length")
_ANGLE: Final = Code("1483009", "SCT", "Angle")
_DISTANCE: Final = Code("121206", "DCM", "Distance")
_WIDTH: Final = Code("103355008", "SCT", "Width")
_HEART: Final = Code("80891009", "SCT", "Heart")
_CHEST: Final = Code("816094009", "SCT", "Chest")


@dataclass(frozen=True, slots=True)
class Term:
    """A value by its name among ours: what it is, how it was worked out of many (Derivation), and of what (site)."""

    name: str
    concept: Code
    derivation: Code | None = None
    site: Code | None = None


SPATIAL: Final = (
    Term("Length", _LENGTH),
    Term("Angle", _ANGLE),
    Term("Cobb angle", Code("285285000", "SCT", "Cobb angle")),
    Term("Long axis", Code("103339001", "SCT", "Long axis")),
    Term("Short axis", Code("103340004", "SCT", "Short axis")),
    Term("Area", Code("42798000", "SCT", "Area")),
    Term("Perimeter", Code("131191004", "SCT", "Perimeter")),
    Term("Long side", Code("131187009", "SCT", "Major Axis")),
    Term("Short side", Code("131188004", "SCT", "Minor Axis")),
    Term("Distance", _DISTANCE),
    Term("Largest diameter", Code("L0JK", "IBSI", "Maximum 3D Diameter")),
    Term("Diameter", Code("81827009", "SCT", "Diameter")),
    Term("Width", _WIDTH),
    Term("Depth", Code("131197000", "SCT", "Depth")),
    Term("Volume", Code("118565006", "SCT", "Volume")),
    Term("Area", Code("131184002", "SCT", "Area of defined region")),
    Term("Speed", Code("110828", "DCM", "Flow Velocity")),
    Term("Time", Code("110858", "DCM", "Time")),
    Term("Frequency", ours("frequency", "Frequency")),
    Term("Heart to chest", ours("heart-to-chest", "Cardiothoracic ratio")),
    Term("Voxels", ours("voxels", "Number of voxels")),
    Term("MTV", Code("126032", "DCM", "Metabolic Volume")),
    Term("TLG", Code("126033", "DCM", "Total Lesion Glycolysis")),
)
"""Of every kind; the first of a name is the one that is written."""

BY_KIND: Final = {
    Kind.STEP_OFF: (Term("Step-off", _DISTANCE), Term("Tilt", _ANGLE)),
    Kind.LEG_AXIS: (Term("Deviation", _ANGLE), Term("Knee from axis", _DISTANCE), Term("Leg", _LENGTH)),
    Kind.CARDIOTHORACIC: (Term("Heart", _WIDTH, site=_HEART), Term("Chest", _WIDTH, site=_CHEST)),
    Kind.CALIBRATION: (Term("True length", _LENGTH),),
    Kind.RECTANGLE: (
        Term("Long side", Code("410668003", "SCT", "Length")),
        Term("Short side", Code("103355008", "SCT", "Width")),
    ),
}

DERIVATIONS: Final = {
    "Mean": Code("373098007", "SCT", "Mean"),
    "SD": Code("386136009", "SCT", "Standard Deviation"),
    "Min": Code("255605001", "SCT", "Minimum"),
    "Max": Code("56851009", "SCT", "Maximum"),
    "Median": Code("373099004", "SCT", "Median"),
    "Peak": Code("126031", "DCM", "Peak Value Within ROI"),
    "Value": Code("", "", ""),
}
"""Of stored values; the plain Value of a probe has none."""

_QUANTITIES: Final = {
    "HU": Code("112031", "DCM", "Attenuation Coefficient"),
    "SUVbw": Code("126401", "DCM", "SUVbw"),
    "SUVlbm": Code("126402", "DCM", "SUVlbm"),
    "SUVlbm(James128)": Code("126406", "DCM", "SUVlbm(James128)"),
    "SUVlbm(Janma)": Code("126405", "DCM", "SUVlbm(Janma)"),
    "SUVbsa": Code("126403", "DCM", "SUVbsa"),
    "SUVibw": Code("126404", "DCM", "SUVibw"),
    "g/ml": Code("126400", "DCM", "Standardized Uptake Value"),
    "Bq/ml": Code("126377", "DCM", "Tracer Concentration"),
}
_STORED: Final = ours("stored-value", "Stored value")

UNITS: Final = {
    "mm": Code("mm", "UCUM", "mm"),
    "mm²": Code("mm2", "UCUM", "square millimeter"),
    "cm²": Code("cm2", "UCUM", "square centimeter"),
    "ml": Code("ml", "UCUM", "milliliter"),
    "g": Code("g", "UCUM", "gram"),
    "°": Code("deg", "UCUM", "degree"),
    "HU": Code("[hnsf'U]", "UCUM", "Hounsfield unit"),
    "": Code("1", "UCUM", "no units"),
    "px": Code("{pixels}", "UCUM", "pixels"),
    "px²": Code("{pixels2}", "UCUM", "square pixels"),
    "s": Code("s", "UCUM", "second"),
    "Hz": Code("Hz", "UCUM", "hertz"),
    "cm/s": Code("cm/s", "UCUM", "centimeter per second"),
    "Bq/ml": Code("Bq/ml", "UCUM", "Becquerels/milliliter"),
    "g/ml": Code("g/ml", "UCUM", "gram per milliliter"),
    "SUVbw": Code("{SUVbw}g/ml", "UCUM", "Standardized Uptake Value body weight"),
    "SUVlbm": Code("{SUVlbm}g/ml", "UCUM", "Standardized Uptake Value lean body mass (James)"),
    "SUVlbm(James128)": Code(
        "{SUVlbm(James128)}g/ml", "UCUM", "Standardized Uptake Value lean body mass (James 128 multiplier)"
    ),
    "SUVlbm(Janma)": Code("{SUVlbm(Janma)}g/ml", "UCUM", "Standardized Uptake Value lean body mass (Janma)"),
    "SUVbsa": Code("{SUVbsa}cm2/ml", "UCUM", "Standardized Uptake Value body surface area"),
    "SUVibw": Code("{SUVibw}g/ml", "UCUM", "Standardized Uptake Value ideal body weight"),
    "cm": Code("cm", "UCUM", "centimeter"),
    "%": Code("%", "UCUM", "percent"),
    "ml/kg": Code("ml/kg", "UCUM", "milliliter per kilogram"),
}
"""Units as they are told, and in UCUM (CID 7181)."""

_TOLD: Final = {code.value: unit for unit, code in UNITS.items()} | {
    "mm3": "mm³",
    "cm3": "cm³",
    "mL": "ml",
    "{ratio}": "",
    "[degree]": "°",
    "Bq/mL": "Bq/ml",
    "g/ml{SUVbw}": "SUVbw",
    "g/ml{SUVlbm}": "SUVlbm",
    "g/ml{SUVlbm(James128)}": "SUVlbm(James128)",
    "g/ml{SUVlbm(Janma)}": "SUVlbm(Janma)",
    "cm2/ml{SUVbsa}": "SUVbsa",
    "g/ml{SUVibw}": "SUVibw",
}


def unit_code(unit: str) -> tuple[Code, bool]:
    """A unit in UCUM, and whether it is one of the detector's plane; one without a code is an annotation."""
    plain = unit.removesuffix(AT_DETECTOR)
    known = UNITS.get(plain)
    if known is None:
        word = "".join(each if each.isascii() and each.isprintable() and each not in "{}" else "_" for each in plain)
        known = Code(f"{{{word[:14]}}}", "UCUM", plain[:64])
    return known, plain != unit


def unit_told(code: Code, at_detector: bool) -> str:
    """The inverse of `unit_code`; a unit of others as it is coded."""
    told = _TOLD.get(code.value, code.meaning if code.value.startswith("{") else code.value)
    return f"{told}{AT_DETECTOR}" if at_detector else told


def term_of(kind: Kind | None, name: str, unit: str) -> Term:
    """How a value is written."""
    if name in DERIVATIONS:
        derivation = DERIVATIONS[name]
        return Term(name, _QUANTITIES.get(unit, _STORED), derivation if derivation.value else None)
    known = (*(BY_KIND.get(kind, ()) if kind is not None else ()), *SPATIAL)
    found = next((each for each in known if each.name == name), None)
    return found or Term(name, ours(VALUE.value, name[:64]))


def name_of(kind: Kind | None, concept: Code, derivation: Code | None, site: Code | None) -> str:
    """How a value that was read is called among ours; by its meaning where it has no name here."""
    if derivation is not None:
        told = next((name for name, each in DERIVATIONS.items() if each.key == derivation.key), derivation.meaning)
        stored = concept.key in {each.key for each in (*_QUANTITIES.values(), _STORED)}
        return told if stored else f"{told} of {concept.meaning}"
    if concept.key in {each.key for each in (*_QUANTITIES.values(), _STORED)}:
        return "Value" if kind is Kind.PROBE else concept.meaning
    of_kind = BY_KIND.get(kind, ()) if kind is not None else ()
    for each in (*of_kind, *SPATIAL):
        if each.concept.key == concept.key and (each.site is None or (site is not None and each.site.key == site.key)):
            return each.name
    return concept.meaning
