"""Baselines: the fails of an old estate that are accepted as they were found, for a time.

What is accepted is known by fingerprints: of a rule as it was asked of a system, with its policy's
version and params, and in it the keys of the rows that failed. Whoever asks otherwise asks anew.
"""

import operator
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, JsonValue

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.ids import Digest, Instant, PolicyId, RuleId, SystemId
from assaybook.domain.waiver import Approval

Distance = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""How far a value is from its limit, in its own unit."""


class BaselineFail(Frozen):
    """The fails of one rule that are accepted.

    Attributes:
        fingerprint: of the rule as it was asked.
        rows: keys of the rows that failed; none where the rule judges no rows.
        distances: how far a row was from its limit, where one comparison of two numbers decided;
            that of a rule without rows stands under the empty key.
        clauses: by the same keys, the clauses that failed of a condition of several.
    """

    policy: PolicyId
    rule: RuleId
    fingerprint: Digest
    rows: tuple[str, ...] = ()
    distances: dict[str, Distance] = Field(default_factory=dict)
    clauses: dict[str, tuple[str, ...]] = Field(default_factory=dict, exclude_if=operator.not_)


class Baseline(Frozen):
    """What was found of one system at an instant, and is accepted until another.

    It holds for every release of the system. The interval from the later of ``written_at`` and
    the approval to ``expires`` is half open.
    """

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    system: SystemId
    reason: str = Field(min_length=1)
    requester: str = Field(min_length=1)
    written_at: Instant
    expires: Instant
    fails: tuple[BaselineFail, ...] = Field(min_length=1)
    approval: Approval | None = None
    revoked_at: Instant | None = None

    @property
    def starts(self) -> Instant:
        """Return when it begins to hold, once it is approved."""
        return self.written_at


def fingerprint(
    *, system: str, policy: str, version: int, rule: str, params: Mapping[str, JsonValue]
) -> str:
    """Return by what it is known again that the same was asked of the same system."""
    asked: list[JsonValue] = ["baseline/v1", system, policy, version, rule, dict(params)]
    return digest_of(canonical(asked))
