"""Where to look when a node does not do what is asked: which end, and which of its fields."""

from typing import Final

from workstation.network import nodes
from workstation.network.faults import Side

BOTH: Final = "both ends and the way between"


def where(side: str, field: str) -> str:
    """As "Look at the node, field “Port”."; empty where nobody knows."""
    if not side:
        return ""
    side = BOTH if side == Side.BETWEEN else side
    setting = nodes.descriptions().settings.get(f"node.{field}") if field else None
    return f"Look at {side}, field “{setting.title}”." if setting is not None else f"Look at {side}."
