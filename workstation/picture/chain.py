"""What turns the values of the image on screen into light: its own tables, the reader's window, a presentation state.

The reader's window comes first, then the presentation state's, then the image's windows in the order of the object,
then its VOI LUTs, then the convention of its modality, then percentiles of what is loaded.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from workstation.case.state import TileView
from workstation.dicom.looks import is_inverse
from workstation.imaging.displaysets import DisplaySet, ImageRef
from workstation.imaging.greyscale import Chain, Rescale, Voi, Window, as_window, full_range, windows_of
from workstation.imaging.look import Lut, look_up
from workstation.imaging.presets import (
    Preset,
    header_window,
    is_shown_inverted,
    is_suv_window,
    presets,
    usual_suv_window,
)
from workstation.imaging.softcopy import Presentation
from workstation.imaging.subtraction import subtracted
from workstation.imaging.suv_values import Derivation
from workstation.imaging.view import Spread
from workstation.imaging.volume import Voxels, is_padding

SERIES_IMAGES: Final = 12
"""So many slices of a series are measured for its window."""

AUTO: Final = "auto"
"""Name of the window that the reader had fitted to an image."""

WINDOW_SAMPLE_STEP: Final = 4
"""Percentiles are taken from every fourth row and column: the window hardly changes, the time does."""


def presentation_in_force(view: TileView) -> Presentation | None:
    """The tile's presentation state, if it speaks of the image on screen."""
    state, ref = view.tile.display.presentation, _ref(view)
    covered = state is not None and state.covers(ref.instance.SOPInstanceUID, ref.frame)
    return state if covered else None


def is_inverted(view: TileView) -> bool:
    """Whether the picture is turned round against what the object says: by its modality's convention or the reader."""
    convention = presentation_in_force(view) is None and is_shown_inverted(_set(view))
    return convention != view.tile.display.inverted


def voi_choices(view: TileView, voxels: Voxels) -> tuple[Voi, ...]:
    """The windows and tables to choose from, as the image or its presentation state brings them; none for colour."""
    if voxels.is_colour:
        return ()
    ref, state, look = _ref(view), presentation_in_force(view), voxels.look(view.image)
    if state is not None:
        brought = state.voi_of(ref.instance.SOPInstanceUID, ref.frame)
    else:
        brought = (*windows_of(ref.attributes), *(look.voi if look else ()))
    factor = voxels.factor(view.image)
    if factor == 1.0:
        return brought
    # What the object says in Bq/ml is asked of SUV here; its tables know whole numbers only.
    return tuple(each.times(factor) for each in brought if isinstance(each, Window))


def voi_in_force(view: TileView, voxels: Voxels) -> Voi:
    """The window or table that the image on screen is shown with, as wide and bright as the reader made it."""
    voi, display = _chosen(view, voxels), view.tile.display
    if display.wider == 1.0 and display.brighter == 0.0:
        return voi
    return adjusted(as_window(voi), display.wider, display.brighter)


def adjusted(window: Window, wider: float, brighter: float) -> Window:
    """A window `wider` times as wide, its centre lowered by `brighter` of its former widths; linear ones stay whole."""
    width, center = window.width * wider, window.center - window.width * brighter
    if window.function == "LINEAR":
        width, center = max(1.0, float(round(width))), float(round(center))
    return Window(center, width, window.function, "manual")


def _chosen(view: TileView, voxels: Voxels) -> Voi:
    wanted, choices = view.tile.display.window, voi_choices(view, voxels)
    if isinstance(wanted, Window) and (window := _in_its_unit(wanted, voxels)) is not None:
        return window
    if isinstance(wanted, Spread):
        return _spread(view, voxels, wanted)
    if is_subtracted(view, voxels):
        return _window_of_difference(view, voxels)
    if isinstance(wanted, int) and choices:
        return choices[wanted % len(choices)]
    if presentation_in_force(view) is None and (usual := _usual_suv(wanted, voxels)) is not None:
        return usual
    named = (each for each in choices if wanted and name_of(each) == wanted)
    chosen = next(named, choices[0] if choices else None)
    if chosen is not None:
        return chosen
    if presentation_in_force(view) is not None:
        rescale, modality, _ = _values(view, voxels)
        return full_range(_set(view).pixels, rescale, modality)
    return header_window(_set(view), view.image) or percentile_window(view, voxels, "")


def _in_its_unit(window: Window, voxels: Voxels) -> Window | None:
    """A window for what the voxels are told in; None for one in SUV on voxels that have none."""
    if voxels.is_suv or not is_suv_window(window):
        return window
    return window.times(1.0 / voxels.suv.factors[0]) if isinstance(voxels.suv, Derivation) else None


def _usual_suv(wanted: object, voxels: Voxels) -> Window | None:
    """What PET is shown with unless another is wanted: by SUV, as far as it has one."""
    if wanted is not None and not isinstance(wanted, Window):
        return None
    return _in_its_unit(usual_suv_window(), voxels) if isinstance(voxels.suv, Derivation) else None


def _spread(view: TileView, voxels: Voxels, wanted: Spread) -> Window:
    """The window between two percentiles of one image, which stays while others are scrolled to."""
    preset = Preset("", AUTO, percentiles=(wanted.low, wanted.high))
    image = wanted.image if wanted.image < len(voxels.filled) and voxels.filled[wanted.image] else view.image
    return _window_of(view, voxels, (image,), preset)


def _window_of_difference(view: TileView, voxels: Voxels) -> Window:
    """No change in the middle of the grey scale, wide enough for the strongest hundredth of what changes."""
    small = difference(view, voxels)[::WINDOW_SAMPLE_STEP, ::WINDOW_SAMPLE_STEP]
    strongest = float(np.nanpercentile(np.abs(small), 99.5)) if np.isfinite(small).any() else 0.5
    return Window(0.0, max(1.0, 2 * strongest), "LINEAR_EXACT", "subtraction")


