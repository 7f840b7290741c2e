"""The one base of all domain models."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value object: immutable, strict about types, and closed to unknown fields."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
