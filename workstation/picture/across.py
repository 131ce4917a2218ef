"""A tile as it is seen from other frames of reference, and what is said of that (safety.md 13).

What lies in another frame is drawn where a registration, or the reader's word, puts it, by the same rules as in its
own: not it is brought to the tile, but the tile's plane and pixels to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from workstation.case.drawing_tools import space_of
from workstation.case.state import TileView
from workstation.imaging.alignment import Laid, Standing, is_own
from workstation.imaging.carried import carried_plane, carried_screen
from workstation.imaging.registration_reasons import said_of
from workstation.imaging.view import Plane, ScreenPlane

OFFER: Final = "Ctrl+Alt+R opens Registration; Ctrl+Alt+Shift+O shows it anyway, marked so."


@dataclass(frozen=True, eq=False)
class Seen:
    """The plane and the pixels of a tile in another frame of reference; `laid` is how that lies on the tile's."""

    plane: Plane
    screen: ScreenPlane
    laid: Laid

    @property
    def is_own(self) -> bool:
        return self.laid.standing is Standing.SAME


def seen_from(view: TileView, screen: ScreenPlane, frame: str | None) -> Seen | None:
    """A tile from a frame of reference; None where nobody knows how it lies there, or only bent."""
    if view.display_set is None or not frame:
        return None
    own = space_of(view.display_set, view.image)
    laid = view.alignment.between(own, frame) if own else None
    if laid is None or laid.is_bent:
        return None
    there = laid.turned
    return Seen(carried_plane(view.plane, there), carried_screen(screen, there), laid)


def notices_across(view: TileView) -> list[tuple[str, str]]:
    """Chips and sentences: what is shown and not drawn here for want of a registration, and what is laid on this image
    by one that nobody has accepted, or by none."""
    own = space_of(view.display_set, view.image) if view.display_set is not None else None
    if own is None:
        return []
    said: dict[str, str] = {}
    for frame in _frames_drawn(view):
        laid = view.alignment.between(own, frame)
        if laid is None:
            said["not on this image"] = f"What is shown lies in another frame of reference, not on this image. {OFFER}"
        elif laid.is_bent:
            said["not drawn bent"] = (
                "What is shown lies on this image by a deformable registration, through which no outlines are drawn."
            )
    layers = {each.display_set.first.FrameOfReferenceUID for each in view.layers}
    for frame in dict.fromkeys((*_frames_drawn(view), *_frames_of_marks(view), *view.beside_frames)):
        laid = view.alignment.between(own, frame)
        if laid is not None and laid.said and frame not in layers:
            others = laid.standing is Standing.MOVED and is_own(frame)
            said.setdefault(f"others {laid.said}" if others else laid.said, _how(view, own, frame, laid))
    return list(said.items())


def _frames_drawn(view: TileView) -> Iterator[str]:
    """The frames of what other objects say and the reader asked for."""
    yield from dict.fromkeys(each.frame_of_reference_uid for each in view.overlays.there if each.shown)


def _frames_of_marks(view: TileView) -> Iterator[str]:
    yield from view.marks.by_frame
    yield from dict.fromkeys(each.frame_of_reference_uid for each in view.marks.segments)


def _how(view: TileView, own: str, frame: str, laid: Laid) -> str:
    if laid.standing is Standing.ANYWAY:
        return "Another frame of reference is laid on this image as its coordinates are: nothing says that they fit."
    if laid.standing is Standing.UNDER_WAY:
        return "Other images are laid on this one as far as their registration has come; it is still under way."
    found = view.alignment.registration(own, frame)
    made_by = f", made by {found.made_by}" if found is not None and found.made_by else ""
    return (
        f"Other images are laid on this one by a registration that nobody has accepted{made_by}.{said_of(laid.quality)}"
    )
