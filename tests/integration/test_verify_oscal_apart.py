"""OSCAL of every kind of result is, byte for byte, what the second verifier makes of it apart."""

import ast
import json
import re
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import JsonValue

from assaybook.domain.canonical import canonical
from assaybook.domain.finding import BaselineUse, Disposition, Outcome, TraceNode
from assaybook.domain.history import Deadlines
from assaybook.domain.ids import written
from assaybook.domain.policy import Policy
from assaybook.domain.reasons import PRECEDENCE
from assaybook.reporting.json import findings_value
from assaybook.reporting.oscal import (
    OscalSource,
    assessment_plan,
    assessment_results,
    frameworks,
    poam,
)
from assaybook.reporting.oscal.integrity import integrity_faults
from assaybook.reporting.prose import PROSE
from assaybook.reporting.words import reason_word
from assaybook.service.pack_named import plain
from support import oscal, pack_findings, packs
from support.verifying import second_verifier

PLAN = "oscal-assessment-plan.json"
RESULTS = "oscal-assessment-results.json"
WITHIN = {"critical": timedelta(days=14), "high": timedelta(days=30)}
_SHARED: Final = {
    "observe": ("rows_text", "reasons_text", "held"),
    "summary": ("gate_words", "_counted"),
}
_ROOT: Final = Path(__file__).resolve().parents[2]


def _asked(policy: Policy) -> JsonValue:
    """Return of a policy what OSCAL tells a method by, as a bundle has it."""
    rules: list[JsonValue] = [
        {"id": one.id, **({"attested": {}} if one.attested else {})} for one in policy.rules
    ]
    needs: JsonValue = {name: {"facts": one.facts} for name, one in policy.needs.items()}
    return {"policy": policy.id, "needs": needs, "rules": rules}


def checked(source: OscalSource, **other: bytes) -> str:
    """Return the code by which the second verifier refuses the OSCAL of an assessment."""
    second, assessment = second_verifier(), source.assessment
    dates = Deadlines(assessment.assessment.as_of, (), WITHIN).all(assessment.findings)
    source = replace(source, remediation=dates)
    facts = [plain(one) for one in source.evidence]
    bundle = source.bundle
    assert bundle is not None
    assert source.subject is not None
    files = {
        "bundle.json": canonical({"bundle": {"policies": list(map(_asked, bundle.policies))}}),
        "facts.json": canonical({"evidence": facts, "problems": []}),
        "findings.json": canonical(findings_value(assessment)),
        "frameworks.json": frameworks(source),
        "subject.json": canonical({"subject": plain(source.subject)}),
        RESULTS: assessment_results(source, plan_beside=PLAN),
        "oscal-poam.json": poam(source),
        PLAN: assessment_plan(source),
        **other,
    }
    told = {name: data for name, data in files.items() if data is not None}
    due: Any = {(one.policy, one.rule): plain(one) for one in dates}
    try:
        sys.modules["verify_oscal"].check_oscal(told, due, source.organisation)
    except second.BadError as error:
        return " ".join(map(str, error.args))
    return ""


def _everything(text: str) -> OscalSource:
    """Return results in which each text of a finding is another one."""
    source = oscal.the_source()
    leaf = TraceNode(text=text, value=0.1), TraceNode(text="row.n", value=text)
    shown = {
        "title": text,
        "sentence": text,
        "message": text,
        "fix": text,
        "relaxed": (text,),
        "params": {"a": text, "b": [0.5, 1e-7, text], "c": True, "d": 1e21, "e": -0.0},
        "trace": TraceNode(text="x", truth="F", children=leaf),
        "reasons": (pack_findings.a_reason("null", text),),
    }
    return replace(
        source,
        organisation=text,
        assessment=source.assessment.model_copy(
            update={
                "findings": tuple(
                    one.model_copy(update=shown) for one in source.assessment.findings[:12]
                ),
                "waivers": tuple(
                    one.model_copy(update={"reason": text, "approver": text})
                    for one in source.assessment.waivers
                ),
            }
        ),
    )


@pytest.mark.parametrize("kind", ["every kind", "a few", "nothing judged", "no control"])
def test_oscal_of_every_kind_of_result_is_what_the_second_verifier_writes(kind: str) -> None:
    whole = oscal.the_source()
    some = packs.an_assessment((), standings=packs.standings(())[:2], conclusion=())
    bare = pack_findings.a_finding("a.b", controls=())
    alone = packs.an_assessment((bare,), standings=(), conclusion=())
    sources = {
        "every kind": whole,
        "a few": oscal.a_few(),
        "nothing judged": replace(whole, assessment=some),
        "no control": replace(whole, assessment=alone),
    }
    assert checked(sources[kind]) == ""


def test_whatever_texts_hold_the_second_verifier_writes_them_alike() -> None:
    texts = (
        "*a* _b_ c_d `e` <f> [g](h)",
        "\u202e\x07 \u200b\ufeff",
        "#### ##[x] #",
        "  ",
        "\U0001f600é\t",
    )
    for text in texts:
        assert checked(_everything(text)) == "", ascii(text)


