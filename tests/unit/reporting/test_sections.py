"""What each section of an audit pack claims, read from its page."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest

from assaybook.domain.facts import Attestation, Documentation, Lineage
from assaybook.domain.finding import CoverageShown, LeftOut, NeedUse, Outcome
from assaybook.domain.policy import Assurance, Attested, Rule
from assaybook.language.parser import parse
from assaybook.reporting.context import PackInput, SignOff
from assaybook.reporting.html import render_html
from assaybook.reporting.pack import build_pack
from assaybook.reporting.recorded import FieldChange, RecordChange
from assaybook.reporting.sections import sections_of
from assaybook.reporting.verdicts import conclusion_line, shown_verdicts, verdict_line
from assaybook.service.pack_related import related
from support.pack_documents import AS_OF, RELEASE, a_digest, a_document
from support.pack_findings import a_finding, reaches
from support.packs import a_bundle, a_source, a_source_of, a_subject, an_assessment, catalogs
from support.past import a_past

_SECTION = re.compile(r"<section.*?</section>", re.DOTALL)
_TITLE = re.compile(r'data-run="\d+ · ([^"]+)"')


def words_of(markup: str) -> str:
    """Return the words of a page, drawings with their alternative texts."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def pages_of(source: PackInput) -> Mapping[str, str]:
    """Return the words of every section by its title; the cover under an empty one."""
    found: dict[str, str] = {}
    for markup in _SECTION.findall(render_html(build_pack(source))):
        title = _TITLE.search(markup)
        found[unescape(title[1]) if title else ""] = words_of(markup)
    return found


@pytest.fixture(scope="module")
def pages() -> Mapping[str, str]:
    known, crosswalks = related(tuple(catalogs().values()))
    return pages_of(a_source(history=a_past(), catalogs=known, crosswalks=crosswalks))


@pytest.fixture(scope="module")
def bare() -> Mapping[str, str]:
    """Return the pages of an assessment that holds nothing at all."""
    nothing = an_assessment((), conclusion=(), standings=(), waivers=(), unused=())
    empty = a_source(assessment=nothing, evidence=(), problems=(), bundle=a_bundle(()))
    return pages_of(empty)


def test_a_full_pack_has_a_cover_and_eighteen_numbered_sections(pages: Mapping[str, str]) -> None:
    assert list(pages) == ["", *(each.title for each in sections_of("full"))]
    assert [each.number for each in sections_of("full")] == list(range(1, 19))


@pytest.mark.parametrize("title", [each.title for each in sections_of("full")])
def test_a_section_with_nothing_recorded_still_says_so(title: str, bare: Mapping[str, str]) -> None:
    told = bare[title].partition(title)[2]
    assert len(told) > 20


def test_nothing_recorded_is_said_in_one_line_and_never_as_a_pass(bare: Mapping[str, str]) -> None:
    assert "No waiver was submitted." in bare["Exceptions"]
    assert "this is a first pack" in bare["Change since the last audit"]
    assert "No person stated anything" in bare["Attestations"]
    assert "No document that counts says how much it examined." in bare["Sampling and population"]
    assert "Nothing recorded" in bare["Risks"]
    assert not any("✓" in words for title, words in bare.items() if "How to read" not in title)


def test_the_verify_page_names_the_command_and_every_digest(pages: Mapping[str, str]) -> None:
    words = pages["How to read and verify this pack"]
    assert "assay verify PACK.pdf --root root.json" in words
    head = a_source().assessment.assessment
    for digest in (head.digest, head.bundle, head.subject, head.evidence_set):
        assert digest in words.replace(" ", "")


def test_what_a_pdf_carries_is_named_only_where_it_carries_something() -> None:
    source = replace(a_source_of(a_finding("a.b")), attachments=("findings.json", "manifest.json"))
    assert "This PDF carries findings.json and manifest.json." in " ".join(
        pages_of(source).values()
    )
    assert "This PDF carries" not in " ".join(pages_of(replace(source, attachments=())).values())


def test_a_pack_that_nobody_signed_says_unsigned_in_every_role(pages: Mapping[str, str]) -> None:
    words = pages["Conclusion and management statement"]
    for role in ("Prepared", "Reviewed", "Approved", "Auditor"):
        assert f"{role} Not named Not dated Unsigned" in words
    assert "Until then it states nothing." in words


