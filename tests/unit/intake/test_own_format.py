"""assaybook/v1: any fact type, and no claim that only we may make."""

import pytest

from assaybook.domain.fact_types import question_of
from assaybook.domain.facts import Documentation, Drift, Metric
from support.documents import evidence_of, refusal


def _own(*facts: object, **more: object) -> dict[str, object]:
    return {"assaybook": "v1", "tool": {"name": "t", "version": "1"}, "facts": list(facts), **more}


def test_every_field_of_the_head_reaches_the_envelope() -> None:
    document = _own(
        run="r",
        produced_at="2026-11-20T09:00:00Z",
        subject={
            "system": "s",
            "release": "1",
            "artifacts": [{"name": "m", "kind": "model", "digest": "sha256:ab"}],
        },
        scope={"dataset": "d", "split": "holdout"},
    )
    envelope = evidence_of(document).envelope
    assert (envelope.run, envelope.subject.system, envelope.subject.artifacts[0].digest) == (
        *("r", "s", "sha256:ab"),
    )
    assert (envelope.scope.split, envelope.producer.tool, envelope.format_version) == (
        *("holdout", "t", "v1"),
    )


@pytest.mark.parametrize(
    ("fact", "field"),
    [
        ({"type": "artifact", "name": "m", "verified": True}, "verified"),
        ({"type": "artifact", "name": "m", "signer": "mallory"}, "signer"),
        ({"type": "operation", "kind": "alert", "loaded": True}, "loaded"),
        ({"type": "attestation", "policy": "p", "rule": "r", "person": "mallory"}, "person"),
    ],
)
def test_a_claim_that_only_we_may_make_is_left_out_with_a_warning(
    fact: dict[str, object], field: str
) -> None:
    evidence = evidence_of(_own(fact))
    assert evidence.facts[0].model_dump()[field] is None
    assert [(one.code, one.pointer) for one in evidence.envelope.warnings] == [
        ("claim-not-taken", "/facts/0")
    ]


def test_a_metric_gets_its_canonical_name_and_unit() -> None:
    (fact,) = evidence_of(
        _own({"type": "metric", "name": "sensitivity", "value": 0.5, "n": 7})
    ).facts
    assert isinstance(fact, Metric)
    assert (fact.name, fact.raw_name, fact.unit, fact.n) == ("recall", "sensitivity", "ratio", 7)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("sex=female ", "sex=female"),
        (" sex = female", "sex=female"),
        ("sex=female, age=old", "age=old,sex=female"),
        ("age=old,sex=female", "age=old,sex=female"),
        ("sex=M\u0061\u0308nner", "sex=M\u00e4nner"),
        ("Overall", ""),
        ("all", ""),
        ("a, b", "a, b"),
    ],
)
def test_one_slice_has_one_spelling(written: str, kept: str) -> None:
    (fact,) = evidence_of(_own({"type": "metric", "name": "recall", "slice": written})).facts
    assert isinstance(fact, Metric)
    assert fact.slice == kept


def test_a_slice_that_is_no_text_is_refused() -> None:
    fact = {"type": "metric", "name": "recall", "slice": ["sex=female"]}
    assert refusal(_own(fact)).code == "document-breaks-format"


def test_personal_data_in_another_spelling_answer_the_question_of_the_usual_one() -> None:
    fact = {"type": "pii", "entity": "EMAIL_ADDRESS", "score": 0.9}
    asked = {"question": "pii/Email", "examined": 9, "failed": 1}
    for document in (_own(fact), _own(fact, coverage=[asked]), _own(coverage=[asked])):
        evidence = evidence_of(document)
        assert {row.question for row in evidence.coverage} == {"pii/email"}
        assert {question_of(one) for one in evidence.facts} <= {"pii/email"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("PSI", "psi"),
        (" psi", "psi"),
        ("psi", "psi"),
        ("Population Stability Index", "psi"),
        ("population_stability_index", "psi"),
        ("kolmogorov_smirnov", "ks"),
        ("Kolmogorov-Smirnov (KS)", "ks"),
        ("KSDrift", "ks"),
        ("Student's t-test", "t_test"),
        ("jensenshannon", "js"),
        ("Jensen-Shannon divergence", "jensen-shannon divergence"),
        ("chi-squared", "chi2"),
        ("ChiSquareDrift", "chi2"),
        ("Earth Mover's Distance", "wasserstein"),
        ("MMDDrift", "mmd"),
        ("L-Infinity", "l_infinity"),
        ("our own", "our own"),
    ],
)
def test_a_method_of_drift_has_one_spelling(written: str, kept: str) -> None:
    (fact,) = evidence_of(_own({"type": "drift", "column": "age", "method": written})).facts
    assert isinstance(fact, Drift)
    assert fact.method == kept


def test_a_method_that_is_blank_is_none() -> None:
    (fact,) = evidence_of(_own({"type": "drift", "column": "age", "method": " "})).facts
    assert isinstance(fact, Drift)
    assert fact.method is None


def test_per_cent_is_converted_where_it_is_stated_and_unknown_where_it_is_not() -> None:
    stated = {"type": "metric", "name": "accuracy", "value": 65, "unit": "percent"}
    facts = evidence_of(_own(stated, {**stated, "unit": "ratio"})).facts
    assert [(f.model_dump()["value"], f.unknown) for f in facts] == [
        (0.65, {}),
        (None, {"value": "unit"}),
    ]


def test_a_unit_that_is_not_the_metrics_own_makes_the_value_unknown() -> None:
    fact = {"type": "metric", "name": "latency_p95_ms", "value": 2.0, "unit": "usd"}
    assert evidence_of(_own(fact)).facts[0].unknown == {"value": "unit"}


