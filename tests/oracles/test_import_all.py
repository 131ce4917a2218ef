"""Every file of the real data is stored, already stored or refused with a reason, and what is stored verifies."""

from pathlib import Path

from workstation.cache import files
from workstation.cache.importer import import_paths
from workstation.cache.index import Index
from workstation.errors import Reason
from workstation.paths import Home

MUST_BE_STORED = {
    "LIDC-IDRI-0001": 133,
    "IBSI2_Phantom": 1,
    "DRO": 9,
}
"""PatientID -> at least this many images."""

NEVER = {Reason.UNREADABLE, Reason.WORKER_DIED, Reason.TIME_LIMIT, Reason.MEMORY, Reason.IO_ERROR, Reason.DISK_FULL}


def test_the_whole_tree(data_dir: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    report = import_paths(home, [data_dir])
    assert report.stored + report.already_stored > 1100
    assert {path: reason for path, reason in report.refused if reason in NEVER} == {}
    not_dicom = {Path(path) for path, reason in report.refused if reason is Reason.NOT_DICOM}
    assert [path for path in not_dicom if path.suffix == ".dcm" and "fuzz" not in path.parts] == []
    with Index(home) as index:
        rows = index.studies()
        images = {row.patient_id: 0 for row in rows}
        stored = 0
        for row in rows:
            images[row.patient_id] += row.images
            for each in index.instances(row.study_instance_uid):
                assert files.read(home, each.digest)
                stored += 1
    assert stored == report.stored
    assert {name: images[name] >= count for name, count in MUST_BE_STORED.items()} == dict.fromkeys(
        MUST_BE_STORED, True
    )
    again = import_paths(home, [data_dir])
    assert (again.stored, again.already_stored) == (0, report.stored + report.already_stored)
    assert again.refused == report.refused
