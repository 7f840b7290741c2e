"""Files judged over HTTP by the policies of the server, which records nothing."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.governing import RELEASE, Governed, code_of, governed
from support.small import a_document

SUBJECT = {"system": {"id": "s"}, "release": {"version": "1"}}


@pytest.fixture
def service(sqlite_database: str, tmp_path: Path) -> Generator[Governed]:
    """Return a service over a small system."""
    with governed(sqlite_database, tmp_path) as found:
        yield found


def _document(value: float) -> str:
    metric = {"type": "metric", "name": "recall", "value": value, "unit": "ratio"}
    return a_document(subject={"system": "s", "release": "1"}, facts=[metric])


def _checked(
    service: Governed, *documents: tuple[str, str], who: str = "ci", **how: Any
) -> httpx.Response:
    files = [("file", (name, text)) for name, text in documents]
    return service.post("/v1/check", who=who, files=files, **how)


def test_files_are_judged_about_a_registered_release_and_nothing_is_recorded(
    service: Governed,
) -> None:
    good = _checked(service, ("good.json", _document(0.9)), params=RELEASE)
    bad = _checked(service, ("bad.json", _document(0.1)), params=RELEASE)
    assert [one.json()["gate"]["exit"] for one in (good, bad)] == [0, 1]
    assert list(good.json()["files"].values()) == ["good.json"]
    assert service.get("/v1/assessments").json()["items"] == []


def test_a_subject_that_is_sent_along_is_asserted_whatever_it_says(service: Governed) -> None:
    sent = {"subject": json.dumps({**SUBJECT, "asserted": False})}
    found = _checked(service, ("good.json", _document(0.9)), data=sent)
    assert found.json()["gate"]["exit"] == 0
    assert found.json()["assessment"]["asserted"] is True


def test_a_file_that_cannot_be_read_is_a_problem_and_no_pass(service: Governed) -> None:
    found = _checked(
        service, ("good.json", _document(0.9)), ("bad.json", "{"), params=RELEASE
    ).json()
    assert [one["file"] for one in found["problems"]] == ["bad.json"]
    assert found["gate"]["exit"] == 5


def test_a_check_comes_in_the_form_that_is_accepted(service: Governed) -> None:
    headers = {"Accept": "application/sarif+json"}
    found = _checked(service, ("bad.json", _document(0.1)), params=RELEASE, headers=headers)
    assert "bad.json" in found.text
    assert json.loads(found.text)["version"] == "2.1.0"


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        pytest.param({}, (422, "request-invalid"), id="no subject"),
        pytest.param({"data": {"subject": "{}"}}, (422, "request-invalid"), id="no such subject"),
        pytest.param(
            {"params": {**RELEASE, "release": "9"}}, (404, "release-unknown"), id="release"
        ),
        pytest.param({"params": {**RELEASE, "system": "t"}}, (404, "system-unknown"), id="system"),
        pytest.param(
            {"data": {"subject": json.dumps({**SUBJECT, "system": {"id": "t"}})}},
            (404, "system-unknown"),
            id="a system of others",
        ),
        pytest.param(
            {"data": {"subject": [json.dumps(SUBJECT)] * 2}}, (400, "body-malformed"), id="two"
        ),
    ],
)
def test_a_check_about_nothing_or_about_what_is_hidden_is_refused(
    service: Governed, how: dict[str, Any], expected: tuple[int, str]
) -> None:
    assert code_of(_checked(service, ("good.json", _document(0.9)), **how)) == expected


BASELINE = """\
baseline: estate
system: %s
reason: Adopting.
requester: ada
written_at: "2026-10-01T00:00:00Z"
expires: "2036-01-01T00:00:00Z"
fails:
  - {policy: quality.floor, rule: floor, fingerprint: "sha256:%064d"}
"""


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param({"baseline": "baseline: x\n"}, (422, "missing-key"), id="no baseline"),
        pytest.param({"baseline": "a: [\n"}, (422, "yaml-malformed"), id="no YAML"),
        pytest.param(
            {"baseline": BASELINE % ("t", 0)}, (400, "baseline-elsewhere"), id="another system"
        ),
        pytest.param(
            {"baseline": BASELINE % ("s", 0), "baseline-approvals": "{}"},
            (422, "envelope-unreadable"),
            id="an approval that is none",
        ),
        pytest.param(
            {"baseline": BASELINE % ("s", 0), "baseline-approvals": "{}\n" * 201},
            (400, "approvals-too-many"),
            id="too many approvals",
        ),
        pytest.param({"baseline-approvals": "{}"}, (400, "body-malformed"), id="approvals alone"),
        pytest.param(
            {"baseline": [BASELINE % ("s", 0)] * 2}, (400, "body-malformed"), id="two baselines"
        ),
    ],
)
def test_a_baseline_that_cannot_be_used_refuses_the_check(
    service: Governed, sent: dict[str, Any], expected: tuple[int, str]
) -> None:
    found = _checked(service, ("bad.json", _document(0.1)), params=RELEASE, data=sent)
    assert code_of(found) == expected


def test_a_baseline_that_nobody_signed_accepts_nothing(service: Governed) -> None:
    sent = [("baseline", ("baseline.yaml", BASELINE % ("s", 0)))]
    files = [("file", ("bad.json", _document(0.1))), *sent]
    found = service.post("/v1/check", files=files, params=RELEASE).json()
    assert (found["gate"]["exit"], found["baseline"]["state"]) == (1, "pending")


def test_a_check_of_no_file_is_refused(service: Governed) -> None:
    found = service.post("/v1/check", params=RELEASE, files={"manifest": ("m.yaml", "files: []")})
    assert code_of(found) == (400, "nothing-submitted")
