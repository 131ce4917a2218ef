"""Where to look when a node does not do what is asked: which end, and which of its fields."""

from workstation.network import nodes


def where(side: str, field: str) -> str:
    """As "Look at the node, field “Port”."; empty where nobody knows."""
    if not side:
        return ""
    setting = nodes.descriptions().settings.get(f"node.{field}") if field else None
    return f"Look at {side}, field “{setting.title}”." if setting is not None else f"Look at {side}."
