"""Commands of planes: three of any volume, turned, thickened, laid along what was drawn, and back."""

from workstation.case import planes
from workstation.case import reasons as no
from workstation.case.command import command
from workstation.case.hanging_commands import PLANES
from workstation.case.reasons import active_set
from workstation.case.state import Case
from workstation.case.view_tools import set_interpolation
from workstation.findings.finding import Finding, Kind
from workstation.imaging.geometry import Vec3
from workstation.imaging.view import Interpolation

SLABS = "slab thickness thick mip minip maximum intensity projection average"
OBLIQUE = "oblique rotate rotation tilt angle double oblique"


@command("Three planes", "Alt+M", group="Planes", why_not=no.no_volume, found_by=PLANES + " orthogonal oblique 3d")
def three_planes(case: Case) -> None:
    """Show the axial, coronal and sagittal plane of the active tile's series; Ctrl+Backspace hangs as planned."""
    planes.show_planes(case, case.active)


@command("Slab here", "Alt+B", group="Planes", why_not=no.no_volume, found_by=SLABS)
def slab_here(case: Case) -> None:
    """Make the image or plane in the active tile a slab 10 mm thick (MIP), or the slab what it was."""
    planes.slab_here(case, case.active)


@command("Thicker", "Alt+PgUp", group="Planes", why_not=no.not_a_plane, found_by=SLABS)
def thicker(case: Case) -> None:
    """Make the plane in the active tile thicker: by 1 mm, above 10 mm by 2, above 30 mm by 5."""
    planes.thicken(case, case.active, 1)


def _is_thin(case: Case) -> str:
    thick = not no.not_a_plane(case) and case.tiles[case.active].slab.is_thick
    return no.not_a_plane(case) or ("" if thick else "The plane has no thickness.")


@command("Thinner", "Alt+PgDown", group="Planes", why_not=_is_thin, found_by=SLABS)
def thinner(case: Case) -> None:
    """Make the plane in the active tile thinner, at last without thickness."""
    planes.thicken(case, case.active, -1)


@command("Next slab mode", "Alt+N", group="Planes", why_not=no.not_a_plane, found_by=SLABS + " sum")
def next_slab_mode(case: Case) -> None:
    """Show the brightest (MIP), the darkest (MinIP), the mean or the sum through the plane's thickness, in turn."""
    planes.next_mode(case, case.active)


@command("Turn the other planes", "Alt+Shift+Right", group="Planes", why_not=no.not_a_plane, found_by=OBLIQUE)
def turn_planes(case: Case) -> None:
    """Turn the other planes 5° clockwise about the crosshair, as they are drawn in the active tile."""
    planes.turn(case, case.active, planes.KEY_DEG)


@command("Turn the other planes back", "Alt+Shift+Left", group="Planes", why_not=no.not_a_plane, found_by=OBLIQUE)
def turn_planes_back(case: Case) -> None:
    """Turn the other planes 5° anticlockwise about the crosshair, as they are drawn in the active tile."""
    planes.turn(case, case.active, -planes.KEY_DEG)


@command("Tip the plane", "Alt+Shift+Up", group="Planes", why_not=no.not_a_plane, found_by=OBLIQUE)
def tip_plane(case: Case) -> None:
    """Tip the plane of the active tile, and those square to it, 5° about its horizontal: the top away from you."""
    planes.tip(case, case.active, planes.KEY_DEG, to_the_right=False)


@command("Tip the plane back", "Alt+Shift+Down", group="Planes", why_not=no.not_a_plane, found_by=OBLIQUE)
def tip_plane_back(case: Case) -> None:
    """Tip the plane of the active tile, and those square to it, 5° about its horizontal: the top towards you."""
    planes.tip(case, case.active, -planes.KEY_DEG, to_the_right=False)


@command("Planes of the patient", "Alt+A", group="Planes", why_not=no.not_a_plane, found_by="reset straight anatomical")
def planes_of_the_patient(case: Case) -> None:
    """Lay the planes along the patient: truly axial, coronal and sagittal, whatever way the scanner went."""
    planes.to_patient(case, case.active)


