"""Corner text of a tile: attributes and worked-out fields put into the lines of `picture.corners`."""

import datetime
import math
import string
from dataclasses import replace
from typing import Any

import numpy as np

from workstation.case.state import TileView
from workstation.case.tile import Tied
from workstation.dicom.entities import Instance
from workstation.dicom.header import SECONDARY_CAPTURE
from workstation.imaging.alignment import Standing
from workstation.imaging.geometry import cross, vec
from workstation.imaging.greyscale import Window
from workstation.imaging.oblique import SlabMode, off_patient_deg
from workstation.imaging.presets import is_suv_window
from workstation.imaging.suv_values import SUV_UNITS, Derivation, Refusal
from workstation.imaging.turning import Turning
from workstation.imaging.uneven import Uneven
from workstation.imaging.view import Interpolation
from workstation.picture.chain import is_inverted
from workstation.picture.corners import CORNERS, Layout, lines_for
from workstation.picture.scene_words import cut, drawn_as, removed
from workstation.picture.uptake import unit_words, uptake_fields

NO_NAME = "(no name)"
PRIOR = "PRIOR"
NOT_REGISTERED = "not registered"
PARALLEL = 0.999
OFF_IMAGE = 0.1
"""A plane further than this part of the spacing from a stored image is between two, and is neither of them."""
OBLIQUE = 0.9
FROM = {0: "the front", 18: "the left", 36: "behind", 54: "the right"}
"""The four sides of the patient by the number of the side that is seen."""

SLAB_WORDS = {SlabMode.MIP: "MIP", SlabMode.MINIP: "MinIP", SlabMode.MEAN: "mean", SlabMode.SUM: "sum"}

FOR_AN_AUDIENCE: Layout = {
    "top_left": (),
    "top_right": ("{study_date}",),
    "bottom_left": ("{view}", "{plane}"),
    "bottom_right": ("{window}",),
}
"""What stands on a tile for people who look on: nothing that says who the patient is (safety.md 23)."""

"""Cosine under which a stack is called oblique: 26 degrees off every anatomical plane."""


class _Fields(dict[str, str]):
    """Worked-out fields; any other name is a text attribute of the image or its patient, or empty."""

    def __init__(self, instance: Instance, **worked_out: str) -> None:
        super().__init__(worked_out)
        self._instance = instance

    def __missing__(self, key: str) -> str:
        value = getattr(self._instance.patient, key, getattr(self._instance, key, ""))
        return value if isinstance(value, str) else ""


def corners(
    view: TileView,
    window: Window | None,
    unit: str,
    px_per_image_px: float | None,
    suv: Derivation | Refusal | None = None,
) -> dict[str, tuple[str, ...]]:
    """The lines of the four corners; lines without any value are left out. `suv` is how that of a PET was derived.

    What says whose image it is always stands there, but for an audience: where a value is missing, that is said
    (safety.md 1).
    """
    assert view.display_set is not None  # noqa: S101  only tiles with an image have corners
    instance = view.display_set.images[view.image].instance
    fields = _fields(view, instance, window, unit_words(instance, unit), px_per_image_px)
    fields.update(uptake_fields(view.display_set, suv))
    layout = lines_for(instance.Modality, None if view.worded and not _is_captured(instance) else "who")
    if view.audience:
        layout = {**FOR_AN_AUDIENCE, "top_right": ("{prior}",)} if view.tile.prior else FOR_AN_AUDIENCE
        if window is not None and window.name and window.name != "manual":  # its numbers are cut where type is large
            fields["window"] = f"{window.name}{', inverted' if is_inverted(view) else ''}"
    if _has_slab(view):
        layout = _with_slab(layout)
    if view.tile.scene is not None:
        layout = _with_cuts(layout)
        fields["removed"] = removed(view.tile.scene)
        fields["cut"] = cut(view.tile.scene, view.display_set.lattice)
    if view.tied is not None:
        layout = _with_tie(layout)
        fields["registered"], fields["offset"] = _tie_text(view.tied)
    return {corner: tuple(_filled(layout[corner], fields)) for corner in CORNERS}


def _has_slab(view: TileView) -> bool:
    return view.tile.orientation is not None and view.tile.slab.is_thick and view.tile.turning is None


def _with_slab(layout: Layout) -> Layout:
    """A layout that tells of a slab whatever it was written with: a projection is never taken for an image."""
    if any("{thickness}" in line for corner in CORNERS for line in layout[corner]):
        return layout
    lines = layout["bottom_left"]
    before = next((number for number, line in enumerate(lines) if "{plane}" in line), len(lines))
    return {**layout, "bottom_left": (*lines[:before], "{thickness}", *lines[before:])}


