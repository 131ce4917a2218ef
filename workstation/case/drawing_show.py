"""Where a finding is to be seen: which tile can show it, and how to bring it there."""

from workstation.case.drawing_tools import space_of
from workstation.case.layout import show_set
from workstation.case.state import Case
from workstation.case.view_tools import go_to_point, to_image
from workstation.findings.finding import Finding
from workstation.findings.regions import source_image
from workstation.imaging.displaysets import DisplaySet
from workstation.imaging.geometry import Vec3


def middle_of(finding: Finding) -> Vec3:
    """The middle of its points."""
    count = len(finding.points)
    x, y, z = (sum(point[axis] for point in finding.points) / count for axis in range(3))
    return (x, y, z)


def jump_to(case: Case, finding: Finding) -> None:
    """Bring a tile to the finding and select it: the active one where it can show it, else one that can, else the
    series it was drawn on takes the active one's place.
    """
    order = [case.active, *(number for number in case.shown if number != case.active)]
    order.sort(key=lambda each: case.space_of(case.tiles[each]) != finding.frame_of_reference_uid)
    number = next((each for each in order if _can_show(case, each, finding)), None)
    if number is None:
        key = next((key for key, each in case.sets.items() if source_image(each, finding) is not None), None)
        if key is None:
            return
        number = case.active
        show_set(case, number, key)
    case.activate(number)
    _go(case, number, finding)
    case.marks.select(finding.tracking_uid)
    case.marks.sought.emit(number, finding)


def regions_of(case: Case) -> frozenset[str]:
    """The regions of the body that the words of the active tile's series name, or else those of its study."""
    from workstation.hanging.regions import regions_in

    display_set = case.view(case.active).display_set
    first = display_set.first if display_set else None
    texts = (
        (first.SeriesDescription, first.ProtocolName, first.BodyPartExamined, first.StudyDescription) if first else ()
    )
    return next((frozenset(found) for text in texts if (found := regions_in(text))), frozenset())


def showing(case: Case, finding: Finding) -> list[int]:
    """The tiles on screen that can show where a finding lies."""
    return [number for number in case.shown if _can_show(case, number, finding)]


def show_everywhere(case: Case, finding: Finding) -> None:
    """Bring each tile that can show it to the finding, the active one last: what is linked follows that."""
    order = sorted(showing(case, finding), key=lambda number: number == case.active)
    for number in order:
        _go(case, number, finding)
        case.marks.sought.emit(number, finding)


def _can_show(case: Case, number: int, finding: Finding) -> bool:
    """Whether the set in a tile has the finding's place."""
    key = case.tiles[number].display_set
    display_set = case.sets[key] if key else None
    if display_set is None:
        return False
    if not finding.in_patient:
        return source_image(display_set, finding) is not None
    point = _here(case, display_set, finding)
    return point is not None and (display_set.lattice is None or display_set.lattice.contains(point))


def _here(case: Case, display_set: DisplaySet, finding: Finding) -> Vec3 | None:
    """Where the middle of a finding in the patient lies in the space of a set; None where nobody knows."""
    own, frame = space_of(display_set, 0), finding.frame_of_reference_uid
    laid = case.alignment.between(own, frame) if own and frame else None
    return laid.point_to_fixed(middle_of(finding)) if laid is not None else None


def _go(case: Case, number: int, finding: Finding) -> None:
    tile = case.tiles[number]
    display_set = case.sets[tile.display_set or ""]
    point = _here(case, display_set, finding) if finding.in_patient else None
    if not tile.is_stack and point is not None:
        go_to_point(case, number, point)
        return
    image = source_image(display_set, finding)
    if image is None and display_set.lattice is not None and point is not None:
        image = round(display_set.lattice.index(point)[2])
    if image is not None:
        to_image(case, number, image)