def test_a_recorded_sign_off_names_person_office_and_instant() -> None:
    signed = SignOff("reviewed", "J. Eide", "clinical safety", AS_OF, "statement 12ab")
    words = pages_of(a_source(sign_offs=(signed,)))["Conclusion and management statement"]
    assert "Reviewed J. Eide, clinical safety 1 October 2026, 00:00 UTC statement 12ab" in words
    assert "Approved Not named Not dated Unsigned" in words


def test_the_boundary_says_what_is_inside_and_outside(pages: Mapping[str, str]) -> None:
    words = pages["Scope, criteria and boundaries"]
    assert "Inside: model: triage.onnx and dataset: holdout." in words
    assert "Outside: 1 control of NIST AI RMF 1.0 and 1 policy" in words


def a_described_source() -> PackInput:
    card = a_document("card.md", format="hf-model-card").model_copy(
        update={
            "facts": (
                Documentation(pointer="a", document="model", topic="intended_use", present=True,
                              placeholder=False, text="Order a waiting list."),
                Documentation(pointer="b", document="model", topic="risks", present=True,
                              placeholder=False, text="Staff may trust it too much."),
                Documentation(pointer="c", document="model", topic="license", present=False,
                              placeholder=True),
            )
        }
    )  # fmt: skip
    run = a_document("run.jsonl", format="openlineage").model_copy(
        update={
            "facts": (
                Lineage(pointer="a", source="ns/triage.onnx", target="ns/train", digest="sha256:1",
                        relation="trained_on"),
                Lineage(pointer="b", source="ns/report", target="ns/triage.onnx",
                        relation="tested_on"),
                Lineage(pointer="c", source="ns/report", target="ns/report"),
            )
        }
    )  # fmt: skip
    return a_source_of(a_finding("a.b"), evidence=(card, run))


def test_the_model_card_is_quoted_and_its_silence_is_said() -> None:
    words = pages_of(a_described_source())["System description"]
    assert "Intended use Order a waiting list. E-01" in words
    assert "The model card does not say:" in words
    assert "license" in words.partition("does not say:")[2]


def test_the_lineage_graph_tells_links_by_digest_from_links_by_name() -> None:
    words = pages_of(a_described_source())["System description"]
    assert "Lineage: triage.onnx trained on train; report tested on triage.onnx" in words
    assert "1 of 2 links name their input by digest." in words


def test_lineage_that_turns_in_a_circle_is_drawn_and_ends() -> None:
    links = [("a", "b"), ("b", "c"), ("c", "a")]
    links += [(f"x{each}", f"x{each + 1}") for each in range(40)]
    facts = tuple(Lineage(pointer=one, source=one, target=other) for one, other in links)
    run = a_document("run.jsonl").model_copy(update={"facts": facts})
    words = pages_of(a_source_of(a_finding("a.b"), evidence=(run,)))["System description"]
    assert "further links not drawn." in words


def test_a_risk_is_told_only_where_a_document_or_a_person_wrote_it_down() -> None:
    words = pages_of(a_described_source())["Risks"]
    assert "Risks of the model Staff may trust it too much. E-01" in words
    assert "No likelihood is recorded, so none is claimed." in words


def test_accepted_risks_are_the_waivers_in_force(pages: Mapping[str, str]) -> None:
    words = pages["Risks"]
    assert "explanation.method / holds The method is under clinical review until January." in words
    assert "W-08" not in words
    assert "Critical 1 0 0 1 0" in words


def test_the_trend_ends_at_this_assessment(pages: Mapping[str, str]) -> None:
    words = pages["Results by framework"]
    assert "Controls met over 6 assessments." in words
    assert "NIST AI RMF 1.0 from 27 of 71 to 25 of 71" in words


def test_without_a_past_there_is_no_trend_and_no_age() -> None:
    words = pages_of(a_source())
    assert "No trend: no earlier assessment" in words["Results by framework"]
    assert "no finding has an age yet" in words["Findings and remediation"]


