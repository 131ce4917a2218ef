"""Sites by their words: the codes of PS3.16, each once, as the dictionary of another library has them."""

from pydicom.sr.codedict import codes

from workstation.findings.sites import known_sites, site_of


def test_words_are_brought_to_the_codes_of_the_standard() -> None:
    for words, value in (("liver", "10200004"), (" l5  VERTEBRA", "49668003"), ("Lumbo sacral spine", "1217253001")):
        site = site_of(words)
        assert site is not None and site.value == value
    assert site_of("") is None and site_of("left of the thing") is None


def test_every_site_is_in_its_list_and_there_once() -> None:
    known = known_sites()
    assert len({each.value for each in known}) == len({each.meaning.casefold() for each in known}) == len(known) > 300
    lists = [getattr(codes, f"cid{cid}") for cid in (4031, 4030, 7603, 4)]
    printed = {(code.value, code.meaning) for each in lists for code in each.concepts.values()}
    assert {(each.value, each.meaning) for each in known} <= printed
