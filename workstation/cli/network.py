"""`hounsfield node`, `echo`, `find`, `retrieve`, `send`, `receive`: talking to archives and other peers."""

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workstation.cli.arrive import MOST_PROBLEMS, sent_on, stop_on_interrupt
from workstation.cli.result import Result
from workstation.errors import Cancelled, HounsfieldError

if TYPE_CHECKING:
    from workstation.cache.outbox import Item
    from workstation.network.faults import NodeFault
    from workstation.network.nodes import Node
    from workstation.network.pacs import Pacs
    from workstation.network.reception import Reception
    from workstation.network.runner import Way
    from workstation.traffic.fetch import Bring, FetchReport, Transfer

_NODE_FIELDS: Final = ("aet", "host", "port", "url", "our_aet", "retrieve", "ca", "cert", "key", "auth", "user")
_ASKED: Final = {
    "study": ("StudyDate", "PatientName", "PatientID", "ModalitiesInStudy", "StudyDescription", "AccessionNumber"),
    "patient": ("PatientName", "PatientID", "PatientBirthDate", "PatientSex"),
    "series": ("Modality", "SeriesNumber", "SeriesDescription", "NumberOfSeriesRelatedInstances"),
    "image": ("InstanceNumber", "SOPClassUID"),
}
_COUNTS: Final = ("NumberOfStudyRelatedInstances",)


def add(subparsers: Any) -> None:
    """Add the commands of this module."""
    _add_node(subparsers)
    echo = subparsers.add_parser("echo", help="ask a node whether it answers")
    echo.add_argument("node", metavar="NODE")
    _finish(echo, run_echo, "echo archive")
    find = subparsers.add_parser("find", help="query a node")
    find.add_argument("node", metavar="NODE")
    find.add_argument("keys", nargs="*", metavar="KEYWORD=VALUE", help="DICOM keywords; * and ? stand for anything")
    find.add_argument("--level", choices=tuple(_ASKED), default="study")
    find.add_argument("--most", type=int, default=0, metavar="N", help="stop the query after N matches")
    _finish(find, run_find, "find archive 'PatientName=Doe*' StudyDate=20240101- --most 20")
    retrieve = subparsers.add_parser("retrieve", help="bring a study from a node into the cache")
    retrieve.add_argument("node", metavar="NODE")
    retrieve.add_argument("study", metavar="STUDY", help="its StudyInstanceUID")
    retrieve.add_argument("--port", type=int, default=11112, help="of the receiver, where studies come by C-MOVE")
    retrieve.add_argument("--progress", action="store_true", help="show progress even when stderr is no terminal")
    _finish(retrieve, run_retrieve, "retrieve archive 1.2.826.0.1.3680043.8.498.1")
    send = subparsers.add_parser("send", help="send a study of the cache, or files, to a node")
    send.add_argument("node", metavar="NODE")
    send.add_argument("what", nargs="+", metavar="STUDY|FILE")
    _finish(send, run_send, "send archive 1  (the study in row 1 of `hounsfield studies`)")
    _add_receive(subparsers)


def _add_node(subparsers: Any) -> None:
    node = subparsers.add_parser("node", help="the archives and peers that are set up")
    node.epilog = "Example: hounsfield node add archive --url https://pacs.example/dicom-web --auth bearer"
    actions = node.add_subparsers(metavar="ACTION", required=True)
    add_ = actions.add_parser("add", help="set up a node, or change one")
    add_.add_argument("name", metavar="NAME")
    for field in _NODE_FIELDS:
        kind = int if field == "port" else str
        add_.add_argument(f"--{field.replace('_', '-')}", type=kind)
    add_.add_argument("--tls", action="store_true", help="call it over TLS")
    add_.add_argument("--plain", action="store_true", help="allow http:// to another machine")
    _finish(add_, run_node_add, "node add archive --aet ORTHANC --host 192.0.2.10 --port 4242")
    _finish(actions.add_parser("list", help="what is set up"), run_node_list, "node list")
    for name, run, about in (("remove", run_node_remove, "forget a node"), ("test", run_node_test, "try every step")):
        action = actions.add_parser(name, help=about)
        action.add_argument("name", metavar="NAME")
        _finish(action, run, f"node {name} archive")


