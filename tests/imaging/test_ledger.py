"""The ledger: no object is forgotten, whatever is refused."""

from dataclasses import replace

from tests.imaging.stacks import FRAME, image, multiframe, stack
from workstation.errors import Reason
from workstation.imaging.displaysets import display_sets
from workstation.imaging.ledger import ledger


def test_images_are_shown_and_the_rest_is_listed_with_what_it_is() -> None:
    document = replace(image(9, None, series="1.3"), pixels=None, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.59")
    unknown = replace(document, SOPInstanceUID="1.3.10", SOPClassUID="1.2.3.4.5")
    instances = [*stack([0.0, 2.5, 5.0]), document, unknown]
    found = ledger(instances, display_sets(instances), {})
    assert (found.shown, found.listed) == (3, 2)
    assert [entry.shown_in for entry in found.entries[:3]] == [("1.2/0",)] * 3
    listed = found.entries[3:]
    assert [entry.what for entry in listed] == ["Key Object Selection Document", "1.2.3.4.5"]
    assert {entry.reason for entry in listed} == {Reason.NOT_AN_IMAGE}


def test_an_unknown_class_with_pixels_is_shown() -> None:
    instances = [replace(image(1, None), SOPClassUID="1.2.3.4.5")]
    assert ledger(instances, display_sets(instances), {}).shown == 1


def test_an_object_is_listed_when_all_its_images_are_refused_and_shown_when_some_are() -> None:
    frames = [replace(FRAME, ImagePositionPatient=(0.0, 0.0, 2.0 * n)) for n in range(3)]
    instances = [multiframe(frames)]
    sets = display_sets(instances)
    some = {(sets[0].key, 1): Reason.CODESTREAM}
    (entry,) = ledger(instances, sets, some).entries
    assert (entry.shown_in, entry.reason, entry.images, entry.images_lost) == ((sets[0].key,), None, 3, 1)
    (entry,) = ledger(instances, sets, {(sets[0].key, n): Reason.CODESTREAM for n in range(3)}).entries
    assert (entry.shown_in, entry.reason, entry.images_lost) == ((), Reason.CODESTREAM, 3)


def test_an_object_split_over_sets_names_them_all() -> None:
    frames = [
        replace(FRAME, ImagePositionPatient=(0.0, 0.0, 2.0 * n), EchoTime=echo) for echo in (5.0, 9.0) for n in range(3)
    ]
    instances = [multiframe(frames)]
    (entry,) = ledger(instances, display_sets(instances), {}).entries
    assert entry.shown_in == ("1.2/0", "1.2/1")
