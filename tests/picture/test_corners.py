"""Corner text: a person's layouts over the shipped ones, and who the patient is whatever they say."""

import re
import string
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.case.stacks import beside, stack
from workstation.case import cutting, volume
from workstation.imaging.greyscale import Window
from workstation.imaging.oblique import THIN, Slab, SlabMode
from workstation.imaging.scene import ClipPlane, Cut, Scene
from workstation.imaging.shared import BlockHandle
from workstation.imaging.view import Orientation
from workstation.picture import corners, text
from workstation.picture.corners import (
    CORNERS,
    known_fields,
    layout_for,
    lines_for,
    problems_of,
    read_own,
    save_own,
    shipped_layouts,
)

WHO = ("{name}", "{PatientID}", "{birth_date}  {PatientSex}")
GOOD = {"top_left": WHO, "top_right": ("{prior}",), "bottom_left": ("{Manufacturer}",), "bottom_right": ("{window}",)}


@pytest.fixture(autouse=True)
def shipped_alone() -> Iterator[None]:
    yield
    corners.use({}, "full")


def test_the_shipped_layouts_pass_their_own_check() -> None:
    assert {modality: problems_of(layout) for modality, layout in shipped_layouts().items()} == dict.fromkeys(
        ("default", "CT", "MR", "PT"), ()
    )


def test_each_described_field_is_worked_out_by_the_text_and_no_other() -> None:
    source = (Path(corners.__file__).parent / "text.py").read_text(encoding="utf-8")
    body = source[source.index("def _fields(") : source.index("def window_text")]
    worked_out = set(re.findall(r"^        (\w+)=", body, re.MULTILINE))
    of_pet = (Path(corners.__file__).parent / "uptake.py").read_text(encoding="utf-8")
    worked_out |= set(re.findall(r"^        \"(\w+)\":", of_pet, re.MULTILINE))
    described = {name for name, what in known_fields().items() if what != "attribute of the image"}
    assert worked_out - {"PatientID", "PatientSex"} == described
    assert {"PatientID", "StudyDescription", "InstitutionName"} <= set(known_fields())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"bottom_left": ("{Manufacterer}",)}, "did you mean 'Manufacturer'"),
        ({"bottom_left": ("{window",)}, "stands alone"),
        ({"bottom_left": ("window",)}, "names no {field}"),
        ({"bottom_left": ("{window:>90}",)}, "only the name of a field"),
        ({"bottom_left": ("{window!r}",)}, "only the name of a field"),
        ({"bottom_left": ("{name.__class__}",)}, "is not a field"),
        ({"bottom_left": ("{}",)}, "is not a field"),
        ({"bottom_left": ("{window}\n{zoom}",)}, "cannot be shown"),
        ({"bottom_left": ("{window} " * 20,)}, "more than 120 letters"),
        ({"bottom_left": ("{window}",) * 9}, "9 lines"),
        ({"bottom_left": "{window}"}, "not a list of lines"),
        ({"botom_left": ("{window}",)}, "did you mean 'bottom_left'"),
        ({"top_right": ()}, "prior"),
    ],
)
def test_a_mistake_is_a_sentence(change: dict[str, object], said: str) -> None:
    assert problems_of(GOOD) == ()
    assert said in " ".join(problems_of({**GOOD, **change}))


@pytest.mark.parametrize(
    ("top_left", "missing"),
    [
        ((), "{name}, {PatientID}, {birth_date}, {PatientSex} are"),
        (WHO[1:], "{name} is"),
        (("{name}", "{birth_date}  {PatientSex}"), "{PatientID} is"),
        (("{name}", "{StudyDate}", "{StudyTime}", *WHO[1:]), "{PatientID}, {birth_date}, {PatientSex} are"),
        (("{name}  {PatientID}", "{birth_date}  {PatientSex}"), "{PatientID} is"),
        (("{StudyDescription}  {name}", *WHO[1:]), "{name} is"),
        (("Patient of the university hospital: {name}", *WHO[1:]), "{name} is"),
        (("{name}", "{PatientID}", "{birth_date}  {age}  {PatientSex}"), "{PatientSex} is"),
    ],
)
def test_a_layout_without_who_it_is_is_refused(top_left: tuple[str, ...], missing: str) -> None:
    said = problems_of({**GOOD, "top_left": top_left})
    assert len(said) == 1 and f"must always stand on an image: {missing} missing" in said[0]


def test_an_own_layout_stands_over_the_shipped_one(home: Path) -> None:
    file = home / "corners.toml"
    save_own(file, {"CT": GOOD})
    own, problems = read_own(file)
    assert problems == () and own == {"CT": GOOD}
    corners.use(own)
    assert lines_for("CT") == GOOD
    assert lines_for("MR") == shipped_layouts()["MR"] and lines_for("US") == shipped_layouts()["default"]
    assert layout_for("US", {"default": GOOD}) == GOOD and layout_for("MR", {"default": GOOD}) != GOOD


