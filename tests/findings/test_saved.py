"""Drafts as text: what is written is what is read, and nothing else is taken for it."""

import json

import pytest

from tests.findings.made import finding
from workstation.findings.finding import Kind, Status, Value
from workstation.findings.saved import as_text, from_text

ONE = finding(Kind.LENGTH, [(0, 0, 1), (3, 4, 1.25)], values=(Value("Length", 5.0, "mm", "in the patient"),))
OTHER = finding(Kind.TEXT, [(1.5, 2.5)], image="1.2.7", text="Ödem ?", label=(1.0, 2.0, 0.0), status=Status.CONFIRMED)


def test_what_is_written_is_read() -> None:
    assert from_text("1", as_text("1", [ONE, OTHER])) == (ONE, OTHER)


def test_drafts_of_another_study_are_not_taken() -> None:
    with pytest.raises(ValueError, match="something else"):
        from_text("2", as_text("1", [ONE]))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.update(format=9),
        lambda d: d["findings"][0].update(kind="spell"),
        lambda d: d["findings"][0].update(points=[]),
        lambda d: d["findings"][0].update(points=[[1, 2]]),
        lambda d: d["findings"][0].update(points=[[1e30, 0, 0], [0, 0, 0]]),
        lambda d: d["findings"][0].update(more=1),
        lambda d: d["findings"][0]["values"][0].update(value=float("nan")),
        lambda d: d.update(findings=7),
        lambda d: d.pop("findings"),
    ],
)
def test_what_is_not_ours_is_refused(spoil: object) -> None:
    document = json.loads(as_text("1", [ONE]))
    spoil(document)  # type: ignore[operator]
    with pytest.raises(ValueError):
        from_text("1", json.dumps(document))


@pytest.mark.parametrize("text", ["", "[", "[]", "null", "7", "[" * 9000])
def test_no_text_of_ours_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_text("1", text)
