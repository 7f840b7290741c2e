"""Packs and findings by control: recorded for good, and filled in for what came before."""

import pytest
from sqlalchemy import Engine, insert, text

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.errors import OperatorError
from assaybook.domain.finding import Assessment
from assaybook.store.assessments import save_assessment, save_bundle
from assaybook.store.engine import open_engine
from assaybook.store.findings import FindingFilter, list_findings
from assaybook.store.packs import PackRecord, find_pack, save_pack
from assaybook.store.rows import control_rows, finding_rows, json_of
from assaybook.store.schema import upgrade
from assaybook.store.tables import AssessmentRow, BundleRow, FindingRow
from assaybook.store.unit_of_work import Reading, changing_schema
from support.evidence import AS_OF
from support.packs import a_source
from support.stores import SteadyClock, a_work, upgraded_to

PDF = b"%PDF-1.7 of a test"


def _assessment(bundle: str) -> Assessment:
    found = a_source().assessment
    head = found.assessment.model_copy(update={"bundle": bundle})
    return found.model_copy(update={"assessment": head})


@pytest.fixture
def packed(engine: Engine, clock: SteadyClock) -> PackRecord:
    """Return a pack that is recorded."""
    with a_work(engine, clock) as work:
        found = _assessment(save_bundle(work, {"kind": "test"}, person=""))
        save_assessment(work, found, system="s", release="1", person="")
        pack = PackRecord(
            id="pk-1",
            system="s",
            release="1",
            as_of=AS_OF,
            assessment=found.assessment.digest,
            digest=digest_of(PDF),
            size=len(PDF),
        )
        save_pack(work, pack, PDF, person="ann")
        save_pack(work, pack, PDF, person="ann")
    return pack


def test_a_pack_is_found_by_those_who_may_see_its_system(
    engine: Engine, packed: PackRecord
) -> None:
    with Reading(engine) as reading:
        assert find_pack(reading, "pk-1") == packed
        assert find_pack(reading, "pk-1", systems={"s"}) == packed
        assert find_pack(reading, "pk-1", systems={"t"}) is None
        assert find_pack(reading, "pk-2") is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE packs SET body = 'x'",
        "DELETE FROM packs",
        "UPDATE finding_controls SET control = 'x'",
        "DELETE FROM finding_controls",
    ],
)
def test_a_recorded_pack_and_the_reach_of_a_finding_cannot_be_changed(
    engine: Engine, packed: PackRecord, statement: str
) -> None:
    assert packed.size == len(PDF)
    with pytest.raises(OperatorError) as caught, a_work(engine) as work:
        work.connection.execute(text(statement))
    assert caught.value.code == "record-immutable"


def test_what_was_judged_before_the_upgrade_is_found_by_control_after_it(
    empty_database: str,
) -> None:
    engine = open_engine(empty_database)
    upgraded_to(engine, "0002")
    body = canonical({"kind": "test"})
    found = _assessment(digest_of(body))
    head = found.assessment
    with changing_schema(engine) as connection:
        connection.execute(
            insert(BundleRow), {"digest": head.bundle, "at": AS_OF, "body": body.decode()}
        )
        row = {
            **{name: getattr(head, name) for name in ("digest", "as_of", "bundle", "subject")},
            "seq": 1,
            "system": "s",
            "release": "1",
            "at": AS_OF,
            "engine": head.engine,
            "evidence_set": head.evidence_set,
            "verdict": "pass",
            "body": json_of(found).decode(),
        }
        connection.execute(insert(AssessmentRow), row)
        connection.execute(insert(FindingRow), finding_rows(found))
    upgrade(engine)
    expected = control_rows(found)
    first = expected[0]
    asked = FindingFilter(catalog=str(first["catalog"]), control=str(first["control"]))
    with Reading(engine) as reading:
        page = list_findings(reading, asked, after=None, limit=100)
    engine.dispose()
    same = {"catalog": first["catalog"], "control": first["control"]}
    assert {one.ordinal for one in page.items} == {
        one["ordinal"] for one in expected if one | same == one
    }
