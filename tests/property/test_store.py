"""Whatever was accepted is read back equal."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutArtifact, Coverage, Scope
from assaybook.domain.facts import AnyFact
from assaybook.store.engine import open_engine
from assaybook.store.evidence import evidence_for
from assaybook.store.rows import evidence_digest, evidence_of, rows_of
from assaybook.store.schema import upgrade
from assaybook.store.unit_of_work import Reading
from support.evidence import AS_OF, MODEL, TRAIN, a_document, a_fact
from support.stores import SteadyClock, registered, submitted

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
MAYBE = st.none() | TEXT
NOTHING: dict[str, str] = {}
COUNT = st.none() | st.integers(0, 2**53 - 1)
NUMBER = st.none() | st.floats(allow_nan=False, allow_infinity=False)
INSTANT = st.none() | st.datetimes(
    datetime(1971, 1, 1),  # noqa: DTZ001 - hypothesis wants naive bounds and adds the zone
    datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


@st.composite
def facts(draw: st.DrawFn) -> AnyFact:
    """Return a fact of one of five types with any field that it may have."""
    kind = draw(st.sampled_from(["metric", "security", "operation", "documentation", "lineage"]))
    columns: dict[str, object] = {"pointer": draw(TEXT)}
    if kind == "metric":
        columns |= {"name": draw(TEXT), "slice": draw(MAYBE), "n": draw(COUNT)}
        columns |= {
            "value": draw(NUMBER),
            "unknown": draw(st.sampled_from([NOTHING, {"n": "unit"}])),
        }
    elif kind == "security":
        columns |= {"fingerprint": draw(TEXT), "component": draw(MAYBE)}
        columns |= {"class": draw(st.sampled_from(["secret", "license"]))}
    elif kind == "operation":
        columns |= {"kind": "rollback", "tested_at": draw(INSTANT), "target": draw(MAYBE)}
    elif kind == "documentation":
        columns |= {"document": "model", "topic": "risks", "text": draw(MAYBE)}
        columns |= {"present": draw(st.none() | st.booleans())}
    else:
        columns |= {"source": draw(TEXT), "target": draw(TEXT), "relation": "trained_on"}
    return a_fact(kind, **columns)


coverage = st.builds(
    Coverage,
    question=st.sampled_from(["drift", "security/secret", "metric/quality", "pii/email"]),
    examined=COUNT,
    failed=COUNT,
    errored=COUNT,
    skipped=COUNT,
    skipped_items=st.lists(TEXT, max_size=2).map(tuple),
)
scopes = st.builds(Scope, dataset=MAYBE, split=MAYBE, path=MAYBE, job=MAYBE)
artifacts = st.builds(AboutArtifact, digest=st.sampled_from([MODEL, TRAIN]), name=MAYBE)


@st.composite
def documents(draw: st.DrawFn) -> Evidence:
    """Return a document about the system ``s``, or about one of its digests."""
    about = draw(st.lists(artifacts, max_size=2))
    named = not about or draw(st.booleans())
    return a_document(
        *draw(st.lists(facts(), max_size=3)),
        coverage=draw(st.lists(coverage, max_size=2)),
        system="s" if named else None,
        release="1" if named else None,
        artifacts=about,
        scope=draw(scopes),
        tool=draw(TEXT),
        run=draw(MAYBE),
        age=draw(st.none() | st.floats(0, 1000)),
        name=draw(TEXT),
    )


@given(documents())
def test_rows_give_back_the_evidence_that_they_were_made_from(evidence: Evidence) -> None:
    rows = rows_of(evidence)
    texts = (rows.evidence["envelope_json"], rows.reading["coverage"], rows.reading["facts"])
    found = evidence_of(*map(str, texts))
    assert found == evidence
    assert rows_of(found) == rows
    assert rows.digest == evidence_digest(evidence)


@pytest.fixture(scope="module")
def store() -> Iterator[tuple[Engine, SteadyClock]]:
    """Yield one store in a file; examples add to it, each at later instants."""
    with tempfile.TemporaryDirectory() as folder:
        engine, clock = open_engine(f"sqlite:///{Path(folder) / 'assay.db'}"), SteadyClock()
        upgrade(engine)
        registered(engine, clock)
        yield engine, clock
        engine.dispose()


@settings(max_examples=25)
@given(
    added=st.lists(documents(), min_size=1, max_size=4),
    back=st.floats(0, 1),
)
def test_all_that_was_received_by_an_instant_is_found_as_it_was_written(
    store: tuple[Engine, SteadyClock], added: list[Evidence], back: float
) -> None:
    engine, clock = store
    report = submitted(engine, *added, clock=clock)
    as_of = AS_OF + (clock.at - AS_OF + timedelta(seconds=1)) * back
    with Reading(engine) as reading:
        found = evidence_for(reading, "s", as_of=clock.at)
        before = evidence_for(reading, "s", as_of=as_of)
    assert before == tuple(one for one in found if one.envelope.received_at <= as_of)
    told = {one.evidence: one.digest for one in report.accepted}
    assert told == {
        one.envelope.id: evidence_digest(one) for one in found if one.envelope.id in told
    }
