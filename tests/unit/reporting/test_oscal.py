"""An assessment in OSCAL: passes too, nothing unproven satisfied, and the same bytes each time."""

import base64
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from assaybook.domain.canonical import digest_of
from assaybook.domain.finding import (
    ControlReach,
    Disposition,
    EvidenceUse,
    Finding,
    NeedUse,
    Outcome,
    Standing,
)
from assaybook.domain.oscal import NS, line, markup, name_of, unmarked, uuid_of
from assaybook.reporting.oscal import OscalSource, assessment_plan, assessment_results, poam
from assaybook.reporting.oscal.integrity import integrity_faults
from support import oscal, pack_documents, pack_findings, packs

NASTY = "[click](https://evil.example)\u202e <script>\n\n*x* _y_ `z` {{ insert: a }} \ud800 ##[w]"
DOCUMENTS = (oscal.the_results, oscal.the_plan, oscal.the_poam)


def _found(*findings: Finding, **said: Any) -> OscalSource:
    assessment = packs.an_assessment(findings, **{"standings": (), "conclusion": (), **said})
    return replace(oscal.the_source(), assessment=assessment)


def _body(raw: bytes) -> Any:
    ((_model, body),) = json.loads(raw).items()
    return body


def _result(source: OscalSource) -> Any:
    raw = assessment_results(source)
    assert oscal.told_by_trestle(raw) == ""
    assert integrity_faults(raw) == ()
    return _body(raw)["results"][0]


def _said(holder: Any, name: str) -> Any:
    return [one["value"] for one in holder.get("props", ()) if one["name"] == name]


def _the(listed: Any) -> Any:
    (only,) = listed
    return only


@pytest.mark.parametrize("written", DOCUMENTS, ids=("results", "plan", "poam"))
def test_the_models_of_trestle_and_our_own_checker_accept_each_document(written: Any) -> None:
    raw = written()
    assert oscal.told_by_trestle(raw) == ""
    tokens = {c.slug for each in packs.catalogs().values() for c in each.controls}
    assert integrity_faults(raw, plan=oscal.the_plan(), controls=tokens) == ()


def test_an_assessment_alone_is_enough() -> None:
    for write in (assessment_results, assessment_plan, poam):
        raw = write(oscal.alone())
        assert raw is not None
        assert oscal.told_by_trestle(raw) == ""
        assert integrity_faults(raw) == ()


def test_the_same_assessment_gives_the_same_bytes() -> None:
    again = replace(oscal.the_source())
    assert assessment_results(again) == oscal.the_results()
    assert assessment_plan(again) == oscal.the_plan()
    assert poam(again) == oscal.the_poam()


def test_every_judged_rule_stands_there_for_each_of_its_controls_passes_too() -> None:
    source = oscal.the_source()
    findings = _body(oscal.the_results())["results"][0]["findings"]
    told = {
        (*_said(one, "policy"), *_said(one, "rule"), *_said(one, "catalog"), *_said(one, "control"))
        for one in findings
    }
    judged = [
        (each.policy, each.rule, reach.catalog, reach.control)
        for each in source.judged
        for reach in each.controls
    ]
    assert told == set(judged)
    assert len(findings) == len(judged)


def test_only_a_pass_is_satisfied() -> None:
    for one in _body(oscal.the_results())["results"][0]["findings"]:
        passed = _said(one, "outcome") == ["pass"]
        assert (one["target"]["status"]["state"] == "satisfied") is passed


@pytest.mark.parametrize(
    ("outcome", "disposition", "status", "risk"),
    [
        (Outcome.PASS, Disposition.OPEN, ("satisfied", "pass"), None),
        (Outcome.FAIL, Disposition.OPEN, ("not-satisfied", "fail"), "open"),
        (Outcome.FAIL, Disposition.WAIVED, ("not-satisfied", "other"), "deviation-approved"),
        (Outcome.FAIL, Disposition.BASELINED, ("not-satisfied", "other"), "deviation-approved"),
        (Outcome.INCONCLUSIVE, Disposition.OPEN, ("not-satisfied", "other"), None),
        (Outcome.ERROR, Disposition.OPEN, ("not-satisfied", "other"), None),
    ],
)
def test_each_outcome_has_its_status_and_only_a_fail_its_risk(
    outcome: Outcome, disposition: Disposition, status: tuple[str, str], risk: str | None
) -> None:
    given = pack_findings.a_finding("a.b", outcome=outcome, disposition=disposition)
    result = _result(_found(given))
    finding = _the(result["findings"])
    assert tuple(finding["target"]["status"].values()) == status
    assert [one["status"] for one in result.get("risks", ())] == ([risk] if risk else [])
    assert _said(finding, "outcome") == [outcome.value]


