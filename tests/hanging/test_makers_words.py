"""Names of series as scanners of many makers give them, published by those who sort images by them."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hanging.labelled import LabelledStudy, built, labelled_studies
from workstation import paths
from workstation.hanging.choose import best_plan
from workstation.hanging.protocol import read_protocols
from workstation.hanging.recognise import SeriesFacts, set_facts
from workstation.imaging.displaysets import DisplaySet, display_sets

PROTOCOLS = read_protocols(paths.protocols())
STUDIES = {each.name: each for each in labelled_studies()}
FEW = 4
WORDLESS = {"ContrastBolusAgent": "", "EchoTime": None, "RepetitionTime": None}

SEQUENCES = (
    *(("OSag T1 FLAIR", "t1"), ("PosDisp: [14] T1 TIR cor P3", "t1"), ("t1_tirm_tra_dark-fluid", "t1")),
    *(("Sag CUBE T1 +C", "t1c"), ("SAG 3D T1 POST GAD", "t1c"), ("t1_vibe_fs_tra_km", "t1c"), ("T1 AX IV+", "t1c")),
    *(("IRSPGR_PROMO", "t1"), ("T1W_3D_TFE_32", "t1"), ("T1w_MPR", "t1"), ("T1_p2_1mm_fov256_sag_TI_880", "t1")),
    *(("FL:C/OAx T2 PROPELLER", "t2"), ("AX T2 FRFSE", "t2"), ("T2W_MVXD_sag", "t2"), ("T2w_SPC", "t2")),
    *(("t2_FLAIR_P3", "flair"), ("Ax Flair irFSE", "flair"), ("3D_Brain_VIEW_FLAIR_SHC", "flair")),
    *(("t2_fl2d_tra_hemo", "t2*"), ("AX T2* GRE", "t2*"), ("AX GRE T1", "t1"), ("T2* EG AX", "t2*")),
    *(("OAx DWI Asset", "dwi"), ("ep2d_diff_3scan_trace_p2", "dwi"), ("ep2d_diff_3scan_trace_p2_ADC", "adc")),
    *(
        ("Ax 3D SWAN GRE straight", "swi"),
        ("VEN_BOLD", "swi"),
        ("TOF_3D_multi-slab", "tof"),
        ("AX 3D ASL", "perfusion"),
    ),
    *(("Ax DTI 13 Directions", "dti"), ("DT_SSh_iso", "dti"), ("DP FS SAG", "pd"), ("STIR GR 512 TRA GraSE", "stir")),
)
NOT_READ = (
    *("3-Pl T2* FGRE", "MIDLINE SAG LOC", "AAHead_Scout_64ch", "Survey_SHC", "Reperage 3 plans", "Localizzatore"),
    *("ASSET Calibration", "Cal Head 24", "B0rf Map", "Field_mapping", "CoilSurvey", "WIP Ref_Head", "SENSE Reference"),
    *("PhoenixZIPReport", "SCREENSAVE", "Exponential Apparent Diffusion Coefficient", "FILT_PHA: OAx SWI"),
    *("Mag_Images", "Pha_Images", "mIP_Images(SW)", "<MIP Range[1]>", "MPR Ob_Ax_I -> S_Min IP_sp:5.0_th:5.0"),
)


def renamed(display_set: DisplaySet, **values: object) -> DisplaySet:
    return display_sets(replace(ref.instance, **values) for ref in display_set.images[:FEW])[0]  # type: ignore[arg-type]


def mr_named(description: str) -> SeriesFacts:
    brain = built(STUDIES["brain-siemens-de"]).sets[1]
    (fact,) = set_facts(renamed(brain, SeriesDescription=description, ImageType=("ORIGINAL", "PRIMARY"), **WORDLESS))
    return fact


@pytest.mark.parametrize(("description", "sequence"), SEQUENCES)
def test_what_a_series_is_weighted_by(description: str, sequence: str) -> None:
    assert (mr_named(description).sequence, mr_named(description).kind) == (sequence, "diagnostic")


@pytest.mark.parametrize("description", NOT_READ)
def test_what_is_not_for_reading(description: str) -> None:
    assert mr_named(description).kind != "diagnostic"


@pytest.mark.parametrize(
    ("description", "phase"),
    [
        *(("Abdomen 35 s", "arterial"), ("LIVER 70 SEC", "portal"), ("180s delayed", "delayed"), ("B30s 2.0", "")),
        *(("Late Art 1.5", "arterial"), ("AX IV- 3.0", "native"), ("sans contraste", "native"), ("lateral", "")),
    ],
)
def test_which_phase_a_ct_was_made_in(description: str, phase: str) -> None:
    chest = built(STUDIES["chest-hitachi-en"]).sets[1]
    assert set_facts(renamed(chest, SeriesDescription=description))[0].phase == phase


@pytest.mark.parametrize(
    ("description", "given"), [("T1 sin contraste", False), ("T1 con contraste", True), ("T1", None)]
)
def test_a_word_inside_its_denial_says_nothing(description: str, given: bool | None) -> None:
    assert mr_named(description).contrast is given


@pytest.mark.parametrize(("images", "protocol"), [(4, "ct-abdomen"), (3, "ct-body")])
def test_lungs_cut_by_an_abdomen_do_not_make_it_a_chest(images: int, protocol: str) -> None:
    """A series of the lungs as long as the scan is the abdomen's own; one of its own length shows a chest."""
    soft = built(STUDIES["abdomen-ge-pt"]).sets[1]
    lung = {"SeriesDescription": "LUNG 2.5", "SeriesInstanceUID": "2.25.77", "ConvolutionKernel": "LUNG"}
    # Every 100 mm an image: as long as 300 mm, or 200.
    refs = [soft.images[at].instance for at in (0, 16, 32, 48)]
    frames = [replace(each.frames[0], ImagePositionPatient=(0.0, 0.0, -100.0 * at)) for at, each in enumerate(refs)]
    placed = [replace(each, frames=(frame,)) for each, frame in zip(refs, frames, strict=True)]
    lungs = [replace(each, SOPInstanceUID=f"2.25.77.{at}", **lung) for at, each in enumerate(placed[:images])]
    assert best_plan(PROTOCOLS, (*display_sets(placed), *display_sets(lungs)), ()).plan.protocol == protocol


