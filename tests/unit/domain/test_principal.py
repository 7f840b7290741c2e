"""Who may do what: the whole table, and that what it does not name is refused."""

import pytest
from pydantic import ValidationError

from assaybook.domain.policy import Assurance
from assaybook.domain.principal import (
    MATRIX,
    PERSONAL,
    Action,
    Principal,
    PrincipalKind,
    Role,
    allowed,
    is_involved,
    not_allowed,
    touches,
)

EVERYBODY = "submitter author approver auditor admin"
MAY = {
    "identity.read": EVERYBODY,
    "evidence.submit": "submitter admin",
    "evidence.read": EVERYBODY,
    "blob.read": "auditor approver admin",
    "blob.erase": "admin",
    "system.read": EVERYBODY,
    "system.write": "author admin",
    "release.write": "submitter author admin",
    "assess": EVERYBODY,
    "assessment.read": EVERYBODY,
    "gate.read": EVERYBODY,
    "policy.read": EVERYBODY,
    "control.read": EVERYBODY,
    "waiver.read": EVERYBODY,
    "waiver.propose": "author submitter admin",
    "waiver.approve": "approver",
    "waiver.revoke": "approver admin",
    "attest": "approver author auditor",
    "pack.create": "auditor approver admin author",
    "pack.read": "auditor approver admin author",
    "ledger.read": "auditor admin",
    "key.manage": "admin",
    "metrics.read": "auditor admin",
}


def _of(
    *roles: Role, kind: PrincipalKind = "person", systems: frozenset[str] | None = None
) -> Principal:
    return Principal(id="key:1", name="Ann", kind=kind, roles=frozenset(roles), systems=systems)


@pytest.mark.parametrize("action", list(Action))
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_what_the_table_says_and_nothing_else(role: Role, action: Action) -> None:
    assert allowed(_of(role), action) == (role.value in MAY[action.value].split())


def test_every_action_is_in_the_table() -> None:
    assert set(MATRIX) == set(Action)
    assert {action.value for action in Action} == set(MAY)


@pytest.mark.parametrize("action", sorted(PERSONAL))
def test_a_pipeline_decides_nothing_whatever_its_roles(action: Action) -> None:
    assert allowed(_of(*Role), action)
    assert not allowed(_of(*Role, kind="pipeline"), action)


def test_no_named_system_means_all_and_an_empty_list_means_none() -> None:
    assert touches(_of(Role.ADMIN), "any")
    assert touches(_of(Role.ADMIN, systems=frozenset({"a"})), "a")
    assert not touches(_of(Role.ADMIN, systems=frozenset({"a"})), "b")
    assert not touches(_of(Role.ADMIN, systems=frozenset()), "a")


@pytest.mark.parametrize("requester", ["Ann", " ann ", "key:1"])
def test_whoever_asked_is_involved_by_name_or_by_key(requester: str) -> None:
    assert is_involved(_of(Role.APPROVER), [None, requester])


def test_another_person_is_not_involved() -> None:
    assert not is_involved(_of(Role.APPROVER), [None, "bob", "key:2"])


def test_a_person_never_has_the_assurance_of_a_pipeline() -> None:
    known = {"id": "key:1", "name": "Ann", "roles": frozenset({Role.SUBMITTER}), "systems": None}
    with pytest.raises(ValidationError, match="only a pipeline"):
        Principal(kind="person", assurance=Assurance.CI, **known)  # type: ignore[arg-type]


def test_nobody_is_without_a_role() -> None:
    with pytest.raises(ValidationError):
        _of()


def test_whoever_may_not_is_told_which_role_may() -> None:
    said = not_allowed(_of(Role.SUBMITTER, Role.AUDITOR), Action.WAIVER_REVOKE)
    assert said.code == "not-allowed"
    assert said.message == (
        "waiver.revoke takes the role admin or approver, and this caller has auditor and submitter"
    )
    assert said.hint == "Ask an administrator for a key with the role admin or approver."


def test_a_pipeline_is_told_that_only_a_person_may() -> None:
    said = not_allowed(_of(Role.APPROVER, kind="pipeline"), Action.WAIVER_APPROVE)
    assert "only a person" in said.message
    assert said.hint == "Ask a person with the role approver to do it."