def test_the_past_of_another_release_is_not_the_past_of_this_one() -> None:
    other = tuple(
        each.model_copy(
            update={
                "findings": tuple(
                    one.model_copy(update={"release": "0.1"}) for one in each.findings
                )
            }
        )
        for each in a_past()
    )
    words = pages_of(a_source(history=other))["Results by framework"]
    assert "No trend" in words


def test_a_finding_ages_from_when_it_was_first_open_without_a_break(
    pages: Mapping[str, str],
) -> None:
    words = pages["Findings and remediation"]
    assert "7 of 7 open findings were open before." in words
    assert "14 May 2026, 140 days" in words
    assert "11 Sep 2026, 20 days" in words
    assert "No due date, management response or retest is recorded." in words


def test_a_finding_is_due_by_the_time_that_the_scope_gives_its_severity() -> None:
    source = a_source(history=a_past())
    within = {"critical": timedelta(days=30), "high": timedelta(days=900)}
    bundle = replace(source.bundle, scope=replace(source.bundle.scope, remediate_within=within))
    words = pages_of(replace(source, bundle=bundle))["Findings and remediation"]
    assert "7 of 7 open findings were open before; 1 is overdue." in words
    assert "A diamond is the day on which it is due." in words
    assert "Overdue since 13 Jun 2026" in words
    assert "140 d, 110 d late" in words
    assert "140 d, due in 760 d" in words
    assert "The scope asks to mend critical ones within 30 days and high ones within" in words
    assert "No management response or retest is recorded." in words


def test_a_control_shows_its_standings_before_and_how_it_was_looked_at(
    pages: Mapping[str, str],
) -> None:
    words = pages["Control by control"]
    assert "Before , oldest first: met (4 times), then not met." in words
    assert "Related , without a verdict: ISO/IEC 42001:2023" in words


def test_beside_every_control_stands_what_was_not_counted_even_where_it_is_nothing(
    pages: Mapping[str, str],
) -> None:
    cards = pages["Control by control"].count("Rests on")
    told = re.findall(r"\d+ superseded, \d+ left out", pages["Control by control"])
    assert len(told) == cards > 5
    assert "1 superseded, 0 left out, 1 refused in the pack" in pages["Control by control"]


def test_what_was_left_out_of_a_control_is_counted_by_reason() -> None:
    files = [a_document(name) for name in ("a", "b", "c")]
    left = tuple(
        LeftOut(evidence=each.envelope.id, code=code)
        for each, code in zip(files, ("superseded", "stale", "stale"), strict=True)
    )
    finding = a_finding(
        "a.b", outcome=Outcome.INCONCLUSIVE, left_out=left, controls=reaches("MAP 1.1")
    )
    words = pages_of(a_source_of(finding, evidence=tuple(files)))["Control by control"]
    assert "1 superseded, 2 left out (2 stale)" in words


def test_the_statement_of_applicability_names_every_control_once(pages: Mapping[str, str]) -> None:
    words = pages["Statement of applicability"]
    for catalog in catalogs().values():
        for control in catalog.judgeable():
            assert f"{control.id} {control.title}" in words
    assert "1 control does not apply. Costs are judged by the trust." in words
    assert "NIST AI RMF 1.0: 71 of 72 controls apply" in words


def test_a_scope_that_leaves_out_hundreds_of_controls_names_them_all_uncut() -> None:
    source = a_source()
    out = tuple(
        each.model_copy(update={"standing": "not_applicable", "reason": "Not ours."})
        for each in source.assessment.standings
    )
    words = pages_of(
        replace(source, assessment=source.assessment.model_copy(update={"standings": out}))
    )["Statement of applicability"]
    assert "more characters" not in words
    assert all(each.control in words for each in out)


def test_a_population_gives_a_share_only_where_enough_was_examined() -> None:
    document = a_document("scan.json")

    def covered(question: str, examined: int | None) -> CoverageShown:
        return CoverageShown(evidence=document.envelope.id, question=question, examined=examined,
                             failed=0, errored=0, skipped=2)  # fmt: skip

    coverage = (covered("pii/email", 5_000), covered("pii/phone", 5_000), covered("drift", 12),
                covered("lineage", None))  # fmt: skip
    finding = a_finding("a.b", needs=(NeedUse(need="n", coverage=coverage),))
    words = pages_of(a_source_of(finding, evidence=(document,)))["Sampling and population"]
    assert "pii/email and phone E-01 scan.json 5 000 examined, 0 failed; left: 2 skipped" in words
    assert "0.08 %" in words
    assert "drift E-01 scan.json 12 examined, 0 failed; left: 2 skipped too few" in words
    assert "not stated examined" in words


