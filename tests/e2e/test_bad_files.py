"""Policies, overlays, scopes, systems, waivers, trust files and manifests that are not sound."""

import re
from collections.abc import Callable
from typing import Final

import pytest

from support.commands import assay, refused
from support.small import (
    MANIFEST,
    OVERLAY,
    POLICY,
    SCOPE,
    SYSTEM,
    TRUST,
    WAIVERS,
    Small,
    a_document,
)

TITLE: Final = "The model is good enough on data that it has not seen"
FILES: Final[dict[str, tuple[str, str, list[str]]]] = {
    "policy": ("policies/quality/floor.yaml", POLICY, []),
    "overlay": ("overlay.yaml", OVERLAY, ["--overlay", "overlay.yaml"]),
    "scope": ("scope.yaml", SCOPE, ["--scope", "scope.yaml"]),
    "system": ("system.yaml", SYSTEM, []),
    "waivers": ("waivers.yaml", WAIVERS, ["--waivers", "waivers.yaml"]),
    "trust": ("trust.yaml", TRUST, ["--trust", "trust.yaml"]),
    "manifest": ("evidence/evidence.yaml", MANIFEST, []),
}


def _twice(text: str) -> str:
    """Return YAML whose first key stands twice."""
    return f"{text}{text.splitlines()[0]}\n"


def _tagged(text: str) -> str:
    return f'{text}more: !!python/object/apply:os.system ["true"]\n'


def _bomb(text: str) -> str:
    levels = ["a0: &a0 [x]"]
    for level in range(1, 9):
        members = ", ".join([f"*a{level - 1}"] * 10)
        levels.append(f"a{level}: &a{level} [{members}]")
    return text + "\n".join(levels) + "\n"


FAULTS: Final[dict[str, Callable[[str], str | bytes]]] = {
    "a tag": _tagged,
    "an alias bomb": _bomb,
    "a key twice": _twice,
    "an unknown key": lambda text: f"{text}treshold: 1\n",
    "two documents": lambda text: f"{text}---\n{text}",
    "deep nesting": lambda text: f"{text}more: {'[' * 100_000}\n",
    "a cut end": lambda text: f'{text}more: "not closed\n',
    "nothing": lambda _text: "",
    "only a comment": lambda _text: "# to be written\n",
    "a list": lambda _text: "- one\n- two\n",
    "Latin 1": lambda text: (f"{text}# letter ").encode() + b"\xe9\n",
    "NUL": lambda text: f"{text}\0",
}


def _says_what_to_do(said: str) -> bool:
    """Tell whether a refusal has a remedy of its own or names what must stand there."""
    return bool(re.search(r"^  \S| must ", said, re.MULTILINE))


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("kind", FILES)
def test_an_unsound_file_is_refused_with_place_reason_and_remedy(
    kind: str, fault: str, small: Small
) -> None:
    name, text, words = FILES[kind]
    small.write(name, text)
    assert small.check(*words).code == 0, "the file must be sound before it is spoilt"
    small.write(name, FAULTS[fault](text))
    done = small.check("--format", "json", *words)
    said = refused(done, 5)
    assert re.search(rf"^error\[[a-z0-9-]+\] (?:\S+/)?{re.escape(name)}.*: \S", said, re.MULTILINE)
    assert _says_what_to_do(said), said


MISREAD: Final = {
    "9.10 as a version": ("system", 'version: "1"', "version: 9.10"),
    "a number as a control": ("scope", "control: MEASURE 2.3", "control: 2.10"),
    "9.10 as a release of a waiver": (
        "waivers",
        "whole: true",
        "whole: true\n    releases: [9.10]",
    ),
    "a word as a truth": ("waivers", "whole: true", "whole: yes"),
    "9.10 as a title": ("policy", f"title: {TITLE}", "title: 9.10"),
    "a number as an overlay": ("overlay", "overlay: clinic", "overlay: 1.10"),
    "a word as a number": ("overlay", "floor: 0.8", "floor: high"),
    "no as a path": ("manifest", "path: metrics.json", "path: no"),
    "12:30:45 as a duration": ("policy", "fresh_for: 90d", "fresh_for: 12:30:45"),
}


