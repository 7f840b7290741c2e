"""Waivers and answers over HTTP: persons decide, never about what they asked for themselves."""

from collections.abc import Generator
from pathlib import Path

import pytest

from support.governing import GATE, RELEASE, WAIVER, Governed, code_of, governed

ANSWER = {**RELEASE, "policy": "approval.release", "rule": "agreed", "answer": "yes"}


@pytest.fixture
def service(database: str, tmp_path: Path) -> Generator[Governed]:
    """Return a service over a small system whose recall is too low."""
    with governed(database, tmp_path, recall=0.1) as found:
        yield found


def _exit(service: Governed) -> int:
    found: int = service.get(GATE).json()["exit"]
    return found


def test_a_waiver_takes_a_fail_out_of_the_gate_from_its_approval_until_it_is_revoked(
    service: Governed,
) -> None:
    steps = [
        service.post("/v1/waivers", WAIVER, "ann"),
        service.get(GATE),
        service.post("/v1/waivers/W-1/approve", who="bea"),
        service.get(GATE),
        service.post("/v1/waivers/W-1/revoke", {"reason": "found out"}, "cal"),
        service.get(GATE),
    ]
    gates = [one.json()["counts"] for one in steps[1::2]]
    assert [one.status_code for one in steps] == [201, 200, 200, 200, 200, 200]
    assert [(one["fail"], one["waived"]) for one in gates] == [(1, 0), (0, 1), (1, 0)]
    shown = service.get("/v1/waivers/W-1").json()
    assert (shown["state"], shown["why"], shown["person"]) == ("revoked", "found out", "cal")
    assert shown["waiver"]["approval"]["person"] == "bea"
    listed = service.get("/v1/waivers?system=s").json()["items"]
    assert listed == [shown]


def test_waivers_are_listed_as_they_stood_at_an_instant(service: Governed) -> None:
    proposed = service.post("/v1/waivers", WAIVER, "ann").json()["at"]
    approved = service.post("/v1/waivers/W-1/approve", who="bea").json()["at"]
    service.post("/v1/waivers/W-1/revoke", {"reason": "found out"}, "cal")
    told = [
        [one["state"] for one in service.get(f"/v1/waivers{as_of}").json()["items"]]
        for as_of in (
            "?as_of=2001-01-01T00:00:00Z",
            f"?as_of={proposed}",
            f"?as_of={approved}&system=s",
            "",
        )
    ]
    assert told == [[], ["pending"], ["in_force"], ["revoked"]]
    later = service.get("/v1/waivers?as_of=2999-01-01T00:00:00Z")
    assert code_of(later) == (422, "as-of-in-the-future")


def test_nobody_approves_their_own_waiver_and_no_pipeline_decides(service: Governed) -> None:
    service.post("/v1/waivers", WAIVER, "cal")
    assert code_of(service.post("/v1/waivers/W-1/approve", who="cal")) == (
        403,
        "waiver-self-approved",
    )
    for path, body in (
        ("/v1/waivers", {**WAIVER, "id": "W-2"}),
        ("/v1/waivers/W-1/approve", None),
        ("/v1/waivers/W-1/revoke", {"reason": "no"}),
        ("/v1/attestations", ANSWER),
    ):
        assert service.post(path, body, "ci").status_code == 403
    assert _exit(service) == 1


def test_a_decision_about_another_version_than_was_seen_is_refused(service: Governed) -> None:
    proposed = service.post("/v1/waivers", WAIVER, "ann")
    seen = {"If-Match": proposed.headers["etag"]}
    first = service.post("/v1/waivers/W-1/approve", who="bea", headers=seen)
    late = service.post("/v1/waivers/W-1/revoke", {"reason": "no"}, "bea", headers=seen)
    assert first.status_code == 200
    assert code_of(late) == (412, "version-conflict")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param({**WAIVER, "requester": "bea"}, (422, "request-invalid"), id="requester"),
        pytest.param(
            {**WAIVER, "approval": {"person": "bea", "at": "2026-01-01T00:00:00Z"}},
            (422, "request-invalid"),
            id="approval",
        ),
        pytest.param({**WAIVER, "id": "../x"}, (422, "request-invalid"), id="a path for an id"),
        pytest.param({**WAIVER, "system": "no"}, (404, "system-unknown"), id="unknown system"),
        pytest.param({**WAIVER, "rule": "no"}, (404, "rule-unknown"), id="unknown rule"),
        pytest.param(
            {**WAIVER, "expires": "2020-01-01T00:00:00Z"}, (422, "waiver-never-holds"), id="over"
        ),
        pytest.param({**WAIVER, "whole": False}, (422, "waiver-names-nothing"), id="nothing"),
    ],
)
def test_a_body_cannot_say_more_than_what_is_asked(
    service: Governed, body: dict[str, object], expected: tuple[int, str]
) -> None:
    assert code_of(service.post("/v1/waivers", body, "ann")) == expected


