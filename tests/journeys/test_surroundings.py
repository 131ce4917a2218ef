"""What surrounds the images, driven from outside: explanation, lists, the second window, and what counts as seen."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.desk import Desk, State
from workstation.bench.screen import Screen
from workstation.cache.importer import import_paths
from workstation.paths import Home
from workstation.phantom.coded import STUDY as CODED
from workstation.phantom.coded import coded_ct
from workstation.phantom.dicom import write_series

IMAGES = 40


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], Path]) -> Iterator[Desk]:
    tool("Xvfb")
    folder = tmp_path_factory.mktemp("surroundings")
    write_series(coded_ct(IMAGES, 256), folder / "coded")
    import_paths(Home(folder / "home").create(), [folder / "coded"])
    with Screen(1280, 800) as screen:
        desk = Desk(screen, tool("xdotool"), folder / "home")
        try:
            desk.open(CODED.study_instance_uid)
            yield desk
        finally:
            said = desk.close()
    assert said == ""


def seen(state: State) -> set[int]:
    """Images of the one series that were on the screen, from 1."""
    (account,) = state["coverage"].values()
    return {image for first, last in account["runs"] for image in range(first, last + 1)}


def test_steps_count_as_seen_and_what_a_drag_jumped_over_does_not(desk: Desk) -> None:
    desk.press("Home")
    start = desk.until(lambda s: s["tiles"][0]["image"] == 1 and 1 in seen(s), "the first image seen")
    before = seen(start)
    for image in range(2, 8):  # one by one: what stands for less than 25 ms does not count
        desk.press("Down")
        before = seen(desk.until(lambda s, n=image: s["tiles"][0]["image"] == n and n in seen(s), "a step seen"))  # type: ignore[misc]
    assert set(range(1, 8)) <= before
    desk.press("End")
    end = desk.until(lambda s: s["tiles"][0]["image"] == IMAGES and IMAGES in seen(s), "the last image seen")
    assert seen(end) - before == {IMAGES}, "what a jump left out does not count"
    (account,) = end["coverage"].values()
    assert (account["images"], account["seen"]) == (IMAGES, len(seen(end)))
    assert seen(start) <= seen(end)


def test_the_explanation_opens_beside_the_images_and_esc_leaves_it_first(desk: Desk) -> None:
    wide = desk.state()["grid"][2]
    desk.press("F3")
    state = desk.until(lambda s: s["panel"] and "of the study are shown." in s["panel"], "the explanation")
    assert "How this study hangs" in state["panel"] and state["grid"][2] < wide
    image = state["tiles"][0]["image"]
    desk.press("Shift+F3", "Down", "Esc")
    state = desk.until(lambda s: s["page"] == "reading", "the study")
    assert state["tiles"][0]["image"] == image, "Down scrolled the text"
    desk.press("F3")
    desk.until(lambda s: s["panel"] is None and s["grid"][2] == wide, "the explanation closed")


@pytest.mark.parametrize(
    ("key", "title"), [("Ctrl+J", "Under way"), ("Ctrl+Shift+M", "The last messages, newest first")]
)
def test_a_list_opens_above_the_status_line_and_esc_gives_the_keys_back(key: str, title: str, desk: Desk) -> None:
    desk.press(key)
    desk.until(lambda s: s["drawer"] == title, title)
    desk.press("Esc")
    image = desk.until(lambda s: s["drawer"] is None, "the list closed")["tiles"][0]["image"]
    desk.press("Up")
    desk.until(lambda s: s["page"] == "reading" and s["tiles"][0]["image"] == image - 1, "keys work again")


def test_a_tile_goes_to_the_second_window_and_back(desk: Desk) -> None:
    desk.press("Ctrl+T")
    state = desk.until(lambda s: in_second(s).get("image") and s["second_window"]["keyboard"], "a second window")
    assert state["tiles"] == []
    image = in_second(state)["image"]
    desk.press("Up")
    desk.until(lambda s: in_second(s)["image"] == image - 1, "keys work there")
    desk.press("Esc")
    state = desk.until(lambda s: not s["second_window"] and s["tiles"], "the tile back")
    assert (state["page"], state["tiles"][0]["image"]) == ("reading", image - 1)
    desk.press("Ctrl+T")
    desk.until(lambda s: in_second(s).get("image") and s["second_window"]["keyboard"], "the second window again")
    desk.press("Ctrl+Shift+T")
    desk.until(lambda s: not s["second_window"] and s["tiles"], "all tiles back")


def in_second(state: State) -> State:
    """The facts of the tile in the second window."""
    tiles = state["second_window"]["tiles"] if state["second_window"] else []
    return tiles[0] if tiles else {}
