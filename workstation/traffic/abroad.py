"""Fetching in a process of its own, for `fetch`: by which way, and what is looked at meanwhile."""

from functools import partial

from workstation.network.courier import Couriers, Going
from workstation.network.dicomweb import DicomWebPacs
from workstation.network.dimse import DimsePacs
from workstation.network.nodes import Node, secret_of
from workstation.network.pacs import Retrieved, Selection, Watch
from workstation.network.runner import Way
from workstation.traffic.fetch import Bring
from workstation.traffic.landing import Landing


def way_to(node: Node, secret: str = "", singly: bool = False) -> Way:
    """The way to a node, in whichever process. Without `secret`, what is known of one; nobody is asked.

    A web node is asked for a whole study image by image where `singly`: what is looked at first, then coarse to fine.
    """
    if not node.url:
        return partial(DimsePacs, node)
    return partial(DicomWebPacs, node, secret or secret_of(node), singly=singly)


def comes_here(node: Node) -> bool:
    """Whether objects come on the connection that asks; else the node calls back (C-MOVE)."""
    return bool(node.url) or node.retrieve != "move"


def bringing(couriers: Couriers, way: Way, going: Going | None = None) -> Bring:
    """What `fetch_study` brings objects by."""

    def bring(what: Selection, landing: Landing, watch: Watch) -> Retrieved:
        return couriers.fetch(way, what, landing.landed, watch, going or Going())

    return bring
