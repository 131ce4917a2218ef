"""What is said of errands: in the status line, in their list, on the tiles."""

import re
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from workstation.case.coming import STILL, Coming
from workstation.picture.text import NO_NAME, date, person_name
from workstation.traffic.errand import Act, Errand, State
from workstation.ui.node_words import where
from workstation.ui.underway import Underway, time_left
from workstation.worklist.found import FoundStudy

WHAT = {Act.RETRIEVE: "from", Act.SEND: "to"}
APART: Final = "  "
"""Between a name, a date and a description."""

DATED: Final = re.compile(rf"{APART}(?=\d{{4}}-\d\d-\d\d\b)")

STILL_S: Final = 4.0
"""A transfer that got no further for so long is said to stand still: its last rate is not true any more."""

TRIED_NOW: Final = frozenset((State.WAITING, State.RUNNING))
"""With attempts behind it, one that stands so is tried again at once."""

STATES = {
    State.WAITING: "waiting",
    State.RUNNING: "",
    State.RESTING: "tried again soon",
    State.SENT: "word awaited",
    State.PAUSED: "paused",
    State.DONE: "done",
    State.FAILED: "failed",
    State.STOPPED: "stopped",
}


def count_of(errand: Errand) -> str:
    """As "312 of 600", "120 of 120 stored" once the archive has them; empty while nothing is known."""
    if errand.total and errand.act is Act.SEND and errand.state is State.DONE:
        return f"{errand.done} of {errand.total} stored"
    return f"{errand.done} of {errand.total}" if errand.total else (str(errand.done) if errand.done else "")


def rate_of(errand: Errand) -> str:
    """As "41 MB/s, 12 s left"; while nothing comes, since when."""
    if errand.state is not State.RUNNING:
        return ""
    if still := stands_still_s(errand):
        return f"nothing for {time_left(still)}"
    rate = f"{errand.bytes_per_s / 1e6:.1f} MB/s" if errand.bytes_per_s else ""
    left = f"{time_left(errand.eta_s)} left" if errand.eta_s is not None else ""
    return ", ".join(each for each in (rate, left) if each)


def stands_still_s(errand: Errand) -> float:
    """For how long an errand that runs has got no further; 0 while it does, or has only just stopped."""
    still = time.monotonic() - errand.moved_s if errand.moved_s and errand.state is State.RUNNING else 0.0
    return still if still >= STILL_S else 0.0


def standing_of(errand: Errand) -> str:
    """How it stands, in one place: its rate while it runs, else its state."""
    return ", ".join(each for each in (state_of(errand), rate_of(errand)) if each)


def reason_of(errand: Errand) -> str:
    """Why it does not go on, where to look, and when it is tried again."""
    if not errand.reason:
        return f"{errand.why}" if errand.why else ""
    sentence = errand.reason[:1].upper() + errand.reason[1:]
    return f"{sentence}{'' if sentence.endswith('.') else '.'} {where(errand.side, errand.field, errand.node)}".strip()


def state_of(errand: Errand) -> str:
    """Its state in words, with the lane."""
    if errand.promised and errand.state is State.DONE:
        return "the archive has it"
    word = STATES[errand.state]
    if errand.state is State.RESTING:
        tried = f"attempt {errand.attempts} failed, " if errand.attempts else ""
        word = f"{tried}again in {time_left(max(1.0, errand.due_s - time.monotonic()))}"
    return ("later, " + word if word else "later") if errand.later and not errand.is_over else word


def study_title(study: FoundStudy) -> str:
    """Whose study, of when and what, as "Doe, Jane  2024-03-12  CT Thorax": errands of one patient are told apart."""
    name = person_name(study.patient_name) or NO_NAME
    return APART.join(each for each in (name, date(study.study_date), study.description) if each)


def parted(title: str) -> tuple[str, str]:
    """Of such a title whose study it is, which may be written in several scripts, and of when and what."""
    found = DATED.search(title)
    return (title[: found.start()], title[found.end() :]) if found else (title, "")


def patient_words(patient_id: str, birth_date: str, sex: str) -> str:
    """As "4711, born 1963-12-10, F"."""
    born = date(birth_date)
    return ", ".join(each for each in (patient_id or "no ID", f"born {born}" if born else "", sex) if each)


def title_of(errand: Errand, name: str) -> str:
    """As "Doe, Jane  2024-03-12  CT Thorax  from archive"."""
    return f"{name}  {way_of(errand)}"


def way_of(errand: Errand) -> str:
    """As "from archive"."""
    return f"{WHAT[errand.act]} {errand.node}"


def summary(errands: Sequence[Errand], name_of: Callable[[Errand], str]) -> Underway | None:
    """All of them as one thing under way: whose study comes, or how many, with their sum; else what waits.

    What failed is said by `failing`, in a place of its own.
    """
    running = [each for each in errands if each.state is State.RUNNING]
    waiting = [each for each in errands if each.is_ready]
    if running:
        under_way = running + waiting
        one = len(under_way) == 1
        title = name_of(running[0]).split(APART)[0] if one else f"{len(under_way)} studies"
        etas = [each.eta_s for each in running if each.eta_s is not None and not stands_still_s(each)]
        done, total = sum(each.done for each in under_way), sum(each.total for each in under_way)
        left_s = max(etas, default=None) if not waiting else None  # nobody knows how fast the others will come
        return Underway(f"⇅ {title}", min(done, total) if total else 0, total, left_s)
    if fresh := sum(each.state is State.WAITING and not each.attempts for each in errands):
        return Underway(f"⇅ {fresh} waiting", 0, 0, None)
    if paused := sum(each.state is State.PAUSED for each in errands):
        return Underway(f"⇅ {paused} paused", 0, 0, None)
    if sent := sum(each.state is State.SENT for each in errands):
        return Underway(f"⇅ {sent} to be confirmed", 0, 0, None)
    return None


def failing(errands: Sequence[Errand], now: datetime) -> str:
    """As "▲ 1 send failed, tried again at 14:32": said until it is done, stopped, or cleared from the list."""
    failed = [each for each in errands if each.state is State.FAILED]
    tried = [each for each in errands if each.state is State.RESTING or (each.attempts and each.state in TRIED_NOW)]
    sends = sum(each.act is Act.SEND for each in (*failed, *tried))
    fetches = len(failed) + len(tried) - sends
    counts = (_number(sends, "send", "sends"), _number(fetches, "fetch", "fetches"))
    told = " and ".join(each for each in counts if each)
    if not tried:
        return f"▲ {told} failed" if told else ""
    rest_s = min(each.due_s if each.state is State.RESTING else 0.0 for each in tried) - time.monotonic()
    when = f"at {now + timedelta(seconds=rest_s):%H:%M}" if rest_s > 0 else "now"
    return f"▲ {told} failed, {f'{len(tried)} ' if failed else ''}tried again {when}"


def _number(count: int, one: str, more: str) -> str:
    return f"{count} {one if count == 1 else more}" if count else ""


def coming_of(errand: Errand) -> Coming:
    """What tiles and strip say of how it stands, in steps that do not flicker: "nothing for 9 s"."""
    word = {State.PAUSED: "paused", State.RESTING: "interrupted", State.WAITING: "waiting"}.get(errand.state, STILL)
    if still := stands_still_s(errand):
        word = f"nothing for {time_left(still if still < 10 else still // 10 * 10)}"
    return Coming(dict(errand.series), word, errand.node)


def coming(errand: Errand) -> str:
    """What a tile says of a study of which not all is here."""
    if errand.total:
        return f"This series is still coming: {errand.done} of {errand.total} images of the study have arrived."
    return "This series is still coming."