def test_a_metric_that_is_not_known_keeps_what_the_file_says_of_it() -> None:
    fact = {"type": "metric", "name": "our_score", "value": 2.0, "kind": "quality", "unit": "score"}
    said = evidence_of(_own({**fact, "direction": "higher"})).facts[0].model_dump()
    assert (said["kind"], said["unit"], said["direction"]) == ("quality", "score", "higher")


def test_a_file_that_is_itself_the_record_covers_what_it_holds() -> None:
    facts = (
        {"type": "review", "reference": "a", "kind": "labelling"},
        {"type": "security", "fingerprint": "f", "class": "secret"},
    )
    rows = {row.question: row.examined for row in evidence_of(_own(*facts)).coverage}
    assert rows == {"review/labelling": 1, "security/secret": None}


def test_coverage_that_is_stated_stands() -> None:
    row = {"question": "pii/email", "examined": 9, "failed": 0, "errored": 0, "skipped": 0}
    assert evidence_of(_own(coverage=[row])).coverage[0].examined == 9


def test_the_scope_of_coverage_is_that_of_the_document() -> None:
    rows = [{"question": "pii/email", "scope": {"dataset": name}} for name in ("a", "b")]
    assert evidence_of(_own(coverage=rows[:1])).envelope.scope.dataset == "a"
    error = refusal(_own(coverage=rows))
    assert (error.code, error.where) == ("document-breaks-format", "report.json#/coverage/1/scope")


def test_a_number_that_is_none_is_malformed_here_too() -> None:
    text = '{"assaybook": "v1", "facts": [{"type": "drift", "column": "a", "value": NaN}]}'
    assert evidence_of(text).facts[0].unknown == {"value": "malformed"}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        (_own({"type": "metrics"}), "/facts/0/type"),
        (_own({"type": "metric", "name": "a", "valueX": 1}), "/facts/0/valueX"),
        (_own({"type": "drift", "column": "a", "value": -1}), "/facts/0/value"),
        (_own({"type": "pii", "entity": "e", "pointer": "/x"}), "/facts/0/pointer"),
        (_own({"type": "pii", "entity": "e", "unknown": {}}), "/facts/0/unknown"),
        (_own({"type": "operation", "kind": "party"}), "/facts/0/kind"),
        (_own(sbject={}), "/sbject"),
        (_own(produced_at="2026-11-20"), "/produced_at"),
        ({"assaybook": "v1", "facts": {}}, "/facts"),
    ],
)
def test_what_does_not_fit_is_refused_at_its_place(document: object, place: str) -> None:
    error = refusal(document)
    assert (error.code, error.where) == ("document-breaks-format", f"report.json#{place}")


@pytest.mark.parametrize(
    ("text", "present", "placeholder"),
    [
        ("Triage of scans by a nurse.", True, False),
        ("N/A", False, False),
        ("TBD", False, True),
        ("Lorem ipsum dolor sit amet", False, True),
        ("Triage.\nTODO: limits", True, True),
        (" ", True, False),
        (None, True, False),
    ],
)
def test_a_topic_is_there_where_its_text_says_something_whatever_else_is_claimed(
    text: str | None,
    present: bool,  # noqa: FBT001
    placeholder: bool,  # noqa: FBT001
) -> None:
    claimed = {"type": "documentation", "document": "model", "topic": "risks", "present": True}
    (fact,) = evidence_of(_own({**claimed, "placeholder": False, "text": text})).facts
    assert isinstance(fact, Documentation)
    assert (fact.present, fact.placeholder) == (present, placeholder)
    (bare,) = evidence_of(_own({**claimed, "placeholder": True, "text": "A word."})).facts
    assert isinstance(bare, Documentation)
    assert bare.placeholder


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ({"failed": 2}, {"failed": 0}, (20, 2, 0)),
        ({"failed": 0}, {"failed": 2}, (20, 2, 0)),
        ({"failed": 0}, {"failed": 0}, (10, 0, 0)),
        ({"failed": 0}, {"failed": 0, "errored": None}, (20, 0, None)),
    ],
    ids=["dirty first", "clean first", "said twice", "one unknown"],
)
def test_coverage_of_one_question_in_two_parts_is_that_of_both(
    first: dict[str, object], second: dict[str, object], wanted: tuple[int | None, ...]
) -> None:
    known = {"question": "security/secret", "examined": 10, "errored": 0, "skipped": 0}
    document = _own(coverage=[{**known, **first}, {**known, **second}])
    (row,) = evidence_of(document).coverage
    assert (row.examined, row.failed, row.errored) == wanted


@pytest.mark.parametrize(
    ("document", "told", "hint"),
    [
        pytest.param(
            _own({"type": "metric", "name": "recall", "n": 442.0}),
            *("a whole number must stand here", "Mend what writes the file"),
            id="a count of a data frame",
        ),
        pytest.param(
            _own({"type": "metric", "metric": "recall"}),
            *("this key is wanted", "The keys here are type, name, slice"),
            id="a key of another name",
        ),
        pytest.param(
            _own({"type": "metric", "name": "recall", "support": 442}),
            *("there is no such key here", "n, n_rows"),
            id="a key that there is not",
        ),
        pytest.param(
            _own(created="today"),
            *("there is no such key here", "tool, run, produced_at, subject, scope"),
            id="a key of the head that there is not",
        ),
        pytest.param(
            _own(produced_at="2026-11-20T10:00:00"),
            *("an instant is written with its zone", "Mend what writes the file"),
            id="an instant without a zone",
        ),
    ],
)
def test_who_writes_the_script_is_told_what_to_write(
    document: dict[str, object], told: str, hint: str
) -> None:
    error = refusal(document)
    assert told in error.message
    assert hint in error.hint
