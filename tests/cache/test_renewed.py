"""Headers kept by an earlier program are read again from their files when a writer opens the home."""

import json

from tests.cache.made import STUDY, ct, raw_index
from workstation.cache import ingest
from workstation.cache.index import Index
from workstation.paths import Home


def test_a_header_of_an_earlier_program_is_read_again(home: Home) -> None:
    with ingest.Ingest(home, lambda digest, arrival: False) as cache:
        cache.add(ingest.receive(home, ct(1, EchoTime=4.5), "x"))
        cache.flush()
    db = raw_index(home)
    (template,) = db.execute("SELECT template FROM series").fetchone()
    old = json.loads(template)
    del old["frames"][0]["EchoTime"]
    db.execute("UPDATE series SET template = ?", (json.dumps(old),))
    db.execute("UPDATE instances SET header = '{}', header_version = 1")
    db.commit()
    db.close()
    with Index(home) as index:
        assert index.instances(f"{STUDY}.1")[0].instance.frames[0].EchoTime is None
    with ingest.Ingest(home, lambda digest, arrival: False):
        pass
    with Index(home) as index:
        assert index.instances(f"{STUDY}.1")[0].instance.frames[0].EchoTime == 4.5
        assert index.outdated_headers() == ()


def test_what_an_earlier_program_did_not_read_of_a_study_is_told_of_it_then(home: Home) -> None:
    with ingest.Ingest(home, lambda digest, arrival: False) as cache:
        cache.add(ingest.receive(home, ct(1, ReasonForTheRequestedProcedure="Cough"), "x"))
        cache.flush()
    db = raw_index(home)
    db.execute("UPDATE studies SET indication = ''")
    db.execute("UPDATE instances SET header_version = header_version - 1")
    db.commit()
    db.close()
    with ingest.Ingest(home, lambda digest, arrival: False):
        pass
    with Index(home) as index:
        assert index.studies()[0].indication == "Cough"


def test_a_damaged_file_keeps_the_header_it_has(home: Home) -> None:
    with ingest.Ingest(home, lambda digest, arrival: False) as cache:
        arrival = ingest.receive(home, ct(1), "x")
        cache.add(arrival)
        cache.flush()
        cache.index.renew_headers({arrival.digest: None})
    with Index(home) as index:
        assert index.instances(f"{STUDY}.1")[0].instance == arrival.instance
