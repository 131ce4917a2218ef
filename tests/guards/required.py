"""Data and programs of others that a test needs: skipped without, or failed where they are required.

HOUNSFIELD_TEST_REQUIRE is a comma list of families; a test that would skip for one of them fails.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest

FAMILIES = {
    "data": (),
    "orthanc": ("Orthanc",),
    "dcmtk": (
        "dcm2pnm",
        "dcmj2pnm",
        "dcml2pnm",
        "dcmcjpeg",
        "dcmcjpls",
        "dcmconv",
        "dcmcrle",
        "dcmdspfn",
        "dcmdump",
        "dcmmkdir",
        "dcmp2pgm",
        "dcmpschk",
        "dcmqrscp",
        "dsrdump",
        "dump2dcm",
        "echoscu",
        "findscu",
        "getscu",
        "movescu",
        "storescp",
        "storescu",
        "wlmscpfs",
    ),
    "dicom3tools": ("dcentvfy", "dciodvfy"),
    "gdcm": ("gdcmconv", "gdcmdump", "gdcmimg", "gdcminfo"),
    "stunnel": ("stunnel4",),
    "openssl": ("openssl",),
    "xvfb": ("Xvfb", "xvfb-run"),
    "xdotool": ("xdotool",),
    "strace": ("strace",),
    "dcm2niix": ("dcm2niix",),
    "dcmqi": ("segimage2itkimage", "tid1500reader"),
    "pixelmed": ("java",),
    "git": ("git",),
    "elastix": ("elastix",),
    "judges": (),
    "keyring": ("dbus-run-session", "gnome-keyring-daemon"),
}
_FAMILY_OF = {program: family for family, programs in FAMILIES.items() for program in programs}


def required_families() -> set[str]:
    """The families that must be there; a name we do not know is a usage error."""
    asked = {word.strip() for word in os.environ.get("HOUNSFIELD_TEST_REQUIRE", "").split(",")} - {""}
    unknown = asked - FAMILIES.keys()
    if unknown:
        raise pytest.UsageError(f"HOUNSFIELD_TEST_REQUIRE: unknown {sorted(unknown)}, known {sorted(FAMILIES)}")
    return asked


def missing(family: str, what: str) -> NoReturn:
    """Skip with the reason, or fail where `family` is required."""
    reason = f"{family}: {what}"
    if family in required_families():
        pytest.fail(f"required and missing: {reason}", pytrace=False)
    pytest.skip(reason)


def data_folder() -> Path:
    """HOUNSFIELD_TEST_DATA, else ../shared/data beside the checkout."""
    checkout = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("HOUNSFIELD_TEST_DATA") or checkout.parent / "shared" / "data")
    if not folder.is_dir():
        missing("data", "no test data (HOUNSFIELD_TEST_DATA, else ../shared/data)")
    return folder.resolve()


def program(name: str) -> Path:
    """Where the foreign program `name` is."""
    family = _FAMILY_OF.get(name)
    if family is None:
        raise LookupError(f"{name} belongs to no family in {__file__}")
    beside = Path(sys.executable).parent  # what pip installs
    found = shutil.which(name) or shutil.which(name, path=f"{beside}:/usr/sbin:/usr/local/sbin:/usr/bin")
    if found is None:
        missing(family, f"{name} is not installed")
    return Path(found)


def judges() -> Path:
    """The folder of programs in Python that tests judge by, which packaging/test.sh fills beside the environment."""
    folder = Path(sys.prefix) / "judges"
    if not folder.is_dir():
        missing("judges", "packaging/test.sh installs them")
    return folder
