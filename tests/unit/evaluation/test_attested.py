"""Rules that ask persons: who counts, which word is the last, and until when it holds."""

from typing import Any

import pytest

from assaybook.domain.documents import Evidence
from assaybook.domain.evidence import AboutArtifact, Warning_
from assaybook.domain.finding import Finding, Outcome
from support.assessing import a_policy, approval_rule, assessed, at, the_finding
from support.evidence import MODEL, TRAIN, a_document, a_fact, a_subject

OTHER = f"sha256:{'9' * 64}"
POLICY = a_policy(approval_rule(), needs=())

ELSEWHERE = "it is about release 2, and release 1 is asked for"


def _says(  # noqa: PLR0913 - each is what some test is about
    person: str | None,
    answer: str = "yes",
    *,
    signed: float = -5,
    role: str = "approver",
    until: float | None = None,
    rule: str = "asked",
    **document: object,
) -> Evidence:
    fact = a_fact(
        "attestation",
        policy="house.recall",
        rule=rule,
        person=person,
        answer=answer,
        role=role,
        signed_at=at(signed),
        valid_until=None if until is None else at(until),
    )
    return a_document(fact, **{"name": f"{person}-{signed}.json", **document})  # type: ignore[arg-type]


def _finding(*documents: Evidence, **changes: object) -> Finding:
    return the_finding(assessed(*documents, policies=[POLICY], **changes))


def _codes(finding: Finding) -> list[str]:
    return [reason.code for reason in finding.reasons]


def _left_out(finding: Finding) -> list[tuple[str, str]]:
    return [(one.code, one.message) for one in finding.left_out]


def test_two_persons_who_say_yes_are_a_pass_that_runs_out() -> None:
    finding = _finding(_says("ada", signed=-5), _says("ben", signed=-3))
    assert finding.outcome is Outcome.PASS
    assert finding.expires_at == at(-5 + 90)
    assert [row.key for row in finding.rows] == ["person=ada", "person=ben"]
    assert all(row.evidence for row in finding.rows)


def test_a_third_yes_carries_the_pass_beyond_the_first_that_runs_out() -> None:
    finding = _finding(_says("ada", signed=-9), _says("ben", signed=-5), _says("cem", signed=-3))
    assert finding.expires_at == at(-5 + 90)


def test_one_person_who_signs_twice_is_one_person() -> None:
    finding = _finding(_says("ada", signed=-5), _says("ada", signed=-3))
    assert _codes(finding) == ["too_few"]
    assert [code for code, _why in _left_out(finding)] == ["superseded"]


def test_a_yes_that_was_withdrawn_is_a_standing_no() -> None:
    finding = _finding(_says("ada"), _says("ben"), _says("ada", "no", signed=-1))
    assert finding.outcome is Outcome.FAIL
    assert [row.message for row in finding.rows if row.message] == ["ada says no"]


def test_a_no_that_was_taken_back_is_a_yes() -> None:
    finding = _finding(_says("ada", "no"), _says("ben"), _says("ada", signed=-1))
    assert finding.outcome is Outcome.PASS


def test_a_third_person_who_says_no_is_heard_beside_two_yeses() -> None:
    assert _finding(_says("ada"), _says("ben"), _says("cem", "no")).outcome is Outcome.FAIL


def test_a_no_never_runs_out() -> None:
    finding = _finding(_says("ada"), _says("ben"), _says("cem", "no", signed=-400))
    assert finding.outcome is Outcome.FAIL


def test_yes_and_no_of_one_instant_are_a_conflict() -> None:
    finding = _finding(_says("ada"), _says("ben"), _says("ada", "no"))
    assert (finding.outcome, _codes(finding)) == (Outcome.INCONCLUSIVE, ["conflict"])


def test_a_person_of_two_minds_does_not_hide_the_no_of_another() -> None:
    finding = _finding(_says("ada"), _says("ada", "no"), _says("ben", "no"))
    assert finding.outcome is Outcome.FAIL


def test_a_yes_that_ran_out_does_not_count_and_is_said() -> None:
    finding = _finding(_says("ada"), _says("ben", signed=-90))
    assert _codes(finding) == ["stale", "too_few"]
    assert _finding(_says("ada"), _says("ben", signed=-89.9)).outcome is Outcome.PASS


def test_a_yes_ends_at_the_instant_that_its_person_named() -> None:
    assert _codes(_finding(_says("ada"), _says("ben", until=0))) == ["stale", "too_few"]


def test_of_two_yeses_of_one_instant_the_one_that_ends_first_says_until_when() -> None:
    long, short = _says("ben", until=30, name="a.json"), _says("ben", until=10, name="b.json")
    for both in ((long, short), (short, long)):
        assert _finding(_says("ada"), *both).expires_at == at(10)
    over = _says("ben", until=0, name="c.json")
    for both in ((long, over), (over, long)):
        assert _codes(_finding(_says("ada"), *both)) == ["stale", "too_few"]
    finding = _finding(_says("ada"), _says("ben", until=1))
    assert (finding.outcome, finding.expires_at) == (Outcome.PASS, at(1))


@pytest.mark.parametrize("requester", ["ada", "Ada", " ADA "])
def test_the_person_who_asks_for_the_release_does_not_count(requester: str) -> None:
    subject = a_subject(release={"requested_by": requester})
    finding = _finding(_says("ada"), _says("ben"), subject=subject)
    assert _codes(finding) == ["too_few"]
    assert _left_out(finding) == [("not_counted", "ada asked for the release")]


