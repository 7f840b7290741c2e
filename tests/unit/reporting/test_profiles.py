"""What each profile of a pack prints and leaves out, and what it says of change."""

import re
from dataclasses import replace
from typing import get_args

import pytest

from assaybook.domain.errors import UsageError
from assaybook.domain.finding import (
    Assessment,
    ControlStanding,
    Counts,
    Disposition,
    Finding,
    Outcome,
    Standing,
)
from assaybook.domain.policy import Param
from assaybook.reporting.changes import finding_changes, standing_changes
from assaybook.reporting.details import CARDS, PASSED
from assaybook.reporting.html import render_html
from assaybook.reporting.model import Pack
from assaybook.reporting.pack import build_pack
from assaybook.reporting.sections import Profile, sections_of
from assaybook.reporting.verdicts import shown_verdicts, verdict_line
from support.pack_documents import a_document
from support.pack_findings import RMF, a_finding, reaches
from support.packs import a_bundle, a_source, a_source_of, an_assessment, catalogs
from support.past import a_past, an_earlier


def of_profile(profile: Profile, **said: object) -> Pack:
    return build_pack(a_source(profile=profile, **said))


@pytest.mark.parametrize("profile", get_args(Profile))
def test_every_profile_prints_each_of_its_verdicts_and_no_link_that_leads_nowhere(
    profile: Profile,
) -> None:
    pack = of_profile(profile, control="MEASURE 2.11", previous=an_earlier(140))
    html = render_html(pack)
    places = set(re.findall(r' id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= places
    lines = shown_verdicts(pack)
    assert len(lines) == len(set(lines)) > 2
    assert [line for line in lines if html.count(f">{line}<") != 1] == []


@pytest.mark.parametrize("profile", get_args(Profile))
def test_a_section_keeps_its_number_in_every_profile(profile: Profile) -> None:
    numbers = {each.name: each.number for each in sections_of("full")}
    assert all(numbers[each.name] == each.number for each in sections_of(profile))
    assert [each.name for each in sections_of(profile)][:2] == ["reading", "conclusion"]


@pytest.mark.parametrize("profile", get_args(Profile))
def test_only_a_full_pack_is_long_enough_for_a_table_of_contents(profile: Profile) -> None:
    pack = of_profile(profile, control="MEASURE 2.11")
    numbers = [each.number for each in pack.contents]
    assert numbers == ([str(each.number) for each in pack.sections] if profile == "full" else [])
    assert (">9876543210<" in render_html(pack)) == (profile == "full")


def test_nothing_that_a_person_wrote_stands_in_the_table_of_contents() -> None:
    source = a_source()
    named = source.subject.system.model_copy(
        update={"id": "9876543210", "name": "9876543210", "owner": "9876543210"}
    )
    pack = build_pack(
        replace(
            source,
            organisation="9876543210",
            subject=source.subject.model_copy(update={"system": named}),
        )
    )
    assert not any("9876543210" in f"{each.title} {each.told}" for each in pack.contents)


def test_a_pack_in_brief_shows_what_needs_a_decision_and_says_so_on_its_cover() -> None:
    pack = of_profile("executive")
    assert pack.cover.edition == "in brief"
    assert (pack.findings.open, pack.findings.passed, pack.findings.listed) == ((), (), ())
    assert len(pack.findings.plan) == 7
    assert "40 rules were judged" in pack.findings.lead
    assert pack.findings.lead.endswith("Those that need a decision are here.")
    alone = build_pack(replace(a_source_of(a_finding("a.b")), profile="executive"))
    assert alone.findings.lead == (
        "1 rule was judged: 1 passes, 0 need a decision, 0 do not apply."
    )
    assert build_pack(a_source()).cover.edition == ""


def test_a_pack_of_one_control_shows_its_rules_documents_and_waivers_alone() -> None:
    pack = of_profile("control", control="ms-2.11")
    (page,) = pack.controls
    assert [card.id for card in page.cards] == ["MEASURE 2.11"]
    assert page.lines == ()
    assert pack.cover.edition == "one control: MEASURE 2.11"
    assert {line.name for line in pack.evidence.documents} == {"slices.json"}
    assert pack.waivers.lead == "No waiver bears on what is shown here."
    assert pack.findings.lead.startswith("2 of 40 rules are shown")
    assert [line.label for line in pack.conclusion.deciding] == ["F-01"]


def test_a_pack_of_one_control_can_name_its_framework() -> None:
    pack = of_profile("control", control=f"{RMF}/MEASURE 2.11")
    assert len(pack.controls) == 1


@pytest.mark.parametrize("control", ["", "NOTHING 9.9", "iso-42001-2023/MEASURE 2.11"])
def test_a_control_that_no_framework_of_the_pack_knows_is_refused(control: str) -> None:
    with pytest.raises(UsageError) as caught:
        of_profile("control", control=control)
    assert caught.value.code == "control-unknown"


def test_a_pack_of_changes_shows_the_rules_that_changed_and_their_cause() -> None:
    pack = of_profile("changes", previous=an_earlier(140))
    assert [card.verdict for card in pack.findings.open] == [
        "supply.image-vulnerabilities/holds: FAIL",
        "privacy.membership-inference/attack-advantage: INCONCLUSIVE",
    ]
    assert {line.cause for line in pack.change.findings} == {"Evidence"}
    worse = {row.name: len(row.worse) for row in pack.change.causes}
    assert worse == {"Policy": 0, "Evidence": 3, "Engine": 0, "Time": 0}


def test_a_pack_of_changes_without_a_past_is_a_first_pack() -> None:
    pack = of_profile("changes")
    assert "this is a first pack" in pack.change.lead
    assert pack.findings.lead == "None of the 40 rules that were judged changed."


def test_the_last_audit_is_the_newest_of_the_past_unless_one_is_named() -> None:
    assert "11 September 2026" in of_profile("full", history=a_past()).change.lead
    named = of_profile("full", history=a_past(), previous=an_earlier(140))
    assert "14 May 2026" in named.change.lead


def judged(*found: Finding, **head: object) -> Assessment:
    made = an_assessment(found)
    return made.model_copy(update={"assessment": made.assessment.model_copy(update=head)})


FAILS = a_finding("a.b", outcome=Outcome.FAIL, controls=reaches("MAP 1.1"))
PASSES = a_finding("a.b", controls=reaches("MAP 1.1"))
FILE = a_document("new.json").envelope.id


@pytest.mark.parametrize(
    ("before", "after", "head", "cause"),
    [
        pytest.param(PASSES, FAILS, {}, "time", id="nothing else moved"),
        pytest.param(PASSES, FAILS, {"engine": "assaybook 9"}, "engine", id="the program"),
        pytest.param(
            PASSES, FAILS.model_copy(update={"policy_version": 2}), {}, "policy", id="a new version"
        ),
        pytest.param(
            PASSES, FAILS.model_copy(update={"params": {"x": 1}}), {}, "policy", id="another limit"
        ),
        pytest.param(
            PASSES,
            FAILS.model_copy(update={"disposition": Disposition.WAIVED, "waiver": "W"}),
            {},
            "time",
            id="a new fail that is waived at once",
        ),
        pytest.param(
            FAILS,
            FAILS.model_copy(update={"disposition": Disposition.WAIVED}),
            {},
            "waiver",
            id="a decision alone",
        ),
        pytest.param(
            PASSES,
            PASSES.model_copy(update={"outcome": Outcome.NOT_APPLICABLE}),
            {"subject": "sha256:other"},
            "subject",
            id="the record of the system",
        ),
        pytest.param(
            PASSES,
            a_finding("a.b", outcome=Outcome.FAIL, evidence=({"id": FILE},)),
            {"engine": "assaybook 9"},
            "evidence",
            id="a document before the program",
        ),
        pytest.param(
            a_finding("a.b", outcome=Outcome.FAIL, evidence=({"id": FILE},)),
            PASSES.model_copy(update={"outcome": Outcome.NOT_APPLICABLE}),
            {"subject": "sha256:other"},
            "subject",
            id="a rule that a lower risk tier is spared weighs no document",
        ),
        pytest.param(
            a_finding("a.b", outcome=Outcome.FAIL, evidence=({"id": FILE},)),
            PASSES.model_copy(update={"outcome": Outcome.NOT_APPLICABLE}),
            {"bundle": "sha256:other", "evidence_set": "sha256:other"},
            "policy",
            id="a scope that leaves the rule out",
        ),
        pytest.param(
            a_finding("a.b", outcome=Outcome.FAIL, evidence=({"id": FILE},)),
            PASSES,
            {"subject": "sha256:other"},
            "subject",
            id="another model that the same evidence does not bind",
        ),
        pytest.param(
            a_finding("a.b", outcome=Outcome.FAIL, evidence=({"id": FILE},)),
            PASSES,
            {"subject": "sha256:other", "evidence_set": "sha256:other"},
            "evidence",
            id="evidence before the subject",
        ),
    ],
)
def test_a_change_names_the_input_that_made_it(
    before: Finding, after: Finding, head: dict[str, object], cause: str
) -> None:
    (change,) = finding_changes(judged(before), judged(after, **head))
    assert change.cause == cause


def test_rules_that_came_or_went_are_changes_of_policy() -> None:
    came, gone = a_finding("c.d"), a_finding("a.b")
    changes = finding_changes(judged(gone), judged(came))
    assert [(each.before, each.after, each.cause) for each in changes] == [
        (gone, None, "policy"),
        (None, came, "policy"),
    ]


def test_what_came_to_the_same_is_no_change() -> None:
    assert finding_changes(judged(PASSES), judged(PASSES)) == ()
    assert standing_changes(judged(PASSES), judged(PASSES), {}) == ()


@pytest.mark.parametrize(
    ("after", "worse"),
    [
        pytest.param(Outcome.NOT_APPLICABLE, True, id="no longer judged"),
        pytest.param(Outcome.PASS, False, id="met"),
        pytest.param(Outcome.FAIL, True, id="not met"),
    ],
)
def test_a_control_that_nobody_judges_any_more_never_became_better(
    *, after: Outcome, worse: bool
) -> None:
    unknown = PASSES.model_copy(update={"outcome": Outcome.INCONCLUSIVE})
    now = PASSES.model_copy(update={"outcome": after})
    source = a_source_of(now, previous=an_assessment((unknown,)), profile="changes")
    page = build_pack(source).change
    counts = [(len(row.worse), len(row.better)) for row in page.causes]
    assert [sum(many) for many in zip(*counts, strict=True)] == ([1, 0] if worse else [0, 1])
    assert ("1 for the worse" in page.lead) is worse


def test_a_control_changes_for_the_cause_of_its_rule() -> None:
    changes = standing_changes(judged(PASSES), judged(FAILS), {})
    assert [(each.control, each.before, each.after, each.causes) for each in changes] == [
        ("MAP 1.1", Standing.MET, Standing.NOT_MET, ("time",))
    ]


def test_a_control_above_others_changes_for_the_causes_of_theirs() -> None:
    known = catalogs()
    before, after = judged(PASSES), judged(FAILS)
    upper = [
        one.model_copy(
            update={
                "standings": (
                    *one.standings,
                    ControlStanding(
                        catalog=RMF,
                        control="MAP 1",
                        system="s",
                        release="1",
                        standing=each,
                        counts=Counts(),
                    ),
                )
            }
        )
        for one, each in ((before, Standing.MET), (after, Standing.NOT_MET))
    ]
    changes = standing_changes(upper[0], upper[1], known, {("a.b", "holds"): ("time", "waiver")})
    assert {each.control: each.causes for each in changes} == {
        "MAP 1.1": ("time", "waiver"),
        "MAP 1": ("time", "waiver"),
    }


def test_a_rule_that_is_gone_and_a_control_no_longer_judged_are_shown() -> None:
    earlier = judged(PASSES, a_finding("gone.rule", controls=reaches("MAP 2.2")))
    pack = build_pack(a_source_of(PASSES, previous=earlier))
    (line,) = pack.change.findings
    assert (line.name, line.what, line.after.word) == (
        "gone.rule / holds",
        "The rule is gone.",
        "Not judged",
    )
    assert [each.name for each in pack.change.controls] == ["MAP 2.2"]


@pytest.mark.parametrize(
    ("stricter", "before", "after", "direction"),
    [
        ("lower", 0.25, 0.2, "stricter"),
        ("higher", 0.25, 0.2, "weaker"),
        (None, 0.25, 0.2, "changed"),
        ("lower", "30 days", "90 days", "changed"),
    ],
)
def test_a_limit_that_changed_says_whether_it_became_stricter(
    stricter: str | None, before: object, after: object, direction: str
) -> None:
    old = PASSES.model_copy(update={"params": {"limit": before}})
    new = PASSES.model_copy(update={"params": {"limit": after}})
    (policy,) = a_bundle((new,)).policies
    param = Param("limit", "number", stricter=stricter)  # type: ignore[arg-type]
    source = a_source_of(new, previous=judged(old))
    bundle = replace(source.bundle, policies=(replace(policy, params={"limit": param}),))
    (line,) = build_pack(replace(source, bundle=bundle)).change.limits
    assert (line.name, line.direction) == ("a.b / limit", direction)


def test_thousands_of_findings_are_lines_and_each_is_there_once() -> None:
    found = tuple(
        a_finding(
            f"bulk.p{i:04}",
            outcome=Outcome.FAIL if i % 3 else Outcome.PASS,
            controls=reaches("MAP 1.1"),
        )
        for i in range(3 * (CARDS + PASSED))
    )
    pack = build_pack(a_source_of(*found))
    page = pack.findings
    assert len(page.open) == CARDS
    assert page.passed == ()
    assert len(page.open) + len(page.listed) == len(found)
    assert sorted(shown_verdicts(pack)[2:]) == sorted(verdict_line(each) for each in found)
    (card,) = pack.controls[0].cards
    assert len(card.determinations) == 8
    assert card.more.startswith(f"{len(found) - 8} more rules of this control")
    beyond = "; ".join(pack.scope.briefly).split("; ")
    assert len(pack.scope.policies) + len(beyond) == len(found)
    html = render_html(pack)
    assert html.count('class="one" id="f-') == len(page.listed)
