"""Values inside the region in hand stand under the list; what has no inside has none."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from tests.findings.made import finding
from tests.ui.conftest import settle
from workstation import jobs
from workstation.case.state import Case
from workstation.findings.finding import Finding, Kind, Source, Value
from workstation.findings.regions import region_statistics
from workstation.loading.load import Loader
from workstation.phantom.trunk import ADA
from workstation.ui.findings_chart import FindingChart

Opened = Callable[[str, str, int], Case]


@pytest.fixture
def chart(loader: Loader, qapp: QApplication) -> Iterator[FindingChart]:
    failures: list[Exception] = []
    yield FindingChart(loader, failures.append)
    settle()
    assert not failures


def ellipse(case: Case) -> Finding:
    """On the image on screen, told to be measured."""
    (display_set,) = case.sets.values()
    image = case.view(0).image
    grid, instance = display_set.image_grid(image), display_set.images[image].instance
    columns, rows, _ = grid.size
    shares = ((0.4, 0.5), (0.7, 0.5), (0.55, 0.4), (0.55, 0.6))
    return finding(
        Kind.ELLIPSE,
        [grid.point((x * columns, y * rows, 0.0)) for x, y in shares],
        frame_of_reference_uid=instance.FrameOfReferenceUID,
        sources=(Source(instance.SOPInstanceUID),),
        values=(Value("Mean", 0.0, "HU", "stored voxels"),),
    )


def test_a_region_is_counted_and_a_line_is_not(chart: FindingChart, opened: Opened, loader: Loader) -> None:
    case = opened(ADA.study_instance_uid, "images", 1)
    chart.show_case(case)
    region = ellipse(case)
    chart.follow(region)
    while chart.facts() is None and jobs.active():
        jobs.drain(0.02)
    jobs.drain()
    told = chart.facts()
    (key,) = case.sets
    loading = loader.get(key)
    assert loading is not None and told is not None
    wanted = region_statistics(loading.voxels, region)
    assert wanted is not None and (told["count"], told["course"]) == (wanted.count, None)
    assert not chart.isHidden() and f"{wanted.count} voxels" in chart.accessibleDescription()
    chart.follow(finding(Kind.LENGTH, [(0, 0, 0), (1, 0, 0)]))
    assert chart.facts() is None and chart.isHidden()