@command(
    "Planes of the scanner",
    "Alt+O",
    group="Planes",
    why_not=no.not_turned,
    found_by="reset straight original",
    said="The planes lie straight; thickness and crosshair stay, Backspace resets these too.",
)
def planes_of_the_scanner(case: Case) -> None:
    """Lay the planes along the stored voxels again; thickness and crosshair stay, Backspace resets these too."""
    planes.to_scanner(case, case.active)


def _line(case: Case) -> tuple[Vec3, Vec3] | None:
    """The ends of the selected or last length, arrow or trajectory."""
    found = case.marks.find(case.marks.selected or case.marks.current)
    drawn = found is not None and found.in_patient and found.kind in (Kind.LENGTH, Kind.ARROW, Kind.TRAJECTORY)
    return (found.points[0], found.points[1]) if found is not None and drawn else None


def _no_line(case: Case) -> str:
    if sentence := no.no_volume(case):
        return sentence
    return "" if _line(case) else "Draw or select a length or an arrow first."


def plane_tile(case: Case) -> int:
    """A tile that shows a plane of the active tile's space: the active one, one beside it, else three are hung."""
    space = case.space_of(case.tiles[case.active])
    for each in (case.active, *case.shown):
        if case.tiles[each].orientation is not None and case.space_of(case.tiles[each]) == space:
            return each
    own = planes.acquired(case.view(case.active))
    planes.show_planes(case, case.active)
    return next(each for each in case.shown if case.tiles[each].orientation is own)


@command("Plane along the line", "Alt+L", group="Planes", why_not=_no_line, found_by=OBLIQUE + " snap long axis")
def plane_along_the_line(case: Case) -> None:
    """Lay a plane along the selected length or arrow, square to the plane it was drawn in."""
    line = _line(case)
    if line is not None:
        planes.along_line(case, plane_tile(case), *line)


@command(
    "Plane across the line", "Alt+Shift+L", group="Planes", why_not=_no_line, found_by=OBLIQUE + " snap short axis"
)
def plane_across_the_line(case: Case) -> None:
    """Lay a plane square to the selected length or arrow, through its middle."""
    line = _line(case)
    if line is not None:
        planes.along_line(case, plane_tile(case), *line, square=True)


def _three_points(case: Case) -> tuple[Vec3, Vec3, Vec3] | None:
    """The points of the selected or last angle, or the last three probes."""
    chosen = case.marks.find(case.marks.selected or case.marks.current)
    if chosen is not None and chosen.kind is Kind.ANGLE and chosen.in_patient:
        return chosen.points[0], chosen.points[1], chosen.points[2]
    display_set = active_set(case)
    frame = (display_set.first.FrameOfReferenceUID or display_set.study_instance_uid) if display_set else ""
    probes = [each.points[0] for each in case.marks if _is_probe_of(each, frame)]
    return (probes[-3], probes[-2], probes[-1]) if len(probes) >= 3 else None


def _is_probe_of(finding: Finding, frame: str) -> bool:
    return finding.kind is Kind.PROBE and finding.frame_of_reference_uid == frame


def _no_points(case: Case) -> str:
    if sentence := no.no_volume(case):
        return sentence
    return "" if _three_points(case) else "Put three probes first, or draw or select an angle."


@command("Plane through three points", "Alt+D", group="Planes", why_not=_no_points, found_by=OBLIQUE + " snap")
def plane_through_three_points(case: Case) -> None:
    """Lay the plane of the active tile through the last three probes, or the points of an angle."""
    points = _three_points(case)
    if points is not None:
        planes.through_points(case, plane_tile(case), points)


@command("Cubic interpolation", "Alt+C", group="Planes", why_not=no.not_a_plane, found_by="smooth spline sharp")
def cubic_interpolation(case: Case) -> None:
    """Work out values between voxels from 64 of them in place of 8, or from 8 again."""
    cubic = case.tiles[case.active].display.interpolation is Interpolation.CUBIC
    set_interpolation(case, case.active, Interpolation.LINEAR if cubic else Interpolation.CUBIC)
