"""Mask subtraction against closed forms: what did not change is 0, a vessel of known attenuation is left alone."""

import numpy as np
import pytest

from workstation.imaging.subtraction import shifted, subtracted

ROWS, COLUMNS = 40, 56


def background() -> np.ndarray:
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    return (1200 + 8 * rows + 3 * columns + 150 * np.sin(columns / 5)).astype(np.uint16)


def test_what_does_not_change_is_zero() -> None:
    assert np.all(subtracted(background(), [background()]) == 0)


def test_contrast_has_the_same_depth_over_bright_and_dark_background() -> None:
    live = background().astype(float)
    live[:, 10:14] *= 0.8
    difference = subtracted(live, [background()])
    vessel = difference[:, 10:14]
    expected = np.log(0.8) * background().mean()
    assert np.allclose(vessel, expected, rtol=1e-3)
    assert np.all(np.delete(difference, np.s_[10:14], axis=1) == 0)


def test_logarithmic_frames_are_subtracted_as_they_are() -> None:
    live = background() + np.uint16(7)
    assert np.all(subtracted(live, [background()], relationship="LOG") == 7)


def test_several_masks_are_averaged() -> None:
    low, high = background() - np.uint16(10), background() + np.uint16(10)
    assert np.allclose(subtracted(background(), [low, high], relationship="LOG"), 0)


def test_whole_pixel_shift_moves_the_mask_down_and_right() -> None:
    image = np.zeros((ROWS, COLUMNS))
    image[10, 20] = 1
    moved = shifted(image, (3, 5))
    assert moved[13, 25] == 1 and moved.sum() == 1


def test_subpixel_shift_is_bilinear_and_undoes_movement() -> None:
    rows, columns = np.mgrid[:ROWS, :COLUMNS].astype(float)
    mask, live = 500 + 4 * rows + 2 * columns, 500 + 4 * (rows - 0.5) + 2 * (columns - 1.25)
    difference = subtracted(live, [mask], (0.5, 1.25), "LOG")
    assert np.allclose(difference[2:-2, 3:-3], 0, atol=1e-4)


def test_refuses_without_mask_and_with_another_size() -> None:
    with pytest.raises(ValueError, match="at least one"):
        subtracted(background(), [])
    with pytest.raises(ValueError, match="size"):
        subtracted(background(), [background()[1:]])
