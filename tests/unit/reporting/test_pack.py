"""What the audit pack says."""

from dataclasses import replace
from datetime import timedelta
from itertools import chain

import pytest

from assaybook.domain.control import TextPolicy
from assaybook.domain.documents import Evidence
from assaybook.domain.errors import UsageError
from assaybook.domain.finding import (
    CatalogConclusion,
    Conclusion,
    ControlReach,
    Disposition,
    Finding,
    LeftOut,
    Outcome,
    RowFinding,
    Standing,
    TraceNode,
)
from assaybook.domain.policy import Assurance
from assaybook.reporting.model import Pack
from assaybook.reporting.pack import ASSERTED, build_pack
from assaybook.reporting.words import (
    finding_state,
    outcome_state,
    standing_state,
    waiver_state,
    worst_conclusion,
)
from support.golden import Golden
from support.pack_documents import AS_OF, RELEASE, a_document
from support.pack_findings import ISO, RMF, a_finding, a_reason, reaches
from support.packs import a_source, a_source_of, a_subject, an_assessment


@pytest.fixture(scope="module")
def pack() -> Pack:
    return build_pack(a_source())


@pytest.mark.golden
def test_the_pack_says_what_it_said_before(pack: Pack, golden: Golden) -> None:
    golden("pack/model.json", pack.model_dump_json(indent=1) + "\n")


def test_a_cover_that_conforms_says_what_was_never_judged_and_what_is_less_than_met() -> None:
    source = a_source()
    counts = {Standing.MET: 3, Standing.SUPPORTED: 12, Standing.NOT_APPLICABLE: 57}
    good = CatalogConclusion(catalog=RMF, words=Conclusion.CONFORMS, counts=counts)
    found = source.assessment.model_copy(update={"conclusion": (good,)})
    cover = build_pack(replace(source, assessment=found)).cover
    result, beside = cover.summary[:2]
    assert result == "NIST AI RMF 1.0: 3 of 15 applicable controls met; 12 supported."
    assert beside == (
        "57 of 72 controls do not apply; supported is less than met, and the scope accepts it "
        "(section 8)."
    )
    brief = build_pack(replace(source, assessment=found, profile="executive")).cover
    assert brief.summary[1].endswith("the scope accepts it.")


def test_a_cover_whose_words_cannot_be_printed_says_so() -> None:
    source = replace(a_source(), organisation="\u533b\u7642")
    made = build_pack(source)
    assert made.cover.organisation == "□□"
    assert made.cover.unprintable.endswith("cannot print: section 1.")
    assert "U+533B and U+7642" in made.reading.unprintable
    assert build_pack(a_source()).cover.unprintable == ""


def test_controls_of_the_frameworks_that_are_judged_stand_before_others() -> None:
    first = ControlReach(catalog="eu-ai-act", control="Art. 26(4)", relation="supports")
    bad = a_finding("a.b", outcome=Outcome.FAIL, controls=(first, *reaches("MEASURE 2.4")))
    made = build_pack(a_source_of(bad))
    assert made.conclusion.deciding[0].controls == "MEASURE 2.4 and 1 more"
    assert made.findings.open[0].controls == "NIST AI RMF 1.0 MEASURE 2.4; EU AI Act Art. 26(4)"


def test_the_cover_says_the_result_in_words(pack: Pack) -> None:
    assert pack.cover.words == "Does not conform"
    assert pack.cover.summary[0].startswith("NIST AI RMF 1.0: 25 of 71 applicable controls met")


def test_the_cover_says_that_the_subject_is_only_asserted(pack: Pack) -> None:
    assert pack.cover.asserted == ASSERTED


def test_an_authenticated_subject_is_not_called_asserted() -> None:
    source = a_source()
    head = source.assessment.assessment.model_copy(update={"asserted": False})
    known = source.assessment.model_copy(update={"assessment": head})
    subject = a_subject().model_copy(update={"asserted": False})
    assert build_pack(replace(source, assessment=known, subject=subject)).cover.asserted == ""


