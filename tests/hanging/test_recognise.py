"""What a series is taken for, and the reason that is given."""

from dataclasses import replace

import pytest

from tests.hanging.labelled import built, labelled_studies
from workstation.hanging.kernels import kernel_tissue
from workstation.hanging.recognise import set_facts
from workstation.hanging.study import recognised
from workstation.hanging.words import meanings, tokens
from workstation.imaging.displaysets import DisplaySet, display_sets

STUDIES = {each.name: each for each in labelled_studies()}


def changed(display_set: DisplaySet, **values: object) -> DisplaySet:
    return display_sets(replace(ref.instance, **values) for ref in display_set.images)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kernel", "tissue"),
    [
        *(("B31f", "soft"), ("B70f", "sharp"), ("Br40d", "soft"), ("Bl57d", "lung"), ("H60s", "sharp")),
        *(("LUNG", "lung"), ("BONEPLUS", "bone"), ("STANDARD", "soft"), ("FC08", "soft"), ("FC51", "lung")),
        *(("FC30", "bone"), ("YA", "lung"), ("B", "soft"), ("B_SHARP_C", "sharp"), ("B_SOFT_B", "soft"), ("32", "")),
    ],
)
def test_kernels_by_their_makers_names(kernel: str, tissue: str) -> None:
    assert kernel_tissue(kernel) == tissue


def test_words_are_split_and_plain() -> None:
    assert tokens("Schädel_nativ  ThorAbd +C") == ("schadel", "nativ", "thor", "abd", "pluscontrast")
    assert meanings("region", "TC TORACOABDOMINOPELVICO").keys() == {"chest", "abdomen", "pelvis"}
    assert meanings("phase", "Abdomen veineux 1.25") == {"portal": "veineux"}
    assert meanings("region", "corps entier").keys() == {"whole body"}
    assert not meanings("region", "corrigée")


@pytest.mark.parametrize(
    ("values", "kind", "reason"),
    [
        ({"SeriesDescription": "Topogramm"}, "localizer", "“topogramm” in the description"),
        ({"ImageType": ("ORIGINAL", "PRIMARY", "LOCALIZER")}, "localizer", "ImageType LOCALIZER"),
        ({"SeriesDescription": "Dose Report"}, "report", "“dose report” in the description"),
        ({"SeriesDescription": "SMART PREP"}, "tracking", "“smart prep” in the description"),
        ({"SeriesDescription": "MIP 10 mm"}, "derived", "“mip” in the description"),
        ({"ImageType": ("DERIVED", "SECONDARY")}, "derived", "ImageType SECONDARY"),
        ({"ImageType": ("DERIVED", "PRIMARY", "AXIAL")}, "diagnostic", "nothing says otherwise"),
        ({"PresentationIntentType": "FOR PROCESSING"}, "raw", "PresentationIntentType FOR PROCESSING"),
    ],
)
def test_kinds_have_their_reason(values: dict[str, object], kind: str, reason: str) -> None:
    chest = built(STUDIES["chest-hitachi-en"]).sets[1]
    (fact,) = set_facts(changed(chest, **values))
    assert (fact.kind, fact.why["kind"]) == (kind, reason)


def test_loc_in_a_long_description_is_no_localizer() -> None:
    brain = built(STUDIES["brain-vision-old"]).sets[0]
    assert set_facts(changed(brain, SeriesDescription="3PL LOC"))[0].kind == "localizer"
    long = "Sagittal,1 stack,1 dimension,temporal position,ext loc ref"
    assert set_facts(changed(brain, SeriesDescription=long))[0].kind == "diagnostic"


def test_an_agent_noted_in_every_series_does_not_make_all_enhanced() -> None:
    sets = [changed(each, ContrastBolusAgent="Magnevist") for each in built(STUDIES["brain-vision-old"]).sets]
    assert [fact.sequence for fact in recognised(sets).series] == ["t1c", "t1"]


def test_descriptions_outweigh_the_body_part() -> None:
    study = recognised(built(STUDIES["chest-mislabelled-body-part"]).sets)
    assert study.regions == {"chest"}
    assert "description" in study.why["regions"]


@pytest.mark.parametrize(
    ("flavour", "sequence"),
    [("T1", "t1"), ("T2", "t2"), ("FLUID_ATTENUATED", "flair"), ("PROTON_DENSITY", "pd"), ("OTHER", "")],
)
def test_an_enhanced_image_says_its_weighting_without_words(flavour: str, sequence: str) -> None:
    brain = built(STUDIES["brain-siemens-de"]).sets[1]
    silent = changed(brain, SeriesDescription="", ContrastBolusAgent="", EchoTime=None, RepetitionTime=None)
    (facts,) = set_facts(changed(silent, ImageType=("ORIGINAL", "PRIMARY", flavour, "NONE")))
    assert facts.sequence == sequence
    assert set_facts(changed(brain, ImageType=("ORIGINAL", "PRIMARY", flavour)))[0].sequence != ""


def test_a_phrase_that_begins_like_no_known_one_says_what_its_words_say() -> None:
    assert meanings("procedure", "unknown 3 phasen leber of unknown").keys() == {"liver"}
    assert meanings("procedure", "unknown 3 phasen leber of unknown")["liver"] == "leber"
    assert meanings("kind", "xx dose report yy") == {"report": "dose report"}
