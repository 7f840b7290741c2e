"""A served store with judged releases: one fails, one passes, and some were never assessed.

System ``s``: release 1 fails (nothing was known of it before), release 2 was never assessed.
System ``t``: release 1 passes. System ``u``: nothing was ever assessed.
"""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from support.api import Caller, calling
from support.console import Browser, key_of, sound

HOSTILE: Final = "<script>alert(1)</script>&'\".json"
SLICE: Final = "<i>old</i>"
_FLOOR: Final = """\
policy: quality.floor
version: 1
title: Recall <b>holds</b>
why: A model that misses cases harms people.
severity: high
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: implements}
  iso-42001-2023: {A.6.2.4: supports}
params:
  floor: {type: ratio, default: 0.8, stricter: higher}
needs:
  recall:
    facts: metric
    where: 'row.name == "recall"'
    fresh_for: 90d
rules:
  - id: floor
    for_each: recall
    pass_when: stats.wilson_lower(row.value, row.n, 0.95) >= params.floor
    fix: Retrain the model.
"""
_LOST: Final = """\
policy: quality.lost
version: 1
title: The F1 score is known
why: Nobody looked.
severity: low
controls:
  nist-ai-rmf-1.0: {MEASURE 2.4: supports}
needs:
  score:
    facts: metric
    where: 'row.name == "f1"'
    fresh_for: 90d
rules:
  - id: measured
    for_each: score
    pass_when: row.value >= 0.5
    fix: Measure it.
"""


def _report(value: float, at: str) -> bytes:
    metric = {"type": "metric", "name": "recall", "split": "holdout", "value": value, "n": 200}
    slices = [{**metric, "slice": SLICE}, {**metric, "slice": "young", "value": 0.99}]
    report: dict[str, Any] = {
        "assaybook": "v1",
        "tool": {"name": "evaluate", "version": "1"},
        "produced_at": at,
        "facts": slices,
    }
    return json.dumps(report).encode()


class Judged:
    """The served store, and pages of it as somebody sees them."""

    def __init__(self, caller: Caller) -> None:
        self._browsers = {
            "all": Browser(caller, key_of(caller)),
            "t": Browser(caller, key_of(caller, systems=["t"])),
        }

    def get(self, path: str, who: str = "all") -> httpx.Response:
        """Ask for a page as who may see all systems, or as who may see only t."""
        return self._browsers[who].get(path)

    def page(self, path: str, who: str = "all") -> str:
        """Return a page that is there, sound as HTML."""
        answer = self.get(path, who)
        assert answer.status_code == 200, answer.text
        return sound(answer)


@contextmanager
def judged(database: str, folder: Path) -> Generator[Judged]:
    """Serve a store in which releases were judged, by policies that are written to a folder."""
    (folder / "quality").mkdir(parents=True)
    (folder / "quality" / "floor.yaml").write_text(_FLOOR, encoding="utf-8")
    (folder / "quality" / "lost.yaml").write_text(_LOST, encoding="utf-8")
    with calling(database, policies=(folder,)) as caller:
        for system in ("s", "t", "u"):
            caller.put(f"/v1/systems/{system}", json={"risk_tier": "high"})
            caller.put(f"/v1/systems/{system}/releases/1", json={})
        _assess(caller, "s")
        _submit(caller, "s", 0.4)
        _submit(caller, "t", 0.95)
        for system in ("s", "t"):
            _assess(caller, system)
        caller.put("/v1/systems/s/releases/2", json={})
        yield Judged(caller)


def _submit(caller: Caller, system: str, value: float) -> None:
    made = caller.service.clock().isoformat()
    answer = caller.post(
        f"/v1/systems/{system}/releases/1/evidence",
        content=_report(value, made),
        headers={"Content-Type": "application/json"},
        params={"name": HOSTILE},
    )
    assert answer.status_code in {200, 201}, answer.text


def _assess(caller: Caller, system: str) -> None:
    answer = caller.post("/v1/assessments", json={"system": system, "release": "1"})
    assert answer.status_code == 201, answer.text
