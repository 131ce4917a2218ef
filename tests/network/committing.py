"""An archive by pynetdicom that commits to what it took, as it is told: another implementation judges ours."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom import AE, evt
from pynetdicom.presentation import build_role
from pynetdicom.sop_class import CTImageStorage, StorageCommitmentPushModel  # type: ignore[attr-defined]
from pynetdicom.transport import ThreadedAssociationServer

import tests.network.scripted  # noqa: F401  for its workaround: sockets are closed there, not left to the garbage
from workstation.network.nodes import Node


@dataclass
class Keeper:
    """`reports` is how its word comes: "now" (same association), "later" (`say`), or it offers none ("never")."""

    reports: str = "now"
    loses: set[str] = field(default_factory=set)
    """SOP instances it took and does not keep."""
    kept: set[str] = field(default_factory=set)
    transactions: list[str] = field(default_factory=list)
    waiting: list[tuple[Dataset, int]] = field(default_factory=list)

    def store(self, event: Any) -> int:
        self.kept.add(event.request.AffectedSOPInstanceUID)
        return 0x0000

    def action(self, event: Any) -> tuple[int, None]:
        asked = event.action_information
        self.transactions.append(asked.TransactionUID)
        word = Dataset()
        word.TransactionUID = asked.TransactionUID
        have = self.kept - self.loses
        word.ReferencedSOPSequence = [each for each in asked.ReferencedSOPSequence if _uid(each) in have]
        failed = [each for each in asked.ReferencedSOPSequence if _uid(each) not in have]
        for each in failed:
            each.FailureReason = 0x0112
        if failed:
            word.FailedSOPSequence = failed
        kind = 2 if failed else 1
        if self.reports == "now":
            threading.Timer(0.05, _report, (event.assoc, word, kind)).start()
        else:
            self.waiting.append((word, kind))
        return 0x0000, None

    def say(self, port: int) -> list[int]:
        """Call back with what was not said yet; the statuses that were answered."""
        caller = AE("KEEPER")
        caller.add_requested_context(StorageCommitmentPushModel)
        role = build_role(StorageCommitmentPushModel, scp_role=True)
        association = caller.associate("127.0.0.1", port, ae_title="HOUNSFIELD", ext_neg=[role])
        assert association.is_established
        statuses = [_report(association, word, kind) for word, kind in self.waiting]
        self.waiting.clear()
        association.release()
        return statuses


def _report(association: Any, word: Dataset, kind: int) -> int:
    instance = "1.2.840.10008.1.20.1.1"
    status, _ = association.send_n_event_report(word, kind, StorageCommitmentPushModel, instance)
    return int(status.Status)


def _uid(item: Dataset) -> str:
    return str(item.ReferencedSOPInstanceUID)


@contextmanager
def keeping(keeper: Keeper) -> Iterator[Node]:
    """The archive, listening."""
    logger = logging.getLogger("pynetdicom")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    ae = AE("KEEPER")
    ae.add_supported_context(CTImageStorage)
    if keeper.reports != "never":
        ae.add_supported_context(StorageCommitmentPushModel)
    handlers = [(evt.EVT_C_STORE, keeper.store), (evt.EVT_N_ACTION, keeper.action)]
    server = ae.make_server(("127.0.0.1", 0), evt_handlers=handlers, server_class=ThreadedAssociationServer)
    ae._servers.append(server)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield Node("keeper", "KEEPER", "127.0.0.1", server.server_address[1])
    finally:
        ae.shutdown()
        thread.join()
        logger.setLevel(before)
