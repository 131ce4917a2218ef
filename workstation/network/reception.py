"""How we are called, by whom, over what, and how much strangers can have of us: the receiver's settings as values."""

import ipaddress
from dataclasses import dataclass, field

from workstation.errors import HounsfieldError
from workstation.security.tls import Identity


@dataclass(frozen=True)
class Peer:
    """One who may send: an AE title, an address or network, or both; empty is anyone."""

    aet: str = ""
    address: str = ""

    @classmethod
    def checked(cls, aet: str, address: str) -> "Peer":
        """Raises HounsfieldError when the address is none."""
        try:
            if address:
                ipaddress.ip_network(address, strict=False)
        except ValueError as error:
            raise HounsfieldError(f"{address!r} is neither an address nor a network.") from error
        return cls(aet, address)

    def is_at(self, address: str) -> bool:
        if not self.address:
            return True
        return ipaddress.ip_address(address) in ipaddress.ip_network(self.address, strict=False)


@dataclass(frozen=True)
class Limits:
    """What strangers can have of us."""

    associations: int = 16
    of_one_peer: int = 8
    lobby: int = 32
    """Connections that have not said who they are; one more, and the oldest is dropped."""
    handshake_s: float = 5.0
    """ARTIM (PS3.8 9.1.4), and the same for TLS."""
    idle_s: float = 60.0
    object_bytes: int = 1 << 30
    all_bytes: int = 3 << 29
    """Of all objects on their way, before they are written."""
    memory_bytes: int = 6 << 30
    """Address space of the process."""
    answer_s: float = 60.0
    """How long the writer may take to say that an object is safe."""
    ahead_bytes: int = 64 << 20
    """Of objects that we asked an archive for, and that it was told of before they are safe."""


@dataclass(frozen=True)
class Reception:
    """How we are called, by whom, and over what. No `peers` means anybody who can reach us."""

    aet: str = "HOUNSFIELD"
    host: str = "127.0.0.1"
    port: int = 11112
    peers: tuple[Peer, ...] = ()
    tls: Identity | None = None
    limits: Limits = field(default=Limits())
    also: tuple[str, ...] = ()
    """Other names by which we are called."""
    nice: int = 0
    """How many steps later than others the process comes: beside a window, after what the eye waits for."""

    @property
    def names(self) -> tuple[str, ...]:
        """All that we are called."""
        return (self.aet, *self.also)
