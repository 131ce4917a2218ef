"""Commands that say what hangs where: tiles, layouts, stages, series."""

from workstation.case import cycle, layout
from workstation.case import reasons as no
from workstation.case.command import command
from workstation.case.layout import show_set
from workstation.case.state import Case

PLANES = "mpr multiplanar reformat reconstruction planes coronal sagittal axial"
"""Where a volume can be cut, the next stage of its hanging shows its planes."""


@command("Next tile", "Tab", group="Hanging", why_not=no.no_second_tile)
def next_tile(case: Case) -> None:
    """Make the next tile the active one."""
    _activate_neighbour(case, 1)


@command("Previous tile", "Shift+Tab", group="Hanging", why_not=no.no_second_tile)
def previous_tile(case: Case) -> None:
    """Make the previous tile the active one."""
    _activate_neighbour(case, -1)


def _activate_neighbour(case: Case, step: int) -> None:
    case.activate(_neighbour(case, step))


def _neighbour(case: Case, step: int) -> int:
    shown = case.shown
    return shown[(shown.index(case.active) + step) % len(shown)] if case.active in shown else case.active


@command("Maximise", "M", "Return", group="Hanging", found_by="full screen enlarge one up")
def maximise(case: Case) -> None:
    """Show the active tile alone, or all tiles again."""
    case.maximise(None if case.maximised is not None else case.active)


@command("Next stage", "Space", group="Hanging", why_not=no.no_second_stage, found_by=PLANES)
def next_stage(case: Case) -> None:
    """Hang the next stage of the protocol."""
    case.hang_stage((case.stage + 1) % len(case.plan.stages))


@command("Previous stage", "Shift+Space", group="Hanging", why_not=no.no_second_stage, found_by=PLANES)
def previous_stage(case: Case) -> None:
    """Hang the previous stage of the protocol."""
    case.hang_stage((case.stage - 1) % len(case.plan.stages))


@command("Next series", "N", group="Hanging", why_not=no.no_second_series)
def next_series(case: Case) -> None:
    """Show the next series in the active tile."""
    _other_series(case, 1)


@command("Previous series", "P", group="Hanging", why_not=no.no_second_series)
def previous_series(case: Case) -> None:
    """Show the previous series in the active tile."""
    _other_series(case, -1)


def _other_series(case: Case, step: int) -> None:
    keys = list(case.sets)
    shown = case.tiles[case.active].display_set
    if keys:
        start = keys.index(shown) if shown in keys else -step
        show_set(case, case.active, keys[(start + step) % len(keys)])


@command("Next series of this place", "X", group="Hanging", why_not=no.no_series_of_this_place)
def next_of_this_place(case: Case) -> None:
    """Show the next series of the same geometry here, at the same place and in its own window."""
    cycle.cycle(case, case.active, 1)


@command("Previous series of this place", "Shift+X", group="Hanging", why_not=no.no_series_of_this_place)
def previous_of_this_place(case: Case) -> None:
    """Show the previous series of the same geometry here, at the same place and in its own window."""
    cycle.cycle(case, case.active, -1)


@command("Swap with the next tile", "Shift+M", group="Layout", why_not=no.no_second_tile)
def swap_with_next(case: Case) -> None:
    """Let the active tile change places with the next one; later stages show the two series swapped."""
    layout.swap(case, case.active, _neighbour(case, 1))


@command("Hang as planned", "Ctrl+Backspace", group="Layout", why_not=no.as_planned)
def hang_as_planned(case: Case) -> None:
    """Bring back the layout and the series of the stage, and forget what was swapped."""
    layout.hang_as_planned(case)


def _is_largest(axis: int, what: str) -> no.Reason:
    return lambda case: (
        f"There are {layout.LARGEST} {what} already." if case.grid_layout[axis] >= layout.LARGEST else ""
    )


def _is_smallest(axis: int, what: str) -> no.Reason:
    return lambda case: f"There is one {what} only." if case.grid_layout[axis] <= 1 else ""


@command("More columns", "Ctrl+Shift+Right", group="Layout", why_not=_is_largest(1, "columns"))
def more_columns(case: Case) -> None:
    """Show one more column of tiles, with series that are not shown yet."""
    _resize(case, 0, 1)


@command("Fewer columns", "Ctrl+Shift+Left", group="Layout", why_not=_is_smallest(1, "column"))
def fewer_columns(case: Case) -> None:
    """Show one column of tiles less; what has no place comes back when there is room again."""
    _resize(case, 0, -1)


@command("More rows", "Ctrl+Shift+Down", group="Layout", why_not=_is_largest(0, "rows"))
def more_rows(case: Case) -> None:
    """Show one more row of tiles, with series that are not shown yet."""
    _resize(case, 1, 0)


@command("Fewer rows", "Ctrl+Shift+Up", group="Layout", why_not=_is_smallest(0, "row"))
def fewer_rows(case: Case) -> None:
    """Show one row of tiles less; what has no place comes back when there is room again."""
    _resize(case, -1, 0)


def _resize(case: Case, rows: int, columns: int) -> None:
    now = case.grid_layout
    layout.set_layout(case, now[0] + rows, now[1] + columns)


def _layout_command(key: str, rows: int, columns: int) -> None:
    def lay_out(case: Case) -> None:
        layout.set_layout(case, rows, columns)

    def why_not(case: Case) -> str:
        same = case.own_layout is not None and case.layout == (rows, columns)
        return f"There are {rows} x {columns} tiles already." if same else ""

    lay_out.__name__ = f"layout_{rows}x{columns}"
    lay_out.__doc__ = f"Show {rows * columns} tiles: {rows} x {columns}." if rows * columns > 1 else "Show one tile."
    beside = "compare side by side two up split" if (rows, columns) == (1, 2) else ""
    command(f"Layout {rows} x {columns}", key, group="Layout", why_not=why_not, found_by=beside)(lay_out)


for _number, _size in enumerate(layout.LAYOUTS, start=1):
    _layout_command(f"Alt+{_number}", *_size)
