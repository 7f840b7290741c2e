"""Packs that a server makes: signed and proven where it has keys, and never half."""

from pathlib import Path

import pytest

from assaybook.domain.errors import OperatorError
from assaybook.domain.policy import Severity
from assaybook.service.bundles import BundleFiles, read_ruling
from assaybook.service.jobs import Made, record_judged
from assaybook.service.ledger_keys import Change, make_keys, read_keys_root
from assaybook.service.run_assessment import judge_recorded
from assaybook.service.show_pack import show_document
from assaybook.service.verify import verify_pack
from assaybook.settings import now
from assaybook.store.engine import open_engine
from assaybook.store.jobs import JobKind
from assaybook.store.journal import entries_after
from assaybook.store.unit_of_work import Reading, UnitOfWork
from support.evidence import a_document, a_metric
from support.jobs import asked, awaited, working
from support.stores import SteadyClock, registered, submitted
from support.verifying import second_verifier

RULING = BundleFiles(globs=("drift.features",))


@pytest.mark.slow
def test_a_pack_of_a_server_with_keys_proves_its_own_assessment(
    sqlite_database: str, tmp_path: Path
) -> None:
    engine, clock = open_engine(sqlite_database), SteadyClock()
    registered(engine, clock)
    submitted(engine, a_document(a_metric()), clock=clock)
    make_keys(tmp_path / "keys", "log.example.org", Change(clock.at))
    job = asked(engine, read_ruling(RULING), JobKind.PACK, organisation="Ward")
    with working(engine, keys=tmp_path / "keys"):
        done = awaited(engine, job.id)
    assert done.problem is None
    with Reading(engine) as reading:
        _record, pack = show_document(reading, job.id, systems=None)
        kinds = [one.kind for one in entries_after(reading.connection, 0, limit=100)]
    assert kinds[-2:] == ["assessment", "pack"]
    root = read_keys_root(tmp_path / "keys").raw()
    found = verify_pack(pack, root=root)
    assert found.first is None
    assert (found.exit, found.anchor) == (0, "auditor")
    assert second_verifier().verdict(pack, root) == (0, "good")
    engine.dispose()


def test_the_assessment_of_a_pack_is_not_recorded_where_it_was_overtaken(
    sqlite_database: str,
) -> None:
    engine, clock = open_engine(sqlite_database), SteadyClock()
    registered(engine, clock)
    ruling = read_ruling(RULING)
    job = asked(engine, ruling, JobKind.PACK)
    as_of = job.task.as_of
    with Reading(engine) as reading:
        found = judge_recorded(reading, "s", "1", ruling, fail_on=Severity.HIGH, as_of=as_of)
    with UnitOfWork(engine, now) as work, pytest.raises(OperatorError) as caught:
        record_judged(work, job, Made(found.assessment, 0, None))
    assert caught.value.code == "job-overtaken"
    engine.dispose()
