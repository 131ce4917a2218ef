"""Commands of key images: which images others shall look at."""

from typing import Final

import numpy as np

from workstation.case import reasons as no
from workstation.case.command import command
from workstation.case.layout import show_set
from workstation.case.state import Case
from workstation.case.tile import TileView
from workstation.case.view_tools import to_image
from workstation.findings.key_image import KeyImage, Purpose

GROUP: Final = "Saving"
OF_A_PLANE: Final = "This plane is no stored image; a click on its series in the strip brings its stored ones."
NO_KEY_IMAGE: Final = "This image is no key image; Shift+J makes it one."
SAME_PLANE_MM: Final = 0.01
SAME_COSINE: Final = 1 - 1e-9


def key_of(view: TileView) -> KeyImage | None:
    """The image on screen as a key image, also on a plane that lies exactly on it; None where no stored image is."""
    if view.display_set is None or not _is_stored(view):
        return None
    ref = view.display_set.images[view.image]
    first = ref.instance
    return KeyImage(first.StudyInstanceUID, first.SeriesInstanceUID, first.SOPInstanceUID, ref.frame)


def _is_stored(view: TileView) -> bool:
    """Whether what is on screen is one image of the series, pixel for pixel or seen in its own plane."""
    if view.display_set is None or view.tile.scene is not None or view.tile.turning is not None:
        return False
    if view.tile.orientation is None:
        return True
    grid, plane = view.display_set.image_grid(view.image), view.plane
    away = np.subtract(plane.center_lps, grid.origin_lps) @ np.asarray(plane.normal)
    parallel = abs(np.dot(grid.axes[2], plane.normal)) >= SAME_COSINE
    return bool(parallel and abs(away) <= SAME_PLANE_MM and not view.tile.slab.is_thick)


def is_key_image(view: TileView) -> bool:
    """Whether the image on screen was chosen as one."""
    return chosen(view) is not None


def chosen(view: TileView) -> KeyImage | None:
    """The image on screen as it was chosen, with what for."""
    key = key_of(view) if view.marks.keys else None
    return next((each for each in view.marks.keys if key is not None and each.is_of(key)), None)


def _no_key(case: Case) -> str:
    return no.no_image(case) or ("" if _is_stored(case.view(case.active)) else OF_A_PLANE)


@command(
    *("Key image", "Shift+J"),
    group=GROUP,
    why_not=_no_key,
    permission="measure",
    found_by="flag star bookmark kos key object selection important",
)
def key_image(case: Case) -> None:
    """Make the image on screen a key image, or take that back; Save writes them for others."""
    key = key_of(case.view(case.active))
    if key is not None:
        case.marks.flag(key)


def _no_keys(case: Case) -> str:
    return "" if case.marks.keys else "There are no key images yet."


@command("Next key image", "Ctrl+Shift+K", group=GROUP, why_not=_no_keys)
def next_key_image(case: Case) -> None:
    """Go to the next key image, in the order they were chosen; after the last comes the first."""
    keys = case.marks.keys
    shown = key_of(case.view(case.active))
    at = next((n for n, each in enumerate(keys) if shown is not None and each.is_of(shown)), -1)
    if keys:
        go_to_key(case, keys[(at + 1) % len(keys)])


def go_to_key(case: Case, wanted: KeyImage) -> None:
    """Show a key image in the active tile, as one of its stack."""
    for key, display_set in case.sets.items():
        for image, ref in enumerate(display_set.images):
            if (ref.instance.SOPInstanceUID, ref.frame) == (wanted.sop_instance_uid, wanted.frame):
                if case.tiles[case.active].display_set != key or not case.tiles[case.active].is_stack:
                    show_set(case, case.active, key)
                to_image(case, case.active, image)
                return


def _none_here(case: Case) -> str:
    return _no_key(case) or ("" if is_key_image(case.view(case.active)) else NO_KEY_IMAGE)


@command(
    *("What the key image is for", "Alt+Shift+J"),
    group=GROUP,
    why_not=_none_here,
    permission="measure",
    found_by="purpose title teaching conference surgery referring research kos",
)
def what_the_key_image_is_for(case: Case) -> None:
    """Say what the key image on screen is for: of interest first, then each press the next purpose."""
    key, purposes = chosen(case.view(case.active)), list(Purpose)
    if key is not None:
        case.marks.retitle(key, purposes[(purposes.index(key.purpose) + 1) % len(purposes)])
