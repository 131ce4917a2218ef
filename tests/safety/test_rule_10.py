"""Rule 10: each received image can be reached, and 4D is split by a rule that is announced.

Incidents: OHIF#5444 (27 of 54 shown), OHIF#5876 (56 of 84 lost).
"""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.imaging.stacks import stack
from tests.loading.opened import hounsfield, imported, studies
from workstation.case.open import study_sets
from workstation.dicom.entities import Instance
from workstation.imaging.displaysets import display_sets


def test_all_of_a_real_4d_series_is_reached_and_the_rule_is_said(data_dir: Path, tmp_path: Path) -> None:
    home = imported(tmp_path, data_dir / "enhanced_multiframe/ge_fmri_4d")
    (study,) = studies(home)
    sets, _ = study_sets(home, study)
    assert sorted(ref.instance.InstanceNumber or 0 for each in sets for ref in each.images) == [
        *range(1, 5),
        *range(43, 47),
    ]
    for number, each in enumerate(sets, start=1):
        (notice,) = each.notices
        assert notice.sentence.startswith(f"Part {number} of 2 of its series, told apart by InstanceNumber")


def mixed(kind: int) -> list[Instance]:
    """54 or 84 images of one series, with something in the way of showing them all."""
    heights = [3.0 * n for n in range(27)]
    if kind == 0:  # two passes, the second without numbers
        return stack(heights) + [
            replace(each, InstanceNumber=None, SOPInstanceUID=f"1.2.{n}") for n, each in enumerate(stack(heights, 100))
        ]
    if kind == 1:  # two passes under the same numbers
        return stack(heights) + [
            replace(each, SOPInstanceUID=each.SOPInstanceUID + ".1") for each in stack(heights, EchoTime=9.0)
        ]
    return [  # three stations that overlap by a slice
        each for part in range(3) for each in stack([80.0 * part + 3.0 * n for n in range(28)], 1 + 28 * part)
    ]


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_no_image_is_lost_or_shown_twice(kind: int) -> None:
    instances = mixed(kind)
    reached = [ref.instance.SOPInstanceUID for each in display_sets(instances) for ref in each.images]
    assert sorted(reached) == sorted(each.SOPInstanceUID for each in instances)


def test_the_ledger_counts_what_is_shown_and_what_is_not(data_dir: Path, tmp_path: Path) -> None:
    home = imported(tmp_path, data_dir / "mr_brain_nist")
    answer = hounsfield(home, "ledger", "1")
    assert (answer.code, answer.document["shown"], answer.document["listed"]) == (0, 36, 3)
    listed = [row for row in answer.document["instances"] if row["shown_in"] is None]
    assert {(row["what"], row["reason"]) for row in listed} == {
        ("Key Object Selection Document", "this object holds no image")
    }
    assert all(row["reason"] is None for row in answer.document["instances"] if row["shown_in"])
