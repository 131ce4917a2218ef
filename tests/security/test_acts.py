"""Every act of network, traffic and cache passes one gate and stands on one record: whoever does it, and once."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import workstation
from tests.cache.made import STUDY, ct
from tests.network.read import keep
from tests.network.scripted import Script, scripted
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.cache.rebuild import rebuild
from workstation.cache.room import Limits, Room
from workstation.errors import Cancelled, HounsfieldError, NotFound, Refused
from workstation.network import nodes
from workstation.network.dimse import DimsePacs
from workstation.network.nodes import Node
from workstation.network.pacs import Level, Selection
from workstation.paths import Home
from workstation.security import acts
from workstation.security.acts import PERMISSION, Entry, Kind, doing, permit
from workstation.security.roles import PERMISSIONS
from workstation.traffic.outbox import give_up, owe, retry

ROOMS = ("network", "traffic", "cache")


@pytest.fixture
def record(monkeypatch: pytest.MonkeyPatch) -> list[Entry]:
    kept: list[Entry] = []
    monkeypatch.setattr(acts, "_record", kept.append)
    return kept


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home").create()
    keep(made, [ct(number) for number in (1, 2, 3)])
    return made


@pytest.fixture
def archive() -> Iterator[Node]:
    with scripted([ct(number) for number in (1, 2)], Script()) as node:
        yield node


def seen(record: list[Entry]) -> list[tuple[Kind, str]]:
    return [(each.kind, each.outcome) for each in record]


def test_each_act_on_a_node_is_on_the_record_once(archive: Node, record: list[Entry]) -> None:
    pacs = DimsePacs(archive)
    pacs.echo()
    list(pacs.find(Level.STUDY, {"StudyInstanceUID": f"{STUDY}.1"}))
    pacs.retrieve(Selection(f"{STUDY}.1", modalities=("CT",)), lambda received: True)
    assert seen(record) == [(Kind.ECHO, "began"), (Kind.QUERY, "began"), (Kind.RETRIEVE, "began")]
    assert {each.node for each in record} == {archive.name}
    assert record[-1].study_instance_uid == f"{STUDY}.1"


def test_each_act_on_the_cache_is_on_the_record(home: Home, tmp_path: Path, record: list[Entry]) -> None:
    (tmp_path / "new.dcm").write_bytes(ct(9))
    import_paths(home, [tmp_path / "new.dcm"])
    with Index(home, writer=True) as index:
        index.pin(f"{STUDY}.1", True)
        index.pin(f"{STUDY}.1", False)
        Room(index, Limits()).evict_these([f"{STUDY}.1"])
    rebuild(home)
    kinds = [(Kind.IMPORT, "began"), (Kind.IMPORT, "done")]
    assert seen(record) == [*kinds, (Kind.PIN, "began"), (Kind.PIN, "began"), (Kind.EVICT, "began"),
                            (Kind.REBUILD, "began")]  # fmt: skip


def test_what_is_promised_and_given_up_is_on_the_record_with_its_node(home: Home, record: list[Entry]) -> None:
    item = owe(home, f"{STUDY}.1", "archive")
    retry(home, item.key)
    give_up(home, item.key)
    with pytest.raises(NotFound):
        give_up(home, item.key)
    nodes.add(home, Node("archive", "A", "127.0.0.1", 104))
    nodes.remove(home, "archive")
    assert seen(record) == [(Kind.OWE, "began"), (Kind.OWE, "began"), (Kind.GIVE_UP, "began"),
                            (Kind.SET_NODE, "began"), (Kind.SET_NODE, "began")]  # fmt: skip
    assert (record[2].node, record[2].study_instance_uid) == ("archive", f"{STUDY}.1")


def test_what_an_act_is_made_of_is_part_of_it(record: list[Entry]) -> None:
    with doing(Kind.RETRIEVE, "archive"):
        permit(Kind.QUERY)
        with doing(Kind.QUERY):
            permit(Kind.QUERY)
    permit(Kind.QUERY)
    assert seen(record) == [(Kind.RETRIEVE, "began"), (Kind.RETRIEVE, "done"), (Kind.QUERY, "began")]


@pytest.mark.parametrize(("error", "outcome"), [(Cancelled(), "stopped"), (HounsfieldError("no"), "failed")])
def test_how_an_act_ended_is_on_the_record(record: list[Entry], error: Exception, outcome: str) -> None:
    with pytest.raises(HounsfieldError), doing(Kind.SEND):
        raise error
    assert seen(record) == [(Kind.SEND, "began"), (Kind.SEND, outcome)]


def test_who_may_not_is_refused_and_that_is_on_the_record_even_inside(
    record: list[Entry], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workstation.security.roles.require.__defaults__", ("surgeon",))
    with doing(Kind.QUERY), pytest.raises(Refused, match="role"):
        permit(Kind.SEND, "archive")
    assert seen(record) == [(Kind.QUERY, "began"), (Kind.SEND, "refused"), (Kind.QUERY, "done")]


def test_every_kind_has_a_permission_that_a_role_carries() -> None:
    known = frozenset().union(*PERMISSIONS.values())
    assert set(PERMISSION) == set(Kind) and set(PERMISSION.values()) <= known


def test_no_room_that_acts_asks_for_a_role_past_the_gate() -> None:
    """And each kind of act is done somewhere in them: none is a word alone."""
    done: set[str] = set()
    house = Path(workstation.__path__[0])
    desks = (house / "ui" / "save_desk.py", house / "ui" / "suv_desk.py")
    for path in (*(each for room in ROOMS for each in (house / room).rglob("*.py")), *desks):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert not {each for each in names if each.endswith("require")}, path
        done |= {
            node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in Kind.__members__
        }
    assert done >= set(Kind.__members__)
