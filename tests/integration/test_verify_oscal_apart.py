"""OSCAL of every kind of result is what the second verifier lets it be."""

import json
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from assaybook.domain.canonical import canonical
from assaybook.domain.history import Deadlines
from assaybook.reporting.json import findings_value
from assaybook.reporting.oscal import OscalSource, assessment_plan, assessment_results, poam
from assaybook.service.pack_named import plain
from support import oscal, packs
from support.verifying import second_verifier

PLAN = "oscal-assessment-plan.json"
RESULTS = "oscal-assessment-results.json"
WITHIN = {"critical": timedelta(days=14), "high": timedelta(days=30)}


def checked(source: OscalSource, **other: bytes) -> str:
    """Return the code by which the second verifier refuses the OSCAL of an assessment."""
    second, assessment = second_verifier(), source.assessment
    dates = Deadlines(assessment.assessment.as_of, (), WITHIN).all(assessment.findings)
    source = replace(source, remediation=dates)
    facts = [plain(one) for one in source.evidence]
    found: Any = findings_value(assessment)
    files = {
        "facts.json": canonical({"evidence": facts, "problems": []}),
        "subject.json": canonical({"subject": plain(source.subject)}) if source.subject else b"",
        RESULTS: assessment_results(source, plan_beside=PLAN),
        "oscal-poam.json": poam(source),
        PLAN: assessment_plan(source),
        **other,
    }
    told = {name: data for name, data in files.items() if data is not None}
    due = {(one.policy, one.rule): plain(one) for one in dates}
    said = json.loads(canonical(found))
    try:
        sys.modules["verify_oscal"].check_oscal(told, said, due, source.organisation)
    except second.BadError as error:
        return " ".join(map(str, error.args))
    return ""


@pytest.mark.parametrize("kind", ["every kind", "a few", "nothing judged", "no control"])
def test_oscal_of_every_kind_of_result_is_good_to_the_second_verifier(kind: str) -> None:
    whole = oscal.the_source()
    some = packs.an_assessment((), standings=packs.standings(())[:2], conclusion=())
    bare = packs.a_finding("a.b", controls=())
    alone = packs.an_assessment((bare,), standings=(), conclusion=())
    sources = {
        "every kind": whole,
        "a few": oscal.a_few(),
        "nothing judged": replace(whole, assessment=some),
        "no control": replace(whole, assessment=alone),
    }
    assert checked(sources[kind]) == ""


def test_oscal_of_another_assessment_is_not() -> None:
    other = assessment_results(oscal.a_few(), plan_beside=PLAN)
    assert checked(oscal.the_source(), **{RESULTS: other}).startswith("derived-otherwise")
