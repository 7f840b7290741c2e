"""Documents for the timings of intake, each another, and models as a peer declares them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, create_model

GROUPS: Final = 16
_ID: Final = "0123456789abcdef"


@dataclass(frozen=True)
class Kind:
    """Documents of one format: what makes one by its number, and a peer's model of it."""

    name: str
    make: Callable[[int], bytes]
    model: type[BaseModel]


def assaybook(number: int) -> bytes:
    """Return a document of ours with sixteen metrics."""
    facts = [
        {
            "type": "metric",
            "name": "recall",
            "slice": f"group={group}",
            "split": "holdout",
            "dataset": "credit-holdout-2026",
            "value": round(0.8 + (number + 7 * group) % 1999 / 10_000, 4),
            "n": 100 + number % 50 + group,
            "n_rows": 1000 + group,
            "ci_low": round(0.7 + group / 1000, 4),
            "ci_high": round(0.95 + group / 1000, 4),
        }
        for group in range(GROUPS)
    ]
    row = {"question": "metric/quality", "examined": GROUPS}
    return _written(
        {
            "assaybook": "v1",
            "tool": {"name": "evaluate", "version": "1.2.0"},
            "run": f"run-{number}",
            "produced_at": "2026-01-02T03:04:05Z",
            "coverage": [row | {"failed": 0, "errored": 0, "skipped": 0}],
            "facts": facts,
        }
    )


def mlflow(number: int) -> bytes:
    """Return the answer of MLflow about a run with twenty metrics, parameters and tags."""
    metrics = [
        {
            "key": f"recall__group={group}",
            "value": round(0.8 + (number + group) % 1999 / 10_000, 4),
            "timestamp": 1767323045000 + number,
            "step": 0,
        }
        for group in range(20)
    ]
    run = f"{number:032x}"
    info = {
        "run_uuid": run,
        "run_id": run,
        "experiment_id": "1",
        "run_name": "credit-lr",
        "user_id": "ci",
        "status": "FINISHED",
        "start_time": 1767323045000,
        "end_time": 1767323145000,
        "artifact_uri": f"mlflow-artifacts:/1/{run}/artifacts",
        "lifecycle_stage": "active",
    }
    pairs = [{"key": f"parameter_{one}", "value": _ID * 2} for one in range(16)]
    tags = [{"key": f"mlflow.tag.{one}", "value": _ID * 2} for one in range(8)]
    return _written({"run": {"info": info, "data": _runs(metrics, pairs, tags)}})


def _runs(metrics: object, params: object, tags: object) -> dict[str, object]:
    return {"metrics": metrics, "params": params, "tags": tags}


def presidio(number: int) -> bytes:
    """Return nine hits of Presidio, each with its explanation."""
    explained = {
        "recognizer": "EmailRecognizer",
        "pattern_name": "Email (Medium)",
        "pattern": "\\b[a-z]+@[a-z]+\\b",
        "original_score": 0.5,
        "score": 0.85,
        "textual_explanation": None,
        "score_context_improvement": 0.35,
        "supportive_context_word": "mail",
        "validation_result": None,
    }
    recognised = {"recognizer_name": "EmailRecognizer", "recognizer_identifier": "Email_1"}
    return _written(
        [
            {
                "entity_type": "EMAIL_ADDRESS",
                "start": 30 * hit + number % 7,
                "end": 30 * hit + 20,
                "score": round(0.5 + number % 499 / 1000, 3),
                "analysis_explanation": explained,
                "recognition_metadata": recognised,
            }
            for hit in range(9)
        ]
    )


def pip_audit(number: int) -> bytes:
    """Return an audit of forty packages, of which eight are vulnerable."""
    weak = {"fix_versions": ["2.0"], "aliases": ["CVE-2026-1"], "description": _ID * 8}
    packages = [
        {
            "name": f"package-{one}",
            "version": f"1.{number}.{one}",
            "vulns": [] if one % 5 else [{"id": f"PYSEC-2026-{one}", **weak}],
        }
        for one in range(40)
    ]
    return _written({"dependencies": packages, "fixes": []})


def kinds() -> Iterator[Kind]:
    """Yield the formats with the models that somebody who reads them with pydantic declares."""
    yield Kind("assaybook", assaybook, _of_ours())
    yield Kind("mlflow", mlflow, _of_mlflow())
    yield Kind("presidio", presidio, _of_presidio())
    yield Kind("pip-audit", pip_audit, _of_pip_audit())


def _of_ours() -> type[BaseModel]:
    fact = create_model(
        "fact",
        **_fields("type name slice split dataset", str),
        **_fields("value ci_low ci_high", float),
        **_fields("n n_rows", int),
    )
    row = create_model("row", question=str, **_fields("examined failed errored skipped", int))
    tool = create_model("tool", **_fields("name version", str))
    head = _fields("assaybook run produced_at", str)
    return create_model("ours", **head, tool=tool, coverage=list[row], facts=list[fact])


def _of_mlflow() -> type[BaseModel]:
    metric = create_model("metric", key=str, value=float, timestamp=int, step=int)
    pair = create_model("pair", **_fields("key value", str))
    words = "run_uuid run_id experiment_id run_name user_id status artifact_uri lifecycle_stage"
    info = create_model("info", **_fields(words, str), **_fields("start_time end_time", int))
    held = create_model("held", metrics=list[metric], params=list[pair], tags=list[pair])
    return create_model("answer", run=create_model("run", info=info, data=held))


def _of_presidio() -> type[BaseModel]:
    from pydantic import RootModel

    words = "recognizer pattern_name pattern supportive_context_word"
    explained = create_model(
        "explained",
        **_fields(words, str),
        **_fields("original_score score score_context_improvement", float),
        textual_explanation=str | None,
        validation_result=float | None,
    )
    known = create_model("known", **_fields("recognizer_name recognizer_identifier", str))
    hit = create_model(
        "hit",
        entity_type=str,
        start=int,
        end=int,
        score=float,
        analysis_explanation=explained,
        recognition_metadata=known,
    )
    return RootModel[list[hit]]


def _of_pip_audit() -> type[BaseModel]:
    weak = create_model("weak", id=str, fix_versions=list[str], aliases=list[str], description=str)
    package = create_model("package", name=str, version=str, vulns=list[weak])
    return create_model("audit", dependencies=list[package], fixes=list[str])


def _fields(words: str, kind: type) -> dict[str, Any]:
    return dict.fromkeys(words.split(), kind)


def _written(value: object) -> bytes:
    return json.dumps(value).encode()
