"""What came goes on as the rules say, whichever way it came; a push when it is over."""

from pathlib import Path

import pytest

from tests.cache.made import STUDY, ct
from tests.network.read import keep
from workstation.cache.importer import ImportReport
from workstation.cache.index import Index
from workstation.cache.outbox import Item, Outbox, State
from workstation.cli import main
from workstation.dicom.entities import Instance
from workstation.network import nodes
from workstation.network.dimse import DimsePacs
from workstation.network.nodes import Node
from workstation.network.receiver import Receiver
from workstation.network.reception import Reception
from workstation.paths import Home
from workstation.traffic.carrier import Telling
from workstation.traffic.onward import Onward
from workstation.traffic.receive import receiving

RULES = """
[[rule]]
name = "to theatre"
to = "theatre"
modality = ["CT"]
[[rule]]
name = "what is imported"
to = "board"
on = ["import"]
[[rule]]
name = "what the scanner sends"
to = "research"
from = ["scanner"]
on = ["push"]
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home").create()
    keep(made, [ct(number) for number in (1, 2, 3)])
    (made.root / "routing.toml").write_text(RULES)
    nodes.add(made, Node("scanner", "CT1", "127.0.0.1", 104))
    return made


def first(home: Home) -> Instance:
    with Index(home) as index:
        return index.instances(f"{STUDY}.1")[0].instance


def owed(home: Home) -> list[tuple[str, str]]:
    return [(each.node, each.why) for each in Outbox(home).items()]


def seconds_left(item: Item) -> float:
    from workstation.ui.transfer_outbox import _seconds_until

    return _seconds_until(item.next_at)


def test_what_was_fetched_and_what_was_imported_goes_on_by_its_own_rules(home: Home) -> None:
    assert [each.node for each in Onward(home).fetched(f"{STUDY}.1", "archive")] == ["theatre"]
    report = ImportReport(3, 0, (), (f"{STUDY}.1",), 0.1)
    assert [each.why for each in Onward(home).imported(report)] == ["rule “what is imported”"]
    assert Onward(home).imported(ImportReport(0, 3, (), (f"{STUDY}.1",), 0.1)) == ()


def test_a_push_goes_on_once_for_all_its_objects_after_a_while(home: Home) -> None:
    onward = Onward(home)
    for _ in range(5):
        onward.pushed(first(home), "CT1")
    assert sorted(owed(home)) == [("research", "rule “what the scanner sends”"), ("theatre", "rule “to theatre”")]
    for item in Outbox(home).items():
        assert item.state is State.WAITING and 8 < seconds_left(item) <= 11


def test_what_comes_after_the_end_of_a_push_goes_on_too(home: Home) -> None:
    onward = Onward(home, quiet_s=0.0)
    onward.pushed(first(home), "CT2")
    onward.pushed(first(home), "CT2")
    assert owed(home) == [("theatre", "rule “to theatre”")] * 2


def test_a_peer_that_sends_unasked_is_told_from_one_that_was_asked(home: Home, tmp_path: Path) -> None:
    """Over the wire, with the title by which the peer calls itself."""
    came: list[str] = []
    other = Home(tmp_path / "other").create()
    with (
        Telling(other, lambda instance: None, lambda instance, aet: came.append(aet)) as writer,
        receiving(Reception(port=0, also=("SECOND",)), writer) as (receiver, _),
    ):
        assert isinstance(receiver, Receiver)
        node = Node("us", "SECOND", "127.0.0.1", receiver.port, our_aet="CT1")
        assert [each.problem for each in DimsePacs(node).store([ct(1)])] == [""]
    assert came == ["CT1"]


def test_the_command_that_imports_says_what_goes_on(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOUNSFIELD_HOME", str(home.root))
    (tmp_path / "new.dcm").write_bytes(ct(9))
    assert main(["import", str(tmp_path / "new.dcm")]) == 0
    assert "kept to be sent to board, rule “what is imported”" in capsys.readouterr().out
    assert owed(home) == [("board", "rule “what is imported”")]
