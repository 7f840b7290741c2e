"""What a pack carries is enough to judge again, and says of each document what became of it."""

import base64
import json
from dataclasses import replace
from pathlib import Path

import pytest

from assaybook.domain.attachment import (
    BUNDLE,
    EVIDENCE_INDEX,
    FACTS,
    FINDINGS,
    STATEMENTS,
    SUBJECT,
)
from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.trust import Trust, TrustedKey
from assaybook.service.bundles import BundleFiles
from assaybook.service.check import CheckRequest, check_files
from assaybook.service.judge import ENGINE, Judgement
from assaybook.service.pack_contents import Kept, contents
from assaybook.service.pack_contents_manifest import predicate
from assaybook.service.pack_named import evidence_digest
from assaybook.service.pack_parts import pack_parts
from assaybook.service.pack_sources import PackSources
from assaybook.service.verify_judgement import judgement_steps
from assaybook.service.verify_parts import Predicate, read_judged
from assaybook.service.verify_report import Step
from assaybook.shelf import shelf
from support.evidence import AS_OF

EXAMPLE = Path(str(shelf("examples"))) / "diabetes"
FLAWED = "1.1.0-flawed"


@pytest.fixture(scope="module")
def judgement() -> Judgement:
    """Return the judgement of the flawed release by every policy that ships."""
    return check_files(
        CheckRequest(
            evidence=(EXAMPLE / "releases" / FLAWED / "evidence",),
            system=EXAMPLE / "system.yaml",
            release=FLAWED,
            as_of=AS_OF,
            bundle=BundleFiles(overlays=(EXAMPLE / "overlay.yaml",), scope=EXAMPLE / "scope.yaml"),
        )
    )


@pytest.fixture(scope="module")
def files(judgement: Judgement) -> dict[str, bytes]:
    """Return the parts that it makes, by name."""
    return {one.name: one.data for one in contents(judgement, Kept())}


def _said(judgement: Judgement) -> Predicate:
    told = predicate(
        judgement.assessment,
        judgement.subject,
        (),
        pack="AB-1",
        organisation="",
        profile="full",
        verdicts=(),
        keys=None,
        made_at=None,
    )
    return Predicate.model_validate_json(json.dumps(told))


def test_the_parts_are_enough_to_judge_again_to_the_same_digest(
    judgement: Judgement, files: dict[str, bytes]
) -> None:
    steps = list(judgement_steps(read_judged(files), _said(judgement)))
    assert [one.code for one in steps] == ["bundle", "judged-again"]
    assert f"all {len(judgement.assessment.findings)} findings" in steps[-1].message


def test_every_part_is_canonical_and_the_same_each_time(
    judgement: Judgement, files: dict[str, bytes]
) -> None:
    assert {one.name: one.data for one in contents(judgement, Kept())} == files
    for name in (FINDINGS, BUNDLE, SUBJECT, FACTS, STATEMENTS, EVIDENCE_INDEX):
        assert canonical(json.loads(files[name])) == files[name], name


def test_every_document_is_in_the_facts_and_in_the_index_whatever_became_of_it(
    judgement: Judgement, files: dict[str, bytes]
) -> None:
    ids = sorted(one.envelope.id for one in judgement.evidence)
    facts = json.loads(files[FACTS])["evidence"]
    index = json.loads(files[EVIDENCE_INDEX])["evidence"]
    assert [one["envelope"]["id"] for one in facts] == ids
    assert [one["id"] for one in index] == ids
    by_id = {one.envelope.id: one for one in judgement.evidence}
    for one in index:
        assert one["digest"] == evidence_digest(by_id[one["id"]])
        assert one["effective"]["from"] <= one["received_at"]
    assert any(one["controls"] for one in index)
    assert any(one["left_out"] for one in index)


def test_the_index_says_why_bytes_are_gone_and_where_a_document_stands_in_the_log(
    judgement: Judgement,
) -> None:
    first = min(judgement.evidence, key=lambda one: one.envelope.id).envelope
    kept = Kept(places={first.id: 7}, erased={first.blob: "a person asked"})
    (index,) = [one for one in contents(judgement, kept) if one.name == EVIDENCE_INDEX]
    line = json.loads(index.data)["evidence"][0]
    assert (line["seq"], line["erased"]) == (7, "a person asked")


def test_statements_are_carried_as_they_were_accepted_with_the_keys_that_counted(
    judgement: Judgement,
) -> None:
    key = TrustedKey(person="ann", name="Ann", roles=("approver",), key=b"k" * 32)
    kept = Kept(envelopes={"ev-1": b'{"payload": "x"}'}, trust=Trust(keys=(key,)))
    (part,) = [one for one in contents(judgement, kept) if one.name == STATEMENTS]
    told = json.loads(part.data)
    assert base64.b64decode(told["envelopes"][0]["envelope"]) == b'{"payload": "x"}'
    assert told["keys"][0]["person"] == "ann"
    assert told["keys"][0]["valid_until"] is None


def test_a_bundle_that_was_changed_is_not_the_one_that_judged(
    judgement: Judgement, files: dict[str, bytes]
) -> None:
    bundle = json.loads(files[BUNDLE])
    bundle["bundle"]["policies"][0]["why"] = "No reason."
    changed = read_judged({**files, BUNDLE: canonical(bundle)})
    assert [one.code for one in judgement_steps(changed, _said(judgement))] == ["bundle-changed"]


