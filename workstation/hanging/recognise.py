"""What a series is, from its header: kind, plane, tissue, phase, sequence, view and side, each with its reason.

The facts are made from the first image of a display set and the places of its first and last, so they cost the
same for ten images as for a thousand. What the header does not say stays empty; nothing is guessed from a name alone
where a number contradicts it.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from workstation.dicom.entities import Instance
from workstation.hanging.kernels import kernel_tissue
from workstation.hanging.regions import SPINES, regions_in
from workstation.hanging.sequences import sequence_of
from workstation.hanging.words import meanings, tokens
from workstation.imaging.displaysets import DisplaySet

DIAGNOSTIC: Final = "diagnostic"
PROJECTIONS: Final = frozenset(("CR", "DX", "MG", "RF", "XA", "PX", "IO", "XC", "RG"))
SINGLE_VIEWS: Final = PROJECTIONS - {"XA", "RF"}
MOST_VIEWS: Final = 64
CROSS_SECTIONS: Final = frozenset(("CT", "MR", "PT"))
BONY: Final = frozenset(
    ("head", "spine", *SPINES, "hand", "hip", "knee", "foot", "shoulder", "upper limb", "lower limb")
)
PLANES: Final = ("sagittal", "coronal", "axial")
DERIVED_TYPES: Final = frozenset(
    (
        *("MIP", "MINIP", "MNIP", "PROJECTION IMAGE", "VRT", "VOLUME RENDERED", "SCREEN SAVE", "CPR", "SSD"),
        *("CSA MPR", "MPR", "SUBTRACTION", "PHASE", "PHASE MAP", "FA", "EADC", "EXP", "TENSOR"),
        *("CBF", "CBV", "RCBF", "RCBV", "RELCBF", "RELCBV", "MTT", "TTP", "TMAX"),
    )
)
PHASE_IMAGES: Final = frozenset(("P", "R", "I"))
"""Value 3 of ImageType of an MR image that holds phase, or one part of a complex number."""
MOST_WORDS_AROUND_LOC: Final = 3
"""“loc” in a longer description is location more often than localizer."""

AGENT: Final = "ContrastBolusAgent"
NO_AGENT: Final = frozenset(("", "NO", "NONE", "N", "NIL", "NO CONTRAST", "WITHOUT"))


@dataclass(frozen=True)
class SeriesFacts:
    """What is known of a display set; empty where it is not. `why` gives the reason of each fact by its name."""

    key: str
    Modality: str
    kind: str
    plane: str = ""
    volume: bool = False
    image: int | None = None
    """The one image that is meant, where each image of the set is a view of its own."""
    images: int = 1
    thickness_mm: float | None = None
    coverage_mm: float = 0.0
    regions: frozenset[str] = frozenset()
    tissue: str = ""
    phase: str = ""
    sequence: str = ""
    contrast: bool | None = None
    b_value: float | None = None
    view: str = ""
    side: str = ""
    beside: bool = False
    """Scanned in expiration or prone, beside what is read."""
    mirrored: bool = False
    """A mammogram whose chest wall lies on the other side than its breast hangs."""
    why: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def diagnostic(self) -> bool:
        return self.kind == DIAGNOSTIC


def set_facts(display_set: DisplaySet) -> tuple[SeriesFacts, ...]:
    """Recognise one display set: as a whole, or image by image where they are single projections. Never raises."""
    first, count = display_set.first, len(display_set.images)
    if first.Modality in SINGLE_VIEWS and 1 < count <= MOST_VIEWS and display_set.images[-1].instance is not first:
        return tuple(_facts(display_set, number) for number in range(count))
    return (_facts(display_set, None),)


def _facts(display_set: DisplaySet, image: int | None) -> SeriesFacts:
    first = display_set.images[image or 0].instance
    why: dict[str, str] = {}
    plane = _plane(display_set, why)
    sequence, contrast = "", _contrast(first, why)
    if first.Modality == "MR":
        sequence = sequence_of(first, contrast, why)
    kind = _kind(display_set, first, plane, sequence, why)
    regions = frozenset(regions_in(first.SeriesDescription))
    return SeriesFacts(
        key=display_set.key,
        Modality=first.Modality,
        kind=kind,
        plane=plane,
        volume=display_set.grid is not None,
        image=image,
        images=len(display_set.images) if image is None else 1,
        thickness_mm=_thickness_mm(display_set),
        coverage_mm=_coverage_mm(display_set),
        regions=regions,
        tissue=_tissue(first, regions, why) if first.Modality == "CT" else "",
        phase=_phase(first, why) if first.Modality in ("CT", "MR") else "",
        sequence=sequence,
        contrast=contrast,
        b_value=first.frames[0].DiffusionBValue,
        view=_view(first, why) if first.Modality in PROJECTIONS else "",
        side=side_of(first, why),
        beside=bool(meanings("beside", first.SeriesDescription)),
        mirrored=_is_mirrored(first),
        why=why,
    )


def side_of(first: Instance, why: dict[str, str] | None = None) -> str:
    """L, R, or B for both: from ImageLaterality, Laterality, then the descriptions; empty when nothing says it."""
    for keyword in ("ImageLaterality", "Laterality"):
        said = str(getattr(first, keyword)).strip().upper()
        if said in ("L", "R", "B"):
            return _because(why, "side", said, f"{keyword} {said}")
    for text in (first.SeriesDescription, first.StudyDescription, first.ProtocolName):
        found = meanings("side", text)
        if "both" in found or {"left", "right"} <= set(found):
            return _because(why, "side", "B", f"“{text}”")
        if found:
            meaning, word = next(iter(found.items()))
            return _because(why, "side", meaning[0].upper(), f"“{word}” in the description")
    return _side_by_letter(first, why) if first.Modality in PROJECTIONS else ""


_SIDE_LETTERS: Final[Mapping[str, str]] = {"l": "L", "r": "R", "dx": "R"}


def _side_by_letter(first: Instance, why: dict[str, str] | None) -> str:
    """L, R and the Italian dx, where no word says more; “L-Spine” and “DX Thorax” say no side."""
    for text in (first.SeriesDescription, first.StudyDescription):
        words = tokens(text)
        found = {letter for letter in _SIDE_LETTERS if letter in words[letter == "dx" :]}
        if len(found) == 1 and not SPINES & set(regions_in(text)):
            letter = found.pop()
            return _because(why, "side", _SIDE_LETTERS[letter], f"“{letter}” in the description")
    return ""


def _because(why: dict[str, str] | None, fact: str, value: str, reason: str) -> str:
    if why is not None:
        why[fact] = reason
    return value


def _plane(display_set: DisplaySet, why: dict[str, str]) -> str:
    orientation = display_set.images[0].attributes.ImageOrientationPatient
    if orientation is None or not display_set.in_patient(0):
        return ""
    (a, b, c), (d, e, f) = orientation[:3], orientation[3:]
    normal = (abs(b * f - c * e), abs(c * d - a * f), abs(a * e - b * d))
    why["plane"] = "ImageOrientationPatient"
    return PLANES[normal.index(max(normal))]


_KINDS_BY_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "CT": ("localizer", "report", "tracking", "derived", "derived in CT"),
    "MR": ("localizer", "calibration", "report", "tracking", "derived", "derived in MR"),
    "PT": ("localizer", "report", "tracking", "uncorrected", "derived"),
    "MG": ("report", "raw", "synthetic", "tomosynthesis", "special view"),
}
"""Which kinds words may mean, by modality, the first that is said before the others."""


def _kind(display_set: DisplaySet, first: Instance, plane: str, sequence: str, why: dict[str, str]) -> str:
    """What a series is for: diagnostic, or one of the other kinds a protocol may name."""
    said = meanings("kind", first.SeriesDescription)
    types = frozenset(each.upper().strip() for each in first.ImageType)
    if said.get("localizer") == "loc" and len(tokens(first.SeriesDescription)) > MOST_WORDS_AROUND_LOC:
        said = {kind: word for kind, word in said.items() if kind != "localizer"}
    by_header = _kind_by_header(first, types, why)
    if by_header:
        return by_header
    for kind in _KINDS_BY_WORDS.get(first.Modality, ("report",)):
        if kind in said:
            return _because(why, "kind", kind.partition(" in ")[0], f"“{said[kind]}” in the description")
    return _kind_by_geometry(display_set, plane, sequence, types, why)


def _kind_by_header(first: Instance, types: frozenset[str], why: dict[str, str]) -> str:
    if "LOCALIZER" in types or "SCOUT" in types:
        return _because(why, "kind", "localizer", "ImageType LOCALIZER")
    if first.PresentationIntentType.upper() == "FOR PROCESSING":
        return _because(why, "kind", "raw", "PresentationIntentType FOR PROCESSING")
    if first.Modality == "MG" and "GENERATED_2D" in types:
        return _because(why, "kind", "synthetic", "ImageType GENERATED_2D")
    if first.Modality == "MG" and "TOMOSYNTHESIS" in types:
        return _because(why, "kind", "tomosynthesis", "ImageType TOMOSYNTHESIS")
    if first.Modality == "MG" and len(first.ViewCodes) > 1:
        # Spot compression, implant displaced, rolled: taken beside the standard view.
        return _because(why, "kind", "special view", "ViewModifierCodeSequence")
    corrected = {each.upper() for each in first.CorrectedImage}
    if first.Modality == "PT" and corrected and "ATTN" not in corrected:
        return _because(why, "kind", "uncorrected", "CorrectedImage has no ATTN")
    if first.Modality in CROSS_SECTIONS and (named := sorted(types & DERIVED_TYPES)):
        return _because(why, "kind", "derived", f"ImageType {named[0]}")
    if first.Modality == "MR" and len(first.ImageType) > 2 and first.ImageType[2].upper() in PHASE_IMAGES:
        return _because(why, "kind", "derived", f"ImageType {first.ImageType[2]}")
    return ""


def _kind_by_geometry(
    display_set: DisplaySet, plane: str, sequence: str, types: frozenset[str], why: dict[str, str]
) -> str:
    modality = display_set.first.Modality
    if modality in CROSS_SECTIONS and "SECONDARY" in types and not sequence:
        return _because(why, "kind", "derived", "ImageType SECONDARY")
    if modality == "CT" and plane in ("coronal", "sagittal"):
        if len(display_set.images) == 1:
            return _because(why, "kind", "localizer", f"a single {plane} image")
        return _because(why, "kind", "reformat", f"CT slices in the {plane} plane")
    return _because(why, "kind", DIAGNOSTIC, "nothing says otherwise")


def _thickness_mm(display_set: DisplaySet) -> float | None:
    stated = display_set.images[0].attributes.SliceThickness
    if stated:
        return stated
    return display_set.grid.spacing[2] if display_set.grid is not None else None


def _coverage_mm(display_set: DisplaySet) -> float:
    first, last = display_set.images[0].position_lps, display_set.images[-1].position_lps
    if first is None or last is None:
        return 0.0
    return math.dist(first, last)


def _tissue(first: Instance, regions: frozenset[str], why: dict[str, str]) -> str:
    """soft, lung or bone: the kernel says how sharp, the words what for; a sharp one without words by region."""
    said = meanings("tissue", first.SeriesDescription)
    kernel = kernel_tissue(first.ConvolutionKernel.split("\\")[0])
    if kernel in ("soft", "lung", "bone"):
        return _because(why, "tissue", kernel, f"kernel {first.ConvolutionKernel}")
    named = next((each for each in ("lung", "bone", "soft") if each in said), "")
    if kernel == "sharp":
        if named not in ("lung", "bone"):
            around = regions or frozenset(regions_in(first.StudyDescription or first.BodyPartExamined))
            named = "bone" if around & BONY and "chest" not in around else "lung"
        return _because(why, "tissue", named, f"sharp kernel {first.ConvolutionKernel}")
    if named:
        return _because(why, "tissue", named, f"“{said[named]}” in the description")
    return _because(why, "tissue", "soft", "no kernel and no word says otherwise")


def _phase(first: Instance, why: dict[str, str]) -> str:
    said = meanings("phase", first.SeriesDescription)
    for phase in ("arterial", "portal", "delayed", "native"):
        if phase in said and not (phase == "arterial" and {"portal"} <= set(said)):
            return _because(why, "phase", phase, f"“{said[phase]}” in the description")
    return _phase_by_seconds(first.SeriesDescription, why)


_SECONDS: Final = re.compile(r"(?<![A-Za-z0-9.,])(\d{2,3}) ?(?:s|sec|sek|seg)(?![A-Za-z0-9])", re.IGNORECASE)
_PHASE_UNTIL_S: Final = ((14, ""), (50, "arterial"), (110, "portal"), (999, "delayed"))


def _phase_by_seconds(text: str, why: dict[str, str]) -> str:
    """The phase that seconds after the injection mean, where a description counts them."""
    said = _SECONDS.search(text)
    if said is None:
        return ""
    phase = next(phase for until, phase in _PHASE_UNTIL_S if int(said[1]) <= until)
    return _because(why, "phase", phase, f"“{said[0]}” in the description") if phase else ""


def _contrast(first: Instance, why: dict[str, str]) -> bool | None:
    said = dict(meanings("contrast", first.SeriesDescription))
    if said.get("given", "") in said.get("none", "").split():
        del said["given"]  # “contraste” of “sin contraste”
    if first.ContrastBolusAgent.strip().upper() not in NO_AGENT and "none" not in said:
        why["contrast"] = f"“{said['given']}” in the description" if "given" in said else AGENT
        return True
    for meaning, given in (("given", True), ("none", False)):
        if meaning in said:
            why["contrast"] = f"“{said[meaning]}” in the description"
            return given
    return None


_MG_VIEW_CODES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("399162004", "R-10242"), "CC"),
    **dict.fromkeys(("399368009", "R-10226"), "MLO"),
    **dict.fromkeys(("399260004", "R-10224"), "ML"),
    **dict.fromkeys(("399352003", "R-10228"), "LM"),
}
"""PS3.16 CID 4014, as SNOMED CT and as it was coded before."""

_MG_FROM_PLAIN: Final[Mapping[str, str]] = {"frontal": "CC", "lateral": "ML"}
"""French mammograms are called face and profil."""

_MG_VIEWS: Final = ("CC", "MLO", "ML", "LM", "XCC", "XCCL", "XCCM", "FB", "SIO", "AT", "CV")


def _view(first: Instance, why: dict[str, str]) -> str:
    """CC, MLO and so on of a mammogram; frontal or lateral of another projection."""
    stated = first.ViewPosition.strip().upper()
    text = first.SeriesDescription
    if first.Modality == "MG":
        if stated in _MG_VIEWS:
            return _because(why, "view", stated, f"ViewPosition {stated}")
        if first.ViewCodes and (coded := _MG_VIEW_CODES.get(first.ViewCodes[0])):
            return _because(why, "view", coded, "ViewCodeSequence")
        said = meanings("view", text)
        named = next((each for each in ("MLO", "CC", "ML") if each in said), "")
        if not named and (plain := next((each for each in _MG_FROM_PLAIN if each in said), "")):
            return _because(why, "view", _MG_FROM_PLAIN[plain], f"“{said[plain]}” in the description")
    else:
        if stated in ("PA", "AP"):
            return _because(why, "view", "frontal", f"ViewPosition {stated}")
        if stated in ("LL", "RL", "LATERAL", "LAT", "LLO", "RLO", "LPO", "RPO", "LAO", "RAO"):
            view = "lateral" if stated in ("LL", "RL", "LATERAL", "LAT") else "oblique"
            return _because(why, "view", view, f"ViewPosition {stated}")
        said = meanings("view", text)
        named = next((each for each in ("lateral", "frontal") if each in said), "")
    return _because(why, "view", named, f"“{said[named]}” in the description") if named else ""


def _is_mirrored(first: Instance) -> bool:
    """Whether a mammogram's chest wall is on its other side: right breasts hang with it at the right (P there)."""
    side, rows = side_of(first), first.PatientOrientation[0].upper() if first.PatientOrientation else ""
    if first.Modality != "MG" or side not in ("L", "R") or rows[:1] not in ("A", "P"):
        return False
    return rows[0] != ("P" if side == "R" else "A")
