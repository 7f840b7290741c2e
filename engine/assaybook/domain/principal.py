"""Who asks, and what they may do: roles, actions, and the one table that joins them.

Whatever the table does not name is refused.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Literal

from pydantic import Field, model_validator

from assaybook.domain.base import Frozen
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import SystemId, same_person
from assaybook.domain.policy import Assurance

PrincipalKind = Literal["person", "pipeline"]


class Role(StrEnum):
    """What somebody is trusted with."""

    SUBMITTER = "submitter"
    AUTHOR = "author"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMIN = "admin"


class Action(StrEnum):
    """What can be asked of the service; each route names exactly one."""

    IDENTITY_READ = "identity.read"
    EVIDENCE_SUBMIT = "evidence.submit"
    EVIDENCE_READ = "evidence.read"
    BLOB_READ = "blob.read"
    BLOB_ERASE = "blob.erase"
    SYSTEM_READ = "system.read"
    SYSTEM_WRITE = "system.write"
    RELEASE_WRITE = "release.write"
    ASSESS = "assess"
    ASSESSMENT_READ = "assessment.read"
    GATE_READ = "gate.read"
    POLICY_READ = "policy.read"
    CONTROL_READ = "control.read"
    WAIVER_READ = "waiver.read"
    WAIVER_PROPOSE = "waiver.propose"
    WAIVER_APPROVE = "waiver.approve"
    WAIVER_REVOKE = "waiver.revoke"
    ATTEST = "attest"
    PACK_CREATE = "pack.create"
    PACK_READ = "pack.read"
    LEDGER_READ = "ledger.read"
    KEY_MANAGE = "key.manage"
    METRICS_READ = "metrics.read"


_SUBMITTER, _AUTHOR, _APPROVER = Role.SUBMITTER, Role.AUTHOR, Role.APPROVER
_AUDITOR, _ADMIN = Role.AUDITOR, Role.ADMIN
_ALL: Final = frozenset(Role)

MATRIX: Final[Mapping[Action, frozenset[Role]]] = MappingProxyType(
    {
        Action.IDENTITY_READ: _ALL,
        Action.EVIDENCE_SUBMIT: frozenset({_SUBMITTER, _ADMIN}),
        Action.EVIDENCE_READ: _ALL,
        Action.BLOB_READ: frozenset({_AUDITOR, _APPROVER, _ADMIN}),
        Action.BLOB_ERASE: frozenset({_ADMIN}),
        Action.SYSTEM_READ: _ALL,
        Action.SYSTEM_WRITE: frozenset({_AUTHOR, _ADMIN}),
        Action.RELEASE_WRITE: frozenset({_SUBMITTER, _AUTHOR, _ADMIN}),
        Action.ASSESS: _ALL,
        Action.ASSESSMENT_READ: _ALL,
        Action.GATE_READ: _ALL,
        Action.POLICY_READ: _ALL,
        Action.CONTROL_READ: _ALL,
        Action.WAIVER_READ: _ALL,
        Action.WAIVER_PROPOSE: frozenset({_AUTHOR, _SUBMITTER, _ADMIN}),
        Action.WAIVER_APPROVE: frozenset({_APPROVER}),
        Action.WAIVER_REVOKE: frozenset({_APPROVER, _ADMIN}),
        Action.ATTEST: frozenset({_APPROVER, _AUTHOR, _AUDITOR}),
        Action.PACK_CREATE: frozenset({_AUDITOR, _APPROVER, _ADMIN, _AUTHOR}),
        Action.PACK_READ: frozenset({_AUDITOR, _APPROVER, _ADMIN, _AUTHOR}),
        Action.LEDGER_READ: frozenset({_AUDITOR, _ADMIN}),
        Action.KEY_MANAGE: frozenset({_ADMIN}),
        Action.METRICS_READ: frozenset({_AUDITOR, _ADMIN}),
    }
)
"""The roles that may do each action."""

PERSONAL: Final = frozenset(
    {
        Action.WAIVER_PROPOSE,
        Action.WAIVER_APPROVE,
        Action.WAIVER_REVOKE,
        Action.ATTEST,
        Action.BLOB_ERASE,
    }
)
"""What only a person may do, whatever roles a pipeline was given."""


class Principal(Frozen):
    """Who asks, as we have verified it; nothing of it is ever read from a request's body.

    Attributes:
        id: stable and unique: ``key:<8 hex digits>`` or ``oidc:<issuer>:<immutable id>``.
        name: what the journal and packs print. One person's keys share it, so that a new key does
            not make a second person.
        systems: the systems it may touch; None means all, and the empty set means none.
        assurance: how strong what it submits is, before any signature is checked.
    """

    id: str = Field(min_length=1, max_length=300)
    name: str = Field(min_length=1, max_length=200)
    kind: PrincipalKind
    roles: frozenset[Role] = Field(min_length=1)
    systems: frozenset[SystemId] | None
    assurance: Literal[Assurance.SELF, Assurance.CI] = Assurance.SELF

    @model_validator(mode="after")
    def _assured_as_its_kind(self) -> "Principal":
        if self.kind == "person" and self.assurance is not Assurance.SELF:
            message = "only a pipeline has the assurance ci"
            raise ValueError(message)
        return self


def allowed(principal: Principal, action: Action) -> bool:
    """Tell whether a principal may do an action at all, on whatever system."""
    if action in PERSONAL and principal.kind != "person":
        return False
    return not principal.roles.isdisjoint(MATRIX.get(action, frozenset()))


def not_allowed(principal: Principal, action: Action) -> UsageError:
    """Return why a principal may not do an action: the roles that may, and those that it has."""
    wanted = _listed(MATRIX.get(action, frozenset()))
    if action in PERSONAL and principal.kind != "person":
        return UsageError(
            "not-allowed",
            f"only a person does {action.value}, and this is the key or token of a pipeline",
            hint=f"Ask a person with the role {wanted} to do it.",
        )
    held = _listed(principal.roles, " and ")
    return UsageError(
        "not-allowed",
        f"{action.value} takes the role {wanted}, and this caller has {held}",
        hint=f"Ask an administrator for a key with the role {wanted}.",
    )


def _listed(roles: Iterable[Role], joined: str = " or ") -> str:
    return joined.join(sorted(one.value for one in roles))


def touches(principal: Principal, system: str) -> bool:
    """Tell whether a principal may know of a system."""
    return principal.systems is None or system in principal.systems


def is_involved(principal: Principal, people: Iterable[str | None]) -> bool:
    """Tell whether a principal is one of these people, by id or by name.

    Used to keep requesters from approving what they asked for: two keys with one name are one
    person's.
    """
    return any(one == principal.id or same_person(principal.name, one) for one in people)
