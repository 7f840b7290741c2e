"""Evidence ids: one observation is one record, and a new one is another."""

import json
from typing import Any

import pytest

from assaybook.intake.declared import Declared
from support.documents import evidence_of, opened, refusal

CLEAN: dict[str, Any] = {"dependencies": [{"name": "a", "vulns": []}], "fixes": []}


def _id(content: object = CLEAN, name: str = "a.json", **words: Any) -> str:
    said = Declared.model_validate_json(json.dumps(words))
    return evidence_of(content, name, said=said).envelope.id


def test_the_same_bytes_again_are_the_same_record() -> None:
    assert _id() == _id(name="other-name.json")


@pytest.mark.parametrize(
    "words",
    [
        {"release": "1"},
        {"system": "s"},
        {"scope": {"path": "src"}},
        {"run": "7"},
        {"produced_at": "2026-11-20T09:00:00Z"},
        {"observed_at": "2026-11-20T09:00:00Z"},
        {"artifacts": [{"digest": "sha256:ab"}]},
    ],
    ids=lambda words: next(iter(words)),
)
def test_what_makes_another_observation_makes_another_id(words: dict[str, Any]) -> None:
    assert _id(**words) != _id()


def test_other_bytes_that_say_the_same_are_another_record() -> None:
    assert _id(json.dumps(CLEAN, indent=1)) != _id()


def test_a_new_observation_of_a_dated_run_is_still_that_run() -> None:
    dated = {"produced_at": "2026-11-20T09:00:00Z"}
    assert _id(**dated, observed_at="2026-11-21T09:00:00Z") == _id(**dated)


def test_the_blob_is_the_digest_of_the_original_bytes_though_redacted_ones_are_kept() -> None:
    leak = json.dumps([{"RuleID": "r", "File": "f", "Secret": "hunter2"}])
    found = opened(leak)
    assert found.kept != leak.encode()
    assert found.evidence[0].envelope.size == len(leak)
    assert opened(leak).evidence == found.evidence


def test_runs_that_cannot_be_told_apart_are_refused() -> None:
    statement = (
        '{"payloadType": "application/vnd.in-toto+json", "signatures": [],'
        ' "payload": "eyJzdWJqZWN0IjogW3sibmFtZSI6ICJtIn1dfQ=="}'
    )
    assert refusal(f"{statement}\n{statement}\n", "a.jsonl").code == "runs-not-told-apart"
