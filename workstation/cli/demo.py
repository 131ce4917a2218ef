"""`hounsfield demo`: makes the demo patient, imports it, and opens it, or draws it where there is no screen."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from workstation import paths
from workstation.cli.result import Result

PICTURES = (
    ("ct-chest", 1, "ct-chest-as-it-opens"),
    ("images", 1, "ct-stack"),
    ("images", 2, "ct-planes-and-stack"),
    ("planes", 1, "ct-planes"),
    ("planes", 2, "ct-planes-lung"),
)
"""Protocol, stage and file name of each picture that is drawn."""


def run_demo(out: Path | None) -> Result:
    """Make the demo patient if it is not there; draw it into `out`, else open the window."""
    study = make_demo(paths.home().create())
    if out is None and _has_screen():
        from workstation.app import main as open_window

        return Result({"study_instance_uid": study}, code=open_window(study))
    return _draw(study, out or Path("out"))


def _has_screen() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def make_demo(home: paths.Home) -> str:
    """Import the demo patient into a home unless it is there; the UID of its study."""
    from workstation.cache.importer import import_paths
    from workstation.cache.index import Index
    from workstation.phantom.dicom import write_series
    from workstation.phantom.trunk import ADA, trunk_ct

    study = ADA.study_instance_uid
    with Index(home) as index:
        known = {row.study_instance_uid for row in index.studies()}
    if study not in known:
        series, _ = trunk_ct()
        with tempfile.TemporaryDirectory() as folder:
            write_series(series, Path(folder))
            import_paths(home, [Path(folder)], lambda done, total: None)
    return study


def _draw(study: str, out: Path) -> Result:
    from workstation.cli.look import draw
    from workstation.phantom.trunk import NODULE_CENTER_LPS

    pictures = []
    for protocol, stage, name in PICTURES:
        file = out / f"{name}.png"
        options = argparse.Namespace(
            protocol=protocol,
            stage=stage,
            size=(1600, 1000),
            ratio=1.0,
            at=NODULE_CENTER_LPS,
            window=None,
            presentation=None,
            out=file,
        )
        tiles = draw(paths.home(), study, options)
        document = {
            "file": str(file),
            "study_instance_uid": study,
            "protocol": protocol,
            "stage": stage,
            "tiles": tiles,
        }
        file.with_suffix(".json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        pictures.append(document)
    text = "\n".join(["There is no screen; the demo patient was drawn into", *(f"  {p['file']}" for p in pictures)])
    return Result({"study_instance_uid": study, "pictures": pictures}, text)