@pytest.mark.parametrize("name", MISREAD)
def test_a_word_that_could_mean_another_thing_is_refused(name: str, small: Small) -> None:
    kind, sound, misread = MISREAD[name]
    file, text, words = FILES[kind]
    assert sound in text
    small.write(file, text.replace(sound, misread))
    assert file in refused(small.check(*words), 5)


@pytest.mark.parametrize("word", ["no", "off", "NO", "12:30:45", "0o10", "2026-11-20", "~x"])
def test_a_word_that_old_yaml_takes_for_another_is_kept_as_it_is_written(
    word: str, small: Small
) -> None:
    small.write("system.yaml", SYSTEM.replace("owner: ann", f"owner: {word}"))
    assert assay("system", "add", "system.yaml", inside=small.folder).code == 0
    shown = assay("system", "show", "triage", "--format", "json", inside=small.folder)
    assert shown.value["record"]["system"]["owner"] == word


POLICIES: Final = {
    "an unknown field": ("row.value", "row.valu", "unknown-field"),
    "an unknown operator": (">= params.floor", "=> params.floor", ""),
    "an unknown param": ("params.floor", "params.flor", ""),
    "an unknown fact": ("facts: metric", "facts: metrik", ""),
    "an unknown control": ("MEASURE 2.3", "MEASURE 2.33", "control-unknown"),
    "an unknown catalog": ("nist-ai-rmf-1.0", "nist-ai-rmf-9", "catalog-unknown"),
    "an unknown severity": ("severity: high", "severity: severe", ""),
    "a misspelt key": ("fresh_for", "fresh_four", ""),
    "a loop over nothing": ("for_each: quality", "for_each: qualty", ""),
    "no rule": (POLICY[POLICY.index("rules:") :], "rules: []\n", ""),
    "no need": ("fresh_for: 90d", "", ""),
    "another id than its path": ("policy: quality.floor", "policy: quality.roof", ""),
}


@pytest.mark.parametrize("name", POLICIES)
def test_an_unsound_policy_judges_nothing(name: str, small: Small) -> None:
    sound, unsound, code = POLICIES[name]
    assert sound in POLICY
    small.write("policies/quality/floor.yaml", POLICY.replace(sound, unsound))
    done = small.check("--format", "json")
    said = refused(done, 5, *([code] if code else []))
    assert done.out == ""
    assert re.search(r"policies/quality/floor\.yaml:\d+:\d+: ", said)
    assert _says_what_to_do(said), said
    lint = assay("policy", "lint", "policies", inside=small.folder)
    assert lint.code == 5


def test_a_rule_that_loops_over_no_row_is_undecided(small: Small) -> None:
    small.write("policies/quality/floor.yaml", POLICY.replace('"roc_auc"', '"recall"'))
    done = small.check("--format", "json")
    assert done.code == 3
    assert [one["outcome"] for one in done.value["findings"]] == ["inconclusive"]


def test_every_fault_of_every_policy_is_told_at_once(small: Small) -> None:
    small.write("policies/quality/floor.yaml", POLICY.replace("row.value", "row.valu"))
    small.write("policies/quality/other.yaml", "policy: quality.other\nversion: 1\n")
    said = refused(small.check(), 5)
    assert "floor.yaml" in said
    assert "other.yaml" in said
    assert said.count("error[") > 2


def test_a_waiver_file_without_a_verified_approval_changes_nothing(small: Small) -> None:
    small.write("evidence/metrics.json", a_document(0.5))
    done = small.check("--waivers", "waivers.yaml", "--trust", "trust.yaml", "--format", "json")
    assert done.code == 1
    assert done.value["waivers"][0]["state"] == "pending"


def test_an_approval_that_nobody_signed_is_refused(small: Small) -> None:
    small.write(
        "waivers.approvals.jsonl", '{"payloadType": "x", "payload": "e30=", "signatures": []}\n'
    )
    done = small.check("--waivers", "waivers.yaml", "--trust", "trust.yaml")
    assert "waivers.approvals.jsonl" in refused(done, 5)


def test_an_artifact_that_is_not_there_or_never_ends_is_refused(small: Small) -> None:
    for path in ("gone.bin", "evidence", "/dev/zero"):
        small.write("system.yaml", SYSTEM.replace("model.bin", path))
        assert path in refused(small.check(), 2)
