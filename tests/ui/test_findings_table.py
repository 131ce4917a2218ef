"""The list of findings: their status, the filter by it, and sites from the coded list or in free text."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind, Source, Status, Value
from workstation.ui.findings_panel import FindingsPanel
from workstation.ui.findings_table import NAME, SITE, STATUS, FindingsModel

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
    assert shown == ["draft", "confirmed", "from AI"]
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


def test_a_tooltip_is_no_more_precise_than_the_hand_was(case: Case) -> None:
    """A length of 30.8333 mm is 30.8 mm, beside the size of the pixels it was pointed at."""
    image = next(iter(case.sets.values())).images[0]
    values = (Value("Length", 30.833333, "mm", "in the patient"), Value("Mean", 0.123456, "g/ml", "stored voxels"))
    drawn = replace(length(4, Status.DRAFT), sources=(Source(image.instance.SOPInstanceUID),), values=values)
    case.marks.add(drawn)
    model = FindingsModel()
    model.show(case)
    told = model.data(model.index(3, NAME), Qt.ItemDataRole.ToolTipRole)
    row_mm, column_mm = image.attributes.PixelSpacing or (0.0, 0.0)
    assert "Length: 30.8 mm (in the patient)" in told and "Mean: 0.123 g/ml" in told
    assert f"{column_mm:.2g} mm wide" in told and f"{row_mm:.2g} mm high" in told


def test_what_the_same_lesion_measured_before_is_told() -> None:
    """One name in two studies is one lesion: what it was and the change since."""
    prior = stack("2", study="1.2")
    dated = tuple(replace(ref, instance=replace(ref.instance, StudyDate="20230102")) for ref in prior.images)
    case = beside(stack("1", study="1.1"), replace(prior, images=dated))
    for number, study in ((1, "1.2"), (2, "1.1")):
        values = (Value("Length", 20.0 * number, "mm"),)
        case.marks.add(replace(length(number, Status.DRAFT), study_instance_uid=study, name="Node", values=values))
    model = FindingsModel()
    model.show(case)
    assert [model.before(each) for each in model.rows] == ["", "2023-01-02: 20.0 mm, +100 % since"]
    assert "Before, 2023-01-02: 20.0 mm" in model.data(model.index(1, NAME), Qt.ItemDataRole.ToolTipRole)