def test_a_yes_in_another_role_does_not_count() -> None:
    finding = _finding(_says("ada"), _says("ben", role="reader"))
    assert _codes(finding) == ["too_few"]
    assert _left_out(finding) == [("not_counted", "ben answered as reader, not as approver")]


def test_one_person_in_two_roles_is_one_person() -> None:
    finding = _finding(_says("ada"), _says("ada", role="reader", name="second.json"))
    assert _codes(finding) == ["too_few"]


def test_a_yes_to_another_release_does_not_count() -> None:
    finding = _finding(_says("ada"), _says("ben", release="2"))
    assert _codes(finding) == ["too_few"]
    assert _left_out(finding) == [("wrong_subject", ELSEWHERE)]


def test_a_yes_to_another_model_of_that_name_does_not_count() -> None:
    about = [AboutArtifact(digest=OTHER, kind="model", name="m")]
    assert _codes(_finding(_says("ada"), _says("ben", artifacts=about))) == ["too_few"]
    right = [AboutArtifact(digest=MODEL, kind="model", name="m")]
    assert _finding(_says("ada"), _says("ben", artifacts=right)).outcome is Outcome.PASS


def test_a_word_about_another_release_of_the_same_bytes_is_not_heard_here() -> None:
    both = [AboutArtifact(digest=MODEL, kind="model", name="m")]
    elsewhere: dict[str, Any] = {"release": "2", "artifacts": both}
    assert _codes(_finding(_says("ada"), _says("ben", **elsewhere))) == ["too_few"]
    against = _finding(_says("ada"), _says("ben"), _says("ada", "no", signed=-1, **elsewhere))
    assert against.outcome is Outcome.PASS
    assert _left_out(against) == [("wrong_subject", ELSEWHERE)]


@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_a_yes_to_bytes_that_the_release_does_not_have_does_not_count(kind: str) -> None:
    about = [AboutArtifact(digest=OTHER, kind=kind, name="of another name")]  # type: ignore[arg-type]
    finding = _finding(_says("ada"), _says("ben", artifacts=about))
    assert _codes(finding) == ["too_few"]
    assert _left_out(finding) == [
        ("wrong_subject", "it names other artifacts than those of release 1")
    ]


def test_a_yes_that_names_the_data_and_not_the_model_does_not_count() -> None:
    about = [AboutArtifact(digest=TRAIN, kind="dataset", name="d")]
    assert _codes(_finding(_says("ada"), _says("ben", artifacts=about))) == ["too_few"]


@pytest.mark.parametrize("spelt", ["ADA", " ada ", "Ada"])
def test_one_person_in_two_spellings_is_one_person(spelt: str) -> None:
    assert _codes(_finding(_says("ada"), _says(spelt, signed=-3))) == ["too_few"]
    finding = _finding(_says("ada"), _says("ben"), _says(spelt, "no", signed=-3))
    assert finding.outcome is Outcome.FAIL


def test_an_answer_that_nobody_signed_counts_for_nothing_and_says_why() -> None:
    finding = _finding(_says("ada"), _says(None))
    assert _codes(finding) == ["too_few"]
    assert _left_out(finding) == [("low_assurance", "nobody has verified who said it")]
    warned = _says(None, warnings=(Warning_(code="x", message="no key of ben that counts"),))
    assert _left_out(_finding(warned)) == [("low_assurance", "no key of ben that counts")]


def test_an_answer_that_is_signed_in_the_future_is_not_yet_one() -> None:
    finding = _finding(_says("ada"), _says("ben", signed=0.001))
    assert _codes(finding) == ["too_few"]
    assert _left_out(finding)[0][0] == "not_counted"
    assert _finding(_says("ada"), _says("ben", signed=0)).outcome is Outcome.PASS


def test_an_answer_that_was_received_later_is_not_seen() -> None:
    finding = _finding(_says("ada"), _says("ben", received=-1))
    assert (_codes(finding), finding.left_out) == (["too_few"], ())


def test_an_answer_to_another_rule_says_nothing_here() -> None:
    finding = _finding(_says("ada"), _says("ben", rule="another"))
    assert (_codes(finding), finding.left_out) == (["too_few"], ())


def test_nobody_asked_is_undecided_and_no_pass() -> None:
    assert _codes(_finding()) == ["too_few"]


def test_an_answer_need_not_be_the_only_thing_in_its_document() -> None:
    other = a_fact("review", reference="r", kind="override")
    mixed = _says("ben")
    both = mixed.model_copy(update={"facts": (other, *mixed.facts)})
    assert _finding(_says("ada"), both).outcome is Outcome.PASS


def test_how_long_a_yes_holds_must_be_known() -> None:
    unset = a_policy(approval_rule(), needs=())
    from dataclasses import replace

    from assaybook.domain.policy import Param
    from assaybook.language.parser import parse

    rule = unset.rules[0]
    assert rule.attested is not None
    asking = replace(rule, attested=replace(rule.attested, valid_for=parse("params.x")))
    for value, code in ((None, "param_unset"), ("text", "error:no_overload")):
        policy = a_policy(asking, needs=(), params={"x": Param("x", "string", value)})
        finding = the_finding(assessed(_says("ada"), _says("ben"), policies=[policy]))
        assert _codes(finding) == [code]
