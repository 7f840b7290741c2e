"""API keys: 256 random bits, shown once, known again by their digest.

A key reads ``assay_<id>_<secret><check>``: a fixed word that secret scanners can look for, eight
hexadecimal digits that are public, the secret in base64url, and a CRC-32 of all that in eight more
digits, so that a mistyped key is told from a wrong one without asking the store.
"""

import hmac
import re
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from zlib import crc32

from pydantic import ValidationError

from assaybook.domain.canonical import digest_of
from assaybook.domain.errors import UsageError
from assaybook.domain.policy import Assurance
from assaybook.domain.principal import Principal, PrincipalKind, Role
from assaybook.domain.record import record
from assaybook.store.keys import KeyRecord, KeyState, find_key, save_key
from assaybook.store.unit_of_work import Reading, UnitOfWork

DEFAULT_LIFE: Final = timedelta(days=90)
LONGEST_LIFE: Final = timedelta(days=400)
SOON: Final = timedelta(days=14)
"""How long before its end whoever asks with a key is told of it."""
_TEXT: Final = re.compile(r"(assay_([0-9a-f]{8})_[A-Za-z0-9_-]{43})([0-9a-f]{8})")
_BYTES: Final = 32
PREFIX: Final = "assay_"


@record
class Wanted:
    """A key that somebody wants: for whom, with which reach, for how long."""

    name: str
    kind: PrincipalKind
    roles: Collection[Role]
    systems: Collection[str] | None = None
    assurance: Assurance = Assurance.SELF
    life: timedelta = DEFAULT_LIFE


@record
class Made:
    """A new key and its text, which is nowhere else."""

    key: KeyRecord
    text: str


def new_secret() -> str:
    """Return the text of a key that nobody can guess."""
    start = f"{PREFIX}{secrets.token_hex(4)}_{secrets.token_urlsafe(_BYTES)}"
    return f"{start}{crc32(start.encode()):08x}"


def create_key(work: UnitOfWork, wanted: Wanted, text: str, *, person: str) -> Made:
    """Record a key with a text from ``new_secret``.

    Raises:
        UsageError: ``key-life-invalid``, ``key-invalid``, or ``key-exists``: the public part is
            taken, which one in four thousand million is.
    """
    if not timedelta() < wanted.life <= LONGEST_LIFE:
        raise UsageError(
            "key-life-invalid",
            f"a key lives for up to {LONGEST_LIFE.days} days",
            hint="Make another key before this one ends.",
        )
    if not wanted.name.isprintable():
        raise UsageError(
            "key-invalid",
            "name: it holds a character that nobody sees, so two names could look like one",
            hint="Write the name in characters that are printed.",
        )
    key_id = _public(text)
    try:
        key = KeyRecord(
            id=key_id,
            name=wanted.name,
            kind=wanted.kind,
            roles=tuple(sorted(set(wanted.roles))),
            systems=None if wanted.systems is None else tuple(sorted(set(wanted.systems))),
            assurance=wanted.assurance,  # type: ignore[arg-type]  # it refuses what no key proves
            secret=digest_of(text.encode()),
            made_at=work.now,
            made_by=person,
            expires_at=work.now + wanted.life,
        )
        principal_of(key)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError("key-invalid", f"{where}: {first['msg']}".removeprefix(": ")) from error
    if find_key(work, key_id) is not None:
        raise UsageError("key-exists", f"there is a key {key_id} already", hint="Ask again.")
    save_key(work, key)
    return Made(key, text)


def principal_of(key: KeyRecord) -> Principal:
    """Return who asks with a key."""
    return Principal(
        id=f"key:{key.id}",
        name=key.name,
        kind=key.kind,
        roles=frozenset(key.roles),
        systems=None if key.systems is None else frozenset(key.systems),
        assurance=key.assurance,
    )


def find_by_text(reading: Reading, text: str, now: datetime) -> KeyState:
    """Return the key that a text is, if it counts at an instant.

    Raises:
        UsageError: ``not-authenticated``; that a key ran out is said to who holds it, and nothing
            else to anybody.
    """
    state = find_key(reading, _public(text))
    given = digest_of(text.encode())
    # Compared even where there is no such key, so that the time taken says nothing.
    same = hmac.compare_digest(given, state.key.secret if state else digest_of(b""))
    if state is None or not same:
        raise not_authenticated()
    if not state.counts_at(now):
        over = state.revoked_at is None and now >= state.key.expires_at
        raise _ran_out(state.key) if over else not_authenticated()
    return state


def _ran_out(key: KeyRecord) -> UsageError:
    return UsageError(
        "not-authenticated",
        f"this key counted until {key.expires_at:%Y-%m-%d %H:%M} UTC",
        hint="Ask an admin for another: assay key create",
    )


def not_authenticated() -> UsageError:
    """Return the one error for a key or token that opens nothing."""
    return UsageError(
        "not-authenticated",
        "this key or token is not known, or it no longer counts",
        hint="Send a key that counts: Authorization: Bearer KEY. An admin makes one.",
    )


def _public(text: str) -> str:
    found = _TEXT.fullmatch(text)
    if found is None or f"{crc32(found[1].encode()):08x}" != found[3]:
        raise not_authenticated()
    return found[2]