def test_a_waived_fail_names_its_end_its_reason_and_who_approved_it() -> None:
    body = _body(oscal.the_poam())
    people = {one["uuid"]: one["name"] for one in body["metadata"]["parties"]}
    risk = _the([one for one in body["risks"] if one["status"] == "deviation-approved"])
    entry = _the(risk["risk-log"]["entries"])
    assert risk["deadline"] == entry["end"] == "2027-01-06T00:00:00Z"
    assert entry["description"].startswith("The method is under clinical review until January.")
    assert {one["role-id"]: people[one["party-uuid"]] for one in entry["logged-by"]} == {
        "requester": "A. Lindqvist",
        "approver": "J. Eide",
    }


def test_a_rule_without_any_document_has_a_finding_that_says_why_and_no_observation() -> None:
    missing = pack_findings.a_finding(
        "a.b", outcome=Outcome.INCONCLUSIVE, reasons=(pack_findings.a_reason("missing", "card"),)
    )
    result = _result(_found(missing))
    finding = _the(result["findings"])
    assert "observations" not in result
    assert "related-observations" not in finding
    assert finding["remarks"] == "missing card"
    assert _said(finding, "reason") == ["missing"]


def test_what_does_not_apply_has_no_finding_and_is_listed_with_its_reason() -> None:
    away = pack_findings.a_finding(
        "a.b", outcome=Outcome.NOT_APPLICABLE, controls=pack_findings.reaches("MAP 3.4")
    )
    source = _found(away)
    assert "findings" not in _result(source)
    assert poam(source) is None
    body = _body(oscal.the_results())
    selections = body["results"][0]["reviewed-controls"]["control-selections"]
    excluded = [one["exclude-controls"] for one in selections if "exclude-controls" in one]
    assert excluded == [[{"control-id": "map-3.2"}]]
    resources = {one["title"]: one for one in body["back-matter"]["resources"]}
    told = json.loads(base64.b64decode(resources["Statement of applicability"]["base64"]["value"]))
    assert told["not_applicable"][0]["reason"] == "Costs are judged by the trust."


def test_the_import_of_the_plan_leads_to_the_plan_inside_or_beside() -> None:
    inside = _body(oscal.the_results())
    uuid = inside["import-ap"]["href"].removeprefix("#")
    resource = _the([one for one in inside["back-matter"]["resources"] if one["uuid"] == uuid])
    assert base64.b64decode(resource["base64"]["value"]) == oscal.the_plan()
    apart = assessment_results(oscal.the_source(), plan_beside="plan.json")
    resources = _body(apart)["back-matter"]["resources"]
    link = _the([one for one in resources if one["uuid"] == uuid])["rlinks"][0]
    assert link["href"] == "plan.json"
    assert f"sha256:{link['hashes'][0]['value']}" == digest_of(oscal.the_plan())


def test_an_observation_says_how_it_was_looked_at_what_it_rests_on_and_what_did_not_count() -> None:
    body = _body(oscal.the_results())
    resources = {f"#{one['uuid']}": one for one in body["back-matter"]["resources"]}
    result = body["results"][0]
    drift = _the([o for o in result["observations"] if _said(o, "policy") == ["drift.production"]])
    counted, replaced = drift["relevant-evidence"]
    assert resources[counted["href"]]["title"] == "drift-week-39.json"
    assert counted["description"] == "Counted: drift-week-39.json"
    assert _said(replaced, "left-out") == ["superseded"]
    assert drift["collected"] == "2026-09-28T00:00:00Z"
    assert drift["expires"] == "2026-10-10T00:00:00Z"
    assert drift["methods"] == ["TEST"]
    alone = json.loads(assessment_results(oscal.alone()))["assessment-results"]["results"][0]
    assert {m for one in alone["observations"] for m in one["methods"]} == {"UNKNOWN"}


def test_a_document_is_linked_by_its_digest_wherever_its_bytes_lie() -> None:
    resources = _body(oscal.the_results())["back-matter"]["resources"]
    card = _the([one for one in resources if one["title"] == "model-card.md"])
    raw = bytes.fromhex(card["rlinks"][0]["hashes"][0]["value"])
    assert card["rlinks"][0]["href"].startswith("ni:///sha-256;")
    name = card["rlinks"][0]["href"].partition(";")[2]
    assert base64.urlsafe_b64decode(f"{name}=") == raw


def test_a_digest_of_another_kind_is_told_and_not_linked() -> None:
    plain = pack_documents.documents()[0]
    files = tuple(
        plain.model_copy(
            update={"envelope": plain.envelope.model_copy(update={"id": f"ev-{n}", "blob": blob})}
        )
        for n, blob in enumerate(("md5:0cc175b9c0f1b6a831c399e269772661", "sha256:ff", "sha256:zz"))
    )
    finding = pack_findings.a_finding(
        "a.b", evidence=tuple(EvidenceUse(id=one.envelope.id) for one in files)
    )
    source = replace(_found(finding), evidence=files)
    _result(source)
    resources = _body(assessment_results(source))["back-matter"]["resources"][-3:]
    assert ["rlinks" in one for one in resources] == [False, False, False]
    assert _said(resources[0], "digest")


