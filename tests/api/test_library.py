"""Policies, controls and coverage over HTTP, as the command line shows them."""

from collections.abc import Generator
from pathlib import Path

import pytest

from assaybook.api.routes import coverage
from support.governing import Governed, code_of, governed


@pytest.fixture
def service(sqlite_database: str, tmp_path: Path) -> Generator[Governed]:
    """Return a service that judges by two policies."""
    with governed(sqlite_database, tmp_path) as found:
        yield found


def test_the_policies_of_the_server_are_listed_and_shown_in_words(service: Governed) -> None:
    page = service.get("/v1/policies?limit=1")
    rest = service.get(f"/v1/policies?cursor={page.json()['next']}").json()
    shown = service.get("/v1/policies/quality.floor").json()
    listed = [one["policy"] for one in (*page.json()["items"], *rest["items"])]
    assert listed == ["approval.release", "quality.floor"]
    assert "at least" in shown["rules"][0]["in_words"]
    assert shown["params"][0]["value"] == "0.8"
    assert [one["control"] for one in shown["controls"]] == ["MEASURE 2.3", "MEASURE 2.11"]
    tag = {"If-None-Match": page.headers["etag"]}
    for path in ("/v1/policies", "/v1/policies/quality.floor"):
        assert service.get(path, **tag).status_code == 304


def test_catalogs_and_their_controls_are_listed_and_shown(service: Governed) -> None:
    catalogs = service.get("/v1/controls").json()["items"]
    nodes = service.get("/v1/controls/nist-ai-rmf-1.0?kind=function").json()["items"]
    shown = service.get("/v1/controls/nist-ai-rmf-1.0/MEASURE%202.11").json()
    slashed = service.get("/v1/controls/iso-ai-supporting/ISO%2FIEC%205259-1:2024").json()
    assert "nist-ai-rmf-1.0" in {one["catalog"] for one in catalogs}
    assert {one["kind"] for one in nodes} == {"function"}
    assert shown["control"]["id"] == "MEASURE 2.11"
    assert {one["control"] for one in shown["parents"]} >= {"MEASURE"}
    assert slashed["control"]["id"] == "ISO/IEC 5259-1:2024"


def test_coverage_says_which_policies_bear_on_a_control_and_where_the_gaps_are(
    service: Governed,
) -> None:
    covered = service.get("/v1/coverage?covered=true").json()["items"]
    gaps = service.get("/v1/coverage?covered=false&limit=200").json()
    other = service.get("/v1/coverage?catalog=owasp-llm-top10").json()["items"]
    assert {one["control"]: one["policies"] for one in covered} == {
        "MANAGE 1.1": [{"policy": "approval.release", "relation": "implements"}],
        "MEASURE 2.11": [{"policy": "quality.floor", "relation": "supports"}],
        "MEASURE 2.3": [{"policy": "quality.floor", "relation": "implements"}],
    }
    assert all(one["policies"] == [] for one in gaps["items"])
    assert other
    assert all(one["policies"] == [] for one in other)


def test_coverage_over_the_releases_says_what_the_rules_are_worth(service: Governed) -> None:
    found = service.get("/v1/coverage/rules").json()
    rules = {one["rule"]: (one["outcomes"], one["vacuous"]) for one in found["rules"]}
    assert found["releases"] == ["s 1"]
    assert rules == {
        "agreed": ({"inconclusive": 1}, "it decides no release: what it asks for is never known"),
        "floor": ({"pass": 1}, "it never fires"),
    }
    assert [one["rule"] for one in found["vacuous"]] == ["agreed", "floor"]
    assert [(one["need"], one["met"], one["asked"]) for one in found["needs"]] == [("recall", 1, 1)]
    assert found["unmet"] == []
    assert "MEASURE 2.3" not in {one["control"] for one in found["uncovered"]}
    assert "MEASURE 2.4" in {one["control"] for one in found["uncovered"]}
    assert service.get("/v1/coverage/rules?system=s").json()["releases"] == ["s 1"]
    assert service.get("/v1/assessments").json()["items"] == []


def test_coverage_counts_no_release_of_a_system_that_is_hidden(service: Governed) -> None:
    assert service.get("/v1/coverage/rules", "foreign").json()["releases"] == ["t 1"]
    hidden = service.get("/v1/coverage/rules?system=s", "foreign")
    assert code_of(hidden) == (404, "system-unknown")


def test_coverage_of_more_releases_than_one_request_judges_is_refused(
    service: Governed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coverage, "_MOST_RELEASES", 0)
    refused = service.get("/v1/coverage/rules")
    assert code_of(refused) == (400, "releases-too-many")
    assert refused.json()["hint"] == "Name one system: ?system=ID."


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/v1/coverage/rules?system=t", (404, "system-unknown")),
        ("/v1/coverage/rules?as_of=2999-01-01T00:00:00Z", (422, "as-of-in-the-future")),
        ("/v1/coverage/rules?as_of=2026", (422, "request-invalid")),
        ("/v1/policies/quality.flor", (404, "policy-unknown")),
        ("/v1/policies?cursor=zz", (400, "cursor-invalid")),
        ("/v1/controls/nowhere", (404, "catalog-unknown")),
        ("/v1/controls/nist-ai-rmf-1.0/NOPE", (404, "control-unknown")),
        ("/v1/coverage?catalog=nowhere", (404, "catalog-unknown")),
    ],
)
def test_what_is_not_in_the_library_is_said_to_be_unknown(
    service: Governed, path: str, expected: tuple[int, str]
) -> None:
    assert code_of(service.get(path)) == expected
