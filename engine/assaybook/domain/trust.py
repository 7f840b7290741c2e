"""Persons whose signatures count, with their roles and keys."""

from datetime import datetime

from pydantic import Field

from assaybook.domain.base import Frozen
from assaybook.domain.ids import Instant


class TrustedKey(Frozen):
    """One key of a person: 32 bytes of Ed25519, and the half-open time in which it counts."""

    person: str
    name: str
    roles: tuple[str, ...]
    key: bytes = Field(min_length=32, max_length=32)
    valid_from: Instant | None = None
    valid_until: Instant | None = None

    def counts_at(self, instant: datetime) -> bool:
        """Tell whether a signature of an instant counts."""
        begun = self.valid_from is None or self.valid_from <= instant
        return begun and (self.valid_until is None or instant < self.valid_until)


class Trust(Frozen):
    """The keys that count; without any nobody's signature does."""

    keys: tuple[TrustedKey, ...] = ()

    def holders(self) -> dict[bytes, str]:
        """Return each key with the person who holds it."""
        return {one.key: one.person for one in self.keys}

    def roles_at(self, person: str, instant: datetime) -> frozenset[str]:
        """Return the roles of a person whose key counts at an instant."""
        mine = [one for one in self.keys if one.person == person and one.counts_at(instant)]
        return frozenset(role for one in mine for role in one.roles)
