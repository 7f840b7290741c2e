"""The one base of all domain models."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value object: immutable, strict about types, and closed to unknown fields.

    A model's validator is built when it is first used, so that a command pays for its own only.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", defer_build=True)
