"""The demo patient's studies: the catalogue."""

from dataclasses import replace
from functools import partial

from workstation.phantom import projections
from workstation.phantom.brain import INFARCT, MR_BRAIN, MR_STUDIES
from workstation.phantom.breast import CLUSTER, MASS, YEARLY_GROWTH
from workstation.phantom.demo_entry import Entry, write_slices
from workstation.phantom.grid import Vector
from workstation.phantom.projections import ProjectionStudy
from workstation.phantom.reports import Followed, mammography_report, trunk_report
from workstation.phantom.series import DemoStudy, PhantomStudy
from workstation.phantom.trunk import ADA
from workstation.phantom.trunk_studies import CT_STUDIES, MULTIPHASE, PRIOR, lesions
from workstation.phantom.ultrasound import ultrasound_study, write_ultrasound
from workstation.phantom.whole_body import LESIONS, PET_CT, PET_STUDIES


def _cross_sections(demo: DemoStudy) -> Entry:
    report = trunk_report(PRIOR, _trunk_a_year_ago()) if demo.study == PRIOR else None
    return Entry(demo.title, demo.study, partial(write_slices, demo), report, _places(demo.study))


def _places(study: PhantomStudy) -> tuple[tuple[str, Vector], ...]:
    """Lesions: the nodule of the lung first where the lungs were scanned, else that of the liver."""
    if study == MR_BRAIN:
        return ((INFARCT.name, INFARCT.center_lps),)
    if study == PET_CT:
        found = {each.name: each.center_lps for each in LESIONS}
    else:
        found = {each.name: each.center_lps for each in lesions(study)}
    first = "liver lesion" if study in (PET_CT, MULTIPHASE) else "lung nodule"
    return tuple(sorted(found.items(), key=lambda named: named[0] != first))


def catalogue() -> tuple[Entry, ...]:
    """Every study of the demo patient: what is looked at first, then those that take longest to make."""
    sonography = ultrasound_study(replace(ADA, study_date="20250318"))
    return (
        *map(_cross_sections, (*CT_STUDIES, *PET_STUDIES, *MR_STUDIES)),
        *(_projections(each) for each in projections.STUDIES),
        Entry("Ultrasound of the abdomen", sonography, partial(write_ultrasound, sonography)),
    )


def _trunk_a_year_ago() -> tuple[Followed, ...]:
    places = ("nodule in the left lower lobe", "lesion in the right lobe of the liver", "left para-aortic lymph node")
    found = lesions(PRIOR)
    return tuple(Followed(place, 2 * lesion.radius_mm) for place, lesion in zip(places, found, strict=True))


def _projections(each: ProjectionStudy) -> Entry:
    prior = projections.MAMMOGRAPHY_PRIOR
    report = mammography_report(prior, _breast_a_year_ago()) if each.study == prior else None
    return Entry(each.title, each.study, each.write, report)


def _breast_a_year_ago() -> tuple[Followed, ...]:
    mass_mm = 2 * MASS.radius_mm * YEARLY_GROWTH
    return (
        Followed("focal asymmetry in the upper outer quadrant", mass_mm),
        Followed("group of calcifications in the lower inner quadrant", 2 * CLUSTER.radius_mm),
    )