@pytest.mark.parametrize(("slices", "shown"), [(31, "thin"), (5, "thick")])
def test_lungs_are_read_on_thin_slices_unless_those_show_a_detail(slices: int, shown: str) -> None:
    """5 mm of a lung kernel yield to 1 mm of a soft one over 300 mm, but not to those over 40."""
    chest = built(STUDIES["chest-hitachi-en"]).sets[1]
    made = [
        replace(
            chest.images[at].instance,
            SeriesInstanceUID=f"2.25.{series}",
            SOPInstanceUID=f"2.25.{series}.{at}",
            ConvolutionKernel=kernel,
            frames=(
                replace(
                    chest.images[at].instance.frames[0],
                    ImagePositionPatient=(0.0, 0.0, -10.0 * at),
                    SliceThickness=thickness_mm,
                ),
            ),
        )
        for series, count, kernel, thickness_mm in ((81, slices, "STANDARD", 1.0), (82, 31, "LUNG", 5.0))
        for at in range(count)
    ]
    first = best_plan(PROTOCOLS, display_sets(made), ()).plan.stages[0].tiles[0]
    assert (first.window, first.display_set) == ("lung", {"thin": "2.25.81/0", "thick": "2.25.82/0"}[shown])


@pytest.mark.parametrize(
    ("description", "protocol"),
    [("ANGIO TC TEP", "ct-pulmonary-angiography"), ("ANGIO TC AORTA", "ct-angiography"), ("CT Th/Abd", "ct-body")],
)
def test_what_was_done_in_short_words(description: str, protocol: str) -> None:
    chest = renamed(built(STUDIES["chest-hitachi-en"]).sets[1], StudyDescription=description, SeriesDescription="")
    assert best_plan(PROTOCOLS, (chest,), ()).plan.protocol == protocol


def test_an_exposure_comes_before_the_picture_made_of_slices() -> None:
    tomo = built(STUDIES["mg-hologic-synthetic-en"])
    exposed = renamed(
        next(each for each in tomo.sets if each.first.SeriesDescription == "R CC C-View"),
        ImageType=("DERIVED", "PRIMARY"),
        SeriesDescription="R CC",
        SeriesInstanceUID="2.25.78",
    )
    first = best_plan(PROTOCOLS, (*tomo.sets, exposed), ()).plan.stages[0].tiles[0]
    assert first.display_set == exposed.key


WORDS = st.sampled_from(
    (
        "LUNG",
        "T1",
        "MIP",
        "Thorax",
        "links",
        "R CC",
        "70 s",
        "+C",
        "T2*",
        "DOSE",
        "IV-",
        "\x00",
        "Schädel",
        "",
        "胸部",
        "loc",
    )
)
TEXTS = st.one_of(st.lists(WORDS, max_size=5).map(" ".join), st.text(max_size=20))
TYPES = st.lists(st.sampled_from(("ORIGINAL", "DERIVED", "PRIMARY", "SECONDARY", "AXIAL", "MPR", "P", "")), max_size=5)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(study=st.sampled_from(labelled_studies()), data=st.data(), seed=st.integers(0, 2**32))
def test_whatever_the_words_nothing_raises_flickers_or_is_lost(
    study: LabelledStudy, data: st.DataObject, seed: int
) -> None:
    changed = [
        renamed(
            each,
            SeriesDescription=data.draw(TEXTS),
            StudyDescription=data.draw(TEXTS),
            ProtocolName=data.draw(TEXTS),
            BodyPartExamined=data.draw(TEXTS),
            ConvolutionKernel=data.draw(TEXTS),
            ImageType=tuple(data.draw(TYPES)),
        )
        for each in built(study).sets
    ]
    sets = list({each.key: each for each in changed}.values())
    plan = best_plan(PROTOCOLS, sets, ()).plan
    assert {each.key for each in sets} <= {tile.display_set for stage in plan.stages for tile in stage.tiles}
    random = Random(seed)
    assert best_plan(PROTOCOLS, random.sample([*sets, *sets], 2 * len(sets)), ()).plan == plan
