"""One assessment: pure, replayable, and nothing in it vanishes."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Scope
from assaybook.domain.finding import Assessment, Outcome, Unused
from assaybook.domain.policy import Param, Severity
from assaybook.domain.policy import Scope as PolicyScope
from assaybook.domain.subject import RiskTier
from assaybook.domain.waiver import Retirement
from assaybook.evaluation.assess import assess, seen_by
from assaybook.language.parser import parse
from support.assessing import (
    FLOOR,
    RECALL,
    a_catalog,
    a_policy,
    a_waiver,
    approval_rule,
    assessed,
    at,
    inputs,
    links,
    the_finding,
)
from support.evidence import AS_OF, a_document, a_fact, a_metric, a_subject
from support.rules import secrets

GOOD = a_document(a_metric(value=0.9), name="good.json")
BAD = a_document(a_metric(value=0.5, slice="f"), name="bad.json", tool="other")
FINDING = a_fact("security", fingerprint="x", **{"class": "secret"})


def _digest(*documents: Evidence, **changes: object) -> str:
    return assessed(*documents, **changes).assessment.digest


def test_as_many_findings_come_out_as_rules_go_in() -> None:
    policies = [
        a_policy(),
        a_policy(FLOOR, approval_rule(), id="house.two"),
        a_policy(id="house.three", applies='system.risk_tier == "minimal"'),
        a_policy(id="house.four", applies='system.purpose == "any"'),
    ]
    scope = PolicyScope(left_out={"house.two": "next year"})
    found = assessed(GOOD, policies=policies, scope=scope)
    assert [(one.policy, one.rule, one.outcome.value) for one in found.findings] == [
        ("house.recall", "floor", "pass"),
        ("house.two", "floor", "not_applicable"),
        ("house.two", "asked", "not_applicable"),
        ("house.three", "floor", "not_applicable"),
        ("house.four", "floor", "inconclusive"),
    ]


def test_the_order_of_evidence_decides_nothing() -> None:
    documents = [GOOD, BAD, a_document(FINDING), a_document(a_metric("accuracy"), age=9)]
    expected = assessed(*documents)
    shuffle = Random(7)  # noqa: S311 - any order will do
    for _ in range(5):
        shuffle.shuffle(documents)
        assert assessed(*documents) == expected


def test_the_same_inputs_give_the_same_bytes_in_every_process(checkout: Path) -> None:
    script = (
        "from support.assessing import assessed, a_waiver, a_policy, approval_rule, FLOOR\n"
        "from support.evidence import a_document, a_metric\n"
        "documents = [a_document(a_metric(value=v, slice=s), tool=s)"
        " for v, s in ((0.9, 'a'), (0.5, 'b'), (0.4, 'c'))]\n"
        "keys = tuple(f'name=recall, slice={s}, dataset=d, split=holdout' for s in 'bc')\n"
        "waivers = (a_waiver(rows=keys), a_waiver(id='W-2', rows=keys))\n"
        "policies = [a_policy(FLOOR, approval_rule())]\n"
        "print(assessed(*documents, waivers=waivers, policies=policies).model_dump_json())\n"
    )
    paths = os.pathsep.join([str(checkout / "tests"), str(checkout / "engine")])
    told = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": paths, "PATH": os.environ["PATH"]},
        ).stdout
        for seed in ("0", "1", "4242")
    }
    assert len(told) == 1
    assert b"sha256:" in told.pop()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"as_of": at(0.5)}, id="the instant"),
        pytest.param({"engine": "assaybook next"}, id="the engine"),
        pytest.param({"policies": [a_policy(id="house.other")]}, id="the bundle"),
        pytest.param({"subject": a_subject(system={"purpose": "x"})}, id="the subject"),
        pytest.param({"waivers": (a_waiver(),)}, id="a waiver"),
        pytest.param({"fail_on": Severity.CRITICAL}, id="the threshold"),
        pytest.param({"problems": 1}, id="a file that could not be read"),
        pytest.param({"asserted": False}, id="who asserts it"),
        pytest.param({"catalogs": (a_catalog(), a_catalog(catalog_id="b"))}, id="the catalogs"),
        pytest.param(
            {"unrecognised": (Unused(evidence="", name="x", why="unknown"),)}, id="an unknown file"
        ),
    ],
)
def test_the_digest_changes_when_anything_changes(changes: dict[str, object]) -> None:
    assert _digest(GOOD) != _digest(GOOD, **changes)


def test_the_digest_changes_with_the_evidence_and_how_it_was_read() -> None:
    envelope = GOOD.envelope.model_copy(update={"adapter_version": 2})
    again = GOOD.model_copy(update={"envelope": envelope})
    assert len({_digest(), _digest(GOOD), _digest(GOOD, BAD), _digest(again)}) == 4


def test_a_retirement_shows_in_what_was_left_out() -> None:
    gone = Retirement(format="tool", tool="other", reason="gone", person="lead", at=at(0))
    found = assessed(GOOD, BAD, retirements=(gone,))
    assert [(one.code, one.message) for one in the_finding(found).left_out] == [
        ("retired", "lead: gone")
    ]
    assert found.unused[0].why == "retired: lead: gone"


def test_the_digest_covers_everything_but_itself() -> None:
    found = assessed(GOOD)
    sealed = found.assessment.model_copy(update={"digest": ""})
    from assaybook.domain.canonical import digest_of_model

    assert found.assessment.digest == digest_of_model(
        found.model_copy(update={"assessment": sealed})
    )


def test_what_was_received_later_is_not_seen() -> None:
    later = a_document(a_metric(value=0.1, slice="g"), received=-0.001, age=-0.001)
    assert assessed(GOOD, later) == assessed(GOOD)
    now = a_document(a_metric(value=0.1, slice="g"), received=0, age=0)
    assert the_finding(assessed(GOOD, now)).outcome is Outcome.FAIL


def test_one_evidence_id_is_one_record_whatever_the_number_of_copies() -> None:
    assert assessed(GOOD, GOOD, GOOD) == assessed(GOOD)


def test_of_two_records_with_one_id_the_first_received_stands() -> None:
    envelope = GOOD.envelope.model_copy(update={"received_at": at(-0.5), "name": "first.json"})
    first = GOOD.model_copy(update={"envelope": envelope})
    assert seen_by([GOOD, first], AS_OF) == seen_by([first, GOOD], AS_OF) == (first,)


def _unused(found: Assessment) -> dict[str, str]:
    return {one.name: one.why for one in found.unused}


def test_documents_that_no_rule_used_are_listed_with_the_reason() -> None:
    documents = [
        GOOD,
        a_document(a_metric(), name="old.json", age=5, received=5),
        a_document(FINDING, name="scan.json"),
        a_document(coverage=(), name="empty.json"),
        a_document(a_metric(), name="strange.json", release="2"),
        a_document(a_metric(), name="stale.json", tool="silent", age=91),
    ]
    assert _unused(assessed(*documents, subject=a_subject(asserted=True))) == {
        "old.json": "superseded: a newer document answers whole",
        "scan.json": "no rule that applies asks for its security facts",
        "empty.json": "it lends no facts",
        "strange.json": "wrong_subject: it is about release 2, and release 1 is asked for",
        "stale.json": "stale: 91 days old, fresh for 90 days",
    }


def test_a_document_for_a_policy_in_doubt_is_not_said_to_be_asked_for_by_nobody() -> None:
    scan = a_document(FINDING, name="scan.json")
    doubtful = a_policy(applies='system.purpose == "any"', id="house.scans", needs=[secrets()])
    asked = a_policy()
    assert _unused(assessed(GOOD, scan, policies=[asked, doubtful])) == {
        "scan.json": "it is not known whether it counts for house.scans"
    }
    age = Param("age", "duration")
    unset = a_policy(needs=[replace(RECALL, fresh_for=parse("params.age"))], params={"age": age})
    assert _unused(assessed(GOOD, policies=[unset])) == {
        "good.json": "it is not known whether it counts for house.recall"
    }


def test_the_register_does_not_list_the_documents_of_every_other_release() -> None:
    found = assessed(a_document(a_metric(), name="strange.json", release="2"))
    (finding,) = found.findings
    assert (_unused(found), finding.left_out) == ({}, ())
    assert [one.code for one in finding.reasons] == ["wrong_subject"]


def test_an_answer_of_a_person_is_used_or_says_why_not() -> None:
    def says(person: str | None) -> Evidence:
        fact = a_fact(
            "attestation",
            policy="house.recall",
            rule="asked",
            person=person,
            answer="yes",
            role="approver",
            signed_at=at(-1),
        )
        return a_document(fact, name=f"{person}.json")

    found = assessed(
        says("ada"), says(None), policies=[a_policy(approval_rule(people=1), needs=())]
    )
    assert _unused(found) == {"None.json": "low_assurance: nobody has verified who said it"}


def test_files_that_nobody_recognised_are_listed_too() -> None:
    unknown = Unused(evidence="", name="notes.txt", why="it was not recognised")
    assert assessed(GOOD, unrecognised=(unknown,)).unused == (unknown,)


def test_documents_that_were_not_received_by_then_are_no_documents_for_the_gate() -> None:
    later = a_document(a_metric(), received=-1)
    assert assessed(later).gate.exit == 4


def test_a_finding_says_which_controls_params_and_severity_it_has() -> None:
    policy = a_policy(controls=links("A1", "A2", relation="supports"), severity=Severity.CRITICAL)
    finding = the_finding(assessed(GOOD, policies=[policy]))
    assert [(one.control, one.relation) for one in finding.controls] == [
        ("A1", "supports"),
        ("A2", "supports"),
    ]
    assert finding.severity is Severity.CRITICAL
    assert finding.sentence == "It holds that floor."


def test_an_unknown_tier_makes_a_policy_that_asks_for_it_undecided() -> None:
    policy = a_policy(applies='system.risk_tier in ["limited", "high"]')
    subject = a_subject(system={"risk_tier": None})
    finding = the_finding(assessed(GOOD, policies=[policy], subject=subject))
    assert finding.outcome is Outcome.INCONCLUSIVE
    assert finding.message == "it is not known whether the policy applies"
    minimal = a_subject(system={"risk_tier": RiskTier.MINIMAL})
    gone = the_finding(assessed(GOOD, policies=[policy], subject=minimal))
    assert gone.outcome is Outcome.NOT_APPLICABLE
    words = "it does not apply to this release: it applies when the system's risk tier is either "
    assert gone.message == f'{words}"limited" or "high"'


def test_judging_twice_gives_equal_assessments() -> None:
    asked = inputs(GOOD, BAD)
    assert assess(asked) == assess(replace(asked, evidence=(BAD, GOOD)))


def test_a_shard_without_scope_is_no_shard_of_another_data_set() -> None:
    shard = a_document(a_metric(value=0.2, dataset=None), scope=Scope(dataset="e"), name="e.json")
    assert the_finding(assessed(GOOD, shard)).outcome is Outcome.FAIL
