"""Each image of the real data is shown: counted by pydicom's walk, accounted for by the ledger, decoded once."""

from pathlib import Path

import pytest

from tests.loading.opened import imported, studies
from tests.oracles.walk import objects
from workstation import jobs
from workstation.case.ledger import study_ledger
from workstation.errors import Reason
from workstation.imaging.ledger import Entry

FOLDERS = {
    "charsets": 11,
    "ct_chest_lidc0001": 133,
    "ct_phantom_catphan504": 64,
    "derived_objects": 15,
    "dicomdir_media": 31,
    "enhanced_multiframe": 18,
    "ibsi2_digital_phantoms": 192,
    "mg_fourview_ddsm": 4,
    "mr_brain_nist": 36,
    "mr_longitudinal_decubitus": 70,
    "pet_suv": 10,
    "pet_suv_dro": 180,
    "petctmr_sts_006": 204,
    "rt_dicompyler": 2,
    "transfer_syntaxes": 24,
    "us_cine": 5,
    "wsi": 4,
    "xray_xa_nm": 5,
}
"""Folder of the data -> how many different objects with pixels it holds."""

BROKEN = {
    "nasty/pydicom/MR_truncated.dcm": Reason.PIXEL_LENGTH,
    "nasty/pydicom/JPEG2000-embedded-sequence-delimiter.dcm": Reason.CODESTREAM,
}
"""Of nasty/: what is spoiled where its pixels are, and what is said of it."""

TOO_LARGE = "dcm4che/3gb-bulk-data-truncated"
"""Never stored: one frame of it would take 2 GiB."""


def accounted(folder: Path, tmp_path: Path) -> dict[str, Entry]:
    """The ledger of every study of a folder, each image decoded, by SOP Instance UID."""
    home = imported(tmp_path, folder)
    try:
        return {
            entry.sop_instance_uid: entry
            for study in studies(home)
            for entry in study_ledger(home, study, load=True).entries
            if entry.reason is not Reason.CONFLICT
        }
    finally:
        jobs.shutdown()


@pytest.mark.parametrize("name", FOLDERS)
def test_each_image_is_shown(data_dir: Path, tmp_path: Path, name: str) -> None:
    expected = {each.uid or each.name for each in objects(data_dir / name) if each.has_pixels}
    assert len(expected) == FOLDERS[name]
    entries = accounted(data_dir / name, tmp_path)
    images = {uid: entry for uid, entry in entries.items() if entry.images}
    assert {uid for uid in expected if uid and not _nameless(uid)} <= images.keys()
    assert len(images) == len(expected)
    assert {uid: entry.reason for uid, entry in images.items() if not entry.shown_in or entry.images_lost} == {}


def _nameless(uid: str) -> bool:
    """Whether it is the name of a file, standing for an object without a UID."""
    return not uid.replace(".", "").isdecimal()


def test_what_is_no_image_is_listed_with_what_it_is(data_dir: Path, tmp_path: Path) -> None:
    entries = accounted(data_dir / "derived_objects", tmp_path)
    listed = sorted(entry.what for entry in entries.values() if not entry.shown_in)
    assert listed == [
        "12-lead ECG Waveform",
        "Basic Text SR",
        "Comprehensive 3D SR",
        "Comprehensive 3D SR",
        "Comprehensive SR",
        "Grayscale Softcopy Presentation State",
    ]
    assert {entry.reason for entry in entries.values() if not entry.shown_in} == {Reason.NOT_AN_IMAGE}


def test_of_nasty_files_what_is_well_formed_underneath_is_shown(data_dir: Path, tmp_path: Path) -> None:
    found = [each for each in objects(data_dir / "nasty") if each.has_pixels and each.name != TOO_LARGE]
    entries = accounted(data_dir / "nasty", tmp_path)
    images = {uid: entry for uid, entry in entries.items() if entry.images}
    assert len(images) == len({each.uid or each.name for each in found})
    by_uid = {each.uid: f"nasty/{each.name}" for each in found}
    lost = {by_uid[uid]: entry.reason for uid, entry in images.items() if not entry.shown_in}
    assert lost == BROKEN