def _with_cuts(layout: Layout) -> Layout:
    """A layout that tells, below how a volume is drawn, what was taken out of it: a part is never taken for all."""
    corner = next((each for each in CORNERS if any("{plane}" in line for line in layout[each])), "bottom_left")
    lines = layout[corner]
    after = next((number for number, line in enumerate(lines, start=1) if "{plane}" in line), len(lines))
    return {**layout, corner: (*lines[:after], "{removed}", "{cut}", *lines[after:])}


def _with_tie(layout: Layout) -> Layout:
    """A layout that tells, below what says that it is a prior, how a tile lies on one of another frame of reference:
    one that only scrolls along is never taken for a registered one (safety.md 13)."""
    corner = next((each for each in CORNERS if any("{prior}" in line for line in layout[each])), "top_right")
    lines = layout[corner]
    after = next((number for number, line in enumerate(lines, start=1) if "{prior}" in line), 0)
    return {**layout, corner: (*lines[:after], "{registered}", "{offset}", *lines[after:])}


def _tie_text(tied: Tied) -> tuple[str, str]:
    """How a tile lies on what is read beside it, and how it follows that; what chips say is not said here."""
    if tied.standing not in (None, Standing.ACCEPTED):
        return "", ""
    if tied.standing is Standing.ACCEPTED:
        return tied.standing.value, ""
    if tied.offset is None:
        return NOT_REGISTERED, "" if tied.linked else "not linked"
    by_mm, side = tied.offset
    return NOT_REGISTERED, f"offset {side} {by_mm:.0f} mm, linked" if round(by_mm) else "no offset, linked"


def _is_captured(instance: Instance) -> bool:
    """Whether a picture of a screen has its own words in it already, which ours would stand upon."""
    is_capture = f"{instance.SOPClassUID}.".startswith(f"{SECONDARY_CAPTURE}.")
    return is_capture and instance.BurnedInAnnotation == "YES"


def _filled(lines: tuple[str, ...], fields: _Fields) -> list[str]:
    filled = []
    for line in lines:
        names = [name for _, name, _, _ in string.Formatter().parse(line) if name]
        if any(fields[name] for name in names):
            parts = (part.strip() for part in line.format_map(fields).split("  "))
            filled.append("  ".join(part for part in parts if part))
    return filled


def _fields(view: TileView, instance: Instance, window: Window | None, unit: str, zoom: float | None) -> _Fields:
    return _Fields(
        instance,
        name=person_name(instance.patient.PatientName) or NO_NAME,
        PatientID=instance.patient.PatientID or "no ID",
        birth_date=date(instance.patient.PatientBirthDate) or "birth date unknown",
        PatientSex=instance.patient.PatientSex or "sex unknown",
        age=age(instance),
        prior=f"{PRIOR}  {date(instance.StudyDate)}".strip() if view.tile.prior else "",
        study_date=date(instance.StudyDate) or "study date unknown",
        study_time=time(instance.StudyTime),
        series=_joined(instance.Modality, instance.SeriesNumber, instance.SeriesDescription, between="  "),
        view=_joined(_side(instance), instance.ViewPosition),
        image=_image_text(view),
        position=_position_text(view),
        plane=_plane_text(view),
        thickness=_thickness_text(view, instance),
        contrast="contrast" if instance.ContrastBolusAgent else "",
        exposure=_joined(_with_unit(instance.KVP, "kV"), _with_unit(instance.XRayTubeCurrent, "mA"), between="  "),
        times=_joined(
            _with_unit(instance.RepetitionTime, "ms", "TR "), _with_unit(instance.EchoTime, "ms", "TE "), between="  "
        ),
        window=window_text(window, unit, is_inverted(view)),
        zoom=_zoom_text(view, zoom),
    )


def window_text(window: Window | None, unit: str, inverted: bool = False) -> str:
    if window is None:
        return ""
    if unit in SUV_UNITS and is_suv_window(window):
        return f"{unit} {window.name.removeprefix('SUV ')}{'  inverted' if inverted else ''}"
    known = f"  {window.name}" if window.name and window.name != "manual" else ""
    size = f"C {_short(window.center)}  W {_short(window.width)}{' ' + unit if unit else ''}"
    return f"{size}{known}{'  inverted' if inverted else ''}"


