"""Where a study came from, and where what is made of it goes."""

from pathlib import Path

from workstation.network import nodes
from workstation.paths import Home
from workstation.traffic import origin


def test_a_study_goes_back_to_where_it_came_from(home: Path) -> None:
    place = Home(home).create()
    nodes.add(place, nodes.made("Archive", {"aet": "ARC", "host": "127.0.0.1"}))
    assert origin.node_of(place, "2.25.1") == ("", origin.FROM_NOWHERE)
    origin.note(place, "2.25.1", "Archive")
    origin.note(place, "2.25.2", "ARC")  # a peer that pushes is known by its title
    origin.note(place, "2.25.3", "CT1")
    assert [origin.node_of(place, f"2.25.{each}")[0] for each in (1, 2, 3)] == ["Archive", "Archive", ""]
    assert "CT1" in origin.node_of(place, "2.25.3")[1]
    text = b"".join(each.read_bytes() for each in (home / "origins").iterdir())
    assert b"Archive" not in text and b"2.25" not in text
