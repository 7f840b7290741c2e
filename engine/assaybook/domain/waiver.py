"""Waivers, retirements and their states: what people decide about findings and sources."""

from enum import StrEnum

from pydantic import Field, model_validator

from assaybook.domain.base import Frozen
from assaybook.domain.ids import Instant, PolicyId, RuleId, SystemId


def _is_none(value: object) -> bool:
    """Tell whether nothing was said; what is not said is not written, and digests stay."""
    return value is None


class WaiverState(StrEnum):
    """How a waiver stands at an instant."""

    PENDING = "pending"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    REVOKED = "revoked"
    VOID = "void"
    UNUSED = "unused"


class Approval(Frozen):
    """A person's approval of a waiver; ``verified`` is set by our verification alone."""

    person: str = Field(min_length=1)
    at: Instant
    verified: bool = False


class Waiver(Frozen):
    """A decision to accept a fail for a time.

    ``releases`` empty means every release of the system. Either ``rows`` names row keys or
    ``whole`` is true. ``compensating`` is ``<policy>/<rule>``; the waiver is void unless that
    rule passes. ``policy_version`` is that of the policy whose fail was accepted; the waiver is
    void under another, and holds under every one where it is left out. The interval from
    ``starts`` (or the approval) to ``expires`` is half open.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    policy: PolicyId
    rule: RuleId
    policy_version: int | None = Field(default=None, ge=1, exclude_if=_is_none)
    system: SystemId
    releases: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    whole: bool = False
    reason: str = Field(min_length=1)
    compensating: str | None = None
    requester: str = Field(min_length=1)
    approval: Approval | None = None
    starts: Instant | None = None
    expires: Instant
    revoked_at: Instant | None = None

    @model_validator(mode="after")
    def _names_something(self) -> "Waiver":
        if self.whole == bool(self.rows):
            message = "a waiver names rows, or says whole: true, and not both"
            raise ValueError(message)
        return self


class Retirement(Frozen):
    """A person's word that a source will not answer again, with the reason.

    The source is known by format, tool and scope, as its evidence shows them.
    """

    format: str
    tool: str = ""
    dataset: str | None = None
    split: str | None = None
    path: str | None = None
    job: str | None = None
    reason: str = Field(min_length=1)
    person: str = Field(min_length=1)
    at: Instant
