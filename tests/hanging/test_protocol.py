"""Protocol files: what is wrong is said with file, line and what was probably meant; folders override."""

from pathlib import Path

import pytest

from workstation import paths
from workstation.hanging.protocol import Protocol, ProtocolError, read_protocol, read_protocols

RIGHT = """title = "Test"
[[rules]]
fact = "regions"
has = ["chest"]
required = true
weight = 3
[sets.lung]
modality = ["CT"]
prefer = [{ tissue = ["lung"] }]
[[stages]]
name = "one"
layout = "1x2"
tiles = [{ show = "lung", plane = "axial", window = "lung" }, { show = "lung", prior = 1 }]
"""


def read(tmp_path: Path, text: str) -> Protocol:
    file = tmp_path / "test.toml"
    file.write_text(text, encoding="utf-8")
    return read_protocol(file)


def test_a_right_file_is_read(tmp_path: Path) -> None:
    protocol = read(tmp_path, RIGHT)
    assert (protocol.name, protocol.title, protocol.most_priors) == ("test", "Test", 1)
    assert protocol.rules[0].sentence == "regions of the study has chest (required)"
    assert (protocol.stages[0].rows, protocol.stages[0].columns) == (1, 2)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('plane = "axial"', 'plane = "axail"', "line 13 (stages 1, tile 1): plane 'axail' is not known; did you mean"),
        ('window = "lung"', 'window = "lungs"', "window 'lungs' is not known; did you mean 'lung'?"),
        ("layout", "layuot", "line 12 (stages 1): 'layuot' is not a key of a stage; did you mean 'layout'?"),
        ('"1x2"', '"1by2"', "layout '1by2' is not rows x columns, such as 2x2"),
        ('"1x2"', '"1x1"', "2 tiles do not fit into 1x1"),
        ('has = ["chest"]', 'has = ["chset"]', "line 4 (rules 1): has 'chset' is not known; did you mean 'chest'?"),
        ('fact = "regions"', 'fact = "region"', "fact 'region' is not known; did you mean 'regions'?"),
        ("required = true", 'required = "yes"', "line 5 (rules 1): required of a rule cannot be 'yes'"),
        (
            'tissue = ["lung"]',
            'tissue = ["long"]',
            "line 9 (sets.lung): tissue 'long' is not known; did you mean 'lung'",
        ),
        ('show = "lung", plane', 'show = "lnug", plane', "show 'lnug' is not known; did you mean 'lung'?"),
        ('prefer = [{ tissue = ["lung"] }]', 'instead = ["soft"]', "instead 'soft' is not known"),
        ("weight = 3", "weight = true", "weight of a rule cannot be True"),
        ('layout = "1x2"', 'layout = "1x2"\nneeds = "lnug"', "needs 'lnug' is not known; did you mean 'lung'?"),
        (
            'layout = "1x2"',
            'layout = "1x2"\nscreens = ["two portraits"]',
            "line 13 (stages 1): screens 'two portraits' is not known; did you mean 'two portrait'?",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert right in RIGHT
    with pytest.raises(ProtocolError) as caught:
        read(tmp_path, RIGHT.replace(right, wrong, 1))
    assert caught.value.sentence.startswith("test.toml, line ")
    assert said in caught.value.sentence


def test_broken_toml_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match=r"test\.toml: Invalid value"):
        read(tmp_path, "title = ")


def test_a_protocol_without_stages_is_none(tmp_path: Path) -> None:
    with pytest.raises(ProtocolError, match="has no stage"):
        read(tmp_path, 'title = "Test"')


def test_later_folders_override(tmp_path: Path) -> None:
    (tmp_path / "ct-chest.toml").write_text(RIGHT, encoding="utf-8")
    known = read_protocols(paths.protocols(), tmp_path)
    assert known["ct-chest"].title == "Test"
    assert known["ct-head"].title == "CT of the head"


def test_every_shipped_protocol_has_two_stages_and_a_reason_to_win() -> None:
    for name, protocol in read_protocols(paths.protocols()).items():
        assert len(protocol.stages) >= 2, name
        assert protocol.by_name_only or any(rule.weight > 0 for rule in protocol.rules), name
