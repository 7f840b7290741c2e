"""Over all shipped policies and evidence of every kind: nothing proven is never a pass.

What removing a document may do is stated exactly. It can turn a fail or an unknown into a pass
only if the finding counted that document or calls it stale or undated, for only then can it have
carried the failing row, the gap or the conflict. Every other document can go unnoticed.

A fail that a row carries stays through any scan that broke off. A fail for want of something (a
card without a topic, no drill that worked) may then become unknown, because it may stand in what
was not read; it never becomes a pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Scope
from assaybook.domain.finding import Assessment, Finding, Outcome
from assaybook.domain.policy import Assurance
from support.evidence import AS_OF
from support.situations import an_answer, judged, policies
from support.specimens import SPECIMENS, Specimen

MANY: Final = max(200, settings().max_examples)
_WHOLE: Final[dict[str, int | None]] = {}
_ODD: Final[tuple[dict[str, int | None], ...]] = (
    {"examined": 0},
    {"examined": 1, "skipped": 99},
    {"errored": 2},
    {"failed": 7},
    {"examined": None},
    {"failed": None},
)
_COUNTS: Final = (*(_WHOLE,) * 12, *_ODD)
_BROKEN_OFF: Final[tuple[dict[str, int], ...]] = (
    {"errored": 1},
    {"errored": 3, "examined": 0},
    {"skipped": 99, "examined": 1},
)
_SAYS_NOTHING: Final = frozenset({"wrong_subject", "low_assurance", "superseded", "retired"})


@dataclass(frozen=True)
class Submitted:
    """A specimen's policy, and documents about its release."""

    specimen: Specimen
    documents: tuple[Evidence, ...]

    def judged(self, documents: Sequence[Evidence]) -> Assessment:
        return judged(self.specimen.policy, documents, params=self.specimen.params)


@st.composite
def _documents(draw: st.DrawFn, /, specimen: Specimen, *, name: str, **fixed: Any) -> Evidence:
    kinds = (
        specimen.good,
        specimen.good,
        specimen.bad,
        specimen.bad,
        (),
        specimen.lacking,
        specimen.part,
        specimen.thin,
    )
    facts = draw(st.sampled_from([one for one in (*kinds, specimen.percent) if one is not None]))
    age = draw(st.sampled_from([0.5, 1, 1.5, 2, 2, 3, 4, 5, 20, 400, None]))
    columns: dict[str, Any] = {
        "name": name,
        "age": age,
        "received": draw(st.sampled_from([0, 0, age or 0])),
        "tool": draw(st.sampled_from(["a", "a", "a", "b"])),
        "release": draw(st.sampled_from([*("1",) * 9, "2"])),
        "assurance": draw(st.sampled_from([Assurance.CI, Assurance.CI, Assurance.SELF])),
        "submission": draw(st.sampled_from(["", "", "", "one"])),
        "malformed": draw(st.sampled_from([*(False,) * 9, True])),
        "scope": Scope(path=draw(st.sampled_from([None, None, None, "p"]))),
        "counts": draw(st.sampled_from(_COUNTS)),
    }
    return specimen.document(facts, **{**columns, **fixed})


@st.composite
def submitted(draw: st.DrawFn) -> Submitted:
    """Return up to five documents for one shipped policy."""
    specimen = draw(st.sampled_from(SPECIMENS))
    number = draw(st.sampled_from([0, 1, 2, 2, 3, 3, 4, 5]))
    found = [draw(_documents(specimen, name=f"{index}.json")) for index in range(number)]
    return Submitted(specimen, tuple(found))


def _failing(finding: Finding) -> set[str]:
    return {row.key for row in finding.rows if row.outcome is Outcome.FAIL}


@settings(max_examples=MANY)
@given(submitted())
def test_a_pass_rests_on_evidence_that_was_counted(given_: Submitted) -> None:
    for finding in given_.judged(given_.documents).findings:
        event(finding.outcome.value)
        if finding.outcome is not Outcome.PASS:
            assert finding.reasons or finding.outcome is Outcome.FAIL
            continue
        assert finding.reasons == ()
        assert finding.needs
        for need in finding.needs:
            assert need.evidence
            assert need.rows or need.proven_empty
        assert all(row.outcome is Outcome.PASS for row in finding.rows)


@settings(max_examples=MANY)
@given(submitted())
def test_a_rule_over_each_row_passes_only_a_list_that_is_whole(given_: Submitted) -> None:
    each = {
        rule.id for rule in policies()[given_.specimen.policy].rules if rule.for_each is not None
    }
    for finding in given_.judged(given_.documents).findings:
        if finding.outcome is Outcome.PASS and finding.rule in each:
            assert [need.open for need in finding.needs] == [()] * len(finding.needs)
            assert [need.possible for need in finding.needs] == [0] * len(finding.needs)