def test_the_annex_index_has_nine_points_and_a_crosswalk_is_never_evidence(
    pages: Mapping[str, str],
) -> None:
    words = pages["Annex IV index"]
    assert "0 of 9 points of the technical file are judged by a rule" in words
    assert len(re.findall(r"Annex IV\(\d\) ", words)) == 9
    assert "✓" not in words
    assert "◌ Missing" in words


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.PASS, "✓ Evidence"),
        (Outcome.FAIL, "✗ Not met"),
        (Outcome.INCONCLUSIVE, "⯑ Not determined"),
    ],
)
def test_a_rule_about_the_act_itself_decides_its_point(outcome: Outcome, state: str) -> None:
    known, crosswalks = related(tuple(catalogs().values()))
    reach = reaches("MAP 1.1")[0].model_copy(
        update={"catalog": "eu-ai-act", "control": "Annex IV(2)(d)"}
    )
    finding = a_finding("a.b", outcome=outcome, controls=(reach,))
    source = a_source_of(finding, catalogs=known, crosswalks=crosswalks)
    words = pages_of(source)["Annex IV index"]
    assert f"Annex IV(2) Elements and development process {state} F-01" in words


def an_attested_source(outcome: Outcome) -> PackInput:
    signed = AS_OF - timedelta(days=3)
    answer = Attestation(pointer="/payload", policy="approval.two", rule="holds", person="mara",
                         answer="yes", role="approver", signed_at=signed)  # fmt: skip
    document = a_document("mara.json").model_copy(update={"facts": (answer,)})
    finding = a_finding("approval.two", outcome=outcome, controls=reaches("MAP 1.1"))
    source = a_source_of(finding, evidence=(document,))
    asks = Rule(id="holds", pass_when=None,
                attested=Attested("May it go?", "approver", 2, parse("1")))  # fmt: skip
    (policy,) = source.bundle.policies
    bundle = replace(source.bundle, policies=(replace(policy, rules=(asks,)),))
    return replace(source, bundle=bundle)


def test_an_attestation_shows_person_question_answer_and_finding() -> None:
    words = pages_of(an_attested_source(Outcome.PASS))["Attestations"]
    told = "holds yes by the key of an authenticated person 28 Sep 2026"
    assert f"mara, approver May it go? approval.two / {told}" in words
    assert "1 statement of persons: 1 by the key of an authenticated person." in words
    assert "E-01 , for F-01" in words
    assert "open" not in words


def test_the_pack_never_says_of_an_answer_that_it_was_signed_where_it_was_not() -> None:
    source = an_attested_source(Outcome.INCONCLUSIVE)
    (document,) = source.evidence
    (answer,) = document.facts
    signed = a_document("signed.json", assurance=Assurance.SIGNED)
    signed = signed.model_copy(update={"facts": (answer,)})
    nobody = a_document("nobody.json")
    nobody = nobody.model_copy(update={"facts": (answer.model_copy(update={"person": None}),)})
    words = pages_of(replace(source, evidence=(document, signed, nobody)))["Attestations"]
    assert (
        "3 statements of persons: 1 with a signature verified at intake, 1 by the key of an "
        "authenticated person and 1 that nobody verified. What nobody verified counts for nothing."
    ) in words
    assert "not verified, approver" in words


def _tier_changed(days: float) -> RecordChange:
    return RecordChange(
        AS_OF - timedelta(days=days),
        "Anna Lindqvist",
        "It only suggests.",
        (FieldChange("risk tier", "unacceptable", "high"), FieldChange("edge", "not stated", "no")),
    )


