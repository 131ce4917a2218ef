"""What the worklist remembers between sessions: tabs, their order and sort, and which columns stand where.

One JSON file in HOME, read and written off the main thread. A file that cannot be read is as good as none: the list
opens with what it comes with. It holds what was searched for, names too, so it is sealed.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from workstation.cache import files
from workstation.cache.entries import ReadingStatus
from workstation.errors import HounsfieldError, NotFound
from workstation.paths import Home
from workstation.worklist.filters import BUILT_IN, BUILT_IN_KEYS, Filter, Sort, Tab
from workstation.worklist.items import URGENCIES

log = logging.getLogger(__name__)

MOST_TABS: Final = 40
MOST_URGENCIES: Final = 5000


@dataclass(frozen=True, slots=True)
class ColumnPlace:
    """A column as the reader wants it; `width_px` in logical pixels, 0 for the width it comes with."""

    key: str
    width_px: int = 0
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered. `tabs` holds the built-in ones too, in the reader's order; no `columns`: as they come."""

    tabs: tuple[Tab, ...] = BUILT_IN
    tab: str = BUILT_IN[0].key
    columns: tuple[ColumnPlace, ...] = ()
    preview: bool = True
    urgencies: tuple[tuple[str, str], ...] = ()
    """StudyInstanceUID and the urgency that somebody gave it here, the latest last."""


def place(home: Home) -> Path:
    """Where it is kept."""
    return home.root / "worklist.json"


def read(home: Home) -> Kept:
    """What was kept; what comes with the program where there is nothing, or nothing readable."""
    try:
        return from_json(json.loads(files.unseal_document(home, place(home))))
    except NotFound:
        return Kept()
    except (HounsfieldError, ValueError, TypeError, KeyError, AttributeError) as error:
        log.info("what the worklist remembered cannot be read: %s", type(error).__name__)
        return Kept()


def write(home: Home, kept: Kept) -> None:
    """Keep it. Raises HounsfieldError."""
    files.seal_document(home, place(home), json.dumps(to_json(kept)).encode())


def to_json(kept: Kept) -> dict[str, Any]:
    """Plain JSON values."""
    return {
        "tabs": [_tab_to_json(tab) for tab in kept.tabs],
        "tab": kept.tab,
        "columns": [{"key": each.key, "width_px": each.width_px, "shown": each.shown} for each in kept.columns],
        "preview": kept.preview,
        "urgencies": [list(each) for each in kept.urgencies[-MOST_URGENCIES:]],
    }


def from_json(values: Mapping[str, Any]) -> Kept:
    """The inverse of `to_json`. Raises ValueError, TypeError, KeyError or AttributeError for what is none.

    Built-in tabs are those of this program, wherever the reader put them; missing ones come last.
    """
    shipped = {tab.key: tab for tab in BUILT_IN}
    tabs: dict[str, Tab] = {}
    for each in values["tabs"][:MOST_TABS]:
        tab = _tab_from_json(each)
        tabs[tab.key] = replace(shipped[tab.key], sort=tab.sort) if tab.key in BUILT_IN_KEYS else tab
    tabs = tabs | {key: tab for key, tab in shipped.items() if key not in tabs}
    columns = tuple(
        ColumnPlace(str(each["key"]), max(0, min(int(each["width_px"]), 4000)), bool(each["shown"]))
        for each in values["columns"][:100]
    )
    chosen = str(values["tab"])
    urgencies = tuple((str(uid), str(word)) for uid, word in values.get("urgencies", ()) if word in URGENCIES)
    front = chosen if chosen in tabs else "all"
    return Kept(tuple(tabs.values()), front, columns, bool(values["preview"]), urgencies[-MOST_URGENCIES:])


def new_key(tabs: Iterable[Tab]) -> str:
    """A key that none of these tabs has."""
    taken = {tab.key for tab in tabs}
    return next(f"tab-{number}" for number in range(1, len(taken) + 2) if f"tab-{number}" not in taken)


def _tab_to_json(tab: Tab) -> dict[str, Any]:
    return {
        "key": tab.key,
        "name": tab.name,
        "search": tab.filter.search,
        "modalities": list(tab.filter.modalities),
        "statuses": [str(each) for each in tab.filter.statuses],
        "days": tab.filter.days,
        "sort": tab.sort.column,
        "descending": tab.sort.descending,
    }


def _tab_from_json(values: Mapping[str, Any]) -> Tab:
    wanted = Filter(
        str(values["search"]),
        tuple(str(each) for each in values["modalities"]),
        tuple(ReadingStatus(each) for each in values["statuses"]),
        max(0, min(int(values["days"]), 36_500)),
    )
    return Tab(
        str(values["key"]), str(values["name"])[:60], wanted, Sort(str(values["sort"]), bool(values["descending"]))
    )