def name_of(voi: Voi) -> str:
    """The explanation a window or table bears."""
    return voi.name if isinstance(voi, Window) else voi.explanation


def percentile_window(view: TileView, voxels: Voxels, name: str) -> Window:
    """A window by a preset's percentiles ("usual" when none is named): of the series where it is a stack of slices, so
    that it stays while one scrolls, else of the image on screen."""
    shipped = presets(_set(view).first.Modality)
    preset = next((each for each in shipped if each.name == name), None) or presets("other")[1]
    if preset.percentiles is None and is_suv_window(preset.fixed):
        if isinstance(voxels.suv, Derivation):
            return preset.fixed  # in SUV, whatever is told now: `_in_its_unit` brings it there
        preset = presets("other")[1]
    return _window_of(view, voxels, _spread_out(view, voxels), preset)


def _spread_out(view: TileView, voxels: Voxels) -> tuple[int, ...]:
    """Images that stand for their series: some all along a stack of slices that have come, else the one on screen."""
    if _set(view).centers_lps is not None and _values(view, voxels)[1] is None:
        spread = np.unique(np.linspace(0, len(voxels.filled) - 1, SERIES_IMAGES).round().astype(int))
        there = tuple(int(image) for image in spread if voxels.filled[image])
        if there:
            return there
    return (view.image if voxels.filled[view.image] else int(np.argmax(voxels.filled)),)


def _window_of(view: TileView, voxels: Voxels, images: tuple[int, ...], preset: Preset) -> Window:
    """A preset's window by the values of some images, worked out once."""
    key = (images, preset.name, presentation_in_force(view) is not None)
    known = voxels.percentile_windows.get(key)
    if known is not None:
        return known
    rescale, modality, _ = _values(view, voxels)
    whole = bool(voxels.filled[list(images)].all())  # asked before they are measured: they may come meanwhile
    step = WINDOW_SAMPLE_STEP
    measured = [_measured(voxels.stored[image, ::step, ::step], voxels.padding) for image in images]
    stored = np.concatenate(measured)
    window = preset.window(stored if modality is None else look_up(modality, stored), rescale)
    if whole:
        voxels.percentile_windows[key] = window
    return window


def chain_in_force(view: TileView, voxels: Voxels) -> Chain:
    """All transformations of the image on screen, in order."""
    rescale, modality, presentation = _values(view, voxels)
    palette = view.tile.display.palette
    if is_subtracted(view, voxels):
        return Chain(Rescale(), voi_in_force(view, voxels), inverted=is_inverted(view), palette=palette)
    state = presentation_in_force(view)
    inverse = is_inverse(_ref(view).instance) if state is None else state.inverse
    return Chain(rescale, voi_in_force(view, voxels), modality, presentation, inverse, is_inverted(view), palette)


def is_subtracted(view: TileView, voxels: Voxels) -> bool:
    """Whether the tile shows its image minus a mask: asked for, a grey stack, and the mask has arrived."""
    stack = view.tile.orientation is None and view.tile.turning is None
    wanted = view.tile.display.subtracted and stack and not voxels.is_colour
    return wanted and all(voxels.filled[image] for image in mask_images(_set(view)))


def mask_images(display_set: DisplaySet) -> tuple[int, ...]:
    """The images that make the mask: as the object says (PS3.3 C.7.6.10), else the first of the set."""
    named = {number - 1 for number in display_set.first.MaskFrameNumbers}
    return tuple(n for n, ref in enumerate(display_set.images) if ref.frame in named) or (0,)


def mask_shift(view: TileView) -> tuple[float, float]:
    """How far the mask is moved, rows and columns: by the reader, else as the object says."""
    given = _set(view).first.MaskSubPixelShift
    own = (given[0], given[1]) if len(given) >= 2 else (0.0, 0.0)
    return view.tile.display.mask_shift_px or own


def difference(view: TileView, voxels: Voxels) -> NDArray[np.float32]:
    """The image on screen minus its mask, shape (rows, columns); 0 is no change, NaN is padding."""
    masks = [voxels.stored[image] for image in mask_images(_set(view))]
    relationship = _set(view).first.PixelIntensityRelationship
    image = voxels.stored[view.tile.image]
    change = subtracted(image, masks, mask_shift(view), relationship)
    if voxels.padding is not None:
        change[is_padding(image, voxels.padding)] = np.nan
    return change


def _values(view: TileView, voxels: Voxels) -> tuple[Rescale, Lut | None, Lut | None]:
    """Rescale, modality LUT and presentation LUT of the image on screen.

    A block in float32 holds modality values already, whoever says how they are made.
    """
    state, look = presentation_in_force(view), voxels.look(view.image)
    if state is not None:
        rescaled = voxels.stored.dtype.kind == "f"
        stored = Rescale() if rescaled else state.rescale or Rescale()
        return stored.times(voxels.factors[0]), state.modality, state.presentation
    return voxels.rescale, look.modality if look else None, look.presentation if look else None


def _measured(stored: NDArray[Any], padding: tuple[float, float] | None) -> NDArray[Any]:
    """The values that are image, flat."""
    if padding is not None:
        stored = stored[~is_padding(stored, padding)]
    return stored[~np.isnan(stored)] if stored.dtype.kind == "f" else stored.ravel()


def _set(view: TileView) -> DisplaySet:
    assert view.display_set is not None  # noqa: S101  compose() has dealt with empty tiles
    return view.display_set


def _ref(view: TileView) -> ImageRef:
    return _set(view).images[view.image]