def _add_receive(subparsers: Any) -> None:
    receive = subparsers.add_parser("receive", help="take what peers send, until Ctrl-C")
    receive.add_argument("--port", type=int, default=11112)
    receive.add_argument("--aet", default="HOUNSFIELD", help="what peers call us")
    receive.add_argument("--host", default="127.0.0.1", help="the address to listen on (this machine alone)")
    receive.add_argument(
        "--allow", action="append", default=[], metavar="AET[@ADDRESS]", help="who may send; again for more"
    )
    for field, about in (
        ("cert", "our certificate: TLS"),
        ("key", "its key"),
        ("ca", "whom callers must be signed by"),
    ):
        receive.add_argument(f"--{field}", default="", metavar="FILE", help=about)
    receive.add_argument("--seconds", type=float, default=0.0, help="end after so long")
    _finish(receive, run_receive, "receive --port 11112 --host 0.0.0.0 --allow CT1@192.0.2.20")


def _finish(parser: argparse.ArgumentParser, run: Any, example: str) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    parser.epilog = f"Example: hounsfield {example}"
    parser.set_defaults(run=run)


def run_node_add(options: argparse.Namespace) -> Result:
    """Keep a node."""
    from workstation.network import nodes
    from workstation.paths import home

    values = {field: getattr(options, field) for field in _NODE_FIELDS if getattr(options, field) is not None}
    node = nodes.made(options.name, values | {"tls": options.tls, "plain": options.plain})
    nodes.add(home().create(), node)
    return Result(asdict(node), _line(node))


def run_node_list(options: argparse.Namespace) -> Result:
    """Every node, and what is wrong in their file."""
    from workstation.network import nodes
    from workstation.paths import home

    known, problems = nodes.load(home())
    lines = [_line(node) for node in known.values()]
    document = {"nodes": [asdict(node) for node in known.values()], "problems": list(problems)}
    return Result(document, "\n".join(lines) or "no nodes yet: hounsfield node add", problems, code=int(bool(problems)))


def run_node_remove(options: argparse.Namespace) -> Result:
    """Forget a node."""
    from workstation.network import nodes
    from workstation.paths import home

    nodes.remove(home(), options.name)
    return Result({"removed": options.name}, f"{options.name} is forgotten")


def run_node_test(options: argparse.Namespace) -> Result:
    """Echo, a query, and whether it gives studies; the first that fails says where to look."""
    from workstation.network.faults import NodeFault
    from workstation.network.trial import tried

    pacs = _pacs(options.name)
    steps: list[dict[str, Any]] = []
    try:
        for step, seconds in tried(pacs):
            steps.append({"step": step, "seconds": round(seconds, 3)})
    except NodeFault as fault:
        document = {"node": options.name, "ok": False, "steps": steps} | _fault(fault)
        where = f"look at {fault.side.value}" + (f", field {fault.field}" if fault.field else "")
        return Result(document, "", (f"{options.name}: {fault.sentence} ({where})",), code=1)
    text = "\n".join(f"{step['step']}: {step['seconds'] * 1000:.0f} ms" for step in steps)
    return Result({"node": options.name, "ok": True, "steps": steps}, text)


def run_echo(options: argparse.Namespace) -> Result:
    """C-ECHO."""
    with _naming(options.node):
        seconds = _pacs(options.node).echo()
    return Result(
        {"node": options.node, "seconds": round(seconds, 4)}, f"{options.node} answers in {seconds * 1000:.0f} ms"
    )


def run_find(options: argparse.Namespace) -> Result:
    """C-FIND; rows are shown as they come."""
    from workstation.network.pacs import Level

    keys = dict.fromkeys((*_ASKED[options.level], *(_COUNTS if options.level == "study" else ())), "")
    for pair in options.keys:
        keyword, _, value = pair.partition("=")
        keys[keyword] = value
    rows = []
    with _naming(options.node), stop_on_interrupt() as check:
        try:
            for row in _pacs(options.node).find(Level(options.level.upper()), keys, check):
                rows.append(dict(row))
                if not options.json:
                    print(_row(options.level, row), flush=True)
                if len(rows) == options.most:
                    break
        except Cancelled:
            return Result({"rows": rows, "stopped": True}, "", ("stopped",), code=1)
    return Result({"rows": rows}, "" if rows else "no match")


