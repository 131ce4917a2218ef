"""Standardised uptake values: a factor with its derivation, or a refusal that names the attribute (safety.md 9).

Units decide first: g/ml is SUV already. Attenuation must be corrected, decay must be too unless the object says that
it was not; then the dose, decayed to the time that values are corrected to, over so much of the body. The rules are
PS3.3 C.8.9 and QIBA's vendor-neutral pseudo-code; pure functions, no pixels.
"""

from dataclasses import replace
from typing import Final

from workstation.dicom.entities import Pet, RealWorldValue
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.greyscale import rescale_of
from workstation.imaging.images import ImageRef
from workstation.imaging.nuclides import AGREES, HALF_LIVES_S, SOURCE, nuclide_of
from workstation.imaging.suv_body import Body
from workstation.imaging.suv_times import EDITED, HEADER, to_frames, to_start
from workstation.imaging.suv_values import (
    BQML,
    Derivation,
    Edits,
    Inputs,
    Kind,
    Measure,
    NoSuv,
    Refusal,
    Slice,
    Trace,
    tag,
)

__all__ = [
    "BQML",
    "Derivation",
    "Edits",
    "Inputs",
    "Kind",
    "Measure",
    "Refusal",
    "Trace",
    "derive",
    "inputs_of",
    "suv_of",
]

MBQ: Final = (0.1, 20_000.0)
"""Doses people are given, in MBq: a number in this range is one in MBq, whatever the standard wants."""

NOT_CORRECTED: Final = 1.0001
"""A decay factor above it says that decay was corrected."""

SAME_FACTOR: Final = 0.02
"""Two ways to one factor that differ by more contradict each other."""

_OF_TYPE: Final = {
    "": Kind.BW,
    "BW": Kind.BW,
    "LBM": Kind.LBM_JAMES120,
    "LBMJAMES128": Kind.LBM_JAMES128,
    "LBMJANMA": Kind.LBM_JANMA,
    "IBW": Kind.IBW,
}
"""SUVType of g/ml (PS3.3 C.8.9.1.1.3); absent it is by body weight."""

_OF_UCUM: Final = {
    "{SUVbw}g/ml": Kind.BW,
    "{SUVlbm}g/ml": Kind.LBM_JAMES120,
    "{SUVlbm(James128)}g/ml": Kind.LBM_JAMES128,
    "{SUVlbm(Janma)}g/ml": Kind.LBM_JANMA,
    "{SUVbsa}cm2/ml": Kind.BSA,
    "{SUVibw}g/ml": Kind.IBW,
}
INPUTS: Final = {
    "weight_kg": "weight",
    "height_m": "height",
    "sex": "sex",
    "dose_bq": "dose",
    "half_life_s": "half-life",
    "injected": "injection",
    "scanned": "scan",
}
"""The line of a trace that an edit is found in, when it was used."""

_UCUM_BQML: Final = frozenset(("Bq/ml", "Bq/mL"))


def suv_of(display_set: DisplaySet, kind: Kind = Kind.BW, edits: Edits | None = None) -> Derivation | Refusal | None:
    """How the modality values of a display set become SUV of a kind; None for what is no PET."""
    inputs = inputs_of(display_set, edits)
    return None if inputs is None else derive(inputs, kind)


def inputs_of(display_set: DisplaySet, edits: Edits | None = None) -> Inputs | None:
    """What its headers say, and what a person says instead; None for what is no PET."""
    first, pet = display_set.first, display_set.first.pet
    if first.Modality != "PT" or pet is None:
        return None
    return Inputs(
        Units=first.Units,
        SUVType=pet.SUVType,
        CorrectedImage=first.CorrectedImage or _corrections(pet),
        DecayCorrection=pet.DecayCorrection or {"YES": "START", "NO": "NONE"}.get(pet.DecayCorrected, ""),
        PatientWeight=pet.PatientWeight,
        PatientSize=pet.PatientSize,
        PatientSex=first.patient.PatientSex,
        RadionuclideTotalDose=pet.RadionuclideTotalDose,
        RadionuclideHalfLife=pet.RadionuclideHalfLife,
        nuclide=nuclide_of(pet.nuclide[0], pet.nuclide[1], pet.Radiopharmaceutical),
        tracers=pet.tracers,
        SeriesDate=first.SeriesDate,
        SeriesTime=first.SeriesTime,
        RadiopharmaceuticalStartTime=pet.RadiopharmaceuticalStartTime,
        RadiopharmaceuticalStartDateTime=pet.RadiopharmaceuticalStartDateTime,
        TimezoneOffsetFromUTC=pet.TimezoneOffsetFromUTC,
        DecayCorrectionDateTime=pet.DecayCorrectionDateTime,
        ge_scan=pet.ge_scan,
        ge_injected=pet.ge_injected,
        by_ge=_by_ge(first.Manufacturer, pet),
        dynamic=pet.SeriesType == "DYNAMIC",
        philips_suv=pet.philips_suv,
        philips_activity=pet.philips_activity,
        images=tuple(_slice(ref) for ref in display_set.images),
        edits=edits or Edits(),
    )


