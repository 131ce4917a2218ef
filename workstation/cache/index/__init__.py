"""The index of the cache: SQLite in WAL mode, and the only room that speaks SQL.

What a method returns is committed. Each method is one transaction under one lock, so an Index may be shared by
threads. A writer holds the lock of its HOME and writes with synchronous=FULL: when a commit returns, it lasts.
"""

from workstation.cache.index.arrivals import Arrivals
from workstation.cache.index.connection import NEWER, Connection
from workstation.cache.index.lists import MIXED, Lists
from workstation.cache.index.readings import Readings

__all__ = ["MIXED", "NEWER", "Connection", "Index"]


class Index(Lists, Arrivals, Readings):
    """The index of one home: what it says, what import writes, and how far each study was read."""
