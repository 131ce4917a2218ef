"""Tools of PET that take a click: hot spots, taking out and bringing back, reference regions."""

from dataclasses import replace
from typing import Final

from workstation.case import reasons as no
from workstation.case.command import command
from workstation.case.hot import hot_set
from workstation.case.painting import Tool
from workstation.case.state import Case

GROUP: Final = "PET"
NO_PET: Final = "There is no PET or SPECT volume in the active tile, over it, or of its space."

SHARES: Final = (0.41, 0.42, 0.50)
"""Of a spot's maximum; the key of the tool goes through them."""

HOT_TOOLS: Final = {
    Tool.SPOT: (
        "Hot spot",
        "Alt+Shift+H",
        "Take the isocontour of the spot that is clicked as a segment.",
        "PET SUV lesion click isocontour 41 50 percent 2.5 4.0 threshold MTV TLG SUVpeak SUVmax VOI",
    ),
    Tool.SIDE: (
        "Take out or bring back",
        "Alt+Shift+X",
        "Take a spot that is clicked out of what all lesions found, or bring it back.",
        "PET physiological uptake remove exclude include MTV",
    ),
    Tool.LIVER: (
        "Liver reference",
        "Alt+Shift+V",
        "Lay a sphere of 3 cm round a click as the liver's reference.",
        "PET PERCIST Deauville SUL reference region mean background",
    ),
    Tool.BLOOD_POOL: (
        "Blood pool reference",
        "Alt+Shift+B",
        "Lay a cylinder of 1 by 2 cm round a click as the blood's reference: into the descending aorta.",
        "PET PERCIST Deauville aorta mediastinal blood pool reference region background",
    ),
    Tool.MEDIASTINUM: (
        "Mediastinum reference",
        "Alt+Shift+I",
        "Lay a sphere of 2 cm round a click as the mediastinum's reference.",
        "PET Deauville Lugano mediastinum reference region background",
    ),
}
"""Title, key, help and other words of each tool."""


def _no_pet(case: Case) -> str:
    if no.active_set(case) is None:
        return no.EMPTY
    return "" if hot_set(case) is not None else NO_PET


def _nothing_proposed(case: Case) -> str:
    missing = "" if case.marks.proposed is not None else "No spots are proposed: Alt+Shift+A finds all lesions."
    return _no_pet(case) or missing


def _tool(tool: Tool, title: str, key: str, text: str, found_by: str) -> None:
    def take(case: Case) -> None:
        if tool is Tool.SPOT and case.marks.tool == tool:
            painting = case.marks.painting
            at = SHARES.index(painting.share) + 1 if painting.share in SHARES and painting.least is None else 0
            case.marks.set_painting(replace(painting, share=SHARES[at % len(SHARES)], least=None))
        else:
            case.marks.take("" if case.marks.tool == tool else tool.value)

    again = "goes to the next percentage" if tool is Tool.SPOT else "lays it away"
    take.__name__ = f"pet_{tool.value.replace('-', '_')}"
    take.__doc__ = f"{text} The tool stays until Esc; the key again {again}."
    why_not = _nothing_proposed if tool is Tool.SIDE else _no_pet
    command(title, key, group=GROUP, why_not=why_not, permission="measure", found_by=found_by)(take)


for _each, _words in HOT_TOOLS.items():
    _tool(_each, *_words)
