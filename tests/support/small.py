"""A system in a folder of its own: one release, one policy, one document that satisfies it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from support.commands import Done, assay

AS_OF: Final = "2026-11-20T00:00:00Z"
SYSTEM: Final = """\
system:
  id: triage
  name: Triage
  owner: ann
  purpose: Order the waiting list.
  risk_tier: high
  lifecycle: production
releases:
  - version: "1"
    stage: production
    artifacts: [{name: model, kind: model, path: model.bin}]
"""
POLICY: Final = """\
policy: quality.floor
version: 1
title: The model is good enough on data that it has not seen
why: Quality on training data says nothing.
severity: high
controls:
  nist-ai-rmf-1.0: {MEASURE 2.3: implements}
params:
  floor: {type: ratio, default: 0.75, stricter: higher}
needs:
  quality:
    facts: metric
    where: row.name == "roc_auc" && row.slice == "" && row.split == "holdout"
    fresh_for: 90d
rules:
  - id: floor-is-held
    for_each: quality
    pass_when: row.value >= params.floor
    fix: Improve the model.
"""
SCOPE: Final = """\
scope: triage
frameworks:
  nist-ai-rmf-1.0:
    applies: none
    reason: One release is judged.
    controls:
      - {control: MEASURE 2.3, applies: true}
"""
OVERLAY: Final = """\
overlay: clinic
set:
  - policy: quality.floor
    params: {floor: 0.8}
"""
WAIVERS: Final = """\
waivers:
  - id: W-1
    policy: quality.floor
    rule: floor-is-held
    system: triage
    whole: true
    reason: The next release mends it.
    requester: ann
    expires: "2027-01-01T00:00:00Z"
"""
TRUST: Final = """\
persons:
  - id: bea
    name: Bea
    roles: [waiver-approver]
    key: LTgHtCF7KnRn+f/xbdiWT16VtD04JK6sklUB3V34mlk=
"""
MANIFEST: Final = """\
files:
  - path: metrics.json
"""


def a_document(value: float = 0.9, **more: object) -> str:
    """Return a document of our own format with one metric."""
    metric = {
        "type": "metric",
        "name": "roc_auc",
        "value": value,
        "unit": "ratio",
        "slice": "",
        "split": "holdout",
        "dataset": "patients",
        "n": 200,
    }
    document = {
        "assaybook": "v1",
        "tool": {"name": "trainer", "version": "1"},
        "produced_at": "2026-11-12T10:00:00Z",
        "subject": {"system": "triage", "release": "1"},
        "facts": [metric],
    }
    return json.dumps(document | more, indent=1)


@dataclass(frozen=True, slots=True)
class Small:
    """The folder of a small system."""

    folder: Path

    @property
    def evidence(self) -> Path:
        """The folder of its documents."""
        return self.folder / "evidence"

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the folder and return it."""
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    def check(self, *more: object, evidence: tuple[object, ...] = ("evidence",)) -> Done:
        """Judge the release, with further options."""
        fixed = ("--policies", "policies", "--as-of", AS_OF)
        return assay("check", *evidence, *fixed, *more, inside=self.folder)


def a_small_system(folder: Path) -> Small:
    """Return a small system in a new folder."""
    made = Small(folder)
    made.write("system.yaml", SYSTEM)
    made.write("model.bin", b"weights")
    made.write("policies/quality/floor.yaml", POLICY)
    made.write("evidence/metrics.json", a_document())
    for name, content in (
        ("scope.yaml", SCOPE),
        ("overlay.yaml", OVERLAY),
        ("waivers.yaml", WAIVERS),
        ("trust.yaml", TRUST),
    ):
        made.write(name, content)
    return made
