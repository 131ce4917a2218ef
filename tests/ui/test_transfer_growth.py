"""A study that is opened with its first image grows in the window: what is looked at stays, the rest is announced."""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.network.read import received
from tests.network.receiving import until
from tests.ui.conftest import settle
from workstation import jobs
from workstation.case.coming import Coming
from workstation.case.grow import CHIP
from workstation.case.state import STILL_COMING
from workstation.hanging.hang import NOTHING
from workstation.paths import Home
from workstation.phantom.coded import STUDY, coded_ct
from workstation.phantom.dicom import datasets
from workstation.traffic.carrier import Telling
from workstation.ui import transfer_growth
from workstation.ui.window import MainWindow

UID = STUDY.study_instance_uid


def objects(count: int, **series: object) -> list[bytes]:
    made = []
    for each in datasets(replace(coded_ct(count, 64), **series)):  # type: ignore[arg-type]
        stream = BytesIO()
        each.save_as(stream, enforce_file_format=True)
        made.append(stream.getvalue())
    return made


@pytest.fixture
def protocol() -> str:
    return "images"


@pytest.fixture
def window(protocol: str, tmp_path: Path, qapp: QApplication) -> Iterator[MainWindow]:
    made = MainWindow(Home(tmp_path / "home").create(), protocol=protocol)
    made.resize(1280, 800)
    made.show()
    settled(made)
    yield made
    made.close()
    settle()


def settled(window: MainWindow) -> None:
    """Nothing is under way and every tile is painted."""

    def at_rest() -> bool:
        jobs.drain(0.01)
        QApplication.processEvents()
        growing, grid = window.transfers.growing, window.reading.grid
        moving = growing._soon.isActive() or growing._reading or any(tile.busy for tile in grid.tiles)
        return not jobs.active() and not moving

    until(at_rest, 30)


def at_rest(window: MainWindow) -> bool:
    settled(window)
    return True


def arrive(window: MainWindow, some: list[bytes]) -> None:
    """Objects are stored as an errand stores them."""
    with Telling(window._home, window.transfers.growing.arrived) as writer:
        for data in some:
            writer.add(writer.lander(received(data)), lambda outcome: None)


def image_shown(window: MainWindow) -> str:
    return str(window.facts()["tiles"][0]["sop_instance_uid"])


def test_the_first_image_opens_it_and_the_one_looked_at_stays_while_the_others_come(window: MainWindow) -> None:
    every = objects(24)
    random.Random(5).shuffle(every)
    growing = window.transfers.growing
    growing.open_when_it_comes(UID)
    growing.coming[UID] = "1 of 24 images have come."
    arrive(window, every[:3])
    settled(window)
    assert window.page == "reading" and len(window.facts()["tiles"]) == 1
    window.run("next-image")
    settled(window)
    looked_at, pictures = image_shown(window), window.reading.grid.tiles[0].painted
    (series,) = {each.series_instance_uid for each in window.reading.case.sets.values()}  # type: ignore[union-attr]
    for start, end in ((3, 9), (9, 20)):
        growing.coming[UID] = f"{end} of 24 images have come."
        growing.stands({UID: Coming({series: 24}, "still coming", "archive")})
        arrive(window, every[start:end])
        settled(window)
        item = window.reading.strip.item(0)
        assert f"{end} of 24" in item.text() and "still coming" in item.text()
        assert f"{end} of 24, still coming, from archive" in item.toolTip()
        assert image_shown(window) == looked_at
        assert any("images have come" in each for each in window.facts()["tiles"][0]["notices"])
    arrive(window, every[20:])
    growing.complete(UID)
    settled(window)
    facts = window.facts()
    assert image_shown(window) == looked_at and facts["tiles"][0]["images"] == 24
    assert not any("have come" in each for each in facts["tiles"][0]["notices"])
    (key,) = window.reading.case.sets  # type: ignore[union-attr]
    assert facts["coverage"][key]["images"] == 24
    assert window.reading.strip.count() == 1 and "24" in window.reading.strip.item(0).text()
    assert window.reading.grid.tiles[0].painted > pictures
    assert window.loader.get(key).voxels.whole  # type: ignore[union-attr]


def notices(window: MainWindow) -> list[str]:
    return [str(each) for each in window.facts()["tiles"][0]["notices"]]


def pushed(window: MainWindow, some: list[bytes]) -> None:
    """Objects are stored that nobody here has asked for."""
    with Telling(window._home, partial(window.transfers.growing.arrived, unasked=True)) as writer:
        for data in some:
            writer.add(writer.lander(received(data)), lambda outcome: None)


