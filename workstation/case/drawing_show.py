"""Where a finding is to be seen: which tile can show it, and how to bring it there."""

from workstation.case.drawing_tools import space_of
from workstation.case.layout import show_set
from workstation.case.state import Case
from workstation.case.view_tools import go_to_point, to_image
from workstation.findings.finding import Finding
from workstation.findings.regions import source_image
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
    same = space_of(display_set, 0) == finding.frame_of_reference_uid
    return same and (display_set.lattice is None or display_set.lattice.contains(middle_of(finding)))


def _go(case: Case, number: int, finding: Finding) -> None:
    tile = case.tiles[number]
    display_set = case.sets[tile.display_set or ""]
    if not tile.is_stack and finding.in_patient:
        go_to_point(case, number, middle_of(finding))
        return
    image = source_image(display_set, finding)
    if image is None and display_set.lattice is not None:
        image = round(display_set.lattice.index(middle_of(finding))[2])
    if image is not None:
        to_image(case, number, image)
