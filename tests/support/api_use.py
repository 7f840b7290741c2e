"""What tests of routes share: keys, a registered release, a small document, and its address."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx

from support.api import Caller, calling

EVIDENCE = "/v1/systems/s/releases/1/evidence"
NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}


def a_report(run: str = "1", **changes: Any) -> bytes:
    """Return a small document of our own format; each run is another document."""
    report = {
        "assaybook": "v1",
        "tool": {"name": "evaluate", "version": "1"},
        "run": run,
        "produced_at": "2026-01-02T03:04:05Z",
        "facts": [
            {"type": "metric", "name": "recall", "slice": "", "split": "holdout", "value": 0.9}
        ],
        **changes,
    }
    return json.dumps(report).encode()


@contextmanager
def a_server(database: str, **changes: Any) -> Generator[Caller]:
    """Call the service as an administrator, with the release 1 of the system s registered."""
    with calling(database, **changes) as caller:
        assert caller.put("/v1/systems/s", json={"risk_tier": "high"}).status_code == 201
        assert caller.put("/v1/systems/s/releases/1", json={}).status_code == 201
        yield caller


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the problem that an answer is, which has the shape that every problem has."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["type"] == f"/problems/{found['code']}"
    assert found["request_id"] == answer.headers["x-request-id"]
    return found


def code(answer: httpx.Response, status: int) -> str:
    """Return the code of the problem that an answer is."""
    found: str = problem(answer, status)["code"]
    return found
