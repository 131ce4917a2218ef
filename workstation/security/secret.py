"""Passwords and tokens of nodes: they stand in no file of ours.

Whoever starts the program may hand them over in its environment; one that is typed is kept in the system's keyring, or
where there is none until the program ends. A secret belongs to a user at a URL, not to a name that may be given to
another machine: a node that is pointed elsewhere takes no password along. Process-wide state: what was typed.
"""

import getpass
import os
import re
import sys
from contextlib import suppress
from enum import StrEnum
from typing import Final

from workstation.security import ring

SERVICE: Final = "hounsfield nodes"

_typed: dict[str, str] = {}


class Kept(StrEnum):
    """Where a secret comes from, as the end of a sentence."""

    NOWHERE = "not known"
    ENVIRONMENT = "given in the environment of the program"
    KEYRING = "kept in the keyring of this system"
    SESSION = "held until the program ends: this system has no keyring that keeps it"


def variable_of(node: str) -> str:
    """The environment variable that holds the secret of a node: HOUNSFIELD_SECRET_ and its name in capitals."""
    return "HOUNSFIELD_SECRET_" + re.sub(r"[^A-Z0-9]", "_", node.upper())


def account(url: str, user: str = "") -> str:
    """What a secret belongs to."""
    return f"{user}@{url.rstrip('/')}"


def looked_up(node: str, of: str) -> tuple[str, Kept]:
    """The secret of a node, of the account `of`, and where it comes from; nobody is asked but the keyring."""
    if found := os.environ.get(variable_of(node), ""):
        return found, Kept.ENVIRONMENT
    if found := _typed.get(of, ""):
        return found, Kept.SESSION
    if ring.may_answer():
        with suppress(Exception):  # backends raise what they like
            if found := ring.get(SERVICE, of):
                return found, Kept.KEYRING
    return "", Kept.NOWHERE


def keep(of: str, secret: str) -> Kept:
    """Keep what was typed for an account; where."""
    forget(of)
    if ring.may_answer() and ring.put(SERVICE, of, secret):
        return Kept.KEYRING
    _typed[of] = secret
    return Kept.SESSION


def forget(of: str) -> None:
    """Keep the secret of an account no longer."""
    _typed.pop(of, None)
    if ring.may_answer():
        ring.drop(SERVICE, of)


def secret_of(node: str, of: str) -> str:
    """As `looked_up`, and whoever sits at a terminal is asked; empty when nobody can tell."""
    found, _ = looked_up(node, of)
    if found or not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return found
    return getpass.getpass(f"Password or token for {node}: ", sys.stderr)
