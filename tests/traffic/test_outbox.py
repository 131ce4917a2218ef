"""Nothing leaves the outbox but on the archive's word, whatever stops the program in between."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.cache.made import STUDY, ct
from tests.network.committing import Keeper, keeping
from tests.network.read import keep
from workstation.cache import files
from workstation.cache.lock import locked
from workstation.cache.outbox import Item, Kind, Outbox, State
from workstation.cli import main
from workstation.errors import HounsfieldError
from workstation.network.commitment import CommitmentReport
from workstation.network.dimse import DimsePacs
from workstation.network.nodes import Node
from workstation.network.pacs import Progress, Stored
from workstation.network.reception import Reception
from workstation.paths import Home
from workstation.traffic.outbox import LOCK, Sender, retry
from workstation.traffic.receive import receiving
from workstation.traffic.writer import Writer

UIDS = tuple(f"{STUDY}.1.1.{number}" for number in (1, 2, 3))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home").create()
    keep(made, [ct(number) for number in (1, 2, 3)])
    return made


def sender(home: Home, node: Node, **more: Any) -> Sender:
    return Sender(home, lambda name: DimsePacs(node), (0.0,), **more)


def test_it_leaves_when_the_archive_says_that_it_keeps_it(home: Home) -> None:
    keeper = Keeper()
    Outbox(home).put(f"{STUDY}.1", UIDS[:2], "keeper", Kind.COMMIT)
    with keeping(keeper) as node:
        assert sender(home, node).step() == 1
    assert (keeper.kept, len(keeper.transactions)) == (set(UIDS[:2]), 1)
    assert Outbox(home).items() == ()


def test_what_is_given_up_on_its_way_goes_no_further(home: Home) -> None:
    keeper = Keeper()
    outbox = Outbox(home)
    outbox.put(f"{STUDY}.1", (), "keeper")

    def give_up(item: Item, progress: Progress) -> None:
        outbox.forget(item.key)

    with keeping(keeper) as node:
        assert sender(home, node, shown=give_up).step() == 0
    assert len(keeper.kept) < 3 and outbox.items() == ()


def test_what_the_archive_does_not_keep_is_sent_again(home: Home) -> None:
    keeper = Keeper(loses={UIDS[1]})
    Outbox(home).put(f"{STUDY}.1", (), "keeper", Kind.COMMIT)
    with keeping(keeper) as node:
        assert sender(home, node).step() == 0
        (item,) = Outbox(home).items()
        assert item.state is State.WAITING
        assert "does not keep 1 of 3" in item.reason and "does not have this object" in item.reason
        keeper.loses.clear()
        assert sender(home, node).step() == 1
    assert len(set(keeper.transactions)) == 2


def test_the_word_may_come_later_to_the_receiver(home: Home) -> None:
    keeper = Keeper(reports="later")
    Outbox(home).put(f"{STUDY}.1", (), "keeper", Kind.COMMIT)
    with keeping(keeper) as node:
        sending = Sender(home, lambda name: Hasty(node))
        assert sending.step() == 0
        (item,) = Outbox(home).items()
        assert (item.state, item.transaction) == (State.SENT, keeper.transactions[0])
        assert sending.step() == 0  # it is not its time yet
        again = Sender(home, lambda name: Hasty(node))  # as after a restart
        with Writer(home) as writer, receiving(Reception(port=0), writer, again.heard) as (receiver, _):
            assert keeper.say(receiver.port) == [0x0000]
            assert Outbox(home).items() == ()
            keeper.action(Forged())
            assert keeper.say(receiver.port) == [0x0112]


class Hasty(DimsePacs):
    """Waits for the word no longer than a moment."""

    def commit(self, *asked: Any, **more: Any) -> CommitmentReport | None:
        return super().commit(*asked, within_s=0.2)


class Forged:
    """A question nobody asked."""

    class action_information:  # noqa: N801  # as pynetdicom calls it
        TransactionUID = "2.25.99"
        ReferencedSOPSequence = ()

    assoc = None


def test_a_word_that_does_not_come_is_asked_for_again(home: Home) -> None:
    keeper = Keeper(reports="later")
    Outbox(home).put(f"{STUDY}.1", (), "keeper", Kind.COMMIT)
    with keeping(keeper) as node:
        sending = Sender(home, lambda name: Hasty(node), word_s=0.0)
        assert (sending.step(), sending.step()) == (0, 0)
        keeper.reports = "now"
        assert sending.step() == 1
    assert len(set(keeper.transactions)) == 3


@pytest.mark.parametrize("kind", Kind)
def test_where_no_commitment_is_offered_the_answer_to_each_object_counts(home: Home, kind: Kind) -> None:
    keeper = Keeper(reports="never")
    Outbox(home).put(f"{STUDY}.1", UIDS, "keeper", kind)
    with keeping(keeper) as node:
        assert sender(home, node).step() == 1
    assert keeper.kept == set(UIDS)


def test_a_node_that_is_away_is_tried_again_and_what_cannot_be_helped_waits_for_a_person(home: Home) -> None:
    outbox = Outbox(home)
    outbox.put(f"{STUDY}.1", (), "keeper")
    with keeping(Keeper()) as gone:
        pass
    assert sender(home, gone).step() == 0
    (item,) = outbox.items()
    assert (item.state, item.tries) == (State.WAITING, 1)
    assert "nothing listens on port" in item.reason
    with keeping(Keeper()) as node:
        assert sender(home, node).step() == 1
        lost = outbox.put(f"{STUDY}.1", ("1.2.3",), "keeper")
        assert sender(home, node).step() == 0
        (item,) = outbox.items()
        assert item.state is State.FAILED and "not in the cache" in item.reason
        assert sender(home, node).step() == 0
        assert retry(home, lost.key).state is State.WAITING


class Killed(BaseException):
    """The program ends here."""


class Archive:
    """One that notes what it has, and says what it keeps."""

    def __init__(self, cut: Callable[[], None]) -> None:
        self.has: set[str] = set()
        self.committed: set[str] = set()
        self.cut = cut

    def store(self, objects: Any, watch: Any = None, total: int = 0) -> Iterator[Stored]:
        from workstation.network.part10 import unwrapped

        for data in objects:
            self.cut()
            self.has.add(unwrapped(data).sop_instance_uid)
            self.cut()
            yield Stored(unwrapped(data).sop_instance_uid)

    def commit(self, transaction: str, objects: Any, within_s: float = 0.0, check: Any = None) -> CommitmentReport:
        self.cut()
        self.committed |= {uid for _, uid in objects} & self.has
        self.cut()
        return CommitmentReport(transaction, tuple(self.committed))


def test_wherever_it_is_killed_nothing_is_lost_and_nothing_leaves_unsaid(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every write, removal and word is a place to be killed at, before and after."""
    left = [0]

    def cut() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    def cutting(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any) -> Any:
            cut()
            result = real(*given)
            cut()
            return result

        return call

    kills = 0
    for place in range(1, 60):
        archive = Archive(cut)
        left[0] = 0
        Outbox(home).put(f"{STUDY}.1", UIDS, "keeper", Kind.COMMIT)
        with monkeypatch.context() as patched:
            patched.setattr(files, "seal_document", cutting(files.seal_document))
            patched.setattr(files, "drop_document", cutting(files.drop_document))
            left[0] = place
            try:
                Sender(home, lambda name, to=archive: to, word_s=0.0).step()
            except Killed:
                kills += 1
        if not Outbox(home).items():
            assert archive.committed == set(UIDS)
        left[0] = 0
        Sender(home, lambda name, to=archive: to, word_s=0.0).step()
        assert Outbox(home).items() == ()
        assert archive.committed == set(UIDS)
    assert 10 < kills < 59


