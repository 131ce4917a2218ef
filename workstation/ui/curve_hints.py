"""What a hand can do next with the curve, in the keys of whoever sits here."""

from workstation.case.curve import Curve
from workstation.ui.keys import Bound, key_of


def hint(curve: Curve, bound: Bound, is_kept: bool) -> str:
    """One line. `is_kept` is a curve that is among the findings already."""
    if curve.placing and not curve.is_line:
        return "Click along the vessel, in any plane: two points make a line."
    if curve.placing:
        return f"Click on along the vessel  ·  {key_of(bound, 'follow-the-vessel')}: follow it  ·  Esc: done"
    if not curve.is_line:
        return f"There is no line yet; {key_of(bound, 'curve')} places its points."
    keep = "" if is_kept and not curve.differs else f"{key_of(bound, 'keep-the-curve')}: keep  ·  "
    return f"{keep}Drag up or down: turn  ·  Shift and a drag: narrowing"