def test_what_a_baseline_accepts_has_its_risk_with_whoever_approved_it() -> None:
    source = oscal.the_source()
    at = source.assessment.assessment.as_of
    baseline = BaselineUse(
        id="B-1",
        digest=f"sha256:{'0' * 64}",
        state="in_force",
        reason="As found.",
        requester="ada",
        approver="eva",
        approver_verified=True,
        written_at=at - timedelta(days=1),
        expires=at + timedelta(days=90),
        rows=(),
    )
    fail = pack_findings.a_finding(
        "a.b", outcome=Outcome.FAIL, disposition=Disposition.BASELINED, waiver="B-1", fix="Mend it."
    )
    found = packs.an_assessment((fail,), standings=(), conclusion=())
    source = replace(source, assessment=found.model_copy(update={"baseline": baseline}))
    assert checked(source) == ""
    raw = poam(source)
    assert raw is not None
    assert integrity_faults(raw) == ()
    (risk,) = json.loads(raw)["plan-of-action-and-milestones"]["risks"]
    (entry,) = risk["risk-log"]["entries"]
    assert risk["deadline"] == entry["end"]
    assert entry["title"] == "Baseline B-1"
    assert entry["start"] < entry["end"]
    assert entry["start"] == written(baseline.written_at)
    assert len(entry["logged-by"]) == 2


def test_oscal_of_another_assessment_is_not() -> None:
    other = assessment_results(oscal.a_few(), plan_beside=PLAN)
    assert checked(oscal.the_source(), **{RESULTS: other}).startswith("derived-otherwise")


def _forms(tree: ast.AST) -> set[str]:
    """Return the texts of code, with braces where something is filled in; no docstring."""
    said = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    inner = {
        id(part)
        for each in ast.walk(tree)
        if isinstance(each, ast.JoinedStr)
        for part in each.values
    }
    found: set[str] = set()
    for each in ast.walk(tree):
        if isinstance(each, ast.JoinedStr):
            parts = [one.value if isinstance(one, ast.Constant) else "{}" for one in each.values]
            found.add("".join(map(str, parts)))
        elif isinstance(each, ast.Constant) and id(each) not in said | inner:
            found |= {each.value} if isinstance(each.value, str) else set()
    return found


def _is_prose(form: str) -> bool:
    """Tell whether a text is a sentence or a part of one, and no name, pattern or mark."""
    plain = form.replace("{}", "")
    named = re.fullmatch(r"[a-z_. -]*", plain) and "{}" not in form
    return bool(re.search(r"[a-z]{2}", plain)) and " " in form.strip() and not named


def _blank(form: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", form)


def _shaped(value: JsonValue, key: str = "") -> set[str]:
    """Return the texts of the table of shapes, but for names of properties."""
    if isinstance(value, dict):
        return {one for name, each in value.items() for one in _shaped(each, name)}
    if isinstance(value, list):
        return {one for each in value for one in _shaped(each, key)}
    return set() if key == "props" or not isinstance(value, str) else {_blank(value)}


def test_the_second_verifier_says_exactly_the_sentences_of_the_product() -> None:
    code = ast.parse((_ROOT / "tools" / "verify_oscal.py").read_text(encoding="utf-8"))
    shapes = json.loads((_ROOT / "tools" / "verify_shapes.json").read_text(encoding="utf-8"))
    said = _forms(code) | _shaped(shapes["oscal"])
    table = {_blank(one) for name, one in PROSE.items() if name != "subject-unknown"}
    assert table - said == set()
    assert {one for one in said if _is_prose(one)} - table == set()


@pytest.mark.parametrize(
    "module", ["observed", "plan", "poam", "results", "source", "frameworks", "shapes"]
)
def test_no_writer_of_oscal_has_a_sentence_of_its_own(module: str) -> None:
    file = _ROOT / "engine" / "assaybook" / "reporting" / "oscal" / f"{module}.py"
    said = _forms(ast.parse(file.read_text(encoding="utf-8")))
    assert {one for one in said if _is_prose(one)} == set()


def test_what_oscal_shares_with_other_reports_comes_from_the_one_table_too() -> None:
    for name, functions in _SHARED.items():
        file = _ROOT / "engine" / "assaybook" / "reporting" / f"{name}.py"
        tree = ast.parse(file.read_text(encoding="utf-8"))
        found = [
            one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name in functions
        ]
        assert len(found) == len(functions)
        said = {form for one in found for form in _forms(one)}
        assert {one for one in said if _is_prose(one)} == set()


def test_the_second_verifier_has_the_products_words_for_reasons() -> None:
    second_verifier()
    word = sys.modules["verify_oscal"].word
    for code in (*PRECEDENCE, "error:division", "new_kind"):
        assert word(code) == reason_word(code)
