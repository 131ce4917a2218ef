"""The list of findings: their status, the filter by it, and sites from the coded list or in free text."""

import pytest
from PySide6.QtWidgets import QLineEdit, QStyleOptionViewItem, QWidget

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind, Status
from workstation.ui.findings_panel import FindingsPanel
from workstation.ui.findings_table import SITE, STATUS, FindingsModel, SiteDelegate

pytestmark = pytest.mark.usefixtures("qapp")


def length(number: int, status: Status) -> Finding:
    return finding(
        Kind.LENGTH, [(0, 0, 0), (number, 0, 0)], tracking_uid=f"2.25.{number}", number=number, status=status
    )


@pytest.fixture
def case() -> Case:
    made = beside(stack("1", study="1.1"))
    for number, status in enumerate(Status, start=1):
        made.marks.add(length(number, status))
    return made


def test_each_status_is_seen_and_found_by_its_word(case: Case) -> None:
    panel = FindingsPanel()
    panel.show_case(case)
    rows = panel.facts()["rows"]
    assert [each["status"] for each in rows] == ["draft", "confirmed", "from AI"]
    shown = [panel.model.data(panel.model.index(row, STATUS)) for row in range(3)]
    assert len(set(shown)) == 3 and all(shown)
    panel.search.setText("confirmed")
    assert [each["number"] for each in panel.facts()["rows"]] == [2]
    panel.search.setText("ai from")
    assert [each["number"] for each in panel.facts()["rows"]] == [3]


def test_a_site_is_taken_as_the_list_prints_it_and_free_text_as_it_is(case: Case) -> None:
    model = FindingsModel()
    model.show(case)
    for typed, kept in (("lumbar SPINE", "Lumbar spine"), ("behind the moon ", "behind the moon"), ("", "")):
        assert model.setData(model.index(0, SITE), typed)
        model.follow()
        assert case.marks.findings[0].site == model.data(model.index(0, SITE)) == kept


def test_any_part_of_a_meaning_finds_it_while_it_is_typed(case: Case) -> None:
    model, parent = FindingsModel(), QWidget()
    model.show(case)
    line = SiteDelegate(parent).createEditor(parent, QStyleOptionViewItem(), model.index(0, SITE))
    assert isinstance(line, QLineEdit)
    line.completer().setCompletionPrefix("vertebra")
    found = line.completer().completionModel()
    words = {found.data(found.index(row, 0)) for row in range(found.rowCount())}
    assert {f"L{n} vertebra" for n in range(1, 6)} | {"C1 vertebra", "T12 vertebra"} <= words
    parent.deleteLater()
