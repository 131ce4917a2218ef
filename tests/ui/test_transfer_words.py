"""What is said of errands."""

import time
from dataclasses import replace
from datetime import datetime

from workstation.case.coming import Coming
from workstation.traffic.errand import Act, Errand, State
from workstation.ui.transfer_words import (
    coming_of,
    count_of,
    failing,
    parted,
    patient_words,
    rate_of,
    standing_of,
    study_title,
    summary,
    title_of,
)
from workstation.worklist.found import study_of


def test_errands_of_one_patient_are_told_apart() -> None:
    row = {"StudyInstanceUID": "1.2", "PatientName": "Doe^Jane", "StudyDate": "20240312"}
    now = study_of("archive", row | {"StudyDescription": "CT Thorax"})
    nameless = study_of("archive", {"StudyInstanceUID": "1.3"})
    assert now is not None and nameless is not None
    assert title_of(Errand(1, Act.RETRIEVE, "archive", "1.2"), study_title(now)) == (
        "Doe, Jane  2024-03-12  CT Thorax  from archive"
    )
    assert study_title(nameless) == "(no name)"
    assert parted(study_title(now)) == ("Doe, Jane", "2024-03-12  CT Thorax")
    assert parted("Yamada, Tarou  山田, 太郎") == ("Yamada, Tarou  山田, 太郎", "")


def test_a_transfer_that_stands_still_does_not_promise_its_end() -> None:
    now = time.monotonic()
    goes = replace(
        Errand(1, Act.RETRIEVE, "archive", "1.2"), state=State.RUNNING, done=3, total=9, bytes_per_s=4e6, eta_s=12.0
    )
    assert rate_of(replace(goes, moved_s=now)) == "4.0 MB/s, 12 s left"
    still = replace(goes, moved_s=now - 30.2)
    assert rate_of(still) == "nothing for 30 s"
    said = summary([still], lambda errand: "Doe, Jane  2024-03-12  CT Thorax")
    assert said is not None and (said.title, said.count) == ("⇅ Doe, Jane", "3 of 9")


def test_what_is_said_of_a_study_on_its_way_says_when_it_stands_still_and_from_where() -> None:
    goes = replace(
        Errand(1, Act.RETRIEVE, "archive", "1.2"), state=State.RUNNING, done=3, total=9, series=(("1.2.1", 9),)
    )
    assert coming_of(goes) == Coming({"1.2.1": 9}, "still coming", "archive")
    now = time.monotonic()
    assert coming_of(replace(goes, moved_s=now - 9.1)).word == "nothing for 9 s"
    assert coming_of(replace(goes, moved_s=now - 47.0)).word == "nothing for 40 s"
    assert coming_of(replace(goes, state=State.PAUSED)).word == "paused"


def test_the_status_line_counts_all_that_is_under_way_and_not_what_is_over() -> None:
    goes = replace(Errand(1, Act.RETRIEVE, "archive", "1.2"), state=State.RUNNING, done=60, total=120, eta_s=9.0)
    waits, over = Errand(2, Act.RETRIEVE, "archive", "1.3", total=60), replace(goes, number=3, state=State.DONE)
    said = summary([goes, waits, over], lambda errand: "")
    assert said is not None and (said.title, said.count) == ("⇅ 2 studies", "60 of 180")
    assert (count_of(waits), standing_of(waits)) == ("0 of 60", "waiting")
    assert patient_words("4711", "19631210", "F") == "4711, born 1963-12-10, F"


def test_what_failed_and_is_tried_again_is_told_from_what_waits() -> None:
    waits = Errand(1, Act.SEND, "archive", "1.2")
    rests = replace(Errand(2, Act.SEND, "theatre", "1.2"), state=State.RESTING, reason="nothing listens")
    said = summary([waits, rests], lambda errand: "")
    assert said is not None and said.title == "⇅ 1 waiting"
    assert summary([rests], lambda errand: "") is None
    now = datetime(2026, 3, 1, 14, 30, 30)
    assert failing([waits], now) == ""
    soon = replace(rests, attempts=1, due_s=time.monotonic() + 120)
    assert failing([waits, soon], now) == "▲ 1 send failed, tried again at 14:32"
    assert failing([replace(soon, state=State.RUNNING)], now) == "▲ 1 send failed, tried again now"
    fetch = replace(soon, number=3, act=Act.RETRIEVE, state=State.FAILED)
    assert failing([fetch], now) == "▲ 1 fetch failed"
    assert failing([soon, replace(soon, number=4), fetch], now) == (
        "▲ 2 sends and 1 fetch failed, 2 tried again at 14:32"
    )
    assert failing([replace(each, state=State.DONE) for each in (soon, fetch)], now) == ""


def test_what_waits_for_the_archives_word_is_said_last() -> None:
    sent = replace(Errand(-1, Act.SEND, "archive", "1.2", promised=True), state=State.SENT)
    said = summary([sent], lambda errand: "")
    assert said is not None and said.title == "⇅ 1 to be confirmed"
    assert standing_of(sent) == "word awaited"


def test_what_left_the_outbox_is_said_to_be_there() -> None:
    there = replace(Errand(-1, Act.SEND, "archive", "1.2", promised=True), state=State.DONE)
    assert standing_of(there) == "the archive has it" and standing_of(replace(there, promised=False)) == "done"
