"""Where to look when a node does not do what is asked: which end, and which of its fields."""

from typing import Final

from workstation.network import nodes
from workstation.network.faults import Side

ADDRESS: Final = frozenset(("host", "port", "url"))
"""Fields that are right or wrong here alone; the others must say the same at both ends."""


def where(side: str, field: str, node: str = "") -> str:
    """As "Check field “Port” of node archive here, and that the archive runs."; empty where nobody knows."""
    if not side:
        return ""
    setting = nodes.descriptions().settings.get(f"node.{field}") if field else None
    if side == Side.BETWEEN:
        if setting is None:
            return "Check that the archive runs, and the network to it."
        at = "here, and that the archive runs" if field in ADDRESS else "here and at the archive"
        return f"Check field “{setting.title}” of {f'node {node}' if node else 'the node'} {at}."
    return f"Look at {side}, field “{setting.title}”." if setting is not None else f"Look at {side}."
