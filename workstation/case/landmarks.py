"""Landmarks: the same places clicked in the fixed and the moving images, and the two laid on each other by them."""

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from workstation import __version__
from workstation.case.registering import NO_PAIR, Landmark, found, laid_now, sides, why_not_moved
from workstation.errors import HounsfieldError
from workstation.imaging.alignment import Quality, Registration, new_uid
from workstation.imaging.geometry import Vec3
from workstation.imaging.registration_by_hand import LEAST, Fitted, fitted
from workstation.imaging.registration_reasons import GOOD_RMS_MM, POOR_RMS_MM

if TYPE_CHECKING:
    from workstation.case.state import Case

BY_LANDMARKS: Final = f"landmarks (Hounsfield {__version__})"


def place_landmark(case: "Case", frame: str, point: Vec3) -> None:
    """A click on a place in a frame of reference: the other half of the last pair, or a new one.

    Where one tile shows both, the first click is on the fixed images and the second on the moving ones.
    """
    there = sides(case)
    if there is None or frame not in there.frames:
        return
    marks = case.registering.landmarks
    last = marks[-1] if marks and not marks[-1].is_pair else Landmark()
    kept = marks[:-1] if marks and not marks[-1].is_pair else marks
    side: Literal["fixed", "moving"] = "fixed" if frame == there.frames[0] else "moving"
    if side == "fixed" and last.fixed is not None and (laid := laid_now(case, there)) is not None:
        side, point = "moving", laid.point_to_moving(point)
    changed = replace(last, fixed=point) if side == "fixed" else replace(last, moving=point)
    case.registering.landmarks = (*kept, changed)
    case.emit_changed(case.shown)


def remove_landmark(case: "Case", index: int = -1) -> None:
    marks = list(case.registering.landmarks)
    if marks:
        del marks[index]
        case.registering.landmarks = tuple(marks)
        case.emit_changed(case.shown)


def pairs(case: "Case") -> tuple[Landmark, ...]:
    return tuple(each for each in case.registering.landmarks if each.is_pair)


def solved(case: "Case", kind: Literal["rigid", "affine"]) -> Fitted:
    """The fit of the pairs there are. Raises HounsfieldError as `fitted` does."""
    there = [each for each in pairs(case) if each.fixed is not None and each.moving is not None]
    fixed, moving = ([getattr(each, side) for each in there] for side in ("fixed", "moving"))
    return fitted(fixed, moving, kind)


def why_not_solved(case: "Case") -> str:
    try:
        solved(case, "rigid")
    except HounsfieldError as error:
        return error.sentence
    return why_not_moved(case)


def solve(case: "Case", kind: Literal["rigid", "affine"] = "rigid") -> Fitted:
    """Lay the two on each other by their landmarks. Raises HounsfieldError as `fitted` does."""
    there = sides(case)
    if there is None:
        raise HounsfieldError(NO_PAIR)
    fit = solved(case, kind)
    spare = len(fit.residuals_mm) > LEAST[kind]
    word: Literal["good", "check", "poor"] = "check"
    if fit.rms_mm >= POOR_RMS_MM:
        word = "poor"
    elif spare and fit.rms_mm < GOOD_RMS_MM:
        word = "good"
    numbers = {"landmarks": float(len(fit.residuals_mm)), "rms mm": fit.rms_mm, "most mm": max(fit.residuals_mm)}
    sources = (there.fixed.series_instance_uid, there.moving.series_instance_uid)
    made = Registration(
        new_uid(),
        *there.frames,
        fit.matrix,
        kind,
        quality=Quality(word, numbers),
        made_by=BY_LANDMARKS,
        sources=sources,
    )
    found(case, made)
    return fit


def residuals_mm(case: "Case") -> tuple[float | None, ...]:
    """How far the two halves of each landmark lie from each other now; None where one is missing or nothing is laid."""
    there = sides(case)
    laid = laid_now(case, there) if there is not None else None
    told: list[float | None] = []
    for each in case.registering.landmarks:
        if laid is None or each.fixed is None or each.moving is None:
            told.append(None)
        else:
            told.append(float(np.linalg.norm(np.subtract(laid.point_to_fixed(each.moving), each.fixed))))
    return tuple(told)
