"""API keys: made once, revoked once, never changed; of a secret only its digest is here."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, cast

from pydantic import Field
from sqlalchemy import insert, select, update
from sqlmodel import col

from assaybook.domain.base import Frozen
from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import Digest, Instant, SystemId
from assaybook.domain.letters import says_something
from assaybook.domain.policy import Assurance
from assaybook.domain.principal import PrincipalKind, Role
from assaybook.store.journal import Entry
from assaybook.store.rows import json_of
from assaybook.store.tables_access import ApiKeyRevocationRow, ApiKeyRow, ApiKeyUseRow
from assaybook.store.unit_of_work import Reading, UnitOfWork


class KeyRecord(Frozen):
    """One API key.

    Attributes:
        id: public part, eight hexadecimal digits.
        name: of the person or pipeline that it is for, as the journal prints it.
        systems: what it may touch; None for all.
        secret: SHA-256 over the whole text of the key.
    """

    id: str = Field(pattern=r"^[0-9a-f]{8}$")
    name: str = Field(min_length=1, max_length=200)
    kind: PrincipalKind
    roles: tuple[Role, ...] = Field(min_length=1)
    systems: tuple[SystemId, ...] | None
    assurance: Literal[Assurance.SELF, Assurance.CI]
    secret: Digest = Field(repr=False)
    made_at: Instant
    made_by: str
    expires_at: Instant


class KeyState(Frozen):
    """A key, whether it still counts, and when it was last used, to the minute."""

    key: KeyRecord
    revoked_at: Instant | None = None
    used_at: Instant | None = None

    def counts_at(self, now: datetime) -> bool:
        """Tell whether the key opens anything at an instant."""
        return self.revoked_at is None and self.key.made_at <= now < self.key.expires_at


def save_key(work: UnitOfWork, key: KeyRecord) -> None:
    """Record a new key."""
    body = json_of(key)
    work.record((Entry("key", key.id, digest_of(body), key.made_by),))
    row = {
        "id": key.id,
        "name": key.name,
        "made_at": key.made_at,
        "expires_at": key.expires_at,
        "body": body.decode(),
    }
    work.connection.execute(insert(ApiKeyRow), row)


def revoke_key(work: UnitOfWork, key: str, *, person: str, reason: str) -> KeyState:
    """End a key before its time; one that was revoked stays as it is.

    Raises:
        UsageError: ``key-unknown``; ``reason-missing`` without a person or a reason.
    """
    state = find_key(work, key)
    if state is None:
        raise key_unknown(key)
    if not (says_something(person) and says_something(reason)):
        message = "a key is revoked by a person, for a reason"
        raise UsageError("reason-missing", message, where=key, hint="Give --reason, and --by.")
    if state.revoked_at is not None:
        return state
    work.record((Entry("key-revoked", key, digest_of(json_of(state.key)), person, reason),))
    row = {"id": key, "at": work.now, "person": person, "reason": reason}
    work.connection.execute(insert(ApiKeyRevocationRow), row)
    return state.model_copy(update={"revoked_at": work.now})


def key_unknown(key: str) -> UsageError:
    """Return the error for a key that is not there, or that a caller may not know of."""
    return UsageError("key-unknown", f"there is no key {key!r}", hint="List them: assay key list")


def note_use(work: UnitOfWork, key: str) -> None:
    """Write down that a key was used now; no entry speaks for it."""
    known = col(ApiKeyUseRow.id) == key
    done = work.connection.execute(update(ApiKeyUseRow).where(known).values(at=work.now))
    if done.rowcount == 0:
        work.connection.execute(insert(ApiKeyUseRow), {"id": key, "at": work.now})


def find_key(reading: Reading, key: str) -> KeyState | None:
    """Return a key by its public part, or None."""
    found = _states(reading, (key,))
    return found[0] if found else None


def list_keys(reading: Reading) -> tuple[KeyState, ...]:
    """Return every key that was ever made, by name and then by age."""
    return tuple(sorted(_states(reading, None), key=lambda one: (one.key.name, one.key.made_at)))


def _states(reading: Reading, ids: Sequence[str] | None) -> list[KeyState]:
    query: Any = (
        select(
            col(ApiKeyRow.body),
            cast("Any", col(ApiKeyRevocationRow.at).label("revoked_at")),
            cast("Any", col(ApiKeyUseRow.at).label("used_at")),
        )
        .select_from(ApiKeyRow)
        .outerjoin(ApiKeyRevocationRow, col(ApiKeyRevocationRow.id) == col(ApiKeyRow.id))
        .outerjoin(ApiKeyUseRow, col(ApiKeyUseRow.id) == col(ApiKeyRow.id))
    )
    if ids is not None:
        query = query.where(col(ApiKeyRow.id).in_(ids))
    return [_state(row) for row in reading.connection.execute(query).mappings()]


def _state(row: Mapping[Any, Any]) -> KeyState:
    return KeyState(
        key=KeyRecord.model_validate_json(row["body"]),
        revoked_at=row["revoked_at"],
        used_at=row["used_at"],
    )
