"""What is said of saving, in one line."""

from dataclasses import replace

from tests.documents.findings_of_all_kinds import SPACE, STUDY, image, of_kind
from workstation.case.save import Done
from workstation.findings.finding import Kind
from workstation.findings.key_image import KeyImage
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
