"""Which questions a need asks, and why one of them has no answer."""

from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import Coverage, Scope
from assaybook.domain.policy import Need
from support.evidence import AS_OF, a_document, a_fact, a_metric, covered, days
from support.rules import a_need, bound, codes, secrets


def _asked(need: Need, *documents: Evidence) -> list[str]:
    return sorted({one.question for one in bound(need, *documents).use.coverage})


def test_without_named_questions_those_that_the_condition_allows_are_asked() -> None:
    both = a_document(
        coverage=[covered("security/secret"), covered("security/vulnerability")],
    )
    assert _asked(a_need("security", where='row.class == "secret"'), both) == ["security/secret"]
    assert _asked(a_need("security"), both) == ["security/secret", "security/vulnerability"]
    known = a_need("security", where='row.severity == "critical"')
    assert _asked(known, both) == ["security/secret", "security/vulnerability"]


def test_a_kind_of_metric_is_asked_where_one_of_its_names_could_match() -> None:
    kinds = a_document(
        coverage=[covered("metric/quality"), covered("metric/cost"), covered("metric/latency")]
    )
    assert _asked(a_need(where='row.name == "recall"'), kinds) == ["metric/quality"]
    own = a_document(a_metric("house_score", kind="cost", unit="score", value=1.0))
    assert _asked(a_need(where='row.name == "house_score"'), own) == ["metric/cost"]


def test_a_type_without_questions_of_its_own_is_asked_whole() -> None:
    drift = a_document(a_fact("drift", column="a", method="psi", value=0.1))
    assert _asked(a_need("drift", where='row.method == "psi"'), drift) == ["drift"]


def test_rows_of_no_known_kind_are_asked_too() -> None:
    odd = a_document(a_metric("house_score", kind=None, unit="score", value=1.0))
    assert bound(a_need(where='row.name == "house_score"'), odd).use.rows == 1
    assert _asked(a_need(where='row.name == "house_score"'), odd) == ["metric"]


@pytest.mark.parametrize(
    ("documents", "code"),
    [
        pytest.param((), "missing", id="nothing at all"),
        pytest.param(
            (a_document(coverage=[covered("security/license")]),), "not_examined", id="another"
        ),
        pytest.param(
            (a_document(coverage=[covered("security/secret")], release="2"),),
            "wrong_subject",
            id="about another release",
        ),
        pytest.param(
            (a_document(coverage=[covered("security/secret")], age=91),), "stale", id="too old"
        ),
        pytest.param(
            (a_document(coverage=[covered("security/secret", 0)]),), "not_examined", id="zero"
        ),
    ],
)
def test_a_question_without_an_answer_says_why(documents: tuple[Evidence, ...], code: str) -> None:
    assert codes(bound(secrets(), *documents)) == [code]
    ordinary = secrets(may_be_empty=False)
    assert code in codes(bound(ordinary, *documents))


def test_a_named_question_must_be_answered_even_where_another_gives_the_row() -> None:
    need = a_need(of=("metric/quality", "metric/cost"), where='row.name == "recall"')
    one = a_document(a_metric())
    assert codes(bound(need, one)) == ["not_examined"]
    both = a_document(a_metric(), coverage=[covered("metric/quality"), covered("metric/cost")])
    assert codes(bound(need, both)) == []


def test_a_row_without_any_count_does_not_prove_that_nothing_is_there() -> None:
    silent = a_document(coverage=[Coverage(question="security/secret")])
    assert codes(bound(secrets(), silent)) == ["not_examined"]


def test_one_document_that_looked_everywhere_covers() -> None:
    need = secrets(covers='scope.path == "." && scope.job != "quick"')
    here = a_document(coverage=[covered("security/secret")], scope=Scope(path=".", job="full"))
    there = a_document(coverage=[covered("security/secret")], scope=Scope(path="src", job="full"))
    assert bound(need, here, there).use.proven_empty
    assert codes(bound(need, there)) == ["not_examined"]


HISTORY: dict[str, Any] = {"where": 'row.name == "recall"', "last": 2}


def _run(age: float, **document: object) -> Evidence:
    return a_document(a_metric(value=0.8 + age / 100), age=age, **document)  # type: ignore[arg-type]


def test_a_history_of_two_data_sets_is_a_conflict() -> None:
    from assaybook.domain.evidence import AboutArtifact
    from assaybook.domain.subject import Artifact
    from support.evidence import a_subject

    digests = [f"sha256:{number * 64}" for number in "34"]
    two = tuple(
        Artifact(name=f"d{digest[-1]}", kind="dataset", digest=digest) for digest in digests
    )
    subject = a_subject(release={"artifacts": two})
    runs = [_run(age, artifacts=[AboutArtifact(digest=digests[0])]) for age in (1, 2)]
    need = a_need(**HISTORY, about="dataset")
    assert codes(bound(need, *runs, subject=subject)) == ["conflict"]


def test_a_document_that_is_too_weak_for_one_data_set_is_not_said_to_be_about_another() -> None:
    from assaybook.domain.evidence import AboutArtifact
    from assaybook.domain.policy import Assurance
    from assaybook.domain.subject import Artifact
    from support.evidence import a_subject

    digests = [f"sha256:{number * 64}" for number in "34"]
    two = tuple(
        Artifact(name=f"d{digest[-1]}", kind="dataset", digest=digest) for digest in digests
    )
    weak = a_document(
        coverage=[covered("pii/email")],
        artifacts=[AboutArtifact(digest=digests[0])],
        assurance=Assurance.SELF,
    )
    need = a_need(
        "pii",
        of=("pii/email",),
        may_be_empty=True,
        about="dataset",
        assurance=Assurance.CI,
    )
    found = bound(need, weak, subject=a_subject(release={"artifacts": two}))
    assert [one.code for one in found.left_out] == ["low_assurance"]


def test_a_history_of_runs_that_errored_is_open() -> None:
    broken = _run(1, coverage=[covered("metric/quality", errored=3)])
    found = bound(a_need(**HISTORY), broken, _run(2))
    assert codes(found) == ["errored"]
    assert len(found.use.coverage) == 2


def test_bytes_that_are_submitted_again_stay_where_they_were_first_seen() -> None:
    old, middle = _run(9), _run(5)
    again = old.envelope.model_copy(
        update={"id": "ev-again", "produced_at": AS_OF - days(1), "received_at": AS_OF - days(1)}
    )
    found = bound(a_need(**HISTORY), old, middle, old.model_copy(update={"envelope": again}))
    values = [getattr(member.value, "values", {})["value"] for member in found.bag.members]
    assert values == [0.8 + 9 / 100, 0.8 + 5 / 100]


def test_a_history_holds_until_its_newest_is_stale_or_its_oldest_too_old() -> None:
    runs = (_run(1), _run(30))
    assert bound(a_need(**HISTORY), *runs).expires_at == AS_OF + days(89)
    near = a_need(**HISTORY, within='duration("960h")')
    assert bound(near, *runs).expires_at == AS_OF + days(10)
    assert bound(a_need(**HISTORY, fresh_for=None), *runs).expires_at is None
    assert bound(a_need(**HISTORY)).expires_at is None
