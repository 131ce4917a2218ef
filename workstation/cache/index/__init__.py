"""The index of the cache: SQLite in WAL mode, sealed with the key of the home, and the only room that speaks SQL.

What a method returns is committed. Each method is one transaction under one lock, so an Index may be shared by
threads. A writer holds the lock of its HOME and writes with synchronous=FULL: when a commit returns, it lasts.
"""

from workstation.cache.index.arrivals import Arrivals
from workstation.cache.index.connection import NEWER, Connection
from workstation.cache.index.engine import IndexDamaged
from workstation.cache.index.evictions import Evictions
from workstation.cache.index.lists import MIXED, Lists, read_headers
from workstation.cache.index.readings import Readings

__all__ = ["MIXED", "NEWER", "Connection", "Index", "IndexDamaged", "read_headers"]


class Index(Lists, Arrivals, Readings, Evictions):
    """The index of one home: what it says, what import writes, how far each study was read, and what goes."""