@pytest.mark.parametrize("reason", [" \n", "\u200b\u2060"], ids=["blanks", "no width"])
def test_what_nobody_sees_is_no_reason_of_a_waiver_or_its_end(
    service: Governed, reason: str
) -> None:
    refused = service.post("/v1/waivers", {**WAIVER, "reason": reason}, "ann")
    assert code_of(refused) == (422, "request-invalid")
    assert "reason" in refused.text
    service.post("/v1/waivers", WAIVER, "ann")
    late = service.post("/v1/waivers/W-1/revoke", {"reason": reason}, "bea")
    assert code_of(late) == (422, "request-invalid")
    assert service.get("/v1/waivers/W-1", "bea").json()["version"] == 1


def test_the_same_waiver_twice_and_one_that_is_not_there_are_refused(service: Governed) -> None:
    service.post("/v1/waivers", WAIVER, "ann")
    assert code_of(service.post("/v1/waivers", WAIVER, "ann")) == (409, "waiver-exists")
    assert code_of(service.post("/v1/waivers/W-9/approve", who="bea")) == (404, "waiver-unknown")
    assert code_of(service.get("/v1/waivers/W-1", "foreign")) == (404, "waiver-unknown")
    assert service.get("/v1/waivers", "foreign").json()["items"] == []


def test_an_answer_is_evidence_by_the_person_who_gave_it(service: Governed) -> None:
    before = service.get(f"{GATE}?fail_on=low").json()["counts"]
    given = service.post("/v1/attestations", {**ANSWER, "note": "seen"}, "bea")
    after = service.get(f"{GATE}?fail_on=low").json()["counts"]
    assert given.status_code == 201
    assert given.headers["location"] == f"/v1/evidence/{given.json()['evidence']}"
    assert (given.json()["person"], given.json()["role"]) == ("bea", "approver")
    assert (before["inconclusive"], after["inconclusive"], after["pass"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("body", "who", "expected"),
    [
        pytest.param({**ANSWER, "person": "cal"}, "bea", (422, "request-invalid"), id="person"),
        pytest.param({**ANSWER, "answer": "maybe"}, "bea", (422, "request-invalid"), id="maybe"),
        pytest.param(ANSWER, "dan", (403, "attestation-role-missing"), id="another role"),
        pytest.param(
            {**ANSWER, "policy": "quality.floor", "rule": "floor"},
            "bea",
            (422, "rule-not-attested"),
            id="a rule that asks nobody",
        ),
    ],
)
def test_an_answer_that_could_not_count_is_refused(
    service: Governed, body: dict[str, object], who: str, expected: tuple[int, str]
) -> None:
    assert code_of(service.post("/v1/attestations", body, who)) == expected


def test_a_repeated_request_with_its_key_decides_once(service: Governed) -> None:
    unnamed = {name: value for name, value in WAIVER.items() if name != "id"}
    for path, body, who in (("/v1/waivers", unnamed, "ann"), ("/v1/attestations", ANSWER, "bea")):
        sent = {"Idempotency-Key": "the-first"}
        first = service.post(path, body, who, headers=sent)
        again = service.post(path, body, who, headers=sent)
        other = service.post(path, {**body, "release": "9"}, who, headers=sent)
        assert first.status_code == 201
        assert again.json() == first.json()
        assert code_of(other) == (422, "idempotency-key-reused")
    assert len(service.get("/v1/waivers").json()["items"]) == 1