def test_what_is_pushed_says_that_it_may_still_be_coming_until_it_is_quiet(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = objects(9)
    window.transfers.growing.open_when_it_comes(UID)
    pushed(window, every[:3])
    settled(window)
    assert window.page == "reading"
    pushed(window, every[3:7])
    settled(window)
    assert any("still be coming: 7 objects" in each for each in notices(window)), notices(window)
    monkeypatch.setattr(transfer_growth, "QUIET_S", 0.0)
    until(lambda: at_rest(window) and not window.transfers.growing.coming, 20)
    settled(window)
    assert not any("still be coming" in each for each in notices(window))
    assert window.facts()["tiles"][0]["images"] == 7


def test_what_is_whole_is_not_said_to_be_coming_for_as_long_as_looking_rests(window: MainWindow) -> None:
    every = objects(9)
    growing = window.transfers.growing
    growing.open_when_it_comes(UID)
    growing.coming[UID] = "9 of 9 images have come."
    arrive(window, every[:3])
    settled(window)
    arrive(window, every[3:6])
    settled(window)
    assert "9 of 9 images have come." in notices(window)
    arrive(window, every[6:])
    growing._soon.start(10**8)
    growing.complete(UID)
    settled(window)
    assert window.facts()["tiles"][0]["images"] == 9
    assert "9 of 9 images have come." not in notices(window)


def test_an_import_says_that_it_is_still_coming_and_ends_with_its_report(window: MainWindow, tmp_path: Path) -> None:
    every = objects(9)
    window.transfers.growing.open_when_it_comes(UID)
    pushed(window, every[:3])
    settled(window)
    for number, data in enumerate(every[3:]):
        (tmp_path / f"{number}.dcm").write_bytes(data)
    window.importing.begin([tmp_path / f"{number}.dcm" for number in range(6)])
    until(lambda: at_rest(window) and not window.importing.is_running, 20)
    settled(window)
    assert window.transfers.growing.coming == {}
    assert window.facts()["tiles"][0]["images"] == 9 and not any("coming" in each for each in notices(window))


def test_an_errand_that_brings_it_too_knows_better_how_much_there_is(window: MainWindow) -> None:
    growing = window.transfers.growing
    growing.coming[UID] = "3 of 9 images have come."
    pushed(window, objects(3))
    settled(window)
    assert growing.coming == {UID: "3 of 9 images have come."}


def test_what_turns_out_to_be_here_already_is_opened_too(window: MainWindow) -> None:
    arrive(window, objects(3))
    settled(window)
    assert window.page == "list"
    window.transfers.growing.open_when_it_comes(UID)
    settled(window)
    assert window.page == "list"
    window.transfers.growing.complete(UID)
    settled(window)
    assert window.page == "reading" and window.facts()["tiles"][0]["images"] == 3


def test_the_archive_is_told_what_is_looked_at_while_it_comes(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, tuple[str, ...]]] = []
    monkeypatch.setattr(window.transfers, "look_at", lambda study, seen: told.append((study, seen)))
    growing = window.transfers.growing
    growing.open_when_it_comes(UID)
    growing.coming[UID] = "5 of 24 images have come."
    arrive(window, objects(5))
    settled(window)
    until(lambda: at_rest(window) and bool(told), 20)
    assert told[-1] == (UID, (image_shown(window),))
    window.run("next-image")
    settled(window)
    until(lambda: at_rest(window) and told[-1] == (UID, (image_shown(window),)), 20)


@pytest.mark.parametrize("protocol", ["planes"])
def test_places_that_are_empty_yet_say_that_it_is_still_coming_until_it_has_ended(window: MainWindow) -> None:
    """Two images are no planes, so that this protocol hangs nothing of them."""
    growing = window.transfers.growing
    growing.open_when_it_comes(UID)
    growing.coming[UID] = "1 of 24 images have come."
    arrive(window, objects(2))
    settled(window)
    empty = [number for number, tile in enumerate(window.facts()["tiles"]) if tile["series_instance_uid"] is None]
    assert empty and {window.facts()["tiles"][number]["message"] for number in empty} == {STILL_COMING}
    growing.complete(UID)
    settled(window)
    assert {window.facts()["tiles"][number]["message"] for number in empty} == {NOTHING}


def test_another_series_that_comes_stands_in_the_strip_and_not_under_the_hand(window: MainWindow) -> None:
    arrive(window, objects(5))
    window.open_study(UID)
    settled(window)
    window.run("next-image")
    settled(window)
    looked_at = image_shown(window)
    arrive(window, objects(4, series_number=2, series_description="Late"))
    settled(window)
    assert window.reading.strip.count() == 2
    assert image_shown(window) == looked_at


def test_what_comes_of_another_study_changes_nothing_here(window: MainWindow) -> None:
    arrive(window, objects(5))
    window.open_study(UID)
    settled(window)
    case, before = window.reading.case, window.reading.case.sets  # type: ignore[union-attr]
    arrive(window, objects(4, study=replace(STUDY, study_id="OTHER", patient_id="OTHER")))
    settled(window)
    assert window.reading.case is case and case.sets is before  # type: ignore[union-attr]


def test_a_later_wish_overtakes_a_study_that_is_still_to_come(window: MainWindow) -> None:
    other = replace(STUDY, study_id="OTHER", patient_id="OTHER")
    arrive(window, objects(3, study=other))
    window.transfers.growing.open_when_it_comes(UID)
    window.open_study(other.study_instance_uid)
    settled(window)
    arrive(window, objects(3))
    settled(window)
    assert window.facts()["study_instance_uid"] == other.study_instance_uid
    assert CHIP not in str(window.facts()["tiles"])


def test_what_came_while_the_page_became_another_is_not_lost(window: MainWindow) -> None:
    """It was read for series that are others by the time it is read: it is looked at again, though nothing comes."""
    every = objects(9)
    arrive(window, every[:5])
    window.open_study(UID)
    settled(window)
    growing, case = window.transfers.growing, window.reading.case
    assert case is not None
    arrive(window, every[5:])
    until(lambda: jobs.drain(0.01) >= 0 and bool(growing._fresh), 20)
    growing._soon.stop()
    growing._look()
    assert growing._reading
    case.sets = dict(case.sets)
    settled(window)
    assert window.facts()["tiles"][0]["images"] == 9
