"""Nodes: the peers that are set up, described in resources/nodes.toml, kept in nodes.toml of the home.

A node that cannot be used costs a sentence, never the others.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final
from urllib.parse import urlsplit

import tomli_w

from workstation.errors import HounsfieldError, NotFound, meant
from workstation.paths import Home, resources
from workstation.security import acts, secret
from workstation.security.tls import Identity
from workstation.settings import Descriptions, described, kept_beside, read_toml, write_whole

FILE: Final = "nodes.toml"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
_AET: Final = re.compile(r"[\x20-\x5b\x5d-\x7e]{1,16}")


@dataclass(frozen=True)
class Node:
    """One peer; what each field is, resources/nodes.toml says."""

    name: str
    aet: str = ""
    host: str = ""
    port: int = 104
    our_aet: str = "HOUNSFIELD"
    retrieve: str = "get"
    tls: bool = False
    ca: str = ""
    cert: str = ""
    key: str = ""
    url: str = ""
    auth: str = "none"
    user: str = ""
    plain: bool = False

    @property
    def identity(self) -> Identity:
        return Identity(self.ca, self.cert, self.key)


def account_of(node: Node) -> str:
    """What the password or token of a node belongs to."""
    return secret.account(node.url, node.user if node.auth == "basic" else "")


def secret_of(node: Node) -> str:
    """The password or token of a node; empty where it wants none, or nobody knows it. Not for the main thread."""
    return secret.looked_up(node.name, account_of(node))[0] if node.url and node.auth != "none" else ""


def descriptions() -> Descriptions:
    """The fields of a node as they are described."""
    return described(resources() / "nodes.toml")


def made(name: str, values: Mapping[str, Any]) -> Node:
    """A node of checked values. Raises HounsfieldError with the field that is wrong and what is allowed."""
    if not _NAME.fullmatch(name):
        raise HounsfieldError(f"{name!r} cannot name a node: letters, digits, space, dot, dash, at most 64.")
    known = descriptions()
    checked = {key: known.named(f"node.{key}").checked(value) for key, value in values.items()}
    if checked.get("url"):
        checked |= _of_url(str(checked["url"]))
    for key in ("our_aet",) if checked.get("url") else ("aet", "our_aet"):
        title = str(checked.get(key, "HOUNSFIELD" if key == "our_aet" else ""))
        if not _AET.fullmatch(title) or not title.strip():
            raise HounsfieldError(f"{known.named(f'node.{key}').title}: {title!r} is not 1 to 16 plain letters.")
        checked[key] = title.strip()
    if not str(checked.get("host", "")).strip():
        raise HounsfieldError("Host: a node needs one.")
    return Node(name, **checked)  # type: ignore[arg-type]  # the descriptions say the types


def _of_url(url: str) -> dict[str, Any]:
    """Host and port of a DICOMweb root. Raises HounsfieldError when it is none."""
    try:
        split = urlsplit(url)
        port = split.port or {"http": 80, "https": 443}[split.scheme]
        spare = split.username or split.password or split.query or split.fragment
    except (ValueError, KeyError):
        raise HounsfieldError("DICOMweb URL: it begins with https:// or http:// and names a host.") from None
    if not split.hostname or not url.isascii() or not url.isprintable() or " " in url:
        raise HounsfieldError("DICOMweb URL: it begins with https:// or http:// and names a host, in plain letters.")
    if spare:
        raise HounsfieldError("DICOMweb URL: it holds no user, password, ? or #; who we are is set beside it.")
    return {"url": url.rstrip("/"), "host": split.hostname, "port": port, "tls": split.scheme == "https"}


def load(home: Home) -> tuple[dict[str, Node], tuple[str, ...]]:
    """The nodes by name, and a sentence for each thing that is wrong in the file."""
    tables, problem = read_toml(home.root / FILE, "the nodes")
    problems = [problem] if problem else []
    nodes: dict[str, Node] = {}
    for name, values in tables.items():
        try:
            nodes[name] = made(name, values if isinstance(values, dict) else {})
        except HounsfieldError as error:
            problems.append(f"Node {name}: {error.sentence}")
    return nodes, tuple(problems)


def named(home: Home, name: str) -> Node:
    """One node. Raises NotFound with what was probably meant, or what is wrong with it."""
    nodes, problems = load(home)
    if name in nodes:
        return nodes[name]
    for problem in problems:
        if problem.startswith(f"Node {name}:"):
            raise NotFound(problem)
    hint = meant(name, tuple(nodes)) if nodes else "; none is set up (hounsfield node add)"
    raise NotFound(f"There is no node {name!r}{hint}.")


def add(home: Home, node: Node) -> None:
    """Keep a node, in the place of one with its name. Raises HounsfieldError when the disk does not take it."""
    acts.permit(acts.Kind.SET_NODE, node.name)
    nodes = _kept(home)
    _save(home, nodes | {node.name: node})


def remove(home: Home, name: str) -> None:
    """Forget a node. Raises NotFound."""
    acts.permit(acts.Kind.SET_NODE, name)
    named(home, name)
    nodes = _kept(home)
    del nodes[name]
    _save(home, nodes)


def _kept(home: Home) -> dict[str, Node]:
    """What there is, before it is written over; a file with something wrong in it stays beside."""
    nodes, problems = load(home)
    if problems:
        kept_beside(home.root / FILE)
    return nodes


def _save(home: Home, nodes: Mapping[str, Node]) -> None:
    defaults = {each.name: each.default for each in fields(Node)}
    tables = {
        name: {key: value for key, value in asdict(node).items() if key != "name" and value != defaults[key]}
        for name, node in nodes.items()
    }
    write_whole(home.root / FILE, tomli_w.dumps(tables))
