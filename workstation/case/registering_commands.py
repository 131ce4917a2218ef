"""Commands that register by hand, accept and take back; what needs a job is in `ui.registration_commands`."""

from typing import Final

from workstation.case import landmarks, nudging, parting
from workstation.case import registering as by
from workstation.case.command import command
from workstation.case.state import Case

GROUP: Final = "Registration"
WORDS: Final = "register registration align fusion fuse frame of reference match overlay"
HAND: Final = f"{WORDS} nudge manual move shift translate"


@command(
    "Show anyway, or as registered",
    "Ctrl+Alt+Shift+O",
    group=GROUP,
    why_not=by.why_no_pair,
    found_by=f"{WORDS} unregistered original not registered coordinates",
)
def show_anyway(case: Case) -> None:
    """Lay two frames of reference on each other as their coordinates are, marked NOT REGISTERED; again: as before."""
    by.show_anyway(case)


@command(
    "Part from its frame of reference",
    "Ctrl+Alt+Shift+J",
    group=GROUP,
    why_not=parting.why_not_parted,
    permission="measure",
    found_by=f"{WORDS} same scanner breathing moved motion correct misregistration pet ct decouple unlink",
    said="Parted: nudge it, click landmarks or register; Reset brings it back.",
)
def part_from_frame(case: Case) -> None:
    """Let a series of the same frame of reference be moved on the other one: the patient breathed or moved between."""
    parting.part(case)


@command(
    "Accept the registration",
    "Ctrl+Alt+Shift+A",
    group=GROUP,
    why_not=by.why_not_accepted,
    permission="measure",
    found_by=f"{WORDS} verify confirm good",
    said="Accepted; Save keeps it with the study.",
)
def accept_registration(case: Case) -> None:
    """Say that the registration on screen is right: it is no longer written as not verified."""
    by.accept(case)


@command(
    "Reject the registration",
    "Ctrl+Alt+Shift+D",
    group=GROUP,
    why_not=by.why_not_registered,
    permission="measure",
    found_by=f"{WORDS} discard remove wrong bad",
    said="Rejected: that registration is no longer in force.",
)
def reject_registration(case: Case) -> None:
    """Throw the registration on screen away: nothing crosses from one frame of reference to the other."""
    by.reject(case)


@command(
    "Undo the last step of registering",
    "Ctrl+Alt+Shift+Z",
    group=GROUP,
    why_not=by.why_no_undo,
    permission="measure",
    found_by=f"{WORDS} back take back",
)
def undo_registering(case: Case) -> None:
    """Take back the last nudge, fit, acceptance or rejection of a registration."""
    by.undo(case)


@command(
    "Reset the registration",
    "Ctrl+Alt+Shift+Backspace",
    group=GROUP,
    why_not=by.why_no_reset,
    permission="measure",
    found_by=f"{WORDS} original as found",
)
def reset_registration(case: Case) -> None:
    """Go back to the registration as it was found, before it was moved by hand."""
    by.reset(case)


def _nudge(title: str, name: str, key: str, right: float, down: float, into: float, words: str) -> None:
    def run(case: Case) -> None:
        nudging.nudge(case, right * nudging.NUDGE_MM, down * nudging.NUDGE_MM, into * nudging.NUDGE_MM)

    run.__name__, run.__doc__ = f"registration_{name}", f"Push the moving images {words} by {nudging.NUDGE_MM:g} mm."
    command(title, key, group=GROUP, why_not=by.why_not_moved, permission="measure", found_by=HAND)(run)


def _turn(title: str, name: str, key: str, sign: float, words: str) -> None:
    def run(case: Case) -> None:
        nudging.turn(case, sign * nudging.NUDGE_DEG)

    run.__name__ = f"registration_{name}"
    run.__doc__ = f"Turn the moving images {words} on the screen about the crosshair by {nudging.NUDGE_DEG:g} degrees."
    command(title, key, group=GROUP, why_not=by.why_not_moved, permission="measure", found_by=f"{HAND} rotate")(run)


_nudge("Nudge the registration to the right", "right", "Ctrl+Alt+Shift+Right", 1, 0, 0, "to the right on the screen")
_nudge("Nudge the registration to the left", "left", "Ctrl+Alt+Shift+Left", -1, 0, 0, "to the left on the screen")
_nudge("Nudge the registration up", "up", "Ctrl+Alt+Shift+Up", 0, -1, 0, "up on the screen")
_nudge("Nudge the registration down", "down", "Ctrl+Alt+Shift+Down", 0, 1, 0, "down on the screen")
_nudge("Nudge the registration away", "away", "Ctrl+Alt+Shift+PgDown", 0, 0, 1, "into the screen")
_nudge("Nudge the registration nearer", "nearer", "Ctrl+Alt+Shift+PgUp", 0, 0, -1, "out of the screen")
_turn("Turn the registration clockwise", "clockwise", "Ctrl+Alt+Shift+End", 1, "clockwise")
_turn("Turn the registration anticlockwise", "anticlockwise", "Ctrl+Alt+Shift+Home", -1, "anticlockwise")


@command(
    "Move the registration by mouse",
    "Ctrl+Alt+Shift+M",
    group=GROUP,
    why_not=by.why_not_moved,
    permission="measure",
    found_by=f"{HAND} drag hand",
)
def registration_by_mouse(case: Case) -> None:
    """A drag in a tile moves what is registered, with Shift it turns it; pressed again: drags do what they did."""
    case.registering.by_mouse, case.registering.placing = not case.registering.by_mouse, False
    case.emit_changed(case.shown)


@command(
    "Place landmarks",
    "Ctrl+Alt+Shift+L",
    group=GROUP,
    why_not=by.why_no_pair,
    permission="measure",
    found_by=f"{WORDS} fiducial points pairs manual",
)
def place_landmarks(case: Case) -> None:
    """Click a place in the fixed images, then the same place in the moving ones, as often as wanted; again: done."""
    case.registering.placing, case.registering.by_mouse = not case.registering.placing, False
    case.emit_changed(case.shown)


@command(
    "Remove the last landmark",
    "Ctrl+Alt+Shift+Del",
    group=GROUP,
    why_not=lambda case: "" if case.registering.landmarks else "No landmark was placed.",
    permission="measure",
    found_by=f"{WORDS} fiducial",
)
def remove_last_landmark(case: Case) -> None:
    """Take the landmark that was placed last away."""
    landmarks.remove_landmark(case)


@command(
    "Fit the landmarks",
    "Ctrl+Alt+Shift+K",
    group=GROUP,
    why_not=landmarks.why_not_solved,
    permission="measure",
    found_by=f"{WORDS} fiducial solve points pairs",
)
def fit_landmarks(case: Case) -> None:
    """Lay the two on each other so that their landmarks come as near to each other as they can."""
    if not landmarks.why_not_solved(case):
        landmarks.solve(case)
