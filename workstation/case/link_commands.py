"""Commands that link tiles, and say what linked tiles do together."""

from workstation.case import linking
from workstation.case import reasons as no
from workstation.case.command import command
from workstation.case.reasons import first_of
from workstation.case.state import Case, Share


@command("Link all or none", "K", group="Linking", why_not=no.nothing_to_link)
def link_all(case: Case) -> None:
    """Link all tiles on screen, or none: by position in the patient where that can be compared."""
    filled = [number for number in case.shown if case.tiles[number].display_set]
    linked = all(case.tiles[number].link for number in filled)
    for number in filled:
        linking.link(case, number, None if linked else linking.BY_HAND)
    case.emit_changed(case.shown)


@command("Link this tile", "Shift+K", group="Linking", why_not=no.nothing_to_link)
def link_tile(case: Case) -> None:
    """Put the active tile among the linked ones, or take it out."""
    tile = case.tiles[case.active]
    linking.link(case, case.active, None if tile.link else linking.BY_HAND)
    case.emit_changed(case.shown)


@command("Link as they stand", "J", group="Linking", why_not=first_of(no.not_linked, no.scrolls_alone))
def link_here(case: Case) -> None:
    """Keep the linked tiles as far apart as they are now when they scroll."""
    linking.link_here(case, case.active)


@command("Link scrolling", "Alt+S", group="Linking", why_not=no.not_linked)
def link_scroll(case: Case) -> None:
    """Let the linked tiles scroll together, or each alone."""
    _toggle(case, Share.SCROLL)


@command("Link windows", "Alt+W", group="Linking", why_not=no.not_linked)
def link_window(case: Case) -> None:
    """Let the linked tiles of one modality and unit share their window, or each keep its own."""
    _toggle(case, Share.WINDOW)


@command("Link zoom", "Alt+Z", group="Linking", why_not=no.not_linked)
def link_zoom(case: Case) -> None:
    """Let the linked tiles share their scale, or each keep its own."""
    _toggle(case, Share.ZOOM)


@command("Link moving", "Alt+P", group="Linking", why_not=no.not_linked)
def link_pan(case: Case) -> None:
    """Let the linked tiles move on the screen together, or each alone."""
    _toggle(case, Share.PAN)


def _toggle(case: Case, share: Share) -> None:
    link = case.tiles[case.active].link
    if link is not None:
        case.shares[link.group] = case.shared(case.active) ^ {share}
        case.emit_changed(case.group(case.active))