@pytest.mark.parametrize(
    ("checked", "words"),
    [
        pytest.param(0, "The submitter says that a pipeline made it; nobody checked.", id="none"),
        pytest.param(
            2,
            "3 of 5 by the submitter's word alone; the pipeline of the rest was checked.",
            id="some",
        ),
        pytest.param(5, "The identity of a pipeline was checked.", id="all"),
    ],
)
def test_a_pipeline_is_called_checked_only_where_somebody_checked_it(
    checked: int, words: str
) -> None:
    source = a_source()
    named = [each for each in source.evidence if each.envelope.assurance is Assurance.CI][:checked]
    evidence = tuple(
        each.model_copy(
            update={"envelope": each.envelope.model_copy(update={"authenticated": each in named})}
        )
        for each in source.evidence
    )
    reading = build_pack(replace(source, evidence=evidence)).reading
    assert next(grade.text for grade in reading.grades if grade.word == "ci") == words


def test_an_empty_assessment_never_conforms() -> None:
    empty = an_assessment((), conclusion=(), standings=())
    pack = build_pack(a_source(assessment=empty, evidence=(), problems=()))
    assert pack.cover.words == "Nothing judged"
    assert "nothing is claimed" in pack.cover.summary[0]
    assert pack.evidence.lead.startswith("No document was submitted")


def test_no_finding_vanishes(pack: Pack) -> None:
    shown = [*pack.findings.open, *pack.findings.passed, *pack.findings.inapplicable]
    assert len(shown) == len(a_source().assessment.findings) == 40
    assert len({card.label for card in shown}) == 40


def test_a_waived_fail_stays_a_fail_and_needs_a_look(pack: Pack) -> None:
    waived = next(card for card in pack.findings.open if "W-07" in " ".join(card.notes))
    assert waived.state.word == "Fail, waived"


def test_what_is_undecided_says_why_in_words(pack: Pack) -> None:
    card = next(each for each in pack.findings.open if "membership" in each.verdict)
    assert [reason.word for reason in card.reasons] == [
        "low assurance",
        "wrong subject",
        "too few",
    ]
    assert card.observed == "Unknown: low assurance, wrong subject and too few"


def test_every_document_shows_its_digest_whole(pack: Pack) -> None:
    shown = {line.digest.replace(" ", "") for line in pack.evidence.documents}
    assert shown == {each.envelope.blob for each in a_source().evidence}


def test_text_of_iso_is_never_printed_and_that_of_nist_is(pack: Pack) -> None:
    cards = [card for page in pack.controls for card in page.cards]
    iso = [card for card in cards if card.catalog.startswith("ISO")]
    assert iso
    assert all(card.text == "" for card in iso)
    assert all(card.text for card in cards if card.catalog.startswith("NIST"))
    assert a_source().catalogs[ISO].text_policy is TextPolicy.OWN_TITLES


def test_a_catalog_that_is_not_known_shows_ids_alone() -> None:
    pack = build_pack(a_source(catalogs={}))
    titles = {card.title == card.id for page in pack.controls for card in page.cards}
    assert titles == {True}


def test_every_card_has_expected_and_observed(pack: Pack) -> None:
    cards = chain.from_iterable((*page.cards, *page.lines) for page in pack.controls)
    rows = [row for card in cards for row in card.determinations]
    assert rows
    assert all(row.expected and row.observed for row in rows)


def test_n_of_m_leaves_out_what_does_not_apply(pack: Pack) -> None:
    result = pack.conclusion.frameworks[0]
    whole = sum(part.count for part in result.parts)
    away = sum(part.count for part in result.parts if part.state.word == "Not applicable")
    assert (whole, away) == (72, 1)
    assert result.met == "25 of 71 applicable controls met"


def test_a_relaxation_shows_with_its_reason(pack: Pack) -> None:
    assert pack.scope.relaxations[0].text.endswith("overlay clinic: quarterly audit")


def test_what_was_left_out_refused_and_unused_is_said(pack: Pack) -> None:
    limits = pack.limits
    assert any(each.name == "Superseded" and ", for F-20." in each.text for each in limits.left_out)
    assert limits.refused[0].text.startswith("The document ends inside a string (json-malformed)")
    assert limits.unused[0].name == "notes.txt"