def run_retrieve(options: argparse.Namespace) -> Result:
    """A study into the cache; exit code 1 when it is not complete."""
    from workstation.paths import home
    from workstation.traffic import origin
    from workstation.traffic.fetch import fetch_study
    from workstation.traffic.writer import QUICK_TURNS_S, Writer

    sys.setswitchinterval(QUICK_TURNS_S)
    way = _way(options.node)
    pacs = way()
    show = _Shown(options.progress or sys.stderr.isatty())
    with (
        _naming(options.node),
        stop_on_interrupt() as check,
        Writer(home().create()) as writer,
        _taking(pacs.node, way, options.port, writer) as bring,
    ):
        origin.note(home(), options.study, pacs.node.name)
        try:
            report = fetch_study(pacs, options.study, writer, show, check, bring=bring)
        finally:
            show.clear()
    return _fetched(options.node, report, _owed(options.node, report))


def _owed(node: str, report: "FetchReport") -> "tuple[Item, ...]":
    """What the rules of routing put into the outbox for a study that is whole now."""
    from workstation.paths import home
    from workstation.traffic.onward import Onward

    return Onward(home()).fetched(report.study_instance_uid, node) if report.complete else ()


def run_send(options: argparse.Namespace) -> Result:
    """Objects to a node; exit code 1 when it did not take each of them."""
    from workstation.cache.index import Index
    from workstation.network.pacs import Watch
    from workstation.paths import home
    from workstation.traffic.send import send_files, send_study

    pacs = _pacs(options.node)
    with _naming(options.node), stop_on_interrupt() as check:
        watch = Watch(check=check)
        if len(options.what) == 1 and not Path(options.what[0]).exists():
            with Index(home()) as index:
                study = index.resolve_study(options.what[0])
            report = send_study(pacs, home(), study, watch)
        else:
            report = send_files(pacs, [Path(each) for each in options.what], watch)
    problems = [f"{what}: {why}" for what, why in report.failed[:MOST_PROBLEMS]]
    document = {"sent": report.sent, "failed": [{"object": what, "reason": why} for what, why in report.failed]}
    return Result(document, f"{report.sent} sent, {len(report.failed)} not", tuple(problems), code=int(bool(problems)))


def run_receive(options: argparse.Namespace) -> Result:
    """Take what comes until Ctrl-C; what came is safe. What the outbox holds, and the rules of routing add, is sent."""
    from workstation.paths import home as the_home
    from workstation.traffic.carrier import Telling
    from workstation.traffic.onward import Onward
    from workstation.traffic.outbox import Sender
    from workstation.traffic.postman import Postman
    from workstation.traffic.receive import receiving
    from workstation.traffic.writer import QUICK_TURNS_S

    sys.setswitchinterval(QUICK_TURNS_S)
    home = the_home().create()
    onward = Onward(home)
    until = time.monotonic() + options.seconds if options.seconds else None
    with (
        stop_on_interrupt() as check,
        Postman(home, lambda shown: Sender(home, _pacs, shown=shown)) as postman,
        Telling(home, lambda instance: None, onward.pushed) as writer,
        receiving(_reception(options), writer, postman.heard) as (receiver, tally),
    ):
        print(f"{options.aet} listens on {options.host}, port {receiver.port}", file=sys.stderr, flush=True)
        with suppress(Cancelled):
            while until is None or time.monotonic() < until:
                check()
                time.sleep(0.1)
    text = f"{tally.stored} stored, {tally.already_stored} already stored, {tally.refused} refused"
    return Result(asdict(tally), text)


