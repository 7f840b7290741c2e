"""What is read out of small documents of our own, line by line, so that a change is seen."""

import json
from pathlib import Path
from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from support.documents import DEFECTS, opened
from support.golden import Golden

FORMATS = (
    *("art", "garak", "gitleaks", "lm-eval", "mlflow", "openlineage"),
    *("modelscan", "picklescan", "prometheus-rules", "promptfoo"),
    *("trivy", "sarif", "cyclonedx", "spdx", "junit", "pip-audit", "dsse"),
    *("great-expectations", "dbt", "croissant", "model-card-toolkit", "deepchecks", "evidently"),
    *("inspect", "detect-secrets", "trufflehog"),
)
FILES = sorted(path for one in FORMATS for path in (DEFECTS / one).iterdir())


def _named(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


@pytest.mark.golden
@pytest.mark.parametrize("path", FILES, ids=_named)
def test_a_document_reads_as_it_was_reviewed(path: Path, golden: Golden) -> None:
    found = opened(path.read_bytes(), path.name)
    assert found.detected.format == path.parent.name
    read = [_shown(one) for one in found.evidence]
    golden(f"evidence/{_named(path)}.json", json.dumps(read, indent=1, ensure_ascii=False) + "\n")


def _shown(one: Evidence) -> dict[str, Any]:
    """Return evidence without what is the same for every document, or follows from its bytes."""
    said = one.model_dump(mode="json", by_alias=True, exclude_none=True)
    kept = ("format", "format_version", "producer", "run", "scope", "produced_at")
    envelope = {key: said["envelope"][key] for key in kept if said["envelope"].get(key)}
    for key in ("warnings", "redactions", "malformed"):
        if said["envelope"][key]:
            envelope[key] = said["envelope"][key]
    facts = [{key: value for key, value in fact.items() if value != {}} for fact in said["facts"]]
    return {"envelope": envelope, "coverage": said["coverage"], "facts": facts}
