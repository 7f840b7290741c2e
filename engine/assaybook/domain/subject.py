"""Systems, their releases and artifacts: what a policy is judged about."""

import operator
from enum import StrEnum
from typing import Final, Literal

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.ids import Digest, Instant, SystemId, Version

ArtifactKind = Literal["model", "dataset", "code", "docs", "image"]


class RiskTier(StrEnum):
    """Risk tier of a system, least first."""

    MINIMAL = "minimal"
    LIMITED = "limited"
    HIGH = "high"
    UNACCEPTABLE = "unacceptable"


class Lifecycle(StrEnum):
    """Where a system stands in its life."""

    DESIGN = "design"
    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"
    RETIRED = "retired"


class System(Frozen):
    """One machine-learning system; a field that nobody stated is None and reads as unknown."""

    id: SystemId
    name: str | None = None
    owner: str | None = None
    purpose: str | None = None
    intended_uses: tuple[str, ...] = ()
    deployed_use: str | None = None
    risk_tier: RiskTier | None = None
    roles: tuple[Literal["provider", "deployer"], ...] = ()
    generative: bool | None = None
    edge: bool | None = None
    lifecycle: Lifecycle | None = None
    tags: tuple[str, ...] = ()


class Artifact(Frozen):
    """A named part of a release, known by its digest."""

    name: str = Field(min_length=1, max_length=500)
    kind: ArtifactKind
    digest: Digest


class Release(Frozen):
    """One release of a system with the digests of its parts."""

    version: Version
    stage: str | None = None
    artifacts: tuple[Artifact, ...] = ()
    baseline: Version | None = None
    released_at: Instant | None = None
    requested_by: str | None = None
    """The person who asks for the release; that person's own approval does not count."""


READ_BY_MANY: Final = frozenset({"dataset", "docs"})
"""Kinds of artifacts that a release reads rather than is: the next one has the same."""


def replaces(new: Release, old: Release) -> bool:
    """Tell whether a release is of other bytes than before: something that it was is not there.

    Data and documents are what a release reads, and change without making another of it.
    """
    kept = {one.digest for one in new.artifacts}
    return any(one.kind not in READ_BY_MANY and one.digest not in kept for one in old.artifacts)


class Subject(Frozen):
    """A system and one release of it, as of an instant.

    ``baseline`` is the release that ``release.baseline`` names, where it is registered.
    ``asserted`` is true where the record came with the evidence instead of from the register.
    ``replaced_at`` is when the register last took other bytes for what the release is, if it did.
    """

    system: System
    release: Release
    baseline: Release | None = None
    asserted: bool = False
    replaced_at: Instant | None = Field(default=None, exclude_if=operator.not_)
