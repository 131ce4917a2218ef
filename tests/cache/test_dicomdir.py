"""Tables of contents of media: what they name is found inside their root, or refused."""

from io import BytesIO
from pathlib import Path

import pytest
from pydicom.config import disable_value_validation
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from tests.cache.made import ct, folder_of
from workstation.cache import dicomdir, media
from workstation.cache.media import Candidate, Rejected
from workstation.errors import Reason, Refused


def directory(*names: list[str]) -> bytes:
    """A DICOMDIR with one image record for each name."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=bytes(128))
    records = []
    for name in names:
        record = Dataset()
        record.DirectoryRecordType = "IMAGE"
        with disable_value_validation():
            record.ReferencedFileID = name
        records.append(record)
    dataset.DirectoryRecordSequence = records
    stream = BytesIO()
    with disable_value_validation():
        dataset.save_as(stream, enforce_file_format=False)
    return stream.getvalue()


def media_of(tmp_path: Path, *names: list[str]) -> Path:
    folder_of(tmp_path / "outside", {"SECRET": ct(9)})
    root = folder_of(tmp_path / "disc", {"IMAGES/IM1": ct(1), "IMAGES/IM2": ct(2), "EXTRA": ct(3)})
    (root / "DICOMDIR").write_bytes(directory(*names))
    return root


def labels(root: Path, *given: Path) -> tuple[list[str], list[tuple[str, Reason]]]:
    everything = list(media.walk(given))
    names = [str(Path(each.label).relative_to(root)) for each in everything if isinstance(each, Candidate)]
    return names, [(each.label.rpartition(" ")[2], each.reason) for each in everything if isinstance(each, Rejected)]


def test_a_directory_given_alone_leads_to_what_it_names(tmp_path: Path) -> None:
    root = media_of(tmp_path, ["IMAGES", "IM1"], ["IMAGES", "IM2"], ["IMAGES", "IM2"], ["IMAGES", "IM7"])
    names, rejected = labels(root, root / "DICOMDIR")
    assert names == ["IMAGES/IM1", "IMAGES/IM2"]
    assert rejected == [("IMAGES/IM7", Reason.NOT_ON_MEDIA)]


def test_in_a_folder_what_it_does_not_name_is_found_too(tmp_path: Path) -> None:
    root = media_of(tmp_path, ["IMAGES", "IM1"], ["GONE"])
    names, rejected = labels(root, root)
    assert names == ["EXTRA", "IMAGES/IM1", "IMAGES/IM2"]
    assert rejected == [("GONE", Reason.NOT_ON_MEDIA)]


@pytest.mark.parametrize(
    "name", [["..", "outside", "SECRET"], ["../outside/SECRET"], ["/etc/passwd"], ["..\\outside"], ["A\0B"]]
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: list[str]) -> None:
    root = media_of(tmp_path, name)
    names, rejected = labels(root, root / "DICOMDIR")
    assert names == []
    assert [reason for _, reason in rejected] == [Reason.OUTSIDE_ROOT]


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    root = media_of(tmp_path, ["LINK", "SECRET"])
    (root / "LINK").symlink_to(tmp_path / "outside")
    names, rejected = labels(root, root / "DICOMDIR")
    assert (names, rejected) == ([], [("LINK/SECRET", Reason.OUTSIDE_ROOT)])


def test_drivers_that_change_case_or_add_a_version_are_forgiven(tmp_path: Path) -> None:
    root = folder_of(tmp_path / "disc", {"images/im1": ct(1), "IMAGES2/IM2.;1": ct(2)})
    references = dicomdir.references(directory(["IMAGES", "IM1"], ["IMAGES2", "IM2"]), root)
    assert [each.path for each in references] == [root / "images" / "im1", root / "IMAGES2" / "IM2.;1"]


def test_text_called_dicomdir_is_no_directory(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        dicomdir.references(b"once upon a time" * 40, tmp_path)
    assert refused.value.reason is Reason.NOT_DICOM


def test_real_media(data_dir: Path) -> None:
    root = data_dir / "dicomdir_media"
    names, rejected = labels(root / "TINY_ALPHA", root / "TINY_ALPHA" / "DICOMDIR")
    assert len(names) == 50 and rejected == []
