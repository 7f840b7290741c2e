import json
from typing import Final

import yaml

from assaybook.cli.policy_proof import Proof, proof_page, proof_record
from assaybook.language.document_cases import CaseDocument
from assaybook.language.library import Folder, load_policies
from assaybook.service.first_case import first_case
from assaybook.shelf import shelf
from support.policies import policy, references

SEVERAL: Final = """\
policy: demo.several
version: 1
title: Several needs
why: A demonstration.
severity: low
controls: {nist-ai-rmf-1.0: {MEASURE 2.3: supports}}
applies_when: system.risk_tier in ["limited", "high"] && system.edge && "eu" in system.tags
params:
  split: {type: string, default: holdout}
  slices: {type: list<string>, stricter: superset}
  asked: {type: list<string>, default: [pii/email], stricter: superset}
  unset: {type: list<string>, stricter: superset}
needs:
  recall:
    facts: metric
    fresh_for: 9d
    where: row.name in ["recall", "f1"] && row.split == params.split && row.raw_name == row.slice
  found: {facts: pii, fresh_for: 9d, about: dataset, of: params.asked, may_be_empty: true}
  late: {facts: operation, fresh_for: 9d, of: params.unset}
  card: {facts: documentation, fresh_for: 9d, of: [documentation/model]}
rules:
  - id: a
    for_each: recall
    where: row.slice in params.slices
    enough: row.n >= 9
    pass_when: row.value >= 0.5
  - {id: b, pass_when: size(found) == 0}
  - id: c
    pass_when: late.exists(o, o.result == "pass" && o.loaded && o.tested_at < release.released_at)
  - {id: d, pass_when: "card.exists(t, t.present)"}
  - {id: e, attested: {question: Is it so?, role: lead, people: 2, valid_for: 9d}}
"""
FRAME: Final = """\
name: <what this shows>
as_of: "2026-01-31T00:00:00Z"
system: {risk_tier: high, edge: <true or false>, tags: <text>}
release: {artifacts: [{name: dataset, kind: dataset, digest: DIGEST}]}
params: {slices: <list<string>>, unset: <list<string>>}
evidence:
  - type: metric
    age: 1d
    facts:
      - {name: f1, slice: <text>, split: holdout, value: <number>, n: <whole number>}
  - type: pii
    age: 1d
    coverage:
      - {question: pii/email, examined: <whole number>, failed: 0, errored: 0, skipped: 0}
    facts: []
  - type: operation
    age: 1d
    coverage:
      - {question: <question>, examined: <whole number>, failed: 0, errored: 0, skipped: 0}
    facts:
      - {loaded: <true or false>, tested_at: <instant>, result: "<pass, fail, error, skip>"}
  - type: documentation
    age: 1d
    coverage:
      - {question: documentation/model, examined: <whole number>, failed: 0, errored: 0, skipped: 0}
    facts: [{present: <true or false>}]
attestations:
  - {rule: e, person: person-1, role: lead, answer: "yes", signed_at: "2026-01-30T00:00:00Z"}
  - {rule: e, person: person-2, role: lead, answer: "yes", signed_at: "2026-01-30T00:00:00Z"}
expect: {a: pass, b: pass, c: pass, d: pass, e: pass}
""".replace("DIGEST", f"sha256:{'1' * 64}")


def test_a_frame_says_what_the_policy_fixes_and_leaves_the_rest_to_its_author() -> None:
    assert first_case(policy(SEVERAL)) == yaml.safe_load(FRAME)


def test_a_frame_of_every_shipped_policy_has_the_form_of_a_case() -> None:
    for one in load_policies([Folder(shelf("policies"), "policies")], references()).policies:
        read = CaseDocument.model_validate_json(json.dumps(first_case(one)))
        assert set(read.expect) == {rule.id for rule in one.rules}
        assert len(read.evidence) == len(one.needs)


def test_who_has_no_case_yet_is_shown_a_whole_file_to_begin_with() -> None:
    proof = Proof("demo.several", suggested=(), first=first_case(policy(SEVERAL)))
    page = list(proof_page(proof))
    file = yaml.safe_load("\n".join(page))
    assert file == {"policy": "demo.several", "cases": [yaml.safe_load(FRAME)]}
    assert page[0].endswith("Write what stands in <...>, beside the policy:")
    assert proof_record(proof) == {"suggested": [], "first_case": yaml.safe_load(FRAME)}


def test_what_a_policy_reads_of_a_release_to_apply_stands_in_the_frame() -> None:
    text = SEVERAL.partition("params:")[0].replace(
        "system.risk_tier in", 'release.stage != "retired" && system.risk_tier in'
    )
    rule = "needs: {m: {facts: metric, fresh_for: 9d}}\nrules: [{id: a, pass_when: size(m) > 3}]\n"
    assert first_case(policy(text + rule))["release"] == {"stage": "<text>"}
