"""The promises of the look: each has tests that exist, and what only a whole screen can prove is proved here."""

import ast
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.journeys.desk import Desk, State, middle
from tests.journeys.expected import TRUNK, tile
from tests.journeys.look_table import MISSING, PROVED
from workstation.bench.screen import Screen
from workstation.ui.window_commands import all_commands

CHECKOUT = Path(__file__).resolve().parents[2]
REST_S = 2.0
SETTLED_S = 1.2
"""What the state tells is drawn sooner: the bars of coverage, a third of a second after the last picture."""


def test_each_promise_has_a_test_that_exists() -> None:
    assert PROVED.keys().isdisjoint(MISSING)
    for proof in {each for proofs in PROVED.values() for each in proofs}:
        path, name = proof.split("::")
        tree = ast.parse((CHECKOUT / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, proof
    assert all(PROVED.values()) and all(sentence.endswith(".") for sentence in MISSING.values())


@pytest.fixture(scope="module", params=[(1600, 1200), (1280, 800)], ids=["large", "small"])
def desk(request: pytest.FixtureRequest, walked: Path, tool: Callable[[str], Path]) -> Iterator[Desk]:
    tool("Xvfb")
    with Screen(*request.param) as screen:
        desk = Desk(screen, tool("xdotool"), walked)
        try:
            yield desk
        finally:
            said = desk.close()
    assert said == ""


def shown(desk: Desk) -> NDArray[np.uint8]:
    """The whole screen with an open study, once what comes after its pictures is there, the pointer in a corner."""
    desk.hand("mousemove", 2, desk.screen.grey.shape[0] - 2)
    _, seen = desk.seen(all_has_come, "the study, its account and its mark in the list")
    settled = time.monotonic() + SETTLED_S
    while time.monotonic() < settled:
        if not np.array_equal(seen, desk.screen.grey):
            seen, settled = np.array(desk.screen.grey), time.monotonic() + SETTLED_S
    return seen


def all_has_come(state: State) -> bool:
    """Whether the account of what was seen, the mark that the study was opened and the last job have come."""
    accounts = [each["seen"] for each in state["coverage"].values()]
    opened = state["list"]["status"].get(state["study_instance_uid"]) in ("opened", "read")
    return bool(accounts) and all(accounts) and opened and not state["underway"]


def chrome(seen: NDArray[np.uint8], state: State) -> NDArray[np.uint8]:
    """The screen without its tiles."""
    left, top, width, height = state["grid"]
    around = seen.copy()
    around[top : top + height, left : left + width] = 0
    return around


def test_tiles_take_their_share_and_nothing_moves_at_rest(desk: Desk) -> None:
    state = desk.open(TRUNK)
    height, width = desk.screen.grey.shape
    assert state["strip"] and state["panel"] is None
    assert state["grid"][2] * state["grid"][3] >= 0.85 * width * height
    before = shown(desk)
    over = time.monotonic() + REST_S
    while time.monotonic() < over:
        assert np.array_equal(before, desk.screen.grey)


def test_the_banner_says_whose_study_it_is(desk: Desk) -> None:
    said = desk.open(TRUNK)["banner"]
    for part in ("Demo, Ada", "DEMO-1", "1963-12-10", "F"):
        assert part in said


def test_a_window_changes_no_pixel_of_the_chrome(desk: Desk) -> None:
    state = desk.open(TRUNK)
    before = shown(desk)
    desk.press("3")
    desk.until(lambda s: tile(s)["window"]["name"] == "bone", "the bone window")
    after = shown(desk)
    assert not np.array_equal(before, after)
    assert np.argwhere(chrome(before, state) != chrome(after, state)).tolist() == []


@pytest.mark.parametrize("where", ["list", "reading"])
def test_the_palette_holds_every_command_and_says_why_one_cannot_run(where: str, desk: Desk) -> None:
    desk.open(TRUNK) if where == "reading" else desk.choose(TRUNK)
    desk.press("Ctrl+K")
    rows = desk.until(lambda s: s["palette"]["open"], "the palette")["palette"]["rows"]
    assert {row["name"] for row in rows} == all_commands().keys()
    refused = {row["name"]: row["why_not"] for row in rows if row["why_not"]}
    assert ("next-image" in refused) == (where == "list")
    assert [
        name for name, why in refused.items() if len(why.split()) < 3 or not why[0].isupper() or why[-1] != "."
    ] == []


def test_a_right_press_opens_what_fits_and_no_dialog(desk: Desk) -> None:
    before = desk.open(TRUNK)
    desk.click(middle(before), button=3)
    state = desk.until(lambda s: s["menu"], "the menu")
    assert state["dialog"] is None
    desk.press("Esc")
    after = desk.until(lambda s: s["menu"] is None, "no menu")
    assert (after["page"], tile(after)["zoom"]) == ("reading", tile(before)["zoom"])