def test_a_change_of_the_risk_tier_shows_with_its_person_and_reason_from_the_cover_on() -> None:
    registered = a_subject().model_copy(update={"asserted": False})
    past = a_past()
    source = a_source(subject=registered, changes=(_tier_changed(3),), history=past)
    pages = pages_of(source)
    cover = build_pack(source).cover.description
    assert cover.endswith("Risk tier: high, since 28 September 2026; before that unacceptable.")
    assert (
        "28 September 2026, 00:00 UTC risk tier: unacceptable, then high; edge: not stated, then "
        "no Anna Lindqvist It only suggests."
    ) in pages["System description"]
    assert "risk tier and edge of the system (section 4)" in pages["Change since the last audit"]
    early = pages_of(a_source(subject=registered, changes=(_tier_changed(900),), history=past))
    assert "(section 4)" not in early["Change since the last audit"]


@pytest.mark.parametrize(
    ("asserted", "changes", "said"),
    [
        pytest.param(True, None, "nobody registered it", id="with the evidence"),
        pytest.param(False, (), "None since the system was registered.", id="never changed"),
        pytest.param(False, None, "it cannot tell", id="without the register"),
    ],
)
def test_a_record_without_changes_says_why_none_is_listed(
    *, asserted: bool, changes: tuple[RecordChange, ...] | None, said: str
) -> None:
    subject = a_subject().model_copy(update={"asserted": asserted})
    source = a_source(subject=subject, changes=changes)
    assert said in pages_of(source)["System description"]
    assert build_pack(source).cover.description.endswith(" Risk tier: high.")


def test_a_question_that_too_few_answered_is_listed_as_open() -> None:
    words = pages_of(an_attested_source(Outcome.INCONCLUSIVE))["Attestations"]
    assert "F-01 May it go? asks 2 persons with the role “approver”: inconclusive" in words


def test_a_document_whose_bytes_are_gone_says_so_and_keeps_its_digest() -> None:
    document = a_document("scan.json")
    source = a_source_of(
        a_finding("a.b"),
        evidence=(document,),
        erased={document.envelope.blob: "a patient asked"},
        log={document.envelope.id: 41},
    )
    words = pages_of(source)["Evidence index"]
    assert "Bytes erased on purpose (a patient asked); digest and proof stay." in words
    assert "Entry 41 of the ledger." in words
    assert a_digest("scan.json") in words.replace(" ", "")


def test_the_coverage_strip_says_which_kind_of_evidence_does_not_count() -> None:
    counted, old = a_document("new.json", format="trivy"), a_document("old.json", days=200)
    left = (LeftOut(evidence=old.envelope.id, code="stale"),)
    finding = a_finding(
        "a.b", left_out=left, needs=(NeedUse(need="n", evidence=(counted.envelope.id,)),)
    )
    unasked = a_document("more.json", format="garak", produced_at=None)
    words = pages_of(a_source_of(finding, evidence=(counted, old, unasked)))["Evidence index"]
    assert "E-02 assaybook 200 days, stale" in words
    assert "E-01 trivy 10 days, counts" in words
    assert "E-03 garak undated, not asked for" in words


def test_the_commands_that_make_the_pack_again_name_release_and_instant(
    pages: Mapping[str, str],
) -> None:
    words = pages["Glossary and how to reproduce"]
    assert f"--system {a_subject().system.id} --release {RELEASE} --as-of 2026-10-01" in words
    assert words.count("--scope SCOPE --waivers WAIVERS ") == 2
    assert "--overlay OVERLAY" not in words
    assert "tools/verify_pack.py of the source distribution is one file" in words
    assert "Names in capitals stand for files that judged." in words


def test_every_verdict_stands_once_in_the_form_that_a_verifier_reads(
    pages: Mapping[str, str],
) -> None:
    whole = " ".join(pages.values())
    assessment = a_source().assessment
    lines = [
        *(verdict_line(each) for each in assessment.findings),
        *(conclusion_line(each) for each in assessment.conclusion),
    ]
    shown = [
        line for line in lines if len(re.findall(f"(?<!\\S){re.escape(line)}(?! \\()", whole)) != 1
    ]
    assert shown == []
    assert sorted(shown_verdicts(build_pack(a_source()))) == sorted(lines)


def test_a_waived_fail_says_so_in_its_verdict() -> None:
    waived = next(each for each in a_source().assessment.findings if each.waiver)
    assert verdict_line(waived) == "explanation.method/holds: FAIL (WAIVED)"
