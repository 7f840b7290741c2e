"""What a person signs: an answer to a rule, or an approval of a waiver.

Both are bound to ids and digests and never to the text of a question.
"""

from typing import Final, Literal

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.evidence import AboutArtifact
from assaybook.domain.ids import Digest, Instant, PolicyId, RuleId, SystemId, Version

PAYLOAD_TYPE: Final = "application/vnd.assaybook.statement+json"
APPROVER: Final = "waiver-approver"
"""The role that a person needs to approve a waiver."""


class AttestationStatement(Frozen):
    """An answer of one person to one rule about one release."""

    assaybook: Literal["v1"] = "v1"
    statement: Literal["attestation"] = "attestation"
    policy: PolicyId
    rule: RuleId
    answer: Literal["yes", "no"]
    role: str = Field(min_length=1)
    person: str = Field(min_length=1)
    system: SystemId
    release: Version
    artifacts: tuple[AboutArtifact, ...] = ()
    signed_at: Instant
    valid_until: Instant | None = None
    note: str | None = Field(default=None, min_length=1, max_length=4_000)


class ApprovalStatement(Frozen):
    """A yes or no of one person to one waiver, known by the digest of all that it says."""

    assaybook: Literal["v1"] = "v1"
    statement: Literal["waiver-approval"] = "waiver-approval"
    waiver: Digest
    id: str
    answer: Literal["yes", "no"]
    person: str = Field(min_length=1)
    signed_at: Instant
