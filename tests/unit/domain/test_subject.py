"""Subjects, waivers, statements and trust: what they refuse, and what they say of time."""

import pytest
from pydantic import ValidationError

from assaybook.domain.statements import ApprovalStatement, AttestationStatement
from assaybook.domain.subject import Release, RiskTier, System
from assaybook.domain.trust import Trust, TrustedKey
from support.assessing import a_waiver, at


def _key(person: str = "mara", **changes: object) -> TrustedKey:
    known = {"person": person, "name": "Mara", "roles": ("owner",), "key": b"k" * 32}
    return TrustedKey(**{**known, **changes})  # type: ignore[arg-type]


def test_what_nobody_stated_of_a_system_is_not_made_up() -> None:
    system = System(id="s")
    assert (system.risk_tier, system.lifecycle, system.generative) == (None, None, None)
    assert list(RiskTier) == ["minimal", "limited", "high", "unacceptable"]


@pytest.mark.parametrize("fields", [{}, {"version": ""}, {"version": "1", "treshold": 1}])
def test_a_release_without_a_version_or_with_unknown_fields_is_refused(
    fields: dict[str, object],
) -> None:
    with pytest.raises(ValidationError):
        Release(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("names", [{"whole": False}, {"whole": True, "rows": ("a",)}])
def test_a_waiver_names_rows_or_the_whole_and_not_both(names: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="names rows, or says whole"):
        a_waiver(**names)


@pytest.mark.parametrize("changes", [{"reason": ""}, {"requester": ""}, {"expires": None}])
def test_a_waiver_needs_a_reason_a_requester_and_an_end(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        a_waiver(**changes)


def test_a_key_counts_from_its_first_instant_until_before_its_last() -> None:
    key = _key(valid_from=at(-2), valid_until=at(-1))
    assert [key.counts_at(at(day)) for day in (-2.1, -2, -1.5, -1)] == [False, True, True, False]
    assert _key().counts_at(at(-9999))


def test_a_key_that_is_not_32_bytes_is_refused() -> None:
    with pytest.raises(ValidationError):
        _key(key=b"short")


def test_roles_are_those_of_the_keys_that_count_at_that_instant() -> None:
    trust = Trust(
        keys=(
            _key(roles=("owner",), valid_until=at(-1)),
            _key(roles=("reader",), key=b"l" * 32),
            _key("ben", roles=("approver",), key=b"m" * 32),
        )
    )
    assert trust.roles_at("mara", at(-2)) == {"owner", "reader"}
    assert trust.roles_at("mara", at(0)) == {"reader"}
    assert trust.roles_at("nobody", at(0)) == frozenset()
    assert trust.holders()[b"m" * 32] == "ben"


@pytest.mark.parametrize("model", [AttestationStatement, ApprovalStatement])
def test_a_statement_of_another_kind_is_not_taken_for_one(
    model: type[AttestationStatement] | type[ApprovalStatement],
) -> None:
    with pytest.raises(ValidationError):
        model.model_validate_json('{"statement": "another"}')
