"""Which side of the patient lies at each edge of a tile.

Cross-sections: from the vectors that are painted (safety.md 4). Projections have no place in the patient; they say in
PatientOrientation (PS3.3 C.7.6.1.1.1) where their rows and columns point, and that follows every turn and mirroring.
"""

from typing import Final

from workstation.case.state import TileView
from workstation.imaging.view import ScreenPlane

_OPPOSITE: Final = {"A": "P", "P": "A", "R": "L", "L": "R", "H": "F", "F": "H"}


def letters_of(view: TileView, screen: ScreenPlane) -> dict[str, str]:
    """Letters by edge: left, right, top, bottom; none where the object does not say."""
    assert view.display_set is not None  # noqa: S101  only tiles with an image have letters
    if view.display_set.in_patient(view.image):
        return screen.letters
    orientation = view.display_set.images[view.image].instance.PatientOrientation
    if len(orientation) != 2 or not all(_is_direction(each) for each in orientation):
        return {}
    right, bottom = (_towards(step, orientation) for step in (screen.step_right, screen.step_down))
    return {"left": opposite(right), "right": right, "top": opposite(bottom), "bottom": bottom}


def _towards(step: tuple[float, float, float], orientation: tuple[str, ...]) -> str:
    """Where a step on the screen leads; in its own space an image's rows run along x and its columns along y."""
    along_rows = abs(step[0]) >= abs(step[1])
    letters, forward = (orientation[0], step[0] > 0) if along_rows else (orientation[1], step[1] > 0)
    return letters if forward else opposite(letters)


def opposite(letters: str) -> str:
    """The other end of a direction: "RF" for "LH"."""
    return "".join(_OPPOSITE[each] for each in letters)


def _is_direction(letters: str) -> bool:
    return 0 < len(letters) <= 3 and all(each in _OPPOSITE for each in letters)
