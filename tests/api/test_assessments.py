"""Assessments, findings and the gate over HTTP: judged from what is recorded, and nothing else."""

import json
from collections.abc import Generator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from assaybook.reporting.oscal.integrity import integrity_faults
from support.governing import GATE, RELEASE, Governed, code_of, governed


@pytest.fixture
def service(database: str, tmp_path: Path) -> Generator[Governed]:
    """Return a service over a small system that passes."""
    with governed(database, tmp_path) as found:
        yield found


def test_the_gate_is_one_small_answer_and_leaves_no_trace(service: Governed) -> None:
    answer = service.get(GATE)
    told = answer.json()
    assert answer.status_code == 200
    assert (told["verdict"], told["exit"], told["counts"]["pass"]) == ("pass", 0, 1)
    assert answer.headers["cache-control"] == "no-store"
    assert service.get("/v1/assessments").json() == {"items": [], "next": None}


def test_the_gate_at_a_lower_threshold_counts_what_is_undecided_there(service: Governed) -> None:
    told = service.get(f"{GATE}?fail_on=low").json()
    assert (told["verdict"], told["exit"]) == ("inconclusive", 3)


def test_the_gate_of_what_one_may_not_see_is_that_of_what_is_not_there(service: Governed) -> None:
    hidden = service.get(GATE, "foreign")
    missing = service.get("/v1/systems/nothing/releases/1/gate", "foreign")
    assert code_of(hidden) == code_of(missing) == (404, "system-unknown")
    assert hidden.json()["hint"] == missing.json()["hint"]
    assert code_of(service.get("/v1/systems/s/releases/9/gate")) == (404, "release-unknown")


def test_an_assessment_is_recorded_and_read_back_as_it_was_answered(service: Governed) -> None:
    made = service.post("/v1/assessments", RELEASE)
    digest = made.json()["assessment"]["digest"]
    assert (made.status_code, made.headers["location"]) == (201, f"/v1/assessments/{digest}")
    read = service.get(made.headers["location"])
    assert read.json() == made.json()
    assert read.headers["etag"] == made.headers["etag"] == f'"{digest}"'
    again = service.get(made.headers["location"], **{"If-None-Match": read.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_same_assessment_again_is_the_same_record(service: Governed) -> None:
    first = service.post("/v1/assessments", RELEASE)
    asked = {**RELEASE, "as_of": first.json()["assessment"]["as_of"]}
    second = service.post("/v1/assessments", asked)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert len(service.get("/v1/assessments").json()["items"]) == 1


def test_an_assessment_comes_in_the_form_that_is_accepted(service: Governed) -> None:
    sarif = service.post("/v1/assessments", RELEASE, headers={"Accept": "application/sarif+json"})
    junit = service.post(
        "/v1/assessments",
        RELEASE,
        headers={"Accept": "text/html;q=0.9, application/junit+xml, application/json;q=0.5"},
    )
    words = service.post("/v1/assessments", RELEASE, headers={"Accept": "text/*"})
    oscal = service.post("/v1/assessments", RELEASE, headers={"Accept": "application/oscal+json"})
    none = service.post("/v1/assessments", RELEASE, headers={"Accept": "image/png"})
    assert json.loads(sarif.text)["version"] == "2.1.0"
    assert ET.fromstring(junit.text).tag == "testsuites"  # noqa: S314 - our own answer
    assert words.headers["content-type"].startswith("text/markdown")
    assert integrity_faults(oscal.content) == ()
    assert code_of(none) == (406, "not-acceptable")
    location = sarif.headers["location"]
    read = service.get(location, Accept="application/sarif+json")
    assert read.headers["etag"] == sarif.headers["etag"] != service.get(location).headers["etag"]


def test_an_assessment_of_another_system_is_not_there(service: Governed) -> None:
    made = service.post("/v1/assessments", RELEASE)
    hidden = service.get(made.headers["location"], "foreign")
    assert code_of(hidden) == (404, "assessment-unknown")
    assert service.get("/v1/assessments", "foreign").json()["items"] == []
    assert service.get("/v1/findings", "foreign").json()["items"] == []
    refused = service.post("/v1/assessments", RELEASE, "foreign")
    assert code_of(refused) == (404, "system-unknown")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({"system": "s"}, (422, "request-invalid"), id="no release"),
        pytest.param({**RELEASE, "bundle": "x"}, (422, "request-invalid"), id="a field of ours"),
        pytest.param({**RELEASE, "release": "9"}, (404, "release-unknown"), id="unknown release"),
        pytest.param(
            {**RELEASE, "as_of": "2999-01-01T00:00:00Z"}, (422, "as-of-in-the-future"), id="future"
        ),
        pytest.param({**RELEASE, "as_of": 5}, (422, "request-invalid"), id="a number for a time"),
        pytest.param({**RELEASE, "fail_on": "none"}, (422, "request-invalid"), id="no severity"),
    ],
)
def test_what_cannot_be_assessed_is_refused(
    service: Governed, body: dict[str, object], expected: tuple[int, str]
) -> None:
    assert code_of(service.post("/v1/assessments", body)) == expected


def test_an_assessment_that_nobody_waits_for_is_made_by_the_worker(service: Governed) -> None:
    asked = service.post("/v1/assessments", RELEASE, headers={"Prefer": "respond-async"})
    assert asked.status_code == 202
    assert asked.headers["preference-applied"] == "respond-async"
    location = asked.headers["location"]
    done = service.ended(location)
    assert (done["state"], done["problem"]) == ("done", None)
    made = service.get(f"/v1/assessments/{done['assessment']}").json()
    assert made["gate"]["verdict"] == "pass"
    assert made["assessment"]["as_of"] == asked.json()["as_of"]
    assert code_of(service.get(location, "foreign")) == (404, "job-unknown")


def test_findings_are_found_by_what_they_say_page_by_page(service: Governed) -> None:
    for _each in range(2):
        service.post("/v1/assessments", RELEASE)
    first = service.get("/v1/findings?limit=3").json()
    rest = service.get(f"/v1/findings?limit=3&cursor={first['next']}").json()
    passes = service.get("/v1/findings?outcome=pass&policy=quality.floor&severity=high").json()
    mapped = service.get("/v1/findings?catalog=nist-ai-rmf-1.0&control=MANAGE%201.1").json()
    none = service.get("/v1/findings?outcome=fail").json()
    assert (len(first["items"]), len(rest["items"]), rest["next"]) == (3, 1, None)
    assert [one["rule"] for one in passes["items"]] == ["floor", "floor"]
    assert {one["rule"] for one in mapped["items"]} == {"agreed"}
    assert none["items"] == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        pytest.param("outcome=perhaps", (422, "request-invalid"), id="no outcome"),
        pytest.param("limit=0", (422, "request-invalid"), id="an empty page"),
        pytest.param("cursor=x", (400, "cursor-invalid"), id="no cursor"),
        pytest.param("system=t", (404, "system-unknown"), id="a system of others"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(
    service: Governed, query: str, expected: tuple[int, str]
) -> None:
    assert code_of(service.get(f"/v1/findings?{query}")) == expected
