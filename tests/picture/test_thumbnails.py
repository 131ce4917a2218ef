"""A kept thumbnail is the composer's picture, and is not made twice."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from workstation import jobs
from workstation.cache.importer import import_paths
from workstation.case.open import study_sets
from workstation.errors import Cancelled
from workstation.paths import Home
from workstation.phantom.coded import STUDY, coded_ct
from workstation.phantom.dicom import write_series
from workstation.picture import thumbnails
from workstation.picture.page import thumbnail


def go_on() -> None:
    """Nobody asked to stop."""


def test_the_second_look_reads_what_the_first_made(
    tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(coded_ct(3, 128), tmp_path / "in")
    home = Home(tmp_path / "home").create()
    import_paths(home, [tmp_path / "in"])
    sets, digests = study_sets(home, STUDY.study_instance_uid)
    first = thumbnails.kept_thumbnail(sets[0], digests, home, 96, go_on)
    made = thumbnail(sets[0], digests, home, 96, go_on)
    assert first is not None and made is not None and first == made
    monkeypatch.setattr(thumbnails, "thumbnail", lambda *arguments: pytest.fail("it was made again"))
    again = thumbnails.kept_thumbnail(sets[0], digests, home, 96, go_on)
    assert again is not None and again.convertToFormat(made.format()) == made
    jobs.shutdown()


def test_a_stop_is_passed_on(tmp_path: Path, qapp: QApplication) -> None:
    write_series(coded_ct(3, 128), tmp_path / "in")
    home = Home(tmp_path / "home").create()
    import_paths(home, [tmp_path / "in"])
    sets, digests = study_sets(home, STUDY.study_instance_uid)

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        thumbnails.kept_thumbnail(sets[0], digests, home, 96, stop)
    assert list(home.thumbnails.glob("*/*")) == []
    jobs.shutdown()