def through_slab(view: TileView, window: Window | None, unit: str) -> tuple[Window | None, str]:
    """The window as it is of what a plane shows, and its unit: a sum through a slab is its mean times its thickness,
    so it has a window as many times as wide, in HU·mm."""
    slab = view.tile.slab
    if window is None or view.tile.orientation is None or not slab.is_thick or slab.mode is not SlabMode.SUM:
        return window, unit
    times = slab.thickness_mm
    return replace(window, center=window.center * times, width=window.width * times), f"{unit}·mm" if unit else "× mm"


def _short(value: float) -> str:
    """Whole from a hundred on, else three digits: more are noise of a percentile."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _image_text(view: TileView) -> str:
    """Image n of m; for a plane only where it is an image of the series, parallel to how they were acquired."""
    if view.display_set is None or view.tile.scene is not None or view.tile.turning is not None:
        return ""
    if view.tile.orientation is not None:
        along = abs(float(np.dot(view.plane.normal, cross(view.grid.axes[0], view.grid.axes[1]))))
        if along < PARALLEL:
            return _crosshair_text(view) if view.triad is not None else ""
        if view.tile.slab.is_thick:
            return ""
        place = view.grid.index(view.plane.center_lps)[2]
        if not -0.5 <= place <= len(view.display_set.images) - 0.5:
            return ""
        if abs(place - round(place)) > OFF_IMAGE:
            before = min(max(math.floor(place), 0), len(view.display_set.images) - 1)
            return f"between {before + 1} and {before + 2} / {len(view.display_set.images)}"
    shown = view.display_set.images[view.image]
    number = shown.instance.InstanceNumber if len(shown.instance.frames) <= 1 else None
    if view.coming:  # places change as images come between; the number it came with does not
        return f"Image{'' if number is None else f' no. {number}'}  ·  {view.coming}"
    shown_as = f"Image {view.image + 1} / {len(view.display_set.images)}"
    return shown_as if number in (None, view.image + 1) else f"{shown_as}  (no. {number})"


def _plane_text(view: TileView) -> str:
    """The plane of a reformat, or of a stack by the axis its normal lies nearest to; in 3D how it is drawn."""
    if view.tile.scene is not None:
        return drawn_as(view.tile.scene)
    if view.tile.turning is not None:
        return _turning_text(view.tile.turning)
    if view.tile.orientation is not None:
        return _orientation_text(view)
    if view.display_set is None or not view.display_set.in_patient(view.image):
        return ""
    shares = [abs(each) for each in view.plane.normal]
    return ("Sagittal", "Coronal", "Axial")[shares.index(max(shares))] if max(shares) > OBLIQUE else "Oblique"


def _turning_text(turning: Turning) -> str:
    """ "Rotating MIP  35°", or the side it is seen from."""
    side = FROM.get(turning.angle)
    return _joined("Rotating MIP", f"from {side}" if side else f"{turning.degrees:g}°", between="  ")


def _crosshair_text(view: TileView) -> str:
    """Where the crosshair of an oblique plane lies: "L 12  P 30  H 5 mm"."""
    point = view.crosshair_lps or view.grid.middle_lps
    sides = (f"{'LPH'[n] if at >= 0 else 'RAF'[n]} {abs(at):.0f}" for n, at in enumerate(point))
    return "  ".join(sides) + " mm"


def _orientation_text(view: TileView) -> str:
    """The name of a plane, and how far it is turned out of the patient's planes once somebody has turned it."""
    assert view.tile.orientation is not None  # noqa: S101  of planes alone
    name = view.tile.orientation.value
    degrees = off_patient_deg(view.plane.normal, view.tile.orientation) if view.triad is not None else 0.0
    return f"Oblique {degrees:.0f}° {name}" if degrees else name.capitalize()


def _thickness_text(view: TileView, instance: Instance) -> str:
    """How thick images are, and a slab that is made of them."""
    slices, slab = _with_unit(instance.frames[0].SliceThickness, "mm"), view.tile.slab
    if view.tile.turning is not None:
        return ""
    if not _has_slab(view):
        return slices
    unit = "" if slices else " mm"
    return _joined(f"{SLAB_WORDS[slab.mode]} {slab.thickness_mm:g}{unit}", slices, between=" of ")


