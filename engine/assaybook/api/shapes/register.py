"""Systems and releases as they are registered and shown over HTTP."""

from typing import Annotated, Literal

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.ids import Instant, Version
from assaybook.domain.subject import Artifact, Lifecycle, Release, RiskTier, System
from assaybook.store.subjects import ReleaseRecord, SystemRecord

_REASON = Field(default="", max_length=2000, description="Why it changes.")
_Text = Field(default=None, max_length=10_000)
_Use = Annotated[str, Field(max_length=10_000)]
_Tag = Annotated[str, Field(max_length=200)]


class SystemWanted(Frozen):
    """What a system is to be; a field that is left out is unknown, not as it was before."""

    name: str | None = Field(default=None, max_length=500)
    owner: str | None = Field(default=None, max_length=500)
    purpose: str | None = _Text
    intended_uses: tuple[_Use, ...] = Field(default=(), max_length=100)
    deployed_use: str | None = _Text
    risk_tier: RiskTier | None = None
    roles: tuple[Literal["provider", "deployer"], ...] = Field(default=(), max_length=2)
    generative: bool | None = None
    edge: bool | None = None
    lifecycle: Lifecycle | None = None
    tags: tuple[_Tag, ...] = Field(default=(), max_length=100)
    reason: str = _REASON

    def system(self, system_id: str) -> System:
        """Return the system that is wanted."""
        return System(id=system_id, **{name: getattr(self, name) for name in _OF_SYSTEM})


class ReleaseWanted(Frozen):
    """What a release is to be; a field that is left out is unknown, not as it was before."""

    stage: str | None = Field(default=None, max_length=100)
    artifacts: tuple[Artifact, ...] = Field(default=(), max_length=1000)
    baseline: Version | None = None
    released_at: Instant | None = None
    requested_by: str | None = Field(default=None, max_length=500)
    reason: str = _REASON

    def release(self, version: str) -> Release:
        """Return the release that is wanted."""
        return Release(version=version, **{name: getattr(self, name) for name in _OF_RELEASE})


_OF_SYSTEM = tuple(name for name in SystemWanted.model_fields if name != "reason")
_OF_RELEASE = tuple(name for name in ReleaseWanted.model_fields if name != "reason")


class SystemPage(Frozen):
    """Systems in order of id, each as it stands."""

    items: tuple[SystemRecord, ...]
    next: str | None = None


class SystemHistory(Frozen):
    """Every version of the record of a system, oldest first."""

    items: tuple[SystemRecord, ...]


class ReleaseList(Frozen):
    """Releases of a system in the order of their registration, each as it stands."""

    items: tuple[ReleaseRecord, ...]
