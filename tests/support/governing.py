"""A service over one small system, and everybody who has a say in it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final

import httpx
from sqlalchemy import Engine

from assaybook.api.state import Service
from assaybook.store.engine import open_engine
from support.api import Caller, calling, headers_of
from support.evidence import a_document, a_metric
from support.stores import SteadyClock, registered, submitted

POLICIES: Final = {
    "quality/floor": """\
policy: quality.floor
version: 1
title: Recall holds
why: A model that misses cases harms people.
severity: high
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: implements, MEASURE 2.11: supports}
params:
  floor: {type: ratio, default: 0.8, stricter: higher}
needs:
  recall: {facts: metric, where: 'row.name == "recall"', fresh_for: never}
rules:
  - id: floor
    for_each: recall
    pass_when: row.value >= params.floor
    fix: Retrain.
""",
    "approval/release": """\
policy: approval.release
version: 1
title: One person agrees
why: Somebody must.
severity: low
controls:
  nist-ai-rmf-1.0: {MANAGE 1.1: implements}
rules:
  - id: agreed
    attested: {question: May it go out?, role: approver, people: 1, valid_for: 90d}
    fix: Ask somebody.
""",
}
GATE: Final = "/v1/systems/s/releases/1/gate"
RELEASE: Final = {"system": "s", "release": "1"}
WAIVER: Final = {
    "id": "W-1",
    "system": "s",
    "policy": "quality.floor",
    "rule": "floor",
    "whole": True,
    "reason": "the next release mends it",
    "expires": "2030-01-01T00:00:00Z",
}


@dataclass
class Governed:
    """The service, and the headers of those who call it.

    ``ci`` is the pipeline of the system ``s``, ``foreign`` that of another; ``ann`` writes
    policies, ``bea`` and ``cal`` approve, ``dan`` audits.
    """

    caller: Caller
    who: dict[str, dict[str, str]]

    def get(self, path: str, who: str = "ci", **headers: str) -> httpx.Response:
        """Read something as somebody."""
        return self.caller.get(path, headers={**self.who[who], **headers})

    def post(
        self,
        path: str,
        body: Any = None,
        who: str = "ci",
        *,
        headers: dict[str, str] | None = None,
        **how: Any,
    ) -> httpx.Response:
        """Send something as somebody."""
        said = self.who[who] | (headers or {})
        if body is not None:
            how["json"] = body
        return self.caller.post(path, headers=said, **how)

    def ended(self, path: str, who: str = "ci") -> dict[str, Any]:
        """Return a job or a pack once it has ended."""
        for _turn in range(2400):
            found: dict[str, Any] = self.get(path, who).json()
            if found["state"] in {"done", "failed"}:
                return found
            Event().wait(0.05)
        message = f"{path} has not ended"
        raise AssertionError(message)


@contextmanager
def governed(database: str, folder: Path, *, recall: float = 0.9) -> Generator[Governed]:
    """Open a service over a store with the release 1 of system ``s`` and its recall."""
    for name, text in POLICIES.items():
        file = folder / "policies" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    engine = open_engine(database)
    _filled(engine, recall)
    engine.dispose()
    with calling(database, policies=(folder / "policies",)) as caller:
        yield Governed(caller, _callers(caller.service))


def _callers(service: Service) -> dict[str, dict[str, str]]:
    return {
        "ci": headers_of(service, "ci", kind="pipeline", roles=("submitter",), systems={"s"}),
        "foreign": headers_of(service, "x", kind="pipeline", roles=("submitter",), systems={"t"}),
        "ann": headers_of(service, "ann", roles=("author",)),
        "bea": headers_of(service, "bea", roles=("approver",)),
        "cal": headers_of(service, "cal", roles=("approver", "author")),
        "dan": headers_of(service, "dan", roles=("auditor",)),
    }


def _filled(engine: Engine, recall: float) -> None:
    clock = SteadyClock()
    registered(engine, clock, systems=("s", "t"))
    submitted(engine, a_document(a_metric(value=recall)), clock=clock)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and the code of a refusal, once it has the shape of one."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return answer.status_code, answer.json()["code"]
