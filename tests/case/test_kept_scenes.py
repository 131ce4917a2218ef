"""Scenes kept with a study: read again as they were, sealed, and laid aside where they cannot be read."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.imaging.given import axial
from workstation.cache import files
from workstation.case.kept_scenes import KeptScene, PackedCut, keep, kept
from workstation.case.scene_marks import SceneMarks
from workstation.findings.segment import Look
from workstation.imaging.camera import Side, framed
from workstation.imaging.scene import ClipPlane, CropBox, Scene
from workstation.imaging.transfer import preset_called
from workstation.paths import Home

STUDY = "2.25.4711"
SHAPE = (5, 7, 11)


def scene() -> KeptScene:
    mask = np.zeros(SHAPE, np.uint8)
    mask[1:3, 2:6, 4] = 1
    camera = replace(framed(axial(SHAPE, (0.7, 0.9, 2.0)), Side.LEFT), perspective_deg=30.0)
    shown = Scene(
        camera,
        "vessels",
        preset_called("vessels", "CT").transfer,
        shaded=False,
        light_deg=(10.0, 40.0),
        crop=CropBox((0.0, 1.0, 2.0), (3.0, 4.0, 5.0)),
        plane=ClipPlane((1.0, 2.0, 3.0), (0.0, 0.6, 0.8)),
        crosshair=False,
        box=True,
    )
    return KeptScene("2026-03-04T05:06:07", "2.25.7/0", shown, (PackedCut.of("bones", mask),))


def test_scenes_are_read_as_they_were_kept(home: Path) -> None:
    at = Home(home).create()
    whole = replace(scene(), scene=replace(scene().scene, transfer=None, crop=None, plane=None), cuts=())
    keep(at, STUDY, (scene(), whole))
    found = kept(at, STUDY)
    assert found == (scene(), whole)
    mask = found[0].cuts[0].mask()
    assert mask.shape == SHAPE and mask.sum() == 8 and mask[2, 5, 4] == 1
    assert found[0].title == "vessels, 2026-03-04 05:06, without bones and crop box and clip plane"
    assert kept(at, "2.25.4712") == ()


def test_measures_and_segments_are_kept_by_their_uids_and_scenes_of_before_still_read(home: Path) -> None:
    at = Home(home).create()
    marks = SceneMarks(("2.25.1", "2.25.2"), (("2.25.3", Look(opacity=0.7)), ("2.25.4", Look(hidden=True))))
    keep(at, STUDY, (scene(), replace(scene(), marks=marks), replace(scene(), marks=SceneMarks())))
    found = kept(at, STUDY)
    assert [each.marks for each in found] == [None, marks, SceneMarks()]
    assert found[1].title.endswith("and clip plane, with 2 measures and 1 segment")
    (file,) = (at.root / "scenes").iterdir()
    plain = json.loads(files.unseal_document(at, file))
    assert "marks" not in plain["scenes"][0], "as it was written before there were any"


def test_they_are_sealed_and_gone_when_none_is_kept(home: Path) -> None:
    at = Home(home).create()
    keep(at, STUDY, (scene(),))
    (file,) = (at.root / "scenes").iterdir()
    assert STUDY not in file.name
    assert not any(word in file.read_bytes() for word in (STUDY.encode(), b"vessels", b"bones"))
    keep(at, STUDY, ())
    assert not file.exists() and kept(at, STUDY) == ()


@pytest.mark.expects_log("laid aside")
def test_what_cannot_be_read_is_laid_aside(home: Path) -> None:
    at = Home(home).create()
    keep(at, STUDY, (scene(),))
    (file,) = (at.root / "scenes").iterdir()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert kept(at, STUDY) == ()
    assert not file.exists() and len(list((at.root / "scenes").iterdir())) == 1
