"""An Orthanc with its DICOMweb plugin, as a node."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.guards import required
from tests.network.archives import Archive, orthanc
from workstation.network import nodes
from workstation.network.nodes import Node

PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")


@contextmanager
def orthanc_web(tool: Callable[[str], Path], folder: Path, **settings: Any) -> Iterator[tuple[Archive, Node]]:
    """The archive, and it as a DICOMweb node."""
    if not PLUGIN.exists():
        required.missing("orthanc", "Orthanc without its DICOMweb plugin (orthanc-dicomweb)")
    web = {"Plugins": [str(PLUGIN)], "DicomWeb": {"Enable": True, "Root": "/dicom-web/"}}
    with orthanc(tool, folder, **(web | settings)) as archive:
        yield archive, nodes.made("web", {"url": f"{archive.rest}/dicom-web"})
