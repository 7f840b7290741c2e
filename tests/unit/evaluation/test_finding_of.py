"""A finding shows what its outcome rests on."""

from datetime import timedelta

import pytest

from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.finding import Finding, Outcome
from assaybook.domain.policy import Param
from assaybook.domain.subject import Artifact
from assaybook.domain.values import Unknown, joined, unknown
from assaybook.evaluation.finding_of import outcome_of, shown_param
from support.assessing import RECALL, a_policy, assessed, at, the_finding
from support.evidence import MODEL, a_document, a_metric, a_subject
from support.rules import a_need, a_rule

OTHER = f"sha256:{'9' * 64}"
NULL = unknown("null", "x")
BROKEN = unknown("error:overflow", "x")


@pytest.mark.parametrize(
    ("held", "on_unknown", "outcome"),
    [
        (True, "inconclusive", "pass"),
        (False, "inconclusive", "fail"),
        (NULL, "inconclusive", "inconclusive"),
        (NULL, "fail", "fail"),
        (BROKEN, "inconclusive", "error"),
        (BROKEN, "fail", "error"),
        (joined([NULL, BROKEN]), "fail", "error"),
    ],
)
def test_truth_and_rule_give_the_outcome(
    held: bool | Unknown,  # noqa: FBT001
    on_unknown: str,
    outcome: str,
) -> None:
    assert outcome_of(held, a_rule(on_unknown=on_unknown)).value == outcome


def _finding(*documents: object, **changes: object) -> Finding:
    return the_finding(assessed(*documents, **changes))  # type: ignore[arg-type]


def test_a_pass_says_until_when_it_holds_and_needs_no_fix() -> None:
    finding = _finding(a_document(a_metric(), age=10))
    assert (finding.expires_at, finding.fix) == (at(80), "")


def test_a_fail_says_what_to_do_and_does_not_expire() -> None:
    finding = _finding(a_document(a_metric(value=0.1)))
    assert (finding.expires_at, finding.fix) == (None, "Retrain.")


def test_the_first_need_to_grow_stale_ends_a_pass() -> None:
    other = a_need(name="accuracy", where='row.name == "accuracy"', fresh_for='duration("240h")')
    rule = a_rule(
        id="x",
        pass_when="recall.all(r, r.value >= 0.8) && accuracy.all(r, r.value >= 0.8)",
        needs=("recall", "accuracy"),
    )
    policy = a_policy(rule, needs=(RECALL, other))
    both = a_document(a_metric(), a_metric("accuracy"), age=4)
    assert _finding(both, policies=[policy]).expires_at == at(6)


def test_nothing_expires_where_age_is_not_asked() -> None:
    need = a_need(name="recall", where='row.name == "recall"', fresh_for=None)
    policy = a_policy(needs=(need,))
    finding = _finding(a_document(a_metric(), age=None), policies=[policy])
    assert (finding.outcome, finding.expires_at) == (Outcome.PASS, None)
    assert [one.age for one in finding.evidence] == [None]


def test_rows_point_into_evidence_with_its_age() -> None:
    document = a_document(a_metric(), age=2)
    finding = _finding(document)
    assert [(one.id, one.pointer, one.age) for one in finding.rows[0].evidence] == [
        (document.envelope.id, "/0", 2 * 86_400)
    ]
    assert finding.evidence == finding.rows[0].evidence


def test_a_rule_without_rows_points_to_the_rows_of_its_needs() -> None:
    rule = a_rule(id="x", pass_when="recall.exists(r, r.value > 0.8)", needs=("recall",))
    finding = _finding(a_document(a_metric()), policies=[a_policy(rule)])
    assert [one.pointer for one in finding.evidence] == ["/0"]
    assert finding.trace is not None


def test_documents_beyond_the_first_fifty_places_are_still_named() -> None:
    rule = a_rule(id="x", pass_when="size(recall) > 0", needs=("recall",))
    documents = [
        a_document(a_metric(slice=f"s{number}"), tool=f"t{number}") for number in range(60)
    ]
    finding = _finding(*documents, policies=[a_policy(rule)])
    assert len(finding.evidence) == 60
    assert sum(one.pointer == "/0" for one in finding.evidence) == 50


def test_what_was_left_out_is_told_once_for_each_need() -> None:
    old = a_document(a_metric(), age=5, received=5)
    finding = _finding(old, a_document(a_metric()))
    assert [(one.evidence, one.code, one.need) for one in finding.left_out] == [
        (old.envelope.id, "superseded", "recall")
    ]


def test_params_in_force_are_shown_as_people_write_them() -> None:
    params = {
        "max_age": Param("max_age", "duration", timedelta(days=90)),
        "slices": Param("slices", "list<string>", ("a", "b")),
        "unset": Param("unset", "ratio"),
    }
    finding = _finding(a_document(a_metric()), policies=[a_policy(params=params)])
    assert finding.params == {"max_age": "90 days", "slices": ["a", "b"], "unset": None}
    assert shown_param(Param("n", "int", 3)) == 3


@pytest.mark.parametrize(
    ("second", "told"),
    [(OTHER, True), (MODEL, False), (None, False)],
    ids=["another model", "the same model", "no model"],
)
def test_values_of_two_models_that_disagree_say_how_to_keep_them_apart(
    second: str | None,
    told: bool,  # noqa: FBT001
) -> None:
    models = [Artifact(name=n, kind="model", digest=d) for n, d in (("m", MODEL), ("n", OTHER))]
    documents = [
        a_document(
            a_metric(value=value),
            tool=tool,
            artifacts=[] if digest is None else [AboutArtifact(digest=digest)],
        )
        for tool, value, digest in (("a", 0.9, MODEL), ("b", 0.5, second))
    ]
    subject = a_subject(release={"artifacts": tuple(models)})
    found = _finding(*documents, subject=subject)
    (conflict,) = [one for one in found.reasons if one.code == "conflict"]
    assert ("different models (m, n): keep these apart by a scope" in conflict.message) is told
    assert found.rows[0].reasons[0].message == conflict.message
