"""Sends on what came, as the rules of the home say: into the outbox, which loses nothing and is on the record.

What was fetched or imported goes on when it is here. Nobody says when a push is over: it goes on once nothing more of
it has come for a while, and what comes after that goes on as well. Each rule's item is put into the outbox with the
first object, so that a program which is killed meanwhile owes nobody anything.
"""

import logging
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from workstation.cache.importer import ImportReport
from workstation.cache.index import Index
from workstation.cache.outbox import Item, Outbox, State
from workstation.dicom.entities import Instance
from workstation.errors import HounsfieldError, NotFound
from workstation.network import nodes
from workstation.paths import Home
from workstation.security import acts
from workstation.traffic import origin, route
from workstation.traffic.route import Came, Way

log = logging.getLogger(__name__)

QUIET_S: Final = 10.0
"""Nothing of a push has come for so long: it is over."""

EXTEND_S: Final = 3.0
"""How often the end of a push that goes on is put off."""


@dataclass
class _Coming:
    """A push on its way: until when its items wait, and what of it was shown to the rules."""

    until_s: float
    modalities: set[str]
    items: dict[str, str]
    """Node -> key in the outbox."""


class Onward:
    """One for a program; methods are for any thread and wait for the disk. `problems` are sentences on wrong rules."""

    def __init__(self, home: Home, quiet_s: float = QUIET_S) -> None:
        self._home, self._outbox, self._quiet_s = home, Outbox(home), quiet_s
        self._coming: dict[str, _Coming] = {}
        self._guard = threading.Lock()
        self._senders: dict[str, str] = {}
        """Who sent a study, as far as that was noted."""
        self.problems: tuple[str, ...] = ()

    def fetched(self, study: str, node: str) -> tuple[Item, ...]:
        """A study was fetched from a node. Raises NotFound, Refused."""
        return self._whole(study, self._sources(node), Way.RETRIEVE)

    def imported(self, report: ImportReport) -> tuple[Item, ...]:
        """Something was imported here; what was here before all of it came is not sent on. Raises NotFound, Refused."""
        studies = report.studies if report.stored and not report.stopped else ()
        return tuple(item for study in studies for item in self._whole(study, (), Way.IMPORT))

    def pushed(self, instance: Instance, aet: str) -> None:
        """An object that a peer sent is safe here; `traffic.carrier.Pushed`. Costs little where there are no rules."""
        if self._senders.get(instance.StudyInstanceUID) != aet:
            self._senders[instance.StudyInstanceUID] = aet
            origin.note(self._home, instance.StudyInstanceUID, aet)
        if not (self._home.root / route.FILE).exists():
            return
        with self._guard:
            try:
                self._push(instance, aet)
            except HounsfieldError as error:
                log.warning("what came is not sent on: %s", error.detail or type(error).__name__)

    def _push(self, instance: Instance, aet: str) -> None:
        study, now = instance.StudyInstanceUID, time.monotonic()
        coming = self._coming.get(study)
        if coming is None or now >= coming.until_s - EXTEND_S / 2:  # its items may be on their way already
            self._coming = {uid: each for uid, each in self._coming.items() if each.until_s > now}
            coming = self._coming[study] = _Coming(now + self._quiet_s, set(), {})
        elif now > coming.until_s - self._quiet_s + EXTEND_S:
            self._put_off(coming, now)
        if instance.Modality not in coming.modalities:
            coming.modalities.add(instance.Modality)
            modalities = tuple(sorted(coming.modalities))
            came = Came(study, self._sources(aet), modalities, instance.StudyDescription, Way.PUSH)
            for item in self._owed(came, self._quiet_s, coming.items):
                coming.items[item.node] = item.key

    def _put_off(self, coming: _Coming, now: float) -> None:
        coming.until_s = now + self._quiet_s
        for item in self._outbox.items():
            if item.key in coming.items.values() and item.state is State.WAITING and not item.tries:
                with suppress(NotFound):
                    self._outbox.put_off(item.key, self._quiet_s)

    def _whole(self, study: str, sources: tuple[str, ...], way: Way) -> tuple[Item, ...]:
        if not (self._home.root / route.FILE).exists():
            return ()
        with Index(self._home) as index:
            row = index.study(study)
        return self._owed(Came(study, sources, row.modalities, row.description, way))

    def _owed(self, came: Came, after_s: float = 0.0, owed: Iterable[str] = ()) -> tuple[Item, ...]:
        rules, self.problems = route.rules(self._home)
        targets = [each for each in route.targets(rules, came) if each[0] not in owed]
        for node, _ in targets:
            acts.permit(acts.Kind.OWE, node, came.study)
        return tuple(
            self._outbox.put(came.study, (), node, why=f"rule “{rule}”", after_s=after_s) for node, rule in targets
        )

    def _sources(self, name: str) -> tuple[str, ...]:
        """All that the node of a name or AE title is called."""
        known = nodes.load(self._home)[0].values()
        same = [each for each in known if name.casefold() in (each.name.casefold(), each.aet.casefold())]
        return tuple(dict.fromkeys((name, *(text for each in same for text in (each.name, each.aet) if text))))