@pytest.mark.parametrize(
    ("told", "code", "standing"),
    [
        pytest.param(
            {"catalogs": {"nist-ai-rmf-1.0": "sha256:0"}}, "catalog-changed", "cannot tell"
        ),
        pytest.param({"kind": "other"}, "bundle-malformed", "bad"),
    ],
    ids=["another edition of a catalog", "no bundle"],
)
def test_a_bundle_that_cannot_be_used_here_is_told_apart_from_a_false_one(
    judgement: Judgement, files: dict[str, bytes], told: dict[str, object], code: str, standing: str
) -> None:
    bundle = json.loads(files[BUNDLE])
    bundle["bundle"] |= told
    changed = read_judged({**files, BUNDLE: canonical(bundle)})
    (step,) = judgement_steps(changed, _said(judgement))
    assert (step.code, step.standing) == (code, standing)


@pytest.mark.parametrize(
    ("told", "code", "words"),
    [
        ({}, "judged-again", "came out the same when they were judged again by"),
        ({"message": "As it was said."}, "engine-other-details", "did not (message)"),
        ({"outcome": "error"}, "engine-other", "1 of its"),
    ],
    ids=["nothing differs", "what explains a verdict", "a verdict"],
)
def test_of_findings_of_another_engine_it_is_said_what_comes_out_otherwise(
    judgement: Judgement, files: dict[str, bytes], told: dict[str, str], code: str, words: str
) -> None:
    steps = _judged_by(judgement, files, told)
    standing = "cannot tell" if told else "good"
    assert [(one.code, one.standing) for one in steps[1:]] == [(code, standing)]
    assert words in steps[-1].message
    assert "assaybook 99.0.0" in steps[-1].message
    assert ENGINE in steps[-1].message


def test_a_verdict_that_comes_out_otherwise_is_named_as_it_was_and_as_it_is(
    judgement: Judgement, files: dict[str, bytes]
) -> None:
    first = judgement.assessment.findings[0]
    (step,) = _judged_by(judgement, files, {"outcome": "error"})[1:]
    name = f"{first.policy}/{first.rule}"
    now = first.outcome.value.upper().replace("_", " ")
    assert f"it says {name}: ERROR, and not {name}: {now}" in step.message
    assert "newer than this" in step.message


@pytest.mark.parametrize("beside", [True, False], ids=["its own digest", "another digest"])
def test_policies_of_another_engine_that_this_one_does_not_judge_by_are_bad_only_if_exchanged(
    judgement: Judgement, files: dict[str, bytes], *, beside: bool
) -> None:
    told = json.loads(files[BUNDLE])
    told["bundle"]["kind"] = "of another version"
    told["digest"] = digest_of(canonical(told["bundle"])) if beside else told["digest"]
    later = {**files, BUNDLE: canonical(told)}
    (step,) = _judged_by(judgement, later, {}, bundle=told["digest"])
    assert (step.code, step.standing) == (
        ("engine-other", "cannot tell") if beside else ("bundle-malformed", "bad")
    )
    assert "bundle-malformed" in (step.message if beside else step.code)


@pytest.mark.parametrize(
    ("engine", "code"), [("assaybook 99.0.0", "engine-other"), (ENGINE, "findings-changed")]
)
def test_findings_that_leave_out_what_this_version_writes_are_bad_only_of_this_version(
    judgement: Judgement, files: dict[str, bytes], engine: str, code: str
) -> None:
    findings = json.loads(files[FINDINGS])
    findings["assessment"] |= {"engine": engine, "digest": ""}
    del findings["gate"]["problems"]
    digest = digest_of(canonical(findings))
    findings["assessment"]["digest"] = digest
    changed = read_judged({**files, FINDINGS: canonical(findings)})
    said = {"engine": engine, "assessment": digest}
    (step,) = judgement_steps(changed, _said(judgement).model_copy(update=said))
    assert step.code == code


def _judged_by(
    judgement: Judgement, files: dict[str, bytes], told: dict[str, str], **head: str
) -> tuple[Step, ...]:
    """Return what is said of findings that another engine made, and told otherwise."""
    findings = json.loads(files[FINDINGS])
    findings["assessment"] |= {"engine": "assaybook 99.0.0", "digest": "", **head}
    findings["findings"][0] |= told
    digest = digest_of(canonical(findings))
    findings["assessment"]["digest"] = digest
    bundle = json.loads(files[BUNDLE]) | {"engine": "assaybook 99.0.0"}
    changed = read_judged({**files, FINDINGS: canonical(findings), BUNDLE: canonical(bundle)})
    said = {"engine": "assaybook 99.0.0", "assessment": digest}
    return tuple(judgement_steps(changed, _said(judgement).model_copy(update=said)))


def test_where_files_lay_when_a_pack_was_made_is_in_no_part_of_it(judgement: Judgement) -> None:
    elsewhere = {one.envelope.id: f"/home/ann/{one.envelope.name}" for one in judgement.evidence}
    parts = pack_parts(replace(judgement, files=elsewhere), PackSources(), organisation="Ward")
    assert elsewhere
    assert not [one.name for one in parts if b"/home/ann" in one.data]
