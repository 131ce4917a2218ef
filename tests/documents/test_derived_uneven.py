"""Reformats of slices at uneven distances: values are those of their true places, and where slices lack is padding."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.documents.test_derived import LAID, PADDING, ramp
from tests.loading.opened import imported, loaded, studies
from workstation.case.open import study_sets
from workstation.imaging.reformat import own_axes, reformat
from workstation.imaging.uneven import Uneven
from workstation.imaging.view import Orientation
from workstation.phantom.dicom import write_series
from workstation.phantom.series import PhantomSeries
from workstation.picture.reformat import written


def test_planes_across_uneven_slices_have_the_values_of_their_true_places(tmp_path: Path) -> None:
    kept = [k for k in range(12) if k not in (3, 4, 5, 9)]
    uneven = replace(LAID, shape=(len(kept), *LAID.shape[1:]), slice_offsets_mm=tuple(2.5 * k for k in kept))
    made = PhantomSeries(ramp(np.int16)[kept], uneven, "CT", pixel_padding_value=PADDING)
    write_series(made, tmp_path / "in")
    home = imported(tmp_path, tmp_path / "in")
    (study,) = studies(home)
    (voxels,) = loaded(home, study)
    lattice = voxels.display_set.lattice
    assert isinstance(lattice, Uneven) and len(voxels.display_set.images) == 8
    order = reformat(lattice, own_axes(lattice, Orientation.AXIAL), "Axial")
    files = [pydicom.dcmread(BytesIO(data)) for data in written(home, study_sets(home, study)[1], voxels, order)]
    assert "uneven distances" in files[0].DerivationDescription
    compared, first = 0, np.array(LAID.origin_lps)
    for number, file in enumerate(files):
        j, i = np.mgrid[: file.Rows, : file.Columns].reshape(2, -1)
        away = np.array([order.grid.point(each) for each in zip(i, j, np.full(len(i), number), strict=True)]) - first
        depth = away @ LAID.normal / 2.5
        across, down = away @ LAID.row_direction / 0.7, away @ LAID.column_direction / 0.9
        expected = 40 + 3 * across + 5 * down + 20 * depth
        stored = file.pixel_array.ravel() * float(file.RescaleSlope) + float(file.RescaleIntercept)
        lacks = (np.abs(depth - 4.0) < 1.4) | (np.abs(depth - 9.0) < 0.4)
        there = file.pixel_array.ravel() != file.PixelPaddingValue
        assert not there[lacks].any()
        assert stored[there] == pytest.approx(expected[there], abs=1.0)
        compared += int(there.sum())
    assert compared > 1000
