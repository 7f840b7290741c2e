"""What a need asks once its params are in: what is not known is asked most strictly."""

from datetime import timedelta

from assaybook.domain.policy import Assurance, Need, ParamValue
from assaybook.evaluation.selection import Candidate
from assaybook.evaluation.terms import Answering, Terms, terms_of
from assaybook.language.parser import parse
from support.evidence import a_document, covered
from support.rules import a_need, asked, bound, codes, secrets


def _terms(need: Need, **params: ParamValue | None) -> Terms:
    return terms_of(need, asked(params=params))


def _unset(terms: Terms) -> list[str]:
    return [reason.code for one in terms.unset for reason in one.reasons]


def test_values_written_in_the_policy_are_taken_as_they_are() -> None:
    need = a_need(within='duration("48h")', assurance=Assurance.CI, may_skip='["a"]')
    terms = _terms(need)
    assert terms.freshness.limit == timedelta(days=90)
    assert (terms.within, terms.assurance) == (timedelta(hours=48), Assurance.CI)
    assert (terms.may_skip, terms.questions, terms.unset) == (frozenset("a"), None, ())


def test_what_nobody_has_set_is_asked_most_strictly_and_said() -> None:
    need = a_need(fresh_for="params.x", within="params.x", assurance=parse("params.x"))
    terms = _terms(need, x=None)
    assert terms.freshness.limit == timedelta(0)
    assert terms.assurance is Assurance.VERIFIED
    assert _unset(terms) == ["param_unset"] * 3


def test_age_is_not_asked_where_the_need_says_never() -> None:
    assert _terms(a_need(fresh_for=None)).freshness.limit is None


def test_a_word_that_is_no_assurance_asks_for_the_strongest() -> None:
    assert _terms(a_need(assurance=parse("params.x")), x="ci").assurance is Assurance.CI
    assert _terms(a_need(assurance=parse("params.x")), x="most").assurance is Assurance.VERIFIED


def test_what_is_no_length_of_time_leaves_no_time() -> None:
    terms = _terms(a_need(fresh_for="params.x", within="params.x"), x="long")
    assert (terms.freshness.limit, terms.within) == (timedelta(0), None)


def test_a_need_that_names_no_question_is_never_proven_empty() -> None:
    clean = a_document(coverage=[covered("security/secret")])
    for need in (secrets(of=parse("params.x")), secrets(of=())):
        for documents in ((), (clean,)):
            found = bound(need, *documents, params={"x": ()})
            assert (codes(found), found.use.proven_empty) == (["empty"], False)


def test_questions_that_nobody_has_set_are_said_once() -> None:
    terms = _terms(secrets(of=parse("params.x")), x=None)
    assert (terms.questions, _unset(terms)) == ((), ["param_unset"])


def test_a_document_that_counts_for_one_question_is_left_out_for_none() -> None:
    need = a_need()
    answering = Answering(need, asked(), _terms(need))
    one = Candidate(a_document(), None)
    answering.leaves_out(one, "stale", "it is old")
    answering.counts(one)
    answering.leaves_out(one, "stale", "it is old")
    assert (list(answering.counted), answering.left_out) == ([one.id], {})


def test_what_is_too_weak_is_not_said_to_be_about_something_else_by_another_question() -> None:
    need = a_need()
    answering = Answering(need, asked(), _terms(need))
    one = Candidate(a_document(), None)
    answering.dismisses(one, "low_assurance", "it is weak")
    answering.dismisses(one, "wrong_subject", "it names another model")
    assert answering.left_out == {one.id: ("low_assurance", "it is weak")}
    assert [code for _one, code, _why in answering.dismissed] == ["low_assurance", "wrong_subject"]