@settings(max_examples=MANY)
@given(submitted(), st.data())
def test_without_all_evidence_of_a_need_no_rule_that_reads_it_passes(
    given_: Submitted, data: st.DataObject
) -> None:
    policy = policies()[given_.specimen.policy]
    need = data.draw(st.sampled_from(sorted(policy.needs)))
    rest = [one for one in given_.documents if not _bears_on(one, policy.needs[need].facts)]
    readers = {rule.id for rule in policy.rules if need in rule.needs}
    for finding in given_.judged(rest).findings:
        assert finding.rule not in readers or finding.outcome is not Outcome.PASS


def _bears_on(one: Evidence, family: str) -> bool:
    asked = {row.question.partition("/")[0] for row in one.coverage}
    return family in asked | {fact.type for fact in one.facts}


@settings(max_examples=MANY)
@given(submitted(), st.data())
def test_a_scan_that_broke_off_never_hides_a_fail(given_: Submitted, data: st.DataObject) -> None:
    counts = data.draw(st.sampled_from(_BROKEN_OFF))
    # It may be of the instant of another document: then they stand together, and it opens both.
    made = {one.envelope.produced_at or AS_OF for one in given_.documents}
    ages = [(AS_OF - at).total_seconds() / 86_400 for at in sorted(made)]
    scan = data.draw(
        _documents(
            given_.specimen,
            name="broken-off.json",
            age=data.draw(st.sampled_from([0.25, 3, 30, *ages])),
            submission="",
            counts=counts,
        )
    ).model_copy(update={"facts": ()})
    before = given_.judged(given_.documents).findings
    after = given_.judged([*given_.documents, scan]).findings
    for old, new in zip(before, after, strict=True):
        if old.outcome is not Outcome.FAIL:
            assert new.outcome is not Outcome.PASS or old.outcome is Outcome.PASS
            continue
        event("a fail")
        assert new.outcome in {Outcome.FAIL, Outcome.INCONCLUSIVE}
        if old.rows:
            assert new.outcome is Outcome.FAIL
            assert _failing(old) <= _failing(new)


@settings(max_examples=MANY)
@given(submitted(), st.data())
def test_a_document_that_was_not_counted_could_as_well_not_be_there(
    given_: Submitted, data: st.DataObject
) -> None:
    assume(given_.documents)
    gone = data.draw(st.sampled_from(given_.documents))
    before = given_.judged(given_.documents).findings
    after = given_.judged([one for one in given_.documents if one is not gone]).findings
    for old, new in zip(before, after, strict=True):
        counted = {each for need in old.needs for each in need.evidence}
        codes = {one.code for one in old.left_out if one.evidence == gone.envelope.id}
        if gone.envelope.id in counted or codes - _SAYS_NOTHING:
            continue
        event(f"left out as {', '.join(sorted(codes)) or 'of no use'}")
        assert new.outcome is old.outcome
        assert _failing(new) == _failing(old)


@given(submitted(), st.randoms(use_true_random=False))
def test_the_order_of_evidence_decides_nothing_and_the_same_gives_the_same_bytes(
    given_: Submitted,
    random: Any,
) -> None:
    shuffled = list(given_.documents)
    random.shuffle(shuffled)
    first = given_.judged(given_.documents)
    again = given_.judged(shuffled)
    assert first.assessment.digest == again.assessment.digest
    assert first.model_dump_json() == again.model_dump_json()


@given(submitted())
def test_as_many_findings_come_out_as_rules_go_in(given_: Submitted) -> None:
    rules = [rule.id for rule in policies()[given_.specimen.policy].rules]
    assert [one.rule for one in given_.judged(given_.documents).findings] == rules


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["yes", "no"]), st.integers(0, 9)))
)
def test_an_approval_passes_only_by_two_persons_whose_last_word_is_yes(
    said: list[tuple[str, str, int]],
) -> None:
    answers = [an_answer(person, answer, age=age) for person, answer, age in said]
    (finding,) = judged("approval.two-persons", answers).findings
    last = {
        person: {a for p, a, age in said if p == person and age == newest}
        for person in {p for p, _a, _age in said}
        for newest in [min(age for p, _a, age in said if p == person)]
    }
    if finding.outcome is Outcome.PASS:
        assert sum(words == {"yes"} for words in last.values()) >= 2
        assert {"no"} not in last.values()
    if {"no"} in last.values():
        assert finding.outcome is not Outcome.PASS
