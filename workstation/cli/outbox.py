"""`hounsfield outbox`: what waits to be sent until an archive says that it has it."""

import argparse
import time
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from typing import TYPE_CHECKING, Any

from workstation.cli.arrive import stop_on_interrupt
from workstation.cli.result import Result
from workstation.errors import Cancelled

if TYPE_CHECKING:
    from workstation.cache.outbox import Item
    from workstation.paths import Home
    from workstation.traffic.outbox import Sender


def add(subparsers: Any) -> None:
    """Add the commands of this module."""
    command = subparsers.add_parser("outbox", help="what waits to be sent until an archive has it")
    command.epilog = "Example: hounsfield outbox add archive 1 --commit; then: hounsfield outbox send --seconds 60"
    acts = command.add_subparsers(metavar="ACT", required=True)
    _finish(acts.add_parser("list", help="what waits, and why"), run_list, "list")
    put = acts.add_parser("add", help="keep a study to be sent")
    put.add_argument("node", metavar="NODE")
    put.add_argument("study", metavar="STUDY")
    put.add_argument("--commit", action="store_true", help="until the archive commits to it, where it can")
    _finish(put, run_add, "add archive 1 --commit")
    send = acts.add_parser("send", help="send what is due, and hear the archives' word")
    send.add_argument("--seconds", type=float, default=0.0, help="go on until it is empty, at most so long")
    send.add_argument("--port", type=int, default=0, help="where archives call back with their word, if any do")
    send.add_argument("--aet", default="HOUNSFIELD", help="what they call us")
    _finish(send, run_send, "send --seconds 60 --port 11112")
    for name, run, about in (
        ("retry", run_retry, "try one again that waits for a person"),
        ("forget", run_forget, "give one up"),
    ):
        act = acts.add_parser(name, help=about)
        act.add_argument("key", metavar="KEY")
        _finish(act, run, f"{name} 0123456789abcdef0123456789abcdef")


def _finish(parser: argparse.ArgumentParser, run: Any, example: str) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.epilog = f"Example: hounsfield outbox {example}"
    parser.set_defaults(run=run)


def run_list(options: argparse.Namespace) -> Result:
    """Every item, oldest first."""
    from workstation.cache.outbox import Outbox
    from workstation.paths import home

    return _shown(Outbox(home()).items())


def run_add(options: argparse.Namespace) -> Result:
    """A promise: it lasts when this returns."""
    from workstation.cache.index import Index
    from workstation.cache.outbox import Kind
    from workstation.network import nodes
    from workstation.paths import home
    from workstation.traffic.outbox import owe

    node = nodes.named(home(), options.node)
    with Index(home()) as index:
        study = index.resolve_study(options.study)
    item = owe(home(), study, node.name, Kind.COMMIT if options.commit else Kind.STORE)
    return _shown((item,))


def run_send(options: argparse.Namespace) -> Result:
    """Exit code 1 while something is left."""
    from workstation.cache.outbox import Outbox
    from workstation.network.nodes import named
    from workstation.paths import home as the_home
    from workstation.traffic.carrier import pacs_of
    from workstation.traffic.outbox import Sender

    home = the_home().create()
    sender = Sender(home, lambda name: pacs_of(named(home, name)))
    until = time.monotonic() + options.seconds
    with ExitStack() as stack:
        check = stack.enter_context(stop_on_interrupt())
        stack.enter_context(_hearing(home, sender, options))
        with suppress(Cancelled):
            sender.step(check)
            while Outbox(home).items() and time.monotonic() < until:
                check()
                time.sleep(0.1)
                sender.step(check)
    return _shown(Outbox(home).items(), left=True)


def _hearing(home: "Home", sender: "Sender", options: argparse.Namespace) -> AbstractContextManager[Any]:
    """A receiver for the word that comes later."""
    if not options.port:
        return nullcontext()
    from workstation.network.reception import Reception
    from workstation.traffic.receive import receiving
    from workstation.traffic.writer import Writer

    with ExitStack() as stack:
        writer = stack.enter_context(Writer(home))
        stack.enter_context(receiving(Reception(options.aet, port=options.port), writer, sender.heard))
        return stack.pop_all()


def run_retry(options: argparse.Namespace) -> Result:
    """It is due at once."""
    from workstation.paths import home
    from workstation.traffic.outbox import retry

    return _shown((retry(home(), options.key),))


def run_forget(options: argparse.Namespace) -> Result:
    """A person's word: nobody is told."""
    from workstation.cache.outbox import Outbox
    from workstation.paths import home
    from workstation.traffic.outbox import give_up

    give_up(home(), options.key)
    return _shown(Outbox(home()).items())


def _shown(items: "tuple[Item, ...]", left: bool = False) -> Result:
    document = {
        "items": [
            {
                "key": each.key,
                "study": each.study_instance_uid,
                "node": each.node,
                "kind": each.kind.value,
                "state": each.state.value,
                "tries": each.tries,
                "reason": each.reason,
                "next_at": each.next_at,
            }
            for each in items
        ]
    }
    lines = [f"{each.key}  {each.node}  {each.kind}  {each.state}  {each.reason}".rstrip() for each in items]
    problems = tuple(f"{each.node}: {each.reason or 'its word has not come yet'}" for each in items) if left else ()
    return Result(document, "\n".join(lines) or "the outbox is empty", problems, code=int(bool(problems)))
