"""What waits to be sent survives: whatever happens to the index, to the program, or to another item."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from workstation.cache.outbox import Item, Kind, Outbox, State
from workstation.errors import NotFound, Reason, Refused
from workstation.paths import Home

STUDY = "1.2.826.0.1.3680043.10.7"


def put(home: Home, node: str = "archive") -> Item:
    return Outbox(home).put(STUDY, [f"{STUDY}.1.1"], node)


def test_what_is_put_in_waits_and_is_due(home: Home) -> None:
    item = put(home)
    (found,) = Outbox(home).items()
    assert found == item
    assert (found.study_instance_uid, found.sop_instance_uids, found.node) == (STUDY, (f"{STUDY}.1.1",), "archive")
    assert (found.kind, found.state, found.tries, found.is_done) == (Kind.STORE, State.WAITING, 0, False)
    assert Outbox(home).due() == (item,)
    assert Outbox(home).unsent() == {STUDY}


def test_a_failed_try_waits_for_its_time_and_says_why(home: Home) -> None:
    item = put(home)
    later = Outbox(home).change(
        item.key, State.WAITING, "the node is not there", "2999-01-01T00:00:00+00:00", tried=True
    )
    assert (later.tries, later.reason) == (1, "the node is not there")
    assert Outbox(home).items() == (later,)
    assert Outbox(home).due() == ()
    assert Outbox(home).due("2999-01-01T00:00:00+00:00") == (later,)


def test_only_the_archives_word_ends_it(home: Home) -> None:
    box = Outbox(home)
    stored, committed = put(home), box.put(STUDY, (), "archive", Kind.COMMIT)
    box.change(stored.key, State.SENT)
    box.change(committed.key, State.SENT, transaction="2.25.1")
    assert box.unsent() == {STUDY}
    assert box.change(committed.key, State.COMMITTED).transaction == "2.25.1"
    assert box.unsent() == set()
    for each in box.items():
        box.forget(each.key)
    assert box.items() == ()
    with pytest.raises(NotFound):
        box.change(stored.key, State.FAILED)


def test_it_names_nobody_on_disk(home: Home) -> None:
    item = put(home, node="pacs.example")
    for path in home.outbox.iterdir():
        assert STUDY.encode() not in path.read_bytes() and b"pacs" not in path.read_bytes()
    assert [path.name for path in home.outbox.iterdir()] == [item.key]


def test_one_that_is_damaged_is_seen_and_costs_only_itself(home: Home) -> None:
    first, second = put(home), put(home, "other")
    path = home.outbox / first.key
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    spoiled, whole = sorted(Outbox(home).items(), key=lambda each: each.key != first.key)
    assert (spoiled.key, spoiled.state) == (first.key, State.FAILED) and Reason.DAMAGED in spoiled.reason
    assert whole == second


def test_two_items_do_not_change_places(home: Home) -> None:
    first, second = put(home), put(home, "other")
    (home.outbox / first.key).replace(home.outbox / second.key)
    assert [each.state for each in Outbox(home).items()] == [State.FAILED]


def test_a_disk_that_takes_nothing_promises_nothing(home: Home) -> None:
    home.outbox.write_bytes(b"a file where the folder should be")
    with pytest.raises(Refused):
        put(home)


KILLED = """
import os, sys
from pathlib import Path
from workstation.cache.outbox import Outbox
from workstation.paths import Home
item = Outbox(Home(Path(sys.argv[1]))).put("1.2.3", (), "archive")
os.write(1, item.key.encode())
os.kill(os.getpid(), 9)
"""


def test_what_was_promised_is_there_after_a_kill_and_without_an_index(home: Home) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(home.root)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
    )
    assert [each.key for each in Outbox(home).items()] == [done.stdout]