def test_a_policy_for_no_control_at_all_is_there_as_a_control_of_the_bundle() -> None:
    source = _found(pack_findings.a_finding("a.b", controls=()))
    result = _result(source)
    selection = _the(result["reviewed-controls"]["control-selections"])
    assert selection["include-controls"] == [{"control-id": "a.b"}]
    assert _the(result["findings"])["target"]["target-id"] == "bundle_a.b_a.b_holds"


def test_nothing_judged_is_said() -> None:
    source = replace(_found(), subject=None)
    reviewed = _result(source)["reviewed-controls"]
    assert reviewed["description"] == "No control was in scope: nothing was judged."
    assert "findings" not in _result(source)


def test_a_framework_of_which_nothing_applies_is_let_in_and_left_out() -> None:
    standings = tuple(
        one.model_copy(update={"standing": Standing.NOT_APPLICABLE})
        for one in packs.standings(())[:2]
    )
    reviewed = _result(_found(standings=standings))["reviewed-controls"]["control-selections"]
    assert reviewed[0]["include-controls"] == reviewed[0]["exclude-controls"]


def test_an_item_of_the_plan_keeps_its_identity_while_time_and_release_change() -> None:
    fail = pack_findings.a_finding("a.b", outcome=Outcome.FAIL)
    later = fail.model_copy(update={"release": "4.3.0"})
    head = packs.an_assessment((later,)).assessment.model_copy(
        update={
            "digest": pack_documents.a_digest("later"),
            "subject": pack_documents.a_digest("other"),
        }
    )
    first, second = poam(_found(fail)), poam(_found(later, assessment=head))
    assert first is not None
    assert second is not None
    assert _body(first)["uuid"] != _body(second)["uuid"]
    assert _body(first)["poam-items"][0]["uuid"] == _body(second)["poam-items"][0]["uuid"]


def test_hostile_text_stays_one_line_without_marks() -> None:
    finding = pack_findings.a_finding(
        "a.b",
        outcome=Outcome.FAIL,
        title=NASTY,
        sentence=NASTY,
        fix=NASTY,
        message=NASTY,
        controls=(ControlReach(catalog="x", control="1 \n\u202e", relation="implements"),),
        params={"p": NASTY},
    )
    source = replace(_found(finding), organisation=NASTY)
    raw = assessment_results(source)
    result = _result(source)
    told = _the(result["findings"])
    assert re.search(r"(?<!\\)[\[\]<>*_`{}]", told["description"]) is None
    assert "\\[click\\]" in told["description"]
    assert "\u202e" not in raw.decode()
    assert b"##[" not in raw


def test_what_was_marked_reads_back_as_it_was() -> None:
    plain = r"a_b *c* [d](e) <f> {{g}} \n `h` ~i~ ^j^"
    assert unmarked(markup(plain)) == plain
    assert line("  a\n b\t") == "a b"
    assert line(" \n") == "-"


def test_a_token_begins_with_a_letter_or_underscore() -> None:
    assert name_of("4.1 (a)") == "_4.1-a-"
    assert name_of("_x") == "_x"
    assert name_of("govern-1.1") == "govern-1.1"


def test_names_that_only_join_alike_are_not_one_thing() -> None:
    assert uuid_of("a", "bc") != uuid_of("ab", "c")
    assert uuid_of("a", "\ud800") == uuid_of("a", "\ud800")


def test_our_properties_stand_in_our_namespace() -> None:
    raw = oscal.the_results() + oscal.the_plan() + oscal.the_poam()
    assert raw.count(b'"ns": ') == raw.count(f'"ns": "{NS}"'.encode())


@pytest.mark.parametrize(
    ("rule", "method"),
    [("attested", "INTERVIEW"), ("documentation", "EXAMINE"), ("metric", "TEST")],
)
def test_what_persons_say_is_an_interview_and_what_they_wrote_is_examined(
    rule: str, method: str
) -> None:
    from support.assessing import approval_rule
    from support.rules import a_need, a_rule

    need = a_need(name="facts", facts="documentation" if rule == "documentation" else "metric")
    judged = approval_rule() if rule == "attested" else a_rule(id="asked", needs=("facts",))
    bundle = oscal.the_source().bundle
    assert bundle is not None
    (policy, *_rest) = bundle.policies
    policy = replace(policy, id="a.b", needs={"facts": need}, rules=(judged,))
    finding = pack_findings.a_finding(
        "a.b",
        judged.id,
        evidence=(EvidenceUse(id=pack_documents.documents()[0].envelope.id),),
        needs=() if rule == "attested" else (NeedUse(need="facts"),),
    )
    source = replace(_found(finding), bundle=replace(bundle, policies=(policy,)))
    assert _the(_result(source)["observations"])["methods"] == [method]