def test_every_uncovered_control_is_named(pack: Pack) -> None:
    told = " ".join(row.text for page in pack.limits.uncovered for row in page.controls)
    bare = [
        each.control
        for each in a_source().assessment.standings
        if each.standing is Standing.NOT_COVERED
    ]
    assert [control for control in bare if control not in told] == []


def test_parents_of_controls_are_not_counted_as_controls() -> None:
    source = a_source()
    parent = source.assessment.standings[0].model_copy(
        update={"control": "GOVERN 1", "standing": Standing.NOT_MET}
    )
    more = source.assessment.model_copy(
        update={"standings": (*source.assessment.standings, parent)}
    )
    pack = build_pack(replace(source, assessment=more))
    assert pack.limits.uncovered[0].note.startswith("38 of 71")
    assert "GOVERN 1" not in {line.control for line in pack.frameworks[0].attention}


def test_the_pack_cannot_be_of_another_instant_than_the_assessment() -> None:
    with pytest.raises(UsageError) as caught:
        build_pack(a_source(as_of=AS_OF + timedelta(seconds=1)))
    assert caught.value.code == "pack-instant"


def test_a_character_without_a_glyph_shows_as_a_stand_in_and_is_counted() -> None:
    finding = a_finding("text.cjk", title="模型 sees \u202ereversed", controls=reaches("MAP 1.1"))
    pack = build_pack(a_source_of(finding))
    assert pack.findings.passed[0].title == "□□ sees □reversed"
    assert "U+202E" in pack.limits.unprintable
    assert "U+6A21" in pack.limits.unprintable


def test_a_pack_without_strange_characters_says_nothing_of_them(pack: Pack) -> None:
    assert pack.limits.unprintable == ""


def test_a_text_without_end_is_cut_and_says_so() -> None:
    pack = build_pack(a_source_of(a_finding("text.long", fix="x" * 9_000, outcome=Outcome.FAIL)))
    assert pack.findings.open[0].fix.endswith("… (7500 more characters)")


def test_same_input_same_pack(pack: Pack) -> None:
    assert build_pack(a_source()) == pack


def test_the_gravest_conclusion_is_on_the_cover() -> None:
    assert worst_conclusion(list(Conclusion)) is Conclusion.DOES_NOT_CONFORM
    assert (
        worst_conclusion([Conclusion.CONFORMS, Conclusion.NOTHING_JUDGED])
        is Conclusion.NOTHING_JUDGED
    )
    assert worst_conclusion([]) is Conclusion.NOTHING_JUDGED


@pytest.mark.parametrize("conclusion", list(Conclusion))
def test_every_conclusion_has_a_lead(conclusion: Conclusion) -> None:
    source = a_source()
    said = tuple(
        each.model_copy(update={"words": conclusion}) for each in source.assessment.conclusion
    )
    pack = build_pack(
        replace(source, assessment=source.assessment.model_copy(update={"conclusion": said}))
    )
    assert pack.cover.words.lower() == conclusion.value
    assert "1 October 2026" in pack.conclusion.lead


def test_no_two_states_share_mark_and_word() -> None:
    states = [outcome_state(each) for each in Outcome]
    states += [standing_state(each) for each in Standing]
    states += [waiver_state(each) for each in ("in_force", "expired", "void", "unused")]
    distinct = {(state.mark, state.word): state for state in states}
    assert all(state.mark and state.word for state in states)
    assert len(distinct) == len({state.word for state in states})


@pytest.mark.parametrize(
    ("disposition", "word"),
    [
        (Disposition.OPEN, "Fail"),
        (Disposition.WAIVED, "Fail, waived"),
        (Disposition.BASELINED, "Fail, baselined"),
    ],
)
def test_a_fail_says_what_people_decided_about_it(disposition: Disposition, word: str) -> None:
    finding = a_finding("a.b", outcome=Outcome.FAIL, disposition=disposition)
    assert finding_state(finding).word == word


def test_a_chart_stands_once_however_many_controls_its_finding_bears_on(pack: Pack) -> None:
    charts = [chart for page in pack.controls for card in page.cards for chart in card.charts]
    assert len(charts) == 3


def test_a_reason_without_a_message_is_told_by_its_code() -> None:
    finding = a_finding("a.b", outcome=Outcome.INCONCLUSIVE, reasons=(a_reason("stale", "need"),))
    card = build_pack(a_source_of(finding)).findings.open[0]
    assert card.reasons[0].text == "The evidence is older than the policy allows."


