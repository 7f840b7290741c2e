"""Of the documents of one source: which stand, which are replaced, what stays open."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutArtifact, Scope
from assaybook.domain.policy import Assurance
from assaybook.evaluation.selection import by_source, instant_of, open_skips, source_of
from support.evidence import AS_OF, MODEL, a_document, a_fact, a_metric, covered, days
from support.rules import a_need, bound, codes, secrets

SECRET = a_fact("security", fingerprint="x", **{"class": "secret"})
SIGNED = {"assurance": Assurance.SIGNED, "artifacts": [AboutArtifact(digest=MODEL)]}


def _clean(**document: object) -> Evidence:
    return a_document(
        coverage=[covered("security/secret")],
        **{"name": "clean.json", **document},  # type: ignore[arg-type]
    )


def _dirty(**document: object) -> Evidence:
    row = covered("security/secret", failed=1)
    return a_document(SECRET, coverage=[row], **{"name": "dirty.json", **document})  # type: ignore[arg-type]


def test_a_source_is_format_tool_and_scope_and_never_a_date() -> None:
    one, other = a_document(a_metric(), age=1), a_document(a_metric(), age=9)
    assert source_of(one) == source_of(other)
    scoped = a_document(a_metric(), scope=Scope(path="src", job="nightly"))
    assert source_of(scoped) != source_of(one)
    assert source_of(a_document(a_metric(), tool="b")) != source_of(one)


def test_the_age_of_a_document_counts_from_the_earliest_that_is_known() -> None:
    assert instant_of(a_document(age=3)) == AS_OF - days(3)
    assert instant_of(a_document(age=-1, received=2)) == AS_OF - days(2)
    assert instant_of(a_document(age=None)) is None
    observed = a_document(age=None, observed_at=AS_OF - days(4))
    assert instant_of(observed) == AS_OF - days(4)


@pytest.mark.parametrize(
    ("skipped", "items", "accepted", "left"),
    [
        (2, (), ("a",), 2),
        (2, ("a", "b"), ("a",), 1),
        (2, ("a", "b"), ("a", "b", "c"), 0),
        (None, ("a", "b"), ("a",), 1),
        (0, ("a",), ("a",), 0),
        (None, (), (), 0),
    ],
)
def test_skips_count_unless_they_are_accepted_by_name(
    skipped: int | None, items: tuple[str, ...], accepted: tuple[str, ...], left: int
) -> None:
    row = covered("security/secret", skipped=skipped, skipped_items=items)
    assert open_skips(row, frozenset(accepted)) == left


def test_a_weaker_undated_or_newer_document_never_replaces_a_stronger_one() -> None:
    need = secrets(fresh_for=None)
    strong = _dirty(age=None, received=5, **SIGNED)
    weak = _clean(age=1, received=1, assurance=Assurance.SELF)
    assert bound(need, strong, weak).use.rows == 1
    same = _clean(age=1, received=1, **SIGNED)
    assert bound(need, strong, same).use.proven_empty


def test_an_undated_hit_is_not_replaced_by_what_was_made_in_the_instant_it_was_received() -> None:
    need = secrets(fresh_for=None)
    hit = _dirty(age=None, received=3)
    assert bound(need, hit, _clean(age=3, received=1)).use.rows == 1
    assert bound(need, hit, _clean(age=2.999, received=1)).use.proven_empty


@pytest.mark.parametrize("order", [1, -1], ids=["whole first", "whole last"])
def test_an_answer_in_several_rows_takes_a_hit_away_only_if_each_of_them_is_whole(
    order: int,
) -> None:
    whole, silent = covered("security/secret"), covered("security/secret", examined=None)
    older = _dirty(age=5, received=5)
    half = a_document(coverage=[whole, silent][::order], name="half.json")
    both = a_document(coverage=[whole, whole], name="both.json")
    assert bound(secrets(), older, half).use.rows == 1
    assert bound(secrets(), older, both).use.proven_empty


def test_attempts_that_nobody_decided_leave_open_their_own_question_alone() -> None:
    rows = [
        a_fact("attack", name="p", detector="d", family=family, attempts=9, undecided=undecided)
        for family, undecided in (("toxicity", 3), ("jailbreak", 0))
    ]
    coverage = [covered(f"attack/{family}") for family in ("toxicity", "jailbreak")]
    document = a_document(*rows, coverage=coverage)
    for family, open_ in (("toxicity", ["errored"]), ("jailbreak", [])):
        need = a_need(name="tried", facts="attack", where=f'row.family == "{family}"')
        assert codes(bound(need, document)) == open_


def test_a_stronger_document_with_a_gap_keeps_it_beside_a_weaker_whole_one() -> None:
    broken = covered("security/secret", errored=2)
    strong = a_document(coverage=[broken], age=3, received=3, **SIGNED)  # type: ignore[arg-type]
    assert codes(bound(secrets(), _clean(assurance=Assurance.SELF), strong)) == [
        "not_examined",
        "errored",
    ]


def test_a_group_that_shares_a_submission_or_an_instant_stands_together() -> None:
    chain = [
        _dirty(age=5, received=5, submission="a", name="1"),
        _clean(age=3, received=3, submission="a", name="2"),
        _clean(age=3, received=3, submission="b", name="3"),
        _clean(age=1, received=1, submission="b", name="4"),
    ]
    assert bound(secrets(), *chain).use.rows == 1
    assert bound(secrets(), *chain, _clean(age=0.5, received=0.5)).use.proven_empty


@pytest.mark.parametrize("names", [("1", "2"), ("2", "1")], ids="".join)
def test_a_document_that_stands_with_two_groups_makes_them_one(names: tuple[str, str]) -> None:
    one, other = names
    chain = [
        _dirty(age=6, received=6, submission="a", name="0"),
        _clean(age=3, received=3, submission="a", name=one),
        _clean(age=3, received=3, submission="b", name=other),
    ]
    assert bound(secrets(), *chain).use.rows == 1
    assert bound(secrets(), *chain[::2]).use.proven_empty


def test_a_broken_document_without_a_name_is_known_by_its_id() -> None:
    broken = _clean(name="", malformed=True)
    found = bound(secrets(), broken)
    assert any(broken.envelope.id in reason.path for reason in found.use.open)


DOCUMENTS = [
    _clean(age=1, received=1),
    _clean(age=4, received=4),
    _dirty(age=2, received=2),
    _dirty(age=3, received=1),
    _dirty(age=None, received=2),
    _dirty(age=91, received=91, tool="b"),
    _clean(age=2, received=2, tool="b"),
    _clean(age=2, received=2, submission="x"),
    a_document(coverage=[covered("security/secret", errored=1)], name="gap.json", age=0.5),
]


@given(st.lists(st.sampled_from(range(len(DOCUMENTS))), unique=True), st.randoms())
def test_the_order_of_documents_never_matters(chosen: list[int], shuffle: object) -> None:
    documents = [DOCUMENTS[number] for number in chosen]
    before = bound(secrets(), *documents)
    shuffle.shuffle(documents)  # type: ignore[attr-defined]
    after = bound(secrets(), *documents)
    assert (before.use, before.left_out, before.expires_at) == (
        after.use,
        after.left_out,
        after.expires_at,
    )


@given(st.lists(st.sampled_from(range(len(DOCUMENTS))), unique=True), st.sampled_from([3, 8]))
def test_a_document_with_a_gap_never_takes_a_known_hit_away(chosen: list[int], newer: int) -> None:
    documents = [DOCUMENTS[number] for number in chosen]
    gap = a_document(
        coverage=[covered("security/secret", errored=newer)], name="late.json", age=0.1
    )
    assert bound(secrets(), *documents, gap).use.rows >= bound(secrets(), *documents).use.rows


def test_sources_come_in_a_stable_order() -> None:
    from assaybook.evaluation.selection import Candidate

    def sources(documents: Sequence[Evidence]) -> list[object]:
        return list(by_source(Candidate(one, instant_of(one)) for one in documents))

    assert sources(DOCUMENTS) == sources(DOCUMENTS[::-1])
    assert bound(a_need(), *DOCUMENTS).use.rows == 0
    assert codes(bound(a_need())) == ["missing"]


@pytest.mark.parametrize(
    ("status", "failed", "is_open"),
    [("pass", 0, True), ("pass", None, True), ("fail", 9, False), (None, 9, False)],
)
def test_checks_that_passed_do_not_stand_for_failures_that_are_only_counted(
    status: str | None,
    failed: int | None,
    is_open: bool,  # noqa: FBT001
) -> None:
    fact = a_fact("data_check", check="c", column="", family="null", status=status, failed=failed)
    document = a_document(fact, coverage=[covered("data_check/null", failed=1)])
    found = bound(a_need("data_check", of=("data_check/null",)), document)
    assert [one.code for one in found.use.open] == (["missing"] if is_open else [])


def test_more_passed_than_were_examined_prove_nothing() -> None:
    odd = a_document(coverage=[covered("security/secret", examined=1, passed=21)])
    assert codes(bound(secrets(), odd)) == ["not_examined"]


def test_items_of_which_nobody_says_what_came_prove_nothing() -> None:
    odd = a_document(coverage=[covered("security/secret", examined=40, passed=30)])
    whole = a_document(coverage=[covered("security/secret", examined=40, passed=40)])
    assert codes(bound(secrets(), odd)) == ["not_examined"]
    assert codes(bound(secrets(), whole)) == []


def test_one_row_may_tell_of_many_items_that_did_not_pass() -> None:
    counts = covered("security/secret", examined=40, passed=30, failed=1)
    hit = a_fact("security", fingerprint="x", **{"class": "secret"})
    assert codes(bound(secrets(), a_document(hit, coverage=[counts]))) == []


@pytest.mark.parametrize(
    ("age", "words"),
    [(90 + 1 / 86_400, "90 days and 1 second old"), (91.5, "91 days old"), (400, "400 days old")],
)
def test_an_age_is_told_so_that_it_is_over_its_limit(age: float, words: str) -> None:
    found = bound(secrets(), _clean(age=age, received=age))
    whole = f"{words}, fresh for 90 days"
    assert whole in {one.message for one in found.use.open}
    assert [one.message for one in found.left_out] == [whole]
