"""What each command of segments changes, as the state file tells it: one line a command.

Tools are told by the tool that is in hand then. All are pressed with the two segments of `laid` there.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np

from tests.journeys.desk import State
from workstation.case.painting import CLICKS, Tool
from workstation.case.segmenting import fresh
from workstation.case.state import Case
from workstation.imaging.fence import Fence
from workstation.imaging.masks import Mask

Check = Callable[[State, State], object]


def segments(state: State) -> list[State]:
    found: list[State] = state["findings"]["segments"]["list"]
    return found


def setting(name: str) -> Callable[[State], Any]:
    """How a tool is set."""
    return lambda state: state["findings"]["segments"][name]


def first(state: State, name: str) -> Any:
    return segments(state)[0][name]


TOOLS: Final[dict[str, str]] = {f"segment-{tool.value}": tool.value for tool in Tool if tool not in CLICKS}
"""The commands that take a tool."""


def voxels(state: State) -> int:
    """Of the first segment, once nothing is under way."""
    return -1 if setting("busy")(state) else int(first(state, "voxels"))


def more(a: State, b: State) -> bool:
    return voxels(b) > voxels(a)


def fewer(a: State, b: State) -> bool:
    return 0 < voxels(b) < voxels(a)


CHANGED: Final[dict[str, Check]] = {
    "new-segment": lambda a, b: len(segments(b)) == 3 and segments(b)[2]["chosen"],
    "next-segment": lambda a, b: segments(b)[1]["chosen"],
    "larger-brush": lambda a, b: setting("radius_mm")(b) > setting("radius_mm")(a),
    "smaller-brush": lambda a, b: setting("radius_mm")(b) < setting("radius_mm")(a),
    "brush-in-depth": lambda a, b: setting("solid")(b) is not setting("solid")(a),
    "hold-to-range": lambda a, b: setting("held")(b) is not setting("held")(a),
    "no-limit": lambda a, b: setting("limited")(a) and not setting("limited")(b),
    "grow-by-corners": lambda a, b: setting("corners")(b) is not setting("corners")(a),
    "keep-the-largest-island": lambda a, b: voxels(b) == 5**3 - 1,
    "remove-small-islands": lambda a, b: voxels(b) == voxels(a) - 1,
    "fill-holes": lambda a, b: voxels(b) == voxels(a) + 1,
    "fill-holes-in-slices": lambda a, b: voxels(b) == voxels(a) + 1,
    "grow-segment": more,
    "shrink-segment": fewer,
    "fill-between-slices": more,
    "split-into-islands": lambda a, b: [each["voxels"] for each in segments(b)] == [124, 1, 25, 1],
    "hide-segment": lambda a, b: first(b, "hidden"),
    "segments-as-lines": lambda a, b: all(each["lines"] for each in segments(b)),
    "lock-segment": lambda a, b: first(b, "locked"),
    "delete-segment": lambda a, b: len(segments(b)) == 1,
    "merge-segments": lambda a, b: len(segments(b)) == 1 and voxels(b) == voxels(a) + 1,
}
SEGMENTED: Final = (*TOOLS, *CHANGED)
"""Every command of segments."""


def laid(case: Case) -> None:
    """A limit and two segments: a cube of 5 with a hollow, a plate of 5 x 5 some slices above it, a voxel far off; one
    voxel."""
    display_set = case.view(case.active).display_set
    assert display_set is not None and display_set.grid is not None
    grid = display_set.grid
    i, j, k = (each // 2 for each in grid.size)
    array, other = (np.zeros(grid.size[::-1], dtype=bool) for _ in range(2))
    array[k - 2 : k + 3, j - 2 : j + 3, i - 2 : i + 3] = True
    array[k, j, i] = False
    array[k + 6, j - 2 : j + 3, i - 2 : i + 3] = True
    array[k - 9, j - 9, i - 9] = other[k + 3, j + 9, i] = True
    for voxels in (array, other):
        segment = fresh(case.marks, display_set)
        case.marks.put_segments((*case.marks.segments, segment))
        case.marks.change_segments(replace(segment, mask=Mask.of(grid, voxels)))
    case.marks.use_segment(case.marks.segments[0].tracking_uid)
    corners = tuple(grid.point(each) for each in ((i - 9, j - 9, k), (i + 9, j - 9, k), (i, j + 9, k)))
    fence = Fence(corners, grid.axes[2], case.marks.segments[0].frame_of_reference_uid)
    case.marks.set_painting(replace(case.marks.painting, fence=fence))
