"""Room: what was used longest ago goes first; what is open, pinned, unsent or coming never goes."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from random import Random

import pytest

from tests.cache.made import STUDY, ct, folder_of, raw_index
from workstation.cache import files, in_use, ingest
from workstation.cache.entries import Arrival, ReadingStatus
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.cache.outbox import Outbox, State
from workstation.cache.room import Held, Limits, Room
from workstation.case.open import read_study
from workstation.errors import NotFound, Reason, Refused
from workstation.paths import Home

STUDIES = 6
PER_STUDY = 3
SIZE = len(ct(1))


def uid(study: int) -> str:
    return f"{STUDY}.{study}"


@pytest.fixture
def filled(home: Home, tmp_path: Path) -> Home:
    """Six studies of three objects; study 1 was used longest ago, on New Year's Day."""
    objects = {f"{s}-{n}": ct(n, study=s) for s in range(1, STUDIES + 1) for n in range(1, PER_STUDY + 1)}
    import_paths(home, [folder_of(tmp_path / "source", objects)])
    db = raw_index(home)
    for study in range(1, STUDIES + 1):
        db.execute("UPDATE studies SET used = ? WHERE study_uid = ?", (f"2024-01-0{study}T00:00:00+00:00", uid(study)))
    db.close()
    return home


def there(home: Home) -> list[int]:
    """Which studies are there; each whole, and no file besides theirs."""
    with Index(home) as index:
        rows = index.studies()
        stored = [each for row in rows for each in index.instances(row.study_instance_uid)]
    assert all(files.is_whole(home, each.digest) for each in stored)
    assert len(list(files.stored(home))) == len(stored) == PER_STUDY * len(rows)
    return sorted(int(row.study_instance_uid.rpartition(".")[2]) for row in rows)


def evict(home: Home, wanted: int) -> list[str]:
    with Index(home, writer=True) as index:
        return list(Room(index, Limits()).evict(wanted).studies)


def test_the_study_used_longest_ago_goes_first_and_no_more_than_needed(filled: Home) -> None:
    assert evict(filled, PER_STUDY * SIZE + 1) == [uid(1), uid(2)]
    assert there(filled) == [3, 4, 5, 6]
    with Index(filled) as index:
        assert index.stored_bytes() == sum(index.study(uid(study)).size_bytes for study in (3, 4, 5, 6))
        with pytest.raises(NotFound):
            index.instances(uid(1))


def test_opening_a_study_makes_it_the_last_to_go(filled: Home) -> None:
    with Index(filled, writer=True) as index:
        index.set_status(uid(1), ReadingStatus.OPENED)
    assert evict(filled, 1) == [uid(2)]


def test_what_went_comes_again_with_what_was_noted_of_it(filled: Home, tmp_path: Path) -> None:
    with Index(filled, writer=True) as index:
        index.set_status(uid(1), ReadingStatus.READ)
    evict(filled, 1)
    assert import_paths(filled, [tmp_path / "source"]).stored == PER_STUDY
    assert there(filled) == [1, 2, 3, 4, 5, 6]
    with Index(filled) as index:
        assert index.reading()[uid(1)].status is ReadingStatus.READ


def test_pinned_unsent_and_open_studies_stay_whoever_asks(filled: Home) -> None:
    with Index(filled, writer=True) as index:
        index.pin(uid(1), True)
    item = Outbox(filled).put(uid(2), (), "archive")
    with in_use.held(filled, uid(3)):
        assert evict(filled, 1 << 40) == [uid(4), uid(5), uid(6)]
        with Index(filled, writer=True) as index:
            asked = Room(index, Limits()).evict_these([uid(1), uid(2), uid(3)])
        assert dict(asked.kept) == {uid(1): Held.PINNED, uid(2): Held.UNSENT, uid(3): Held.OPEN}
    assert there(filled) == [1, 2, 3]
    Outbox(filled).change(item.key, State.SENT)
    with Index(filled, writer=True) as index:
        index.pin(uid(1), False)
    assert evict(filled, 1 << 40) == [uid(1), uid(2), uid(3)]


def test_what_is_still_coming_stays_unless_a_person_asks(home: Home, tmp_path: Path) -> None:
    import_paths(home, [folder_of(tmp_path / "source", {str(n): ct(n) for n in range(1, PER_STUDY + 1)})])
    assert evict(home, 1 << 40) == []
    with Index(home, writer=True) as index:
        assert Room(index, Limits()).evict_these([uid(1)]).studies == (uid(1),)


SHOWS = """
import sys
from pathlib import Path
from workstation.cache import in_use
from workstation.paths import Home
in_use.opened(Home(Path(sys.argv[1])), sys.argv[2:])
print("shown", flush=True)
sys.stdin.read()
"""