class _Shown:
    """n of m, rate and time left, on one line of stderr."""

    def __init__(self, shown: bool) -> None:
        self._shown = shown
        self._last = 0.0

    def __call__(self, transfer: "Transfer") -> None:
        now = time.monotonic()
        if not self._shown or (now - self._last < 0.2 and transfer.done != transfer.total):
            return
        self._last = now
        of = f" of {transfer.total}" if transfer.total else ""
        left = (
            "" if transfer.eta_s is None else f", {round(transfer.eta_s) // 60}:{round(transfer.eta_s) % 60:02d} left"
        )
        sys.stderr.write(f"\rretrieve {transfer.done}{of}, {transfer.bytes_per_s / 1e6:.1f} MB/s{left}\x1b[K")
        sys.stderr.flush()

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _way(name: str) -> "Way":
    from workstation.network.nodes import account_of, named
    from workstation.paths import home
    from workstation.security.secret import secret_of
    from workstation.traffic.abroad import way_to

    node = named(home(), name)
    asked = node.url and node.auth != "none"
    return way_to(node, secret_of(node.name, account_of(node)) if asked else "")


def _pacs(name: str) -> "Pacs":
    return _way(name)()


@contextmanager
def _taking(node: "Node", way: "Way", port: int, writer: Any) -> "Iterator[Bring | None]":
    """What a study comes by: a process that fetches it, or a receiver where the node calls back."""
    from workstation.network.courier import Couriers
    from workstation.traffic.abroad import bringing, comes_here

    if comes_here(node):
        with Couriers(writer.lander) as couriers:
            yield bringing(couriers, way)
        return
    from workstation.network.call import address
    from workstation.network.reception import Peer, Reception
    from workstation.traffic.receive import receiving

    it = address(node)
    here = "127.0.0.1" if it.startswith("127.") else "::" if ":" in it else "0.0.0.0"  # noqa: S104  # for one peer
    with receiving(Reception(node.our_aet, here, port, (Peer("", it),)), writer):
        yield None


def _reception(options: argparse.Namespace) -> "Reception":
    from workstation.network.reception import Peer, Reception
    from workstation.security.tls import Identity

    peers = []
    for each in options.allow:
        aet, _, address = each.partition("@")
        peers.append(Peer.checked(aet, address))
    tls = Identity(options.ca, options.cert, options.key) if options.cert else None
    return Reception(options.aet, options.host, options.port, tuple(peers), tls)


@contextmanager
def _naming(node: str) -> Iterator[None]:
    """A fault names the node it is about."""
    from workstation.network.faults import NodeFault

    try:
        yield
    except NodeFault as fault:
        raise HounsfieldError(f"{node}: {fault.sentence}", fault.detail) from fault


def _fault(fault: "NodeFault") -> dict[str, str]:
    return {"error": fault.sentence, "side": fault.side.value, "field": fault.field}


def _line(node: "Node") -> str:
    if node.url:
        return f"{node.name}  {node.url}"
    return f"{node.name}  {node.aet}@{node.host}:{node.port}{' TLS' if node.tls else ''}  by C-{node.retrieve.upper()}"


def _row(level: str, row: Any) -> str:
    uid = {"study": "StudyInstanceUID", "series": "SeriesInstanceUID", "image": "SOPInstanceUID"}.get(level, "")
    texts = [row.get(keyword, "") for keyword in _ASKED[level]]
    return "  ".join(text for text in (*texts, row.get(uid, "")) if text)


def _fetched(node: str, report: "FetchReport", owed: "tuple[Item, ...]") -> Result:
    document = {
        "study": report.study_instance_uid,
        "complete": report.complete,
        "stored": report.stored,
        "already_stored": report.already_stored,
        "expected": report.expected,
        "full": report.full,
        "bytes": report.bytes,
        "seconds": round(report.seconds, 3),
        "short": [asdict(each) for each in report.short],
        "refused": [{"object": uid, "reason": reason.value} for uid, reason in report.refused],
    }
    problems = [f"{node}: {report.problem}"] if report.problem else []
    if report.full:
        problems.append("the disk is full; once there is room, the same command goes on from here")
    problems += [f"{each.description}: {each.have} of {each.expected} came" for each in report.short]
    problems += [f"{uid}: {reason.value}" for uid, reason in report.refused[:MOST_PROBLEMS]]
    if report.stopped:
        problems.append("stopped before all came; the same command goes on from here")
    text = f"{report.stored} stored, {report.already_stored} already stored, {report.seconds:.1f} s{sent_on(owed)}"
    return Result(document, text, tuple(problems), code=int(bool(problems)))
