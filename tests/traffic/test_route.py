"""Where studies go on to: by where they came from, kind and description, once each and never back."""

from dataclasses import replace
from pathlib import Path

import pytest

from workstation.paths import Home
from workstation.traffic.route import Came, Rule, Way, rules, targets

CT = Came("1.2", ("archive", "ORTHANC"), ("CT", "SR"), "Polytrauma CT")


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        (Rule("all", "theatre"), True),
        (Rule("by title", "theatre", sources=("orthanc",)), True),
        (Rule("by name", "theatre", sources=("archive",)), True),
        (Rule("another", "theatre", sources=("PACS",)), False),
        (Rule("kind", "theatre", modality=("MR", "CT")), True),
        (Rule("other kind", "theatre", modality=("MR",)), False),
        (Rule("words", "theatre", description="*TRAUMA*"), True),
        (Rule("other words", "theatre", description="trauma*"), False),
        (Rule("pushes alone", "theatre", on=frozenset((Way.PUSH,))), False),
    ],
)
def test_a_rule_fits_by_all_that_it_asks_for(rule: Rule, fits: bool) -> None:
    assert bool(targets([rule], CT)) is fits


def test_each_node_once_and_never_back() -> None:
    known = [Rule("a", "theatre"), Rule("b", "theatre"), Rule("c", "Archive"), Rule("d", "board")]
    assert targets(known, CT) == (("theatre", "a"), ("board", "d"))


def test_what_was_imported_here_goes_on_where_a_rule_says_so_alone() -> None:
    known = [Rule("a", "theatre"), Rule("b", "board", on=frozenset((Way.IMPORT,)))]
    assert targets(known, replace(CT, sources=(), way=Way.IMPORT)) == (("board", "b"),)
    assert targets(known, replace(CT, way=Way.PUSH)) == (("theatre", "a"),)


def test_wrong_rules_are_named_and_the_others_stay(tmp_path: Path) -> None:
    (tmp_path / "routing.toml").write_text(
        '[[rule]]\nname = "a"\nto = "theatre"\nfrom = ["X"]\n[[rule]]\nname = "b"\n'
        '[[rule]]\nname = "c"\nto = "t"\nmodality = "CT"\n[[rule]]\nname = "d"\nto = "t"\ncolour = 1\n'
        '[[rule]]\nname = "e"\nto = "t"\non = ["pull"]\n[[rule]]\nname = "f"\nto = "t"\non = ["import"]\n'
    )
    found, problems = rules(Home(tmp_path))
    assert found == (Rule("a", "theatre", ("X",)), Rule("f", "t", on=frozenset((Way.IMPORT,))))
    assert [each.partition(":")[0] for each in problems] == [
        f"Rule {number} of routing.toml" for number in (2, 3, 4, 5)
    ]
    assert rules(Home(tmp_path / "none")) == ((), ())