def test_what_another_program_shows_stays_until_it_ends_however_it_ends(filled: Home) -> None:
    command = [sys.executable, "-c", SHOWS, str(filled.root), uid(1), uid(2)]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "shown\n"
        assert evict(filled, 1) == [uid(3)]
        other.kill()
        other.wait()
    assert evict(filled, 1) == [uid(1)]


def test_a_study_that_is_opened_stays_though_nobody_says_when_it_is_let_go(filled: Home) -> None:
    read_study(filled, uid(1))
    assert evict(filled, 1) == [uid(2)]


def test_the_quota_is_kept_while_objects_come_and_what_comes_is_never_refused_for_it(filled: Home) -> None:
    limits = Limits(quota_bytes=6 * PER_STUDY * SIZE)
    with ingest.Ingest(filled, lambda *_: False, limits) as into:
        for number in range(1, PER_STUDY + 1):
            into.add(ingest.receive(filled, ct(number, study=7), "x"))
        assert all(outcome.stored for outcome in into.flush())
    assert there(filled)[-1] == 7 and 1 not in there(filled)
    with ingest.Ingest(filled, lambda *_: False, Limits(quota_bytes=1)) as into:
        into.add(ingest.receive(filled, ct(1, study=8), "x"))
        assert all(outcome.stored for outcome in into.flush())
    with Index(filled) as index:
        assert {row.study_instance_uid for row in index.studies()} == {uid(7), uid(8)}


def test_quarantine_and_pictures_count_too(filled: Home) -> None:
    limits = Limits(quota_bytes=6 * PER_STUDY * SIZE)
    with Index(filled, writer=True) as index:
        assert Room(index, limits).surplus() == 0
        files.write_thumbnail(filled, "ab" * 32, bytes(SIZE))
        (filled.quarantine / "c").write_bytes(bytes(2 * SIZE))
        room = Room(index, limits)
        assert 3 * SIZE <= room.surplus() < 4 * SIZE
        room.check(0)
    assert there_besides(filled) == [3, 4, 5, 6]  # three objects too many, and the slack


def there_besides(home: Home) -> list[int]:
    (home.quarantine / "c").unlink()
    return there(home)


def test_below_the_reserve_studies_go_and_then_nothing_more_is_taken(filled: Home) -> None:
    left = [0]

    def free(home: Home) -> int:
        return left[0] + SIZE * (PER_STUDY * STUDIES - len(list(files.stored(home))))

    with Index(filled, writer=True) as index:
        index.pin(uid(6), True)
        room = Room(index, Limits(reserve_bytes=SIZE), free)
        room.check(SIZE)
        assert there(filled) == [2, 3, 4, 5, 6]
        left[0] = -100 * SIZE
        with pytest.raises(Refused) as refused:
            room.check(SIZE)
        assert refused.value.reason is Reason.DISK_FULL
    assert there(filled) == [6]


def test_an_eviction_that_is_cut_is_finished_by_the_next_start(filled: Home) -> None:
    with Index(filled, writer=True) as index:
        index.let_go(uid(1))  # and killed before a file was removed
    assert len(list(files.stored(filled))) == STUDIES * PER_STUDY
    with ingest.Ingest(filled, lambda *_: False, Limits()):
        pass
    assert there(filled) == [2, 3, 4, 5, 6]


def test_under_load_nothing_goes_while_it_is_open(filled: Home, tmp_path: Path) -> None:
    """Readers open studies at random and read every byte, while studies come and room is made for them all the time."""
    problems: list[str] = []
    stop = threading.Event()
    read = [0]

    def reader(seed: int) -> None:
        random = Random(seed)
        while not stop.is_set():
            study = uid(random.randrange(1, STUDIES + 1))
            with in_use.held(filled, study), Index(filled) as index:
                try:
                    stored = index.instances(study)
                except NotFound:
                    continue
                for _ in range(3):
                    if not all(files.is_whole(filled, each.digest) for each in stored):
                        problems.append(study)
                read[0] += 1

    threads = [threading.Thread(target=reader, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    evicted = 0
    try:
        for round_ in range(100):
            if round_ >= 12 and evicted >= 6 and read[0] >= 6:
                break
            arrivals: list[Arrival] = []
            for study in range(1, STUDIES + 1):
                arrivals += [ingest.receive(filled, ct(n, study=study), "x") for n in range(1, PER_STUDY + 1)]
            with ingest.Ingest(filled, lambda *_: False, Limits()) as into:
                for arrival in arrivals:
                    into.add(arrival)
                into.flush()
                order = [uid(each) for each in Random(round_).sample(range(1, STUDIES + 1), 4)]
                evicted += len(Room(into.index, Limits()).evict_these(order).studies)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert problems == []
    assert evicted >= 6 and read[0] >= 6  # or nothing was tried
