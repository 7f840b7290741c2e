"""Packs over HTTP: asked for, polled, downloaded, and every download on record."""

from collections.abc import Generator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assaybook.domain.canonical import digest_of
from assaybook.store.engine import open_engine
from assaybook.store.journal import entries_after
from assaybook.store.unit_of_work import Reading
from support.api import Ask
from support.governing import RELEASE, Governed, code_of, governed


@pytest.fixture
def service(database: str, tmp_path: Path) -> Generator[Governed]:
    """Return a service over a small system that passes."""
    with governed(database, tmp_path) as found:
        yield found


def _reads(engine: Engine) -> list[str]:
    with Reading(engine) as reading:
        entries = list(entries_after(reading.connection, 0, limit=1000))
    return [one.body for one in entries if one.kind == "read"]


@pytest.mark.slow
def test_a_pack_is_asked_for_polled_and_downloaded_and_that_is_recorded(
    service: Governed, database: str
) -> None:
    asked = service.post("/v1/packs", {**RELEASE, "organisation": "Ward"}, "dan")
    location = asked.headers["location"]
    assert asked.status_code == 202
    assert asked.json()["state"] in {"queued", "running"}
    done = service.ended(location, "dan")
    assert (done["state"], done["problem"]) == ("done", None)
    pdf = service.get(f"{location}/document", "dan")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.headers["content-disposition"].startswith("attachment;")
    assert pdf.headers["x-content-type-options"] == "nosniff"
    assert pdf.content.startswith(b"%PDF-")
    assert digest_of(pdf.content) == done["document"]["digest"]
    again = service.post(
        "/v1/packs", {**RELEASE, "organisation": "Ward", "as_of": done["as_of"]}, "dan"
    )
    assert again.json() == done
    engine = open_engine(database)
    reads = _reads(engine)
    engine.dispose()
    assert len([one for one in reads if done["id"] in one]) == 1


def test_equal_requests_at_the_same_time_are_one_pack_and_one_assessment(
    service: Governed,
) -> None:
    made = service.post("/v1/assessments", RELEASE)
    body = {**RELEASE, "as_of": made.json()["assessment"]["as_of"], "fail_on": "low"}
    asks: list[Ask] = []
    for path in ("/v1/packs", "/v1/assessments"):
        asks += [("POST", path, {"json": body, "headers": service.who["dan"]})] * 20
    answers = service.caller.together(asks)
    packs, assessments = answers[:20], answers[20:]
    assert {one.status_code for one in packs} == {202}
    assert len({one.json()["id"] for one in packs}) == 1
    assert sorted(one.status_code for one in assessments) == [200] * 19 + [201]
    assert len({one.text for one in assessments}) == 1


def test_a_pack_that_is_not_made_yet_or_not_there_is_said_to_be_so(service: Governed) -> None:
    asked = service.post("/v1/packs", RELEASE, "dan")
    early = service.get(f"{asked.headers['location']}/document", "dan")
    assert code_of(early) == (409, "pack-not-ready")
    assert code_of(service.get("/v1/packs/pack-0", "dan")) == (404, "pack-unknown")
    assert code_of(service.get("/v1/packs/pack-0/document", "dan")) == (404, "pack-unknown")


def test_a_pipeline_neither_makes_nor_reads_packs(service: Governed) -> None:
    assert service.post("/v1/packs", RELEASE).status_code == 403
    assert service.get("/v1/packs/pack-0").status_code == 403


def test_a_pack_of_what_nobody_registered_is_refused(service: Governed) -> None:
    unknown = service.post("/v1/packs", {**RELEASE, "release": "9"}, "dan")
    assert code_of(unknown) == (404, "release-unknown")
