"""A finding of every kind on one image, in the patient and in pixels, for whoever writes and reads documents."""

from dataclasses import replace

from workstation.dicom.entities import Frame, Instance, Patient, PixelFormat
from workstation.documents.sr.places import Ground, GroundOf
from workstation.errors import Refused
from workstation.findings.finding import POINTS, Finding, Kind, Source, Status, Value
from workstation.findings.measure import measured
from workstation.imaging.displaysets import DisplaySet, display_sets
from workstation.imaging.geometry import Vec3

STUDY, SERIES, IMAGE, SPACE = "2.25.11", "2.25.12", "2.25.13", "2.25.14"
ROW_MM, COLUMN_MM = 0.7, 0.5


def image(uid: str = IMAGE, spaced: bool = True, frame_of_reference: str = SPACE, sop_class: str = "") -> Instance:
    """An oblique image of 120 x 96 pixels, or one without a place in the patient."""
    pixels = PixelFormat(96, 120, 1, "MONOCHROME2", 0, 16, 12, 11, 0, 1, "PixelData")
    oblique = (0.8, 0.6, 0.0, -0.36, 0.48, 0.8)
    frame = Frame((-11.25, 7.5, 300.125), oblique, (ROW_MM, COLUMN_MM), SliceThickness=2.0)
    plain = Frame(PixelSpacing=(ROW_MM, COLUMN_MM))
    return Instance(
        uid,
        sop_class or "1.2.840.10008.5.1.4.1.1.2",
        "1.2.840.10008.1.2.1",
        STUDY,
        SERIES,
        Patient("ID-1", "", "Sør^Åse", "19600102", "F"),
        pixels,
        (frame if spaced else plain,),
        Modality="CT" if spaced else "DX",
        FrameOfReferenceUID=frame_of_reference if spaced else "",
    )


def the_set(instance: Instance) -> DisplaySet:
    (found,) = display_sets([instance])
    return found


def ground_of(instance: Instance, space: str | None) -> GroundOf:
    grid = the_set(instance).image_grid(0)
    return lambda source: Ground(space, grid) if source.sop_instance_uid == instance.SOPInstanceUID else None


_WORKED_OUT: dict[Kind, tuple[Value, ...]] = {
    Kind.TRAJECTORY: (
        Value("Depth", 61.25, "mm", "entry to target, towards PL"),
        Value("To axial", 30.0, "°", "between the way and axial planes"),
        Value("In Liver", 12.5, "mm", "from 20.0 to 32.5 mm below the entry"),
    ),
    Kind.SURFACE: (
        Value("Distance", 40.5, "mm", "straight, in the patient"),
        Value("Along surface", 52.25, "mm", "shortest way along the surface"),
    ),
    Kind.MARGIN: (Value("Margin", 4.5, "mm", "least, from surface to surface"),),
    Kind.REMNANT: (
        Value("Remnant", 512.5, "ml", "flat cut"),
        Value("Share", 40.0, "%", "of 1281.2 ml"),
        Value("Per kg", 7.3125, "ml/kg", "at 70 kg"),
    ),
}
"""What is told of kinds whose values follow from more than their points."""

_PIXELS: dict[Kind, tuple[Vec3, ...]] = {
    Kind.ELLIPSE: ((40.0, 30.0, 0.0), (40.0, 38.0, 0.0), (25.0, 34.0, 0.0), (55.0, 34.0, 0.0)),
    Kind.RECTANGLE: ((30.0, 40.0, 0.0), (50.0, 40.0, 0.0), (50.0, 45.5, 0.0), (30.0, 45.5, 0.0)),
    Kind.FREEHAND: ((10.1, 10.2, 0.0), (20.3, 11.7, 0.0), (22.9, 19.4, 0.0), (12.2, 21.0, 0.0), (9.0, 15.5, 0.0)),
    Kind.BIDIRECTIONAL: ((50.0, 50.0, 0.0), (54.1, 53.0, 0.0), (40.3, 60.7, 0.0), (70.2, 31.9, 0.0)),
}


def pixels_of(kind: Kind) -> tuple[Vec3, ...]:
    count = POINTS.get(kind, 5)
    return _PIXELS.get(kind) or tuple((20.3 + 9.1 * n, 31.7 + 3.3 * n * n, 0.0) for n in range(count))


def of_kind(kind: Kind, number: int, instance: Instance, space: str | None) -> Finding:
    """Measured as the window measures; regions with statistics as well."""
    display_set = the_set(instance)
    grid = display_set.image_grid(0)
    points = tuple(grid.point(each) for each in pixels_of(kind)) if space is not None else pixels_of(kind)
    finding = Finding(
        f"2.25.{900 + number}",
        number,
        kind,
        points,
        space,
        (Source(instance.SOPInstanceUID),),
        STUDY,
        SERIES,
        true_length_mm=41.3 if kind is Kind.CALIBRATION else None,
    )
    try:
        values = measured(finding, display_set.images[0])
    except Refused as refused:
        return replace(finding, refused=refused.sentence)
    if finding.encloses:
        how = "stored voxels whose centre lies inside"
        told = (("Mean", 1 / 3), ("SD", 2.5), ("Min", -7.0), ("Max", 12.0), ("Median", 0.25))
        values = (*values, *(Value(name, value, "HU", how) for name, value in told), Value("Voxels", 88.0, "", how))
    values = values or _WORKED_OUT.get(kind, ())
    if kind is Kind.PROBE:
        values = (Value("Value", -1000.0, "HU", "the stored voxel here"),)
    return replace(finding, values=values)


def all_kinds(instance: Instance, space: str | None) -> list[Finding]:
    """Each kind, a closed polyline, one of an algorithm, and one without a value; with all that a finding can say."""
    found = [of_kind(kind, number, instance, space) for number, kind in enumerate(Kind, 1)]
    found[0] = replace(found[0], name="Låsion", site="Liver", text="in two\nlines", author="Doe^Jane")
    found[1] = replace(found[1], label=found[1].points[2], hidden=True, status=Status.CONFIRMED)
    found[2] = replace(found[2], site="somewhere by the left one", alignments=("2.25.7", "2.25.8/1.9"))
    line = next(each for each in found if each.kind is Kind.POLYLINE)
    found.append(replace(line, tracking_uid="2.25.801", number=31, closed=True, values=()))
    found.append(replace(found[0], tracking_uid="2.25.802", number=32, status=Status.FROM_AI, author="Net 1"))
    refused = "it crosses ultrasound regions that have different scales"
    found.append(replace(found[0], tracking_uid="2.25.803", number=33, values=(), refused=refused))
    return found
