"""Systems, their releases and artifacts: what a policy is judged about."""

from enum import StrEnum
from typing import Literal

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


class Subject(Frozen):
    """A system and one release of it, as of an instant.

    ``baseline`` is the release that ``release.baseline`` names, where it is registered.
    ``asserted`` is true where the record came with the evidence instead of from the register.
    """

    system: System
    release: Release
    baseline: Release | None = None
    asserted: bool = False
