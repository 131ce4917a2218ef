"""Nodes are kept, described, and wrong ones cost a sentence."""

import stat
from pathlib import Path

import pytest

from workstation.errors import HounsfieldError, NotFound
from workstation.network import nodes
from workstation.network.nodes import Node
from workstation.paths import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home").create()


def test_a_node_comes_back_as_it_was_kept(home: Home) -> None:
    first = nodes.made("PACS main", {"aet": "ARCHIVE", "host": "pacs.example", "port": 11112, "tls": True})
    second = nodes.made("other", {"aet": "O", "host": "::1", "retrieve": "move", "our_aet": "ME 2"})
    nodes.add(home, first)
    nodes.add(home, second)
    assert nodes.load(home) == ({"PACS main": first, "other": second}, ())
    assert stat.S_IMODE((home.root / nodes.FILE).stat().st_mode) == 0o600
    nodes.remove(home, "other")
    assert nodes.load(home)[0] == {"PACS main": first}


@pytest.mark.parametrize(
    ("name", "values", "sentence"),
    [
        ("x", {"aet": "A" * 17, "host": "h"}, "1 to 16"),
        ("x", {"aet": "A\\B", "host": "h"}, "1 to 16"),
        ("x", {"aet": "  ", "host": "h"}, "1 to 16"),
        ("x", {"aet": "A", "host": "h", "port": 70000}, "outside 1 to 65535"),
        ("x", {"aet": "A", "host": "h", "retrieve": "got"}, "did you mean 'get'"),
        ("x", {"aet": "A", "host": " "}, "needs one"),
        ("x", {"aet": "A", "host": "h", "prot": 1}, "did you mean 'node.port'"),
        ("../x", {"aet": "A", "host": "h"}, "cannot name a node"),
    ],
)
def test_what_is_wrong_is_said(name: str, values: dict[str, object], sentence: str) -> None:
    with pytest.raises(HounsfieldError, match=sentence):
        nodes.made(name, values)


def test_one_wrong_node_costs_a_sentence_and_not_the_others(home: Home) -> None:
    (home.root / nodes.FILE).write_text('[good]\naet = "A"\nhost = "h"\n[bad]\naet = "A"\nhost = "h"\nport = "x"\n')
    known, problems = nodes.load(home)
    assert known == {"good": Node("good", "A", "h")}
    assert problems == ("Node bad: Port (node.port): 'x' is not a whole number.",)
    with pytest.raises(NotFound, match="Port"):
        nodes.named(home, "bad")
    with pytest.raises(NotFound, match="did you mean 'good'"):
        nodes.named(home, "goood")
    nodes.add(home, Node("new", "N", "h"))
    assert (home.root / "nodes.toml.broken").exists()
    assert nodes.load(home)[0].keys() == {"good", "new"}
