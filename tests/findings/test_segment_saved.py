"""Segments as drafts: what is written is read, and nothing else is taken for a mask."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.findings.made import finding
from workstation.findings.finding import Kind, Status, Value
from workstation.findings.saved import as_text, from_text
from workstation.findings.segment import Algorithm, Segment
from workstation.imaging.geometry import Grid
from workstation.imaging.masks import Mask

GRID = Grid((1.5, 1 / 3, -7.0), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)), (0.7, 0.9, 2.5), (300, 200, 12))


def segment(uid: str = "2.25.9", **other: object) -> Segment:
    array = np.zeros(GRID.size[::-1], dtype=bool)
    array[3:6, 20:150, 30:280] = np.random.default_rng(4).random((3, 130, 250)) < 0.3
    array[8, 4, 5] = True
    made = Segment(uid, 1, Mask.of(GRID, array), "1", "1.2", "1.9")
    return replace(made, **other)  # type: ignore[arg-type]


def test_what_is_written_is_read() -> None:
    one = segment(name="Ödem", site="liver", status=Status.FROM_AI, algorithm=Algorithm.SEMIAUTOMATIC)
    other = segment("2.25.10", values=(Value("Volume", 3.5, "ml", "counted"),), hidden=True, opacity=0.6)
    mark = finding(Kind.LENGTH, [(0, 0, 1), (3, 4, 1.25)])
    assert from_text("1", as_text("1", [one, mark, other])) == (mark, one, other)
    empty = segment(mask=Mask.empty(GRID))
    assert from_text("1", as_text("1", [empty])) == (empty,)


def test_drafts_from_before_there_were_segments_are_read() -> None:
    document = json.loads(as_text("1", [finding(Kind.LENGTH, [(0, 0, 1), (3, 4, 1.25)])]))
    del document["segments"]
    assert len(from_text("1", json.dumps(document))) == 1


@pytest.mark.parametrize(
    "spoil",
    [
        lambda s: s.update(status="read"),
        lambda s: s.update(more=1),
        lambda s: s.pop("mask"),
        lambda s: s["mask"].update(size=[300, 200, -1]),
        lambda s: s["mask"].update(size=[1 << 40, 200, 12]),
        lambda s: s["mask"]["planes"][0].__setitem__(0, 12),
        lambda s: s["mask"]["planes"][0].__setitem__(2, 900),
        lambda s: s["mask"]["planes"][0].__setitem__(5, 7),
        lambda s: s["mask"]["planes"][0].__setitem__(7, "not base 85 \x00"),
        lambda s: s["mask"]["planes"][0].__setitem__(7, s["mask"]["planes"][1][7][:40]),
        lambda s: s["mask"].update(planes=7),
    ],
)
def test_what_is_no_mask_of_ours_is_refused(spoil: object) -> None:
    document = json.loads(as_text("1", [segment()]))
    spoil(document["segments"][0])  # type: ignore[operator]
    with pytest.raises(ValueError):
        from_text("1", json.dumps(document))
