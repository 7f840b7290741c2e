"""One paragraph says why: what decided, what would turn it, what it rests on, until when."""

import pytest

from assaybook.domain.documents import Evidence
from assaybook.evaluation.explain import explain
from assaybook.reporting.explained import decided_paragraph, explained_paragraph
from support.assessing import a_policy, a_waiver, assessed
from support.evidence import a_document, a_metric
from support.rules import a_rule

LOW = a_document(a_metric(value=0.7, n=60), name="m.json", age=2)


def _told(*documents: Evidence, when: str = "row.value >= 0.8", **changes: object) -> str:
    rule = a_rule(
        id="floor", for_each="recall", pass_when=when, needs=("recall",), fix="Retrain the model"
    )
    policy = a_policy(rule, applies=changes.pop("applies", None))  # type: ignore[arg-type]
    found = assessed(*documents, policies=[policy], **changes)
    names = {one.envelope.id: one.envelope.name for one in documents}
    return explained_paragraph(
        explain(found, "house.recall", "floor").model_copy(update={"names": names})
    )


@pytest.mark.parametrize(
    ("when", "words"),
    [
        pytest.param(
            "row.value >= 0.8", "It came to 0.7; at 0.8 it would turn, 0.1 away.", id="a value"
        ),
        pytest.param(
            "stats.wilson_lower(row.value, row.n, 0.95) >= 0.65",
            "or at the same rate with 290 more trials.",
            id="a sample that is too small",
        ),
        pytest.param(
            "stats.wilson_lower(row.value, row.n, 0.95) >= 0.75",
            "at the same rate no number of trials would do.",
            id="a rate that is too low",
        ),
    ],
)
def test_a_fail_says_what_would_turn_it(when: str, words: str) -> None:
    told = _told(LOW, when=when)
    assert told.startswith("house.recall/floor fails. It asks: It holds that floor.")
    assert words in told
    assert "It rests on m.json (2 days old)." in told
    assert told.endswith("What to do: Retrain the model.")


def test_a_pass_says_how_much_there_is_to_spare_and_until_when_it_holds() -> None:
    told = _told(LOW, when="row.value >= 0.6")
    assert "house.recall/floor passes." in told
    assert "It came to 0.7 and turns at 0.6, 0.1 away." in told
    assert "It holds until 16 Feb 2027, when evidence grows stale." in told


def test_what_is_not_known_says_why_and_what_did_not_count() -> None:
    stale = a_document(a_metric(), name="old.json", age=100)
    told = _told(stale)
    assert "house.recall/floor is not proven." in told
    assert "The reason: stale" in told
    assert "1 document did not count: stale." in told


def test_many_clauses_are_named_first_and_counted_then() -> None:
    rows = [a_metric(value=0.1, slice=f"s{index}") for index in range(5)]
    told = _told(a_document(*rows, name="m.json"))
    assert told.count("does not hold.") == 3
    assert "So it is with 2 further clauses." in told


def test_what_people_accepted_stands_beside_the_outcome() -> None:
    assert "fails, and is waived." in _told(LOW, waivers=(a_waiver(),))
    two = a_document(a_metric(value=0.1, slice="f"), a_metric(value=0.1, slice="m"))
    row = "name=recall, slice=f, dataset=d, split=holdout"
    partly = _told(two, waivers=(a_waiver(rows=(row,)),))
    assert "Without the rows that are accepted it fails." in partly


def test_a_rule_that_does_not_apply_says_so() -> None:
    told = _told(LOW, applies="1 > 2")
    assert "house.recall/floor does not apply." in told
    assert "It does not apply to this release: it applies when 1 is more than 2." in told


def _in_short(*documents: Evidence, when: str = "row.value >= 0.8", **changes: object) -> str:
    rule = a_rule(id="floor", for_each="recall", pass_when=when, needs=("recall",))
    found = assessed(*documents, policies=[a_policy(rule)], **changes)
    return decided_paragraph(found.findings[0])


def test_in_short_a_fail_names_the_clause_what_was_observed_and_what_would_turn_it() -> None:
    assert _in_short(LOW) == (
        "For recall · d · holdout: row.value >= 0.8 does not hold. "
        "It came to 0.7; at 0.8 it would turn, 0.1 away."
    )
    bound = _in_short(LOW, when="stats.wilson_lower(row.value, row.n, 0.95) >= 0.65")
    assert "or at the same rate with 290 more trials." in bound


def test_in_short_the_limit_that_was_not_kept_comes_first_and_further_rows_are_counted() -> None:
    rows = [a_metric(value=0.8 - index / 100, slice=f"s{index}") for index in range(5)]
    told = _in_short(a_document(*rows), when='row.slice == "s9" || row.value > 0.8')
    assert told.startswith(
        "For s0: row.value > 0.8 does not hold. It came to 0.8, which is the limit itself."
    )
    assert told.endswith("So it is with 2 further rows.")


def test_in_short_what_compares_no_numbers_says_what_stood_there() -> None:
    told = _in_short(LOW, when='row.split == "train"')
    assert 'row.split == "train" does not hold (row.split is holdout).' in told


def test_in_short_what_is_not_known_says_why() -> None:
    assert _in_short(a_document(a_metric(), age=100)) == (
        "For any further row: row.value >= 0.8 is not known: stale."
    )
    few = a_rule(
        id="floor", for_each="recall", enough="row.n >= 99", pass_when="row.value >= 0.8",
        needs=("recall",),
    )  # fmt: skip
    (finding,) = assessed(LOW, policies=[a_policy(few)]).findings
    assert decided_paragraph(finding) == (
        "For recall · d · holdout: it could not be judged: too few."
    )