def _corrections(pet: Pet) -> tuple[str, ...]:
    """What was corrected, as enhanced objects say it."""
    said = (("ATTN", pet.AttenuationCorrected), ("DECY", pet.DecayCorrected))
    return tuple(name for name, answer in said if answer == "YES")


def _by_ge(manufacturer: str, pet: Pet) -> bool:
    return manufacturer.upper().startswith("GE") or bool(pet.ge_scan)


def _slice(ref: ImageRef) -> Slice:
    frame, instance = ref.attributes, ref.instance
    rescale = rescale_of(frame)
    return Slice(
        instance.AcquisitionDate,
        instance.AcquisitionTime,
        frame.FrameReferenceTime,
        frame.ActualFrameDuration,
        frame.DecayFactor,
        rescale.slope,
        rescale.intercept,
        frame.real_world,
    )


def derive(inputs: Inputs, kind: Kind = Kind.BW) -> Derivation | Refusal:
    """The factor or factors from modality values to SUV of a kind, or why there are none."""
    engine = _Engine(inputs)
    try:
        factors = engine.factors(kind)
    except NoSuv as no:
        return Refusal(no.tag, no.reason, tuple(engine.trace))
    if len(factors) > 1 and max(factors) - min(factors) <= 1e-9 * max(factors):
        factors = factors[:1]
    shown = f"{factors[0]:.7g}" if len(factors) == 1 else f"{min(factors):.7g} to {max(factors):.7g}, by image"
    result = Trace("factor", shown, "", f"from stored values after their RescaleSlope to {kind}")
    used = {each.input for each in engine.trace if each.source.startswith(EDITED)}
    edited = tuple(each for each in inputs.edits.names if INPUTS[each] in used)
    return Derivation(kind, factors, (*engine.trace, result), edited)