def test_a_wrong_file_costs_a_sentence_and_that_modality_alone(home: Path) -> None:
    file = home / "corners.toml"
    wrong = '[CT]\ntop_left = ["{name}"]\n[MR]\ntop_left = ["{name}", "{PatientID}", "{birth_date}  {PatientSex}"]\n'
    file.write_text(wrong + 'top_right = ["{prior}"]\n[US]\ntop_left = 3\n')
    own, problems = read_own(file)
    assert set(own) == {"MR"} and own["MR"]["bottom_left"] == ()
    assert "of CT: Who the patient is" in problems[0] and "A prior" in problems[1] and "of US" in problems[2]
    assert (home / "corners.toml.broken").is_file()
    file.write_text("CT = 3\n[MR")
    assert read_own(file)[0] == {} and "cannot be read" in read_own(file)[1][0]


@pytest.mark.parametrize("amount", ["full", "less", "who"])
def test_less_text_keeps_who_it_is_and_the_prior(amount: str) -> None:
    corners.use({}, amount)
    for modality, layout in shipped_layouts().items():
        shown = lines_for(modality)
        assert shown["top_left"] == layout["top_left"] and "{prior}" in shown["top_right"]
        assert problems_of(shown) == ()
    counts = sum(len(lines_for("CT")[corner]) for corner in CORNERS)
    fields = {name for corner in CORNERS for line in lines_for("CT")[corner] for name in names(line)}
    everything = {"full": 15, "less": 9, "who": 4}
    assert counts == everything[amount]
    assert ("window" in fields, "InstitutionName" in fields) == (amount != "who", amount == "full")


def names(line: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(line) if name]


@pytest.mark.parametrize(
    ("sop_class", "burnt_in", "full"), [("7", "YES", False), ("7", "NO", True), ("2", "YES", True)]
)
def test_on_a_picture_of_a_screen_stands_only_who_it_is(sop_class: str, burnt_in: str, full: bool) -> None:
    """It has its own words in it."""
    plain = stack("15", count=1)
    (ref,) = plain.images
    uid = f"1.2.840.10008.5.1.4.1.1.{sop_class}"
    captured = replace(ref.instance, SOPClassUID=uid, BurnedInAnnotation=burnt_in)
    case = beside(replace(plain, images=(replace(ref, instance=captured),)))
    told = text.corners(case.view(0), Window(40.0, 400.0), "HU", 1.0)
    assert told["top_left"][0] == "Anna"
    assert bool(told["bottom_left"] or told["bottom_right"]) is full


@pytest.mark.parametrize("amount", ["full", "less", "who"])
@pytest.mark.parametrize("modality", ["PT", "NM", "CT", "US"])
def test_a_slab_is_said_whatever_a_layout_or_an_audience_leaves_out(modality: str, amount: str) -> None:
    """A projection through 20 mm must not be taken for an image."""
    corners.use({"NM": GOOD}, amount)
    case = beside(stack("15", modality=modality))
    case.tiles[0] = replace(case.tiles[0], orientation=Orientation.AXIAL, slab=Slab(20.0, SlabMode.MIP))
    for audience in (False, True):
        case.audience = audience
        told = text.corners(case.view(0), Window(3.5, 7.0), "", 1.0)
        assert [line for corner in CORNERS for line in told[corner] if "MIP 20" in line], told
    case.tiles[0] = replace(case.tiles[0], slab=THIN)
    assert "MIP" not in str(text.corners(case.view(0), Window(3.5, 7.0), "", 1.0))


@pytest.mark.parametrize("amount", ["full", "less", "who"])
@pytest.mark.parametrize("modality", ["PT", "NM", "CT", "US"])
def test_what_is_cut_away_of_a_volume_is_said_whatever_a_layout_or_an_audience_leaves_out(
    modality: str, amount: str
) -> None:
    """A part of a volume must not be taken for all of it."""
    corners.use({"NM": GOOD}, amount)
    case = beside(stack("15", modality=modality, count=8))
    volume.show_3d(case, 0)
    scene, lattice = case.tiles[0].scene, case.view(0).display_set
    assert scene is not None and lattice is not None and lattice.grid is not None

    def told(now: Scene) -> list[str]:
        case.tiles[0] = replace(case.tiles[0], scene=now)
        return list(text.corners(case.view(0), None, "", None)["bottom_left"])

    handle = BlockHandle("/dev/null", (1,), "uint8", 0)
    drawn = ["what lay inside the outline"] * 3
    names = ["bones", "bed", *drawn[:2], "all but the largest part", drawn[2]]
    cuts = tuple(Cut(name, serial, handle) for serial, name in enumerate(names))
    whole = cutting.whole_box(lattice.grid)
    smaller = replace(whole, low=(0.5, *whole.low[1:]))
    plane = ClipPlane(lattice.grid.center_lps, (0.0, 0.0, 1.0))
    for audience in (False, True):
        case.audience = audience
        assert told(replace(scene, crop=whole)) == told(scene)
        for now, lines in (
            (
                replace(scene, cuts=cuts, crop=smaller, plane=plane),
                ["without bed, bones; largest part only", "3 cuts; cropped; cut by plane"],
            ),
            (replace(scene, cuts=cuts[1:2]), ["without bed"]),
            (replace(scene, cuts=cuts[2:3]), ["1 cut"]),
            (replace(scene, plane=plane), ["cut by plane"]),
        ):
            said = told(now)
            assert [each for each in said if each not in told(scene)] == lines
