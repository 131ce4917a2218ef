"""A program of its own, because a pixel ratio is chosen when Qt starts: prints it and how many pixels differ.

Grabs the grid of a study's planes and compares it with the page that `picture` makes for the same device pixels.
"""

import sys

import numpy as np
from PySide6.QtWidgets import QApplication

from tests.ui.test_tile_grid import painted, pixels
from workstation import jobs, paths
from workstation.case.open import open_study
from workstation.loading.load import Loader
from workstation.picture.page import page_picture
from workstation.ui.tile_grid import TileGrid


def main(study: str) -> None:
    application = QApplication(["grab"])
    loader = Loader(paths.home())
    case = open_study(paths.home(), study, "images")
    case.hang_stage(1)
    for display_set in case.sets.values():
        loader.open(display_set, case.digests)
    loader.wait(60)
    grid = TileGrid(loader)
    grid.resize(604, 404)
    grid.show_case(case)
    grabbed = pixels(painted(grid).grab().toImage())
    ratio = grid.devicePixelRatioF()
    drawn = pixels(page_picture(case, loader, (grabbed.shape[1], grabbed.shape[0]), ratio)[0])
    print(f"{ratio:g}", np.count_nonzero(grabbed != drawn))
    grid.show_case(None)
    loader.close_all()
    jobs.shutdown()
    del application


if __name__ == "__main__":
    main(sys.argv[1])