def test_while_another_program_sends_none_goes_twice(home: Home) -> None:
    keeper = Keeper()
    Outbox(home).put(f"{STUDY}.1", (), "keeper")
    with keeping(keeper) as node:
        handle = locked(home.outbox / LOCK)
        assert sender(home, node).step() == 0 and not keeper.kept
        os.close(handle)
        assert sender(home, node).step() == 1


def test_a_node_that_is_away_is_asked_once_however_much_waits(home: Home) -> None:
    asked = []

    class Away(DimsePacs):
        def store(self, *given: Any, **more: Any) -> Iterator[Stored]:
            asked.append(self.node.name)
            yield from super().store(*given, **more)

    outbox = Outbox(home)
    for node in ("gone", "gone", "keeper"):
        outbox.put(f"{STUDY}.1", (), node)
    with keeping(Keeper()) as gone:
        pass
    with keeping(Keeper()) as there:
        nodes = {"gone": gone, "keeper": there}
        sending = Sender(home, lambda name: Away(replace(nodes[name], name=name)), (60.0,))
        assert sending.step() == 1
    assert sorted(asked) == ["gone", "keeper"]
    assert [each.tries for each in outbox.items()] in ([0, 1], [1, 0])


def test_a_node_that_is_gone_from_the_settings_is_said(home: Home) -> None:
    def nobody(name: str) -> Any:
        raise HounsfieldError(f"There is no node {name!r}.")

    Outbox(home).put(f"{STUDY}.1", (), "elsewhere")
    assert Sender(home, nobody).step() == 0
    (item,) = Outbox(home).items()
    assert "no node 'elsewhere'" in item.reason


def test_the_command_line_keeps_sends_and_gives_up(
    home: Home, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOUNSFIELD_HOME", str(home.root))

    def said(*words: str) -> tuple[int, list[dict[str, Any]]]:
        code = main([*words, "--json"])
        return code, json.loads(capsys.readouterr().out)["items"]

    keeper = Keeper()
    with keeping(keeper) as node:
        assert main(["node", "add", "keeper", "--aet", "KEEPER", "--host", node.host, "--port", str(node.port)]) == 0
        capsys.readouterr()
        code, (item,) = said("outbox", "add", "keeper", "1", "--commit")
        assert (code, item["kind"], item["state"]) == (0, "commit", "waiting")
        assert said("outbox", "send") == (0, [])
    assert keeper.kept == set(UIDS)
    said("outbox", "add", "keeper", "1")
    code, (item,) = said("outbox", "send")
    assert code == 1 and "nothing listens" in item["reason"]
    assert said("outbox", "retry", item["key"])[1][0]["state"] == "waiting"
    assert said("outbox", "forget", item["key"]) == (0, [])
    assert main(["outbox", "forget", item["key"]]) == 1