def _zoom_text(view: TileView, zoom: float | None) -> str:
    """The size beside the stored pixels, and for a plane how values between voxels are worked out."""
    if view.tile.scene is not None:
        return ""
    if view.tile.turning is not None:
        return "nearest voxels"  # along each ray, whatever is blended on the screen
    smooth = view.tile.display.interpolation
    if isinstance(view.grid, Uneven) and smooth is Interpolation.CUBIC:
        smooth = Interpolation.LINEAR
    between = smooth.value if view.tile.orientation is not None else ""
    return _joined(between, "" if zoom is None else f"{zoom * 100:.0f} %", between="  ")


def _position_text(view: TileView) -> str:
    """Where the plane lies along its main axis, with the patient's side: "H 12.5 mm" is above the origin."""
    if view.display_set is None or not view.display_set.in_patient(view.image):
        return ""
    if view.tile.scene is not None or view.tile.turning is not None:
        return ""
    if view.triad is not None and view.tile.orientation and off_patient_deg(view.plane.normal, view.tile.orientation):
        return ""  # no axis has it; the crosshair's place stands below
    normal = view.plane.normal
    axis = max(range(3), key=lambda each: abs(normal[each]))
    value = vec(view.plane.center_lps)[axis]
    if view.tile.orientation is None and view.grid.size[2] == 1:
        value = view.grid.center_lps[axis]
    return f"{'LPH'[axis] if value >= 0 else 'RAF'[axis]} {abs(value):.1f} mm"


def person_name(coded: str) -> str:
    """PN (PS3.5 §6.2.1) for people: "Family, Given Middle Suffix", the ideographic group after it."""
    groups = [_name_group(group) for group in coded.split("=")]
    return "  ".join(group for group in groups[:2] if group)


def _name_group(group: str) -> str:
    family, given, middle, prefix, suffix = (group.split("^") + [""] * 5)[:5]
    rest = " ".join(part.strip() for part in (prefix, given, middle, suffix) if part.strip())
    return ", ".join(part for part in (family.strip(), rest) if part)


def date(coded: str) -> str:
    """DA as yyyy-mm-dd; what is no date of the calendar is shown as it is coded, and said to be none."""
    if not coded:
        return ""
    read = as_date(coded)
    return read.isoformat() if read else f"{coded} (no valid date)"


def as_date(coded: str) -> datetime.date | None:
    """DA as a date (PS3.5 6.2); None for what is none."""
    if len(coded) != 8 or not coded.isdigit():
        return None
    try:
        return datetime.date(int(coded[:4]), int(coded[4:6]), int(coded[6:]))
    except ValueError:
        return None


def time(coded: str) -> str:
    """TM as hh:mm, written with colons by some."""
    digits = coded.replace(":", "")
    return f"{digits[:2]}:{digits[2:4]}" if len(digits) >= 4 and digits[:4].isdigit() else coded


def age(instance: Instance) -> str:
    """Whole years from birth to study; without both dates PatientAge as it is given ("045Y" as "45 y")."""
    years = age_by_dates(instance)
    if years is not None:
        return f"{years} y" if years >= 2 or not instance.PatientAge else _given_age(instance)
    return "" if instance.patient.PatientBirthDate else _given_age(instance)


def _given_age(instance: Instance) -> str:
    given = instance.PatientAge
    return f"{int(given[:3])} {given[3].lower()}" if len(given) == 4 and given[:3].isdigit() else ""


def age_by_dates(instance: Instance) -> int | None:
    """Whole years from PatientBirthDate to StudyDate; None without two dates that can be a person's."""
    born, study = as_date(instance.patient.PatientBirthDate), as_date(instance.StudyDate)
    if born is None or study is None:
        return None
    years = study.year - born.year - ((study.month, study.day) < (born.month, born.day))
    return years if 0 <= years < 130 else None


def age_contradicts(instance: Instance) -> bool:
    """Whether PatientAge in years is more than a year off what birth and study date say."""
    years, given = age_by_dates(instance), instance.PatientAge
    known = years is not None and len(given) == 4 and given[:3].isdigit() and given[3] == "Y"
    return known and abs(int(given[:3]) - (years or 0)) > 1


def _with_unit(value: float | None, unit: str, before: str = "") -> str:
    return "" if value is None else f"{before}{value:g} {unit}"


def _side(instance: Instance) -> str:
    """R, L or B; what has no sides (U, unpaired) says none."""
    side = instance.ImageLaterality or instance.Laterality
    return "" if side == "U" else side


def _joined(*parts: Any, between: str = " ") -> str:
    return between.join(str(part) for part in parts if part not in (None, ""))
