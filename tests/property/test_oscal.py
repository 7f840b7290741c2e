"""Whatever was judged: the OSCAL of it is valid, holds together, and reads back as it was."""

import json
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from assaybook.domain.finding import (
    ControlReach,
    Disposition,
    EvidenceUse,
    Finding,
    LeftOut,
    Outcome,
    ReasonShown,
)
from assaybook.domain.oscal import Shape, line
from assaybook.domain.policy import Severity
from assaybook.reporting.oscal import OscalSource, assessment_plan, assessment_results, poam
from assaybook.reporting.oscal.integrity import integrity_faults
from assaybook.reporting.oscal.shapes import PlanFile, PoamFile, ResultsFile
from support import oscal, pack_documents, pack_findings, packs

texts = st.text(max_size=12) | st.sampled_from(
    ("", " \n", "[a](b)", "<b>", "\u202e", "\ud800", "##[x]", "{{ insert: param, p }}")
)
controls = st.builds(
    ControlReach,
    catalog=st.sampled_from((pack_findings.RMF, pack_findings.ISO, "house-1", "4th.book")),
    control=st.sampled_from(("GOVERN 1.1", "A.6.2.4", "A.5.2", "5.2", "§ 5", "x\n")),
    relation=st.sampled_from(("implements", "supports")),
)
ids = st.sampled_from([one.envelope.id for one in pack_documents.documents()] + ["ev-gone"])


@st.composite
def findings(draw: st.DrawFn) -> tuple[Finding, ...]:
    """Draw a few findings, no two of one rule."""
    rules = draw(st.lists(st.sampled_from("abcde"), unique=True, max_size=4))
    return tuple(draw(_finding(rule)) for rule in rules)


def _finding(rule: str) -> st.SearchStrategy[Finding]:
    return st.builds(
        Finding,
        policy=st.just("house.p"),
        policy_version=st.integers(1, 9),
        rule=st.just(rule),
        title=texts,
        sentence=texts,
        system=st.just("s"),
        release=st.just("1"),
        outcome=st.sampled_from(Outcome),
        disposition=st.sampled_from(Disposition),
        waiver=st.sampled_from((None, "W-07", "W-07, W-08", "W-gone")),
        severity=st.sampled_from(Severity),
        reasons=st.lists(
            st.builds(ReasonShown, code=st.sampled_from(("missing", "stale")), message=texts),
            max_size=2,
        ).map(tuple),
        controls=st.lists(controls, max_size=3).map(tuple),
        evidence=st.lists(st.builds(EvidenceUse, id=ids, pointer=texts), max_size=2).map(tuple),
        left_out=st.lists(
            st.builds(LeftOut, evidence=ids, code=st.sampled_from(("stale", "wrong_subject"))),
            max_size=2,
        ).map(tuple),
        fix=texts,
        message=texts,
    )


def _read_back(raw: bytes) -> set[tuple[str, ...]]:
    result: Any = json.loads(raw)["assessment-results"]["results"][0]
    asked = ("policy", "rule", "outcome", "disposition", "catalog", "control", "relation")
    return {
        tuple(next(p["value"] for p in one["props"] if p["name"] == name) for name in asked)
        for one in result.get("findings", ())
    }


@settings(max_examples=8)
@given(found=findings(), whole=st.booleans())
def test_any_assessment_is_valid_oscal_and_reads_back_as_it_was(
    *, found: tuple[Finding, ...], whole: bool
) -> None:
    standings = packs.standings(())[:2]
    assessment = packs.an_assessment(found, standings=standings, conclusion=())
    source = OscalSource(assessment)
    if whole:
        source = replace(oscal.the_source(), assessment=assessment)
    documents = (assessment_results(source), assessment_plan(source), poam(source))
    shapes: tuple[type[Shape], ...] = (ResultsFile, PlanFile, PoamFile)
    for raw, shape in zip(documents, shapes, strict=True):
        if raw is not None:
            assert oscal.told_by_trestle(raw) == ""
            assert integrity_faults(raw) == ()
            shape.model_validate_json(raw)
    assert (documents[2] is None) is not bool(source.open)
    assert _read_back(documents[0] or b"") == {
        (
            each.policy,
            each.rule,
            each.outcome.value,
            each.disposition.value,
            reach.catalog,
            line(reach.control),
            reach.relation,
        )
        for each in source.judged
        for reach in source.reaches(each)
    }