class _Engine:
    """One derivation; `trace` grows as inputs are used."""

    def __init__(self, inputs: Inputs) -> None:
        self.inputs = inputs
        self.trace: list[Trace] = []
        self._units = inputs.Units.strip().upper().replace("/", "")
        edits = inputs.edits
        self._body = Body(
            inputs.PatientWeight if edits.weight_kg is None else edits.weight_kg,
            inputs.PatientSize if edits.height_m is None else edits.height_m,
            inputs.PatientSex if edits.sex is None else edits.sex,
            edits.names,
        )

    def factors(self, kind: Kind) -> tuple[float, ...]:
        units = self._units
        self._attenuation()
        self._say("corrected for", ", ".join(self.inputs.CorrectedImage), "CorrectedImage")
        self._say("units", self.inputs.Units, "Units")
        if units in ("GML", "CM2ML"):
            return self._converted(_stored_kind(units, self.inputs.SUVType), kind, (1.0,))
        if not self.inputs.edits.names and (mapped := self._mapped(kind)) is not None:
            self._agrees_with_header(mapped, kind)
            return mapped
        if units == "CNTS":
            return self._of_counts(kind)
        if units != "BQML":
            said = f"are {self.inputs.Units}" if units else "are missing"
            raise NoSuv("Units", f"Units {said}: no rule leads from them to SUV")
        return self._of_activity(kind, (1.0,))

    # -------------------------------------------------------------- what must have been corrected

    def _attenuation(self) -> None:
        corrected = {each.strip().upper() for each in self.inputs.CorrectedImage}
        if not corrected:
            raise NoSuv("CorrectedImage", "CorrectedImage is missing: nothing shows that attenuation was corrected")
        if "ATTN" not in corrected:
            raise NoSuv("CorrectedImage", "attenuation was not corrected (CorrectedImage lacks ATTN): never SUV")

    def _decay_mode(self) -> str:
        """START, ADMIN or NONE, where nothing contradicts it."""
        mode = self.inputs.DecayCorrection.strip().upper()
        corrected = "DECY" in {each.strip().upper() for each in self.inputs.CorrectedImage}
        if mode not in ("START", "ADMIN", "NONE"):
            said = f"is {mode!r}" if mode else "is missing"
            raise NoSuv("DecayCorrection", f"DecayCorrection {said}: values may be corrected to any time")
        if mode != "NONE" and not corrected:
            raise NoSuv("CorrectedImage", f"DecayCorrection is {mode}, yet CorrectedImage lacks DECY")
        if mode == "NONE" and any((each.decay_factor or 1.0) > NOT_CORRECTED for each in self.inputs.images):
            raise NoSuv("DecayCorrection", "DecayCorrection is NONE, yet a DecayFactor says that decay was corrected")
        self._say("decay correction", mode, "DecayCorrection")
        return mode

    # -------------------------------------------------------------- from what is stored

    def _converted(self, stored: Kind, wanted: Kind, factors: tuple[float, ...]) -> tuple[float, ...]:
        """From SUV of one kind to another: what they are divided by changes."""
        if self._units == "GML":
            absent = "absent in g/ml, which means by body weight (PS3.3 C.8.9.1.1.3)"
            self._say("stored as", str(stored), "SUVType", HEADER if self.inputs.SUVType else absent)
        if stored is wanted:
            return factors
        ratio = self._body.amount(wanted) / self._body.amount(stored)
        self.trace += self._body.trace.values()
        return tuple(each * ratio for each in factors)

    def _mapped(self, kind: Kind) -> tuple[float, ...] | None:
        """By what the object itself says its stored values mean; None where it says nothing of SUV or activity."""
        units = [{_plain(value.unit) for value in each.real_world} for each in self.inputs.images]
        common = set.intersection(*units) if units else set()
        stated = next((each for each in _OF_UCUM if each in common), None)
        if stated is None and not common & _UCUM_BQML:
            return None
        if stated is None and self._units == "BQML":
            return None  # it says what Units says
        wanted = {stated} if stated else _UCUM_BQML
        found = [_mapping(each, wanted) for each in self.inputs.images]
        factors = tuple(_factor(each, value) for each, value in zip(self.inputs.images, found, strict=True))
        objects = sorted({each.object_uid for each in found if each.object_uid})
        source = f"mapping object {objects[0]}" if objects else HEADER
        name = "real-world value mapping"
        self._say(name, f"in {stated or BQML}", "RealWorldValueMappingSequence", source)
        return self._converted(_OF_UCUM[stated], kind, factors) if stated else self._of_activity(kind, factors)

    def _agrees_with_header(self, mapped: tuple[float, ...], kind: Kind) -> None:
        """Raise `NoSuv` where the header leads to another factor than the mapping."""
        plain = tuple(replace(each, real_world=()) for each in self.inputs.images)
        other = derive(replace(self.inputs, images=plain), kind)
        if not isinstance(other, Derivation):
            return
        for image, factor in enumerate(mapped):
            if abs(factor / other.factor(image) - 1.0) > SAME_FACTOR:
                told = f"{factor:g} by the mapping, {other.factor(image):g} by the header"
                raise NoSuv("RealWorldValueMappingSequence", f"factors contradict each other: {told}")

    def _of_counts(self, kind: Kind) -> tuple[float, ...]:
        """Philips writes counts, and what turns them into SUVbw or Bq/ml in elements of its own."""
        to_suv, to_activity = self.inputs.philips_suv, self.inputs.philips_activity
        if to_suv is not None and to_suv > 0:
            if self._decay_mode() == "NONE":
                raise NoSuv("DecayCorrection", "values are not decay-corrected: one factor to SUV cannot hold for all")
            self._say("counts to SUVbw", f"{to_suv:g}", "PhilipsSUVScaleFactor", "Philips' own element")
            return self._converted(Kind.BW, kind, (to_suv,))
        if to_activity is None or not to_activity > 0:
            raise NoSuv("PhilipsSUVScaleFactor", "Units are counts, and no scale factor of Philips turns them into SUV")
        self._say("counts to Bq/ml", f"{to_activity:g}", "PhilipsActivityScaleFactor", "Philips' own element")
        return self._of_activity(kind, (to_activity,))

    def _of_activity(self, kind: Kind, to_bqml: tuple[float, ...]) -> tuple[float, ...]:
        """Activity over the dose that is left, times the body: one factor, or one for each image."""
        mode = self._decay_mode()
        amount = self._body.amount(kind)
        dose_bq = self._dose_bq()
        left: tuple[float, ...] = (dose_bq,)
        if mode != "ADMIN":
            half_life_s = self._half_life_s()
            decay = to_start(_distinct(self.inputs), half_life_s) if mode == "START" else None
            decay = decay or to_frames(self.inputs, half_life_s)
            left = tuple(dose_bq * 0.5 ** (waited_s / half_life_s) for waited_s in decay.waited_s)
            self.trace += decay.trace
            self._note("dose left", f"{left[0] / 1e6:.3f} MBq", "when the values are corrected to")
        self.trace += self._body.trace.values()
        count = max(len(left), len(to_bqml))
        pairs = zip(left * (count // len(left)), to_bqml * (count // len(to_bqml)), strict=True)
        return tuple(amount / rest * scale for rest, scale in pairs)

    def _dose_bq(self) -> float:
        edited = self.inputs.edits.dose_bq
        if self.inputs.tracers > 1 and edited is None:
            told = f"{self.inputs.tracers} tracers were given, and nothing says whose activity the values are"
            raise NoSuv("RadiopharmaceuticalInformationSequence", told)
        value = self.inputs.RadionuclideTotalDose if edited is None else edited
        if value is None:
            raise NoSuv("RadionuclideTotalDose", "RadionuclideTotalDose is missing or is no number")
        least, most = MBQ
        if least <= value <= most:
            said = f"{HEADER if edited is None else EDITED}; {value:g} read as MBq"
            self._say("dose", f"{value * 1e6:g} Bq", "RadionuclideTotalDose", said)
            return value * 1e6
        if not least <= value / 1e6 <= most:
            raise NoSuv("RadionuclideTotalDose", f"RadionuclideTotalDose is {value:g}: nobody is given so much in Bq")
        self._say("dose", f"{value:.10g} Bq", "RadionuclideTotalDose", HEADER if edited is None else EDITED)
        return value

    def _half_life_s(self) -> float:
        """As stated, held against the table; from the table alone where it is not stated."""
        nuclide, edited = self.inputs.nuclide, self.inputs.edits.half_life_s
        stated = self.inputs.RadionuclideHalfLife if edited is None else edited
        known = HALF_LIVES_S.get(nuclide)
        if stated is None or not stated > 0:
            if known is None:
                raise NoSuv("RadionuclideHalfLife", "RadionuclideHalfLife is missing, and no nuclide is named")
            self._say("half-life", f"{known:g} s", "RadionuclideCodeSequence", f"of {nuclide} by {SOURCE}")
            return known
        if known is not None and abs(stated / known - 1.0) > AGREES:
            told = f"RadionuclideHalfLife is {stated:g} s, that of {nuclide} is {known:g} s"
            raise NoSuv("RadionuclideHalfLife", f"the two contradict: {told}")
        held = f"agrees with {nuclide} by {SOURCE}" if known is not None else "no nuclide is named to hold it against"
        said = f"{HEADER if edited is None else EDITED}; {held}"
        self._say("half-life", f"{stated:g} s", "RadionuclideHalfLife", said)
        return stated

    # -------------------------------------------------------------- the trace

    def _say(self, name: str, value: str, keyword: str, source: str = HEADER) -> None:
        self.trace.append(Trace(name, value, tag(keyword), source))

    def _note(self, name: str, value: str, source: str) -> None:
        self.trace.append(Trace(name, value, "", source))


def _distinct(inputs: Inputs) -> Inputs:
    """With one image of each bed position: hundreds say the same time."""
    times = {(each.date, each.time, each.frame_reference_ms, each.duration_ms): each for each in inputs.images}
    return replace(inputs, images=tuple(times.values()))


def _stored_kind(units: str, suv_type: str) -> Kind:
    """What values in g/ml or cm²/ml are (PS3.3 C.8.9.1.1.3)."""
    stated = suv_type.strip().upper()
    if units == "CM2ML" and stated in ("", "BSA"):
        return Kind.BSA
    if units == "GML" and stated in _OF_TYPE:
        return _OF_TYPE[stated]
    raise NoSuv("SUVType", f"SUVType is {stated or 'missing'}, which no values in {units} are")


def _plain(unit: str) -> str:
    """A UCUM unit with its annotation in front, as it was once written; now it stands behind."""
    head, brace, rest = unit.partition("{")
    return f"{{{rest}{head}" if brace and head else unit


def _mapping(image: Slice, units: set[str] | frozenset[str]) -> RealWorldValue:
    """What an image's stored values mean in one of these units: what it says itself goes first."""
    return next(each for each in image.real_world if _plain(each.unit) in units)


def _factor(image: Slice, value: RealWorldValue) -> float:
    """The factor from modality values that a mapping of stored values gives. Raises `NoSuv` where it is not one."""
    offset = value.intercept - value.slope / image.slope * image.intercept
    if abs(offset) > 1e-9 * abs(value.slope):
        raise NoSuv("RealWorldValueMappingSequence", "the mapping of stored values has an offset, which no factor has")
    return value.slope / image.slope
