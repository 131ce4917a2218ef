"""Passwords and tokens of nodes: they stand in no file of ours.

What starts the program hands them over in its environment; whoever sits at a terminal is asked.
"""

import getpass
import os
import re
import sys


def variable_of(node: str) -> str:
    """The environment variable that holds the secret of a node: HOUNSFIELD_SECRET_ and its name in capitals."""
    return "HOUNSFIELD_SECRET_" + re.sub(r"[^A-Z0-9]", "_", node.upper())


def secret_of(node: str) -> str:
    """Password or token of a node; empty when nobody can tell."""
    if found := os.environ.get(variable_of(node), ""):
        return found
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr.isatty()):
        return ""
    return getpass.getpass(f"Password or token for {node}: ", sys.stderr)