def test_evidence_that_is_not_in_the_index_is_named_by_its_id() -> None:
    files = (a_document("other.json"),)
    pack = build_pack(a_source(evidence=files))
    card = pack.findings.open[0]
    assert card.evidence[0].name == "not in the index"
    assert card.evidence[0].anchor == ""


def test_a_pass_without_values_still_says_what_was_seen() -> None:
    finding = a_finding("a.b", trace=TraceNode(text="card.present", truth="T"))
    assert build_pack(a_source_of(finding)).findings.passed[0].observed == (
        "The rule holds on the evidence that counts."
    )


def test_what_fails_is_all_shown_and_a_few_of_the_rest_which_is_counted() -> None:
    rows = tuple(
        RowFinding(
            key=f"column=c{i:02}, dataset=d",
            outcome=Outcome.FAIL if i > 10 else Outcome.PASS,
        )
        for i in range(18)
    )
    finding = a_finding("a.b", outcome=Outcome.FAIL, rows=rows)
    card = build_pack(a_source_of(finding)).findings.open[0]
    assert [row.state.word for row in card.rows] == ["Fail"] * 7 + ["Pass"] * 5
    assert card.rows_note == "6 more rows pass, listed in the findings JSON."
    assert (card.rows[0].key, card.rows_shared) == ("c11", "dataset=d")


def test_one_row_keeps_its_whole_key() -> None:
    rows = (RowFinding(key="column=a, dataset=d", outcome=Outcome.FAIL),)
    card = build_pack(a_source_of(a_finding("a.b", outcome=Outcome.FAIL, rows=rows)))
    assert card.findings.open[0].rows[0].key == "column=a, dataset=d"


def test_a_reason_that_says_less_of_the_same_is_not_told_twice() -> None:
    reasons = (
        a_reason("stale", "metric in a.json", "157 days old"),
        a_reason("stale", "metric in b.json", "157 days old"),
        a_reason("stale", "recall", "157 days old, fresh for 90 days"),
        a_reason("null", "run.digest", "run.digest is null"),
    )
    finding = a_finding("a.b", outcome=Outcome.INCONCLUSIVE, reasons=reasons)
    told = build_pack(a_source_of(finding)).findings.open[0].reasons
    assert [(each.word, each.path, each.text) for each in told] == [
        ("stale", "metric in a.json and b.json; recall", "157 days old, fresh for 90 days"),
        ("no value", "run.digest", "The evidence has the field, without a value."),
    ]


def of_release(name: str, release: str) -> Evidence:
    made = a_document(name)
    about = made.envelope.subject.model_copy(update={"release": release})
    envelope = made.envelope.model_copy(update={"subject": about})
    return made.model_copy(update={"envelope": envelope})


def a_finding_that_left_out(code: str, *files: Evidence) -> Finding:
    left_out = tuple(LeftOut(evidence=each.envelope.id, code=code) for each in files)
    return a_finding("a.b", outcome=Outcome.INCONCLUSIVE, left_out=left_out, evidence=())


def test_documents_of_other_releases_are_counted_and_not_listed() -> None:
    files = (of_release("ours.json", RELEASE), of_release("old.json", "4.1.0"))
    finding = a_finding_that_left_out("wrong_subject", *files)
    pack = build_pack(a_source_of(finding, evidence=files))
    assert [line.name for line in pack.evidence.documents] == ["ours.json"]
    assert pack.evidence.apart.startswith("1 further document is of other releases")
    assert "1 of 4.1.0" in pack.limits.apart
    card = pack.findings.open[0]
    assert card.left_out[0].text == "E-01 ours.json and 1 document of another release"
    assert any("1 more of other releases" in fact.text for fact in pack.cover.facts)


def test_a_document_of_another_release_that_a_rule_weighed_is_listed() -> None:
    files = (of_release("old.json", "4.1.0"),)
    pack = build_pack(a_source_of(a_finding_that_left_out("stale", *files), evidence=files))
    assert [line.name for line in pack.evidence.documents] == ["old.json"]
    assert pack.evidence.apart == ""
