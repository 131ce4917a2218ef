"""What is said of saving, in one line."""

from dataclasses import replace

from PySide6.QtCore import Qt

from tests.case.stacks import beside, stack
from tests.documents.findings_of_all_kinds import SPACE, STUDY, image, of_kind
from workstation.case.drawing_saved import Saved
from workstation.case.save import Done
from workstation.findings.finding import Kind, Status
from workstation.findings.key_image import KeyImage
from workstation.ui.findings_table import VALUE, FindingsModel
from workstation.ui.save_desk import Kept, said

ONE = of_kind(Kind.LENGTH, 1, image(), SPACE)
TWO = replace(ONE, tracking_uid="2.25.2")
KEY = frozenset((KeyImage(STUDY, "2.25.12", "2.25.13"),))


def test_what_was_saved_and_where_it_goes() -> None:
    one = Done(STUDY, {ONE: ONE}, findings_saved=True, node="PACS")
    assert said([Kept(one, "")]) == "Saved 1 finding; it goes to PACS."
    both = replace(one, findings={ONE: ONE, TWO: TWO}, keys=KEY, keys_saved=True, node="")
    words = "Saved 2 findings and 1 key image; they stay on this computer: this study came from no archive."
    assert said([Kept(both, "this study came from no archive")]) == words
    none = Done(STUDY, {}, findings_saved=True, node="PACS")
    assert said([Kept(none, "")]) == "Saved that there are no findings any more; it goes to PACS."
    left = replace(one, left=(TWO,))
    assert said([Kept(left, "")]).endswith(
        "1 finding stays a draft: it lies in no frame of reference and on no single image."
    )
    assert said([Kept(replace(both, node="PACS"), "")], "a picture") == "Saved a picture; it goes to PACS."


def test_the_list_says_what_was_changed_since_it_was_saved() -> None:
    """By its status and in its tooltip."""
    case = beside(stack("15"))
    case.marks.add(ONE)
    case.marks.were_saved({ONE: replace(ONE, status=Status.CONFIRMED)}, Saved({ONE.tracking_uid: ONE}))
    table = FindingsModel()
    table.show(case)
    assert table.data(table.index(0, VALUE), Qt.ItemDataRole.ToolTipRole).endswith("Status: confirmed, saved")
    case.marks.change(replace(case.marks.findings[0], text="grew"))
    table.follow()
    last = table.index(0, table.columnCount() - 1)
    assert table.data(last, Qt.ItemDataRole.DisplayRole) == "changed"
    assert table.data(last, Qt.ItemDataRole.ToolTipRole).endswith("Status: confirmed, changed since saved")
