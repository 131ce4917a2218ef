"""A study that two archives know is found by hand, opened as it arrives, fetched and sent; one archive is silent."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest

from tests.journeys.desk import Desk, State
from tests.network.archives import Archive, orthanc
from tests.network.loopback import free_port
from workstation.bench.screen import Screen
from workstation.network import nodes
from workstation.network.nodes import Node
from workstation.paths import Home
from workstation.phantom.coded import STUDY, coded_ct
from workstation.phantom.dicom import datasets

Tool = Callable[[str], Path]
NOW = replace(STUDY, study_id="Q1", study_date="20250310", patient_name="Berg^Anna", patient_id="B1")
BEFORE = replace(NOW, study_id="Q2", study_date="20240311", study_description="Before", accession_number="A2")


def fill(archive: Archive, study: object, count: int) -> None:
    for dataset in datasets(replace(coded_ct(count, 128), study=study)):  # type: ignore[type-var]
        stream = BytesIO()
        dataset.save_as(stream, enforce_file_format=True)
        archive.store(stream.getvalue())


@pytest.fixture
def two(tool: Tool, tmp_path: Path) -> Iterator[tuple[Home, Archive]]:
    with orthanc(tool, tmp_path / "one") as one, orthanc(tool, tmp_path / "other") as other:
        fill(one, NOW, 30)
        fill(other, NOW, 30)
        fill(other, BEFORE, 3)
        home = Home(tmp_path / "home").create()
        nodes.add(home, replace(one.node, name="one"))
        nodes.add(home, replace(other.node, name="other"))
        nodes.add(home, Node("silent", "NOBODY", "127.0.0.1", free_port()))
        (home.root / "settings.toml").write_text("[archives]\nprefetch = false\n", encoding="utf-8")
        yield home, one


def on_query(check: Callable[[State], object]) -> Callable[[State], object]:
    return lambda state: state["page"] == "query" and check(state["query"])


def errand(state: State, act: str, study: str) -> dict[str, object]:
    return next(e for e in state["transfers"]["errands"] if (e["act"], e["study"]) == (act, study))


def test_a_study_is_found_and_opened_as_it_arrives(two: tuple[Home, Archive], tool: Tool) -> None:
    tool("Xvfb")
    home, one = two
    now, before = NOW.study_instance_uid, BEFORE.study_instance_uid
    with Screen(1280, 800) as screen:
        desk = Desk(screen, tool("xdotool"), home.root)
        try:
            desk.until(lambda s: s["page"] == "list", "the list")
            desk.press("Ctrl+R")
            desk.until(on_query(lambda it: len(it["nodes"]) == 3 and it["typing"]), "the query page")
            desk.hand("type", "berg")
            desk.press("Return")
            found = on_query(
                lambda it: it["problems"] and [row[6] for row in it["rows"][1:]] == ["one, other", "other"]
            )
            problem = desk.until(found, "both studies under the patient")["query"]
            assert problem["problems"] == ["× silent not reached: its studies are missing here"]
            assert "silent" in problem["why"][0] and "nothing listens" in problem["why"][0]
            desk.until(on_query(lambda it: not it["typing"]), "the keyboard on the studies")
            desk.press("/")
            desk.until(on_query(lambda it: it["typing"]), "another query")
            for field in ("patient_id", "accession", "dates"):
                desk.press("Tab")
                desk.until(on_query(lambda it, field=field: it["typing"] == field), field)  # type: ignore[misc]
            desk.hand("type", "2025")
            desk.until(on_query(lambda it: it["typed"]["dates"] == "2025"), "the year")
            desk.press("Return")
            desk.until(on_query(lambda it: it["nodes"]["other"] == "other  1"), "the narrower query")
            desk.until(on_query(lambda it: any("prior" in row[0] for row in it["rows"])), "the prior below")
            desk.press("Return")
            desk.until(lambda s: s["study_instance_uid"] == now and s["tiles"][0]["painted"], "its first image", True)
            desk.until(lambda s: errand(s, "retrieve", now)["state"] == "done", "all of it")
            desk.until(lambda s: sum(e["images"] for e in s["coverage"].values()) == 30, "all of it on the page")
            desk.press("Ctrl+R")
            desk.until(on_query(lambda it: it["rows"][1][5] == "all 30"), "what is here")
            desk.press("Down", "r")
            desk.until(lambda s: errand(s, "retrieve", before)["state"] == "done", "the prior fetched")
            desk.until(on_query(lambda it: it["rows"][2][5] == "all 3"), "the prior counted")
            desk.press("s")
            desk.until(lambda s: s["query"] and s["menu"] is None, "the menu")
            desk.press("Return")  # on the first that lacks it
            desk.until(lambda s: errand(s, "send", before)["state"] == "done", "sent")
            assert len(one.files()) == 33
            desk.press("Esc")
            desk.until(lambda s: s["page"] == "reading", "back to the study")
        finally:
            said = desk.close()
    assert said == ""
