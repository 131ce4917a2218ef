"""Findings over 3D: where the camera sees their points, dashed in what hides them, and only those of the space."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication

from tests.case.stacks import beside, stack
from tests.findings.made import finding
from workstation.case import volume
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind
from workstation.imaging.greyscale import Rescale
from workstation.imaging.scene import Scene
from workstation.imaging.volume import Voxels
from workstation.paint.marks import Mark
from workstation.picture.volume import transfer_of
from workstation.picture.volume_marks import laid_out_in_3d

SIZE = (420, 320)


@pytest.fixture
def case(qapp: QGuiApplication) -> Case:
    made = beside(stack("1", count=24, step_mm=1.5), stack("2", count=12, start_mm=3.0))
    volume.show_3d(made, 0)
    return made


def shown(case: Case, *found: Finding) -> tuple[tuple[Mark, ...], Scene]:
    """Over a block of bone in air, the middle third along each axis."""
    view = case.view(0)
    assert view.display_set is not None and view.tile.scene is not None
    stored = np.full(view.display_set.grid.size[::-1], -1000, np.int16)  # type: ignore[union-attr]
    k, j, i = (each // 3 for each in stored.shape)
    stored[k : 2 * k, j : 2 * j, i : 2 * i] = 700
    voxels = Voxels(view.display_set, stored, np.ones(len(stored), np.bool_), Rescale(), None, "HU")
    scene = replace(view.tile.scene, transfer=transfer_of(view.tile.scene, voxels))
    return laid_out_in_3d(found, view, scene, voxels, 1.0, SIZE), scene


def across(case: Case, kind: Kind = Kind.LENGTH, ahead: float = 0.0) -> Finding:
    """From the left end of the volume to its right one, through its middle, or so many thirds before it."""
    grid = case.view(0).grid
    i, j, k = grid.size
    ends = [grid.point((at, (j - 1) / 2 - ahead * j / 3, (k - 1) / 2)) for at in (0.0, i - 1.0)]
    return finding(kind, ends, frame_of_reference_uid=case.space_of(case.tiles[0]))


def test_a_line_through_a_block_is_dashed_where_the_block_hides_it(case: Case) -> None:
    line = across(case)
    (mark,), scene = shown(case, line)
    assert [each.dashed for each in mark.strokes] == [False, True, False]
    low, high = (scene.camera.pixel(each, *SIZE)[0] + 0.5 for each in line.points)
    places = [each.points[-1][0] for each in mark.strokes[:2]]
    thirds = [low + (high - low) * part for part in (1 / 3, 2 / 3)]
    assert places == pytest.approx(thirds, abs=abs(high - low) / 20)
    assert mark.strokes[0].points[0][0] == pytest.approx(low) and mark.strokes[-1].points[-1][0] == pytest.approx(high)


def test_before_the_block_it_is_whole(case: Case) -> None:
    (mark,), _ = shown(case, across(case, ahead=1.3))
    assert [each.dashed for each in mark.strokes] == [False]


def test_ends_that_count_have_crosses_and_others_spaces_are_left_out(case: Case) -> None:
    way = across(case, Kind.TRAJECTORY)
    elsewhere = replace(way, tracking_uid="2.25.2", frame_of_reference_uid="1.2.elsewhere")
    on_image = finding(Kind.LENGTH, [(0, 0), (9, 9)], image="1.2.3", tracking_uid="2.25.3")
    (mark,), _ = shown(case, way, elsewhere, on_image)
    assert mark.uid == way.tracking_uid and len(mark.strokes) == 3 + 2 * 4
