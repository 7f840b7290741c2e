"""A day of a pipeline and of the people who answer for it, over a real socket."""

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import pytest

from assaybook.domain.canonical import digest_of
from assaybook.intake.manifest import MANIFEST
from assaybook.service.remote_files import gather, manifest_of
from assaybook.service.subjects import read_subject
from assaybook.settings import now
from support.api import Caller, a_service, headers_of, served
from support.example import FLAWED, SOUND

SYSTEM = "diabetes-triage"
BASELINE = "0.9.0-baseline"


@dataclass(frozen=True, slots=True)
class Day:
    """A server, and everybody who calls it."""

    url: str
    keys: dict[str, dict[str, str]]

    def ask(self, who: str, method: str, path: str, **how: Any) -> httpx.Response:
        """Ask for something as somebody, each time on a connection of its own."""
        with httpx.Client(base_url=f"{self.url}/v1", headers=self.keys[who], timeout=60) as client:
            answer = client.request(method, path, **how)
        assert answer.status_code < 400, answer.text
        return answer

    def submit(self, folder: Path, release: str) -> dict[str, Any]:
        """Send what the tools of a release wrote, as its pipeline does."""
        found = gather([folder], manifest=None, declared_format=None, received_at=now())
        manifest = (MANIFEST, manifest_of(found.parts))
        files = [("manifest", manifest), *(("file", (p.name, p.content)) for p in found.parts)]
        path = f"/systems/{SYSTEM}/releases/{release}/evidence"
        done: dict[str, Any] = self.ask("pipeline", "POST", path, files=files).json()
        return done

    def gate(self, release: str) -> dict[str, Any]:
        """Return what a pipeline is told of a release."""
        path = f"/systems/{SYSTEM}/releases/{release}/gate"
        told: dict[str, Any] = self.ask("pipeline", "GET", path).json()
        return told

    def ended(self, path: str) -> dict[str, Any]:
        """Return a pack once it has ended."""
        for _turn in range(600):
            found: dict[str, Any] = self.ask("auditor", "GET", path).json()
            if found["state"] in {"done", "failed"}:
                return found
            Event().wait(0.2)
        message = "the pack has not ended"
        raise AssertionError(message)


@pytest.fixture
def day(database: str, example: Path) -> Generator[Day]:
    """Yield a server that judges by the shipped policies, with the example's scope and persons."""
    files = {
        "overlays": (example / "overlay.yaml",),
        "scope": example / "scope.yaml",
        "trust": example / "trust.yaml",
    }
    with a_service(database, **files) as service, Caller(service) as caller:
        keys = {
            "lead": headers_of(service, "ann", roles=("author",)),
            "approver": headers_of(service, "bea", roles=("approver",)),
            "clinician": headers_of(service, "jonas.weber", roles=("approver",)),
            "auditor": headers_of(service, "dan", roles=("auditor",)),
            "pipeline": headers_of(
                service, "triage-ci", kind="pipeline", roles=("submitter",), systems={SYSTEM}
            ),
        }
        with served(caller.app) as url:
            yield Day(url, keys)


def _registered(day: Day, example: Path) -> None:
    for release in (BASELINE, SOUND, FLAWED):
        subject = read_subject(example / "system.yaml", release)
        system = subject.system.model_dump(mode="json", exclude={"id"})
        fields = subject.release.model_dump(mode="json", exclude={"version"})
        day.ask("lead", "PUT", f"/systems/{SYSTEM}", json=system)
        day.ask("lead", "PUT", f"/systems/{SYSTEM}/releases/{release}", json=fields)


@pytest.mark.slow
def test_a_day_of_a_pipeline_and_of_those_who_answer_for_it(day: Day, example: Path) -> None:
    _registered(day, example)
    for release in (BASELINE, SOUND, FLAWED):
        done = day.submit(example / "releases" / release / "evidence", release)
        assert (done["problems"], done["unrecognised"]) == ([], [])
        again = day.submit(example / "releases" / release / "evidence", release)
        assert again["accepted"] == []

    # The flawed release is held up, and a waiver that nobody else approved changes nothing.
    held = day.gate(FLAWED)
    assert (held["verdict"], held["exit"]) == ("fail", 1)
    body = {"system": SYSTEM, "release": FLAWED}
    made = day.ask("pipeline", "POST", "/assessments", json=body)
    digest = made.json()["assessment"]["digest"]
    query = {"assessment": digest, "outcome": "fail"}
    fails = day.ask("lead", "GET", "/findings", params=query).json()["items"]
    assert len(fails) >= held["counts"]["fail"] > 0
    waivers: list[str] = []
    for one in fails:
        proposal = {
            "system": SYSTEM,
            "releases": [FLAWED],
            "policy": one["policy"],
            "rule": one["rule"],
            "whole": True,
            "reason": "The ward was told; 1.2.0 mends it.",
            "expires": "2030-01-01T00:00:00Z",
        }
        proposed = day.ask("lead", "POST", "/waivers", json=proposal).json()
        waivers.append(proposed["waiver"]["id"])
    assert day.gate(FLAWED)["counts"] == held["counts"]
    for name in waivers:
        day.ask("approver", "POST", f"/waivers/{name}/approve")
    accepted = day.gate(FLAWED)
    assert accepted["counts"]["fail"] < held["counts"]["fail"]
    assert accepted["counts"]["waived"] > 0
    assert accepted["counts"]["pass"] == held["counts"]["pass"]

    # A person takes back a yes to the sound release: what was signed gives way to what is said.
    before = day.gate(SOUND)["counts"]
    answer = {"policy": "approval.two-persons", "rule": "go-ahead", "answer": "no"}
    told = day.ask(
        "clinician", "POST", "/attestations", json={"system": SYSTEM, "release": SOUND, **answer}
    )
    after = day.gate(SOUND)["counts"]
    assert told.json()["role"] == "release-approver"
    assert after["fail"] == before["fail"] + 1

    # The auditor takes home what was decided about the flawed release.
    asked = day.ask("auditor", "POST", "/packs", json=body)
    location = asked.headers["location"].removeprefix("/v1")
    pack = day.ended(location)
    assert (pack["state"], pack["problem"]) == ("done", None)
    pdf = day.ask("auditor", "GET", f"{location}/document")
    assert pdf.content.startswith(b"%PDF-")
    assert digest_of(pdf.content) == pack["document"]["digest"]
    whole = day.ask("auditor", "GET", f"/assessments/{pack['assessment']}").json()
    assert {one["state"] for one in whole["waivers"]} == {"in_force"}
