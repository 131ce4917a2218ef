"""Which contexts are asked for, and what is taken."""

import pytest

from workstation.dicom.scan import EXPLICIT, IMPLICIT
from workstation.network.storage import COMMON, IMAGES, is_storage, is_uid, wanted

CT, MR = IMAGES + "2", IMAGES + "4"


@pytest.mark.parametrize(
    ("classes", "modalities"),
    [
        ((), ()),
        ((CT,), ()),
        ((CT, MR), ("CT",)),
        ((), ("CT", "MR", "SR", "PR", "KO", "SEG")),
        (tuple(f"1.2.{n}" for n in range(90)), ()),
    ],
)
def test_never_more_than_fit_and_known_classes_first(classes: tuple[str, ...], modalities: tuple[str, ...]) -> None:
    asked = wanted(classes, modalities)
    assert 0 < len(asked) <= 126
    assert len({(uid, syntaxes) for uid, syntaxes in asked}) == len(asked)
    if classes:
        assert asked[0][0] == classes[0]
    assert all(syntaxes for _, syntaxes in asked)


def test_a_known_class_is_asked_for_in_each_common_encoding_alone_and_uncompressed() -> None:
    asked = dict.fromkeys(syntaxes for uid, syntaxes in wanted((CT,), ()) if uid == CT)
    assert (EXPLICIT, IMPLICIT) in asked
    assert all((syntax,) in asked for syntax in COMMON)


def test_a_study_of_unknown_content_is_asked_for_widely() -> None:
    asked = {uid for uid, _ in wanted(())}
    assert {CT, MR, IMAGES + "88.22", IMAGES + "104.1", IMAGES + "77.1.6"} <= asked


@pytest.mark.parametrize("uid", [CT, "1.3.12.2.1107.5.9.1", "1.2.840.10008.5.1.4.38.1", IMAGES + "999"])
def test_every_storage_class_is_taken_and_private_ones(uid: str) -> None:
    assert is_storage(uid)


@pytest.mark.parametrize(
    "uid", ["1.2.840.10008.1.1", "1.2.840.10008.5.1.4.1.2.2.1", "", "x", "1.2.840.10008.5.1.4.1.1.2/.."]
)
def test_nothing_else_is(uid: str) -> None:
    assert not is_storage(uid)


def test_uids() -> None:
    assert is_uid("1.2.3") and is_uid("2." + "1" * 62)
    assert not any(map(is_uid, ("", ".", "1.", ".1", "1..2", "2." + "1" * 63, "1.2.a", "1.2 ", "1.२")))
