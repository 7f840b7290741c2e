"""What to do about a finding: the words of the policy for a fail, those of the reason else."""

from typing import Any

import pytest

from assaybook.domain.finding import Finding, NeedUse, Outcome, ReasonShown
from assaybook.domain.policy import About
from assaybook.domain.reasons import PRECEDENCE
from assaybook.domain.subject import Release, Subject, System
from assaybook.evaluation.about import targets
from assaybook.reporting.remedies import what_to_do
from assaybook.reporting.summary import what_is_open
from support.pack_findings import a_finding

TRAIN = "Train again."


def _open(*reasons: ReasonShown, **said: Any) -> Finding:
    known: dict[str, Any] = {"fix": TRAIN, "needs": (NeedUse(need="recall"),)}
    known |= {"outcome": Outcome.INCONCLUSIVE, "reasons": reasons}
    return a_finding("quality.floor", **(known | said))


def test_a_fail_is_mended_as_the_policy_says() -> None:
    assert what_to_do(_open(outcome=Outcome.FAIL)) == TRAIN


def test_a_report_without_a_date_is_not_mended_by_training_again() -> None:
    told = what_to_do(_open(ReasonShown(code="undated")))
    assert "produced_at" in told
    assert TRAIN not in told


def test_what_nobody_submitted_is_named_by_what_the_rule_asks() -> None:
    told = what_to_do(_open(ReasonShown(code="missing")))
    assert told == "Submit what answers this. The rule: The measured value is at most the limit."


def test_a_value_that_is_not_there_is_told_with_the_words_of_the_policy_behind() -> None:
    told = what_to_do(_open(ReasonShown(code="null")))
    assert told.startswith("Submit a report that has this value")
    assert told.endswith(f"If it then fails: {TRAIN}")


@pytest.mark.parametrize("record", ["release.stage", "system.purpose"])
def test_what_the_record_of_the_system_lacks_is_said_in_its_file_and_in_no_report(
    record: str,
) -> None:
    told = what_to_do(_open(ReasonShown(code="null", path=record)))
    name, _, field = record.partition(".")
    assert told == f"Write {field}: for the {name} in system.yaml."


@pytest.mark.parametrize("about", ["model", "dataset", "baseline"])
def test_what_is_not_registered_is_not_asked_of_a_report(about: About) -> None:
    (target,) = targets(about, Subject(system=System(id="s"), release=Release(version="1")))
    told = what_to_do(_open(ReasonShown(code=target.problem, message=target.why)))
    assert "in system.yaml" in told
    assert "Submit" not in told


def test_a_rule_that_asks_persons_says_whom_to_ask() -> None:
    told = what_to_do(_open(ReasonShown(code="missing"), needs=(), fix="Ask two persons."))
    assert told == "Ask two persons."


def test_an_error_is_not_mended_by_training_again() -> None:
    told = what_to_do(_open(ReasonShown(code="error:overflow"), outcome=Outcome.ERROR))
    assert told.startswith("Mend the rule")


@pytest.mark.parametrize("code", PRECEDENCE)
def test_every_reason_has_something_to_do(code: str) -> None:
    assert what_to_do(_open(ReasonShown(code=code)))


def test_reasons_of_one_kind_name_their_files_once() -> None:
    old = "157 days old, fresh for 90 days"
    found = _open(
        ReasonShown(code="stale", path="metric/quality in a.json", message=old),
        ReasonShown(code="stale", path="metric/quality in b.json", message=old),
        ReasonShown(code="stale", path="recall", message=old),
    )
    assert what_is_open(found) == [f"Stale: {old} (a.json and b.json)"]


def test_of_a_value_that_is_not_there_the_field_stands_first() -> None:
    path = "trained[source=a, target=b].digest"
    found = _open(ReasonShown(code="null", path=path, message=f"{path} is null"))
    assert what_is_open(found) == ["No value: digest of trained[source=a, target=b]"]
