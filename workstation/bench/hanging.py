"""The hanging engine: many protocols over many series, in processor time beside a fixed piece of work."""

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from workstation import paths
from workstation.bench.data import Study
from workstation.bench.rows import Row
from workstation.cache.index import Index
from workstation.dicom.entities import Instance
from workstation.hanging.choose import best_plan
from workstation.hanging.protocol import Protocol, read_protocols
from workstation.imaging.displaysets import DisplaySet, display_sets

PROTOCOLS: Final = 60
SERIES: Final = 100
IMAGES: Final = 10
TIMES: Final = 15
PEER: Final = "30,000 words counted"

_DESCRIPTIONS: Final = (
    *("Thorax 1.0 B70f", "Abd venoes 3.0 B30f", "CHEST 1.25 STD", "Topogramm 0.6 T20f", "MPR cor 3.0", "Poumon 1.0"),
    *("t2_tse_tra_512", "ep2d_diff_3scan_trace_p2_ADC", "t1_mprage_sag_p2_iso_KM", "FLAIR ax", "Dose Report", "MIP ax"),
)
_MODALITIES: Final = ("CT", "CT", "MR", "CT")


def engine(study: Study, runs: int) -> list[Row]:
    """From display sets to a plan with every protocol considered; no description was met before."""
    protocols = _many(read_protocols(paths.protocols()))
    with Index(study.home) as index:
        first = index.instances(index.studies()[0].study_instance_uid)[0].instance
    ours, theirs = [], []
    for run in range(runs):
        fresh = iter([_sets(first, f"{run}-{number}") for number in range(TIMES)])
        ours.append(_median_ms(lambda fresh=fresh: best_plan(protocols, next(fresh))))  # type: ignore[misc]
        theirs.append(_median_ms(_count))
    work = f"hanging, {PROTOCOLS} protocols x {SERIES} series"
    return [Row(work, "ms of processor", PEER, 20.0, tuple(ours), tuple(theirs))]


def _many(shipped: dict[str, Protocol]) -> dict[str, Protocol]:
    """The shipped ones again and again under other names; what hangs when nothing fits stays what it is."""
    names = [(f"{name}-{copy}", each) for copy in range(PROTOCOLS) for name, each in shipped.items()]
    copies = {name: replace(each, name=name) for name, each in names[: PROTOCOLS - len(shipped)]}
    return {**shipped, **copies}


def _sets(first: Instance, said: str) -> tuple[DisplaySet, ...]:
    return display_sets(each for series in range(SERIES) for each in _series(first, series, said))


def _series(first: Instance, series: int, said: str) -> Iterator[Instance]:
    uid = f"{first.StudyInstanceUID}.{series}"
    (frame,) = first.frames
    x, y, z = frame.ImagePositionPatient or (0.0, 0.0, 0.0)
    for image in range(IMAGES):
        yield replace(
            first,
            SOPInstanceUID=f"{uid}.{image}",
            SeriesInstanceUID=uid,
            SeriesNumber=series,
            InstanceNumber=image,
            StudyDescription=f"Thorax Abdomen {said}",
            SeriesDescription=f"{_DESCRIPTIONS[series % len(_DESCRIPTIONS)]} {said}-{series}",
            Modality=_MODALITIES[series % len(_MODALITIES)],
            frames=(replace(frame, ImagePositionPatient=(x, y, z + image)),),
        )


def _median_ms(work: Callable[[], object]) -> float:
    """Processor time, so that a busy machine counts little."""
    times = []
    for _ in range(TIMES):
        begun = time.process_time()
        work()
        times.append(1000 * (time.process_time() - begun))
    return statistics.median(times)


def _count() -> Counter[str]:
    return Counter(f"word {number % 997}" for number in range(30_000))
