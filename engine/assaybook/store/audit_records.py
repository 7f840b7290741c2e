"""The audit of what is recorded beside evidence: each row held against its entry and its text.

A row is right where the digest over its text is that of its entry, and every other column is what
the entry or the text says. Rows of some tables name the place of their entry; those of the others
are the first, the second and so on of their name, as their entries are.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlmodel import SQLModel

from assaybook.domain.canonical import digest_of
from assaybook.domain.record import record
from assaybook.domain.refusal import Refusal
from assaybook.domain.subject import Release, System
from assaybook.domain.waiver import Retirement, Waiver
from assaybook.store.audit_rows import (
    GONE,
    UNREADABLE,
    UNTOLD,
    Recorded,
    Said,
    Values,
    placed,
    streamed,
    table_of,
    unplaced,
)
from assaybook.store.decisions import retired_source
from assaybook.store.keys import KeyRecord
from assaybook.store.packs import PackRecord
from assaybook.store.rows import looked_up
from assaybook.store.tables import (
    BundleRow,
    RefusalRow,
    ReleaseRow,
    RetirementRow,
    SystemRow,
    WaiverRow,
)
from assaybook.store.tables_access import ApiKeyRevocationRow, ApiKeyRow, ReadRow
from assaybook.store.tables_jobs import PackRow
from assaybook.store.unit_of_work import Reading


@record
class _Kind:
    """How the rows of one kind of entry are read.

    Attributes:
        ref: the columns that name what a row holds, as its entry does.
        made: gives the columns that the text of a row makes, and what else the entry must say.
    """

    name: str
    table: type[SQLModel]
    ref: tuple[str, ...]
    made: Callable[[Values], Values]


def _bundle(row: Values) -> Values:
    return {"digest": digest_of(row["body"].encode())}


def _system(row: Values) -> Values:
    said = System.model_validate_json(row["body"])
    return {"id": said.id, "digest": digest_of(row["body"].encode())}


def _release(row: Values) -> Values:
    said = Release.model_validate_json(row["body"])
    return {"release": said.version, "digest": digest_of(row["body"].encode())}


def _waiver(row: Values) -> Values:
    said = Waiver.model_validate_json(row["body"])
    digest = digest_of(row["body"].encode())
    known = {"id": said.id, "system": said.system, "digest": digest}
    return known | {"reason": row["why"] or said.reason}


def _retirement(row: Values) -> Values:
    said = Retirement.model_validate_json(row["body"])
    return {"source": digest_of(retired_source(said)), "person": said.person, "reason": said.reason}


def _key(row: Values) -> Values:
    said = KeyRecord.model_validate_json(row["body"])
    return {name: getattr(said, name) for name in ("id", "name", "made_at", "expires_at")}


def _revocation(row: Values) -> Values:
    del row
    return {}  # all that it says is in its entry


def _read(row: Values) -> Values:
    said = json.loads(row["body"])
    known = {name: said[name] for name in ("principal", "what", "ref", "request")}
    return known | {"person": said["name"]}


def _refusal(row: Values) -> Values:
    said = Refusal.model_validate_json(row["body"])
    known = {"id": said.id, "system": said.system, "release": said.release}
    return known | {"at": said.received_at}


def _pack(row: Values) -> Values:
    said = PackRecord.model_validate_json(row["body"])
    known = {"id": said.id, "as_of": said.as_of, "assessment": said.assessment, "blob": said.digest}
    return known | {"system": looked_up(said.system), "release": looked_up(said.release)}


_KINDS: Final = (
    _Kind("bundle", BundleRow, ("digest",), _bundle),
    _Kind("key", ApiKeyRow, ("id",), _key),
    _Kind("key-revoked", ApiKeyRevocationRow, ("id",), _revocation),
    _Kind("pack", PackRow, ("id",), _pack),
    _Kind("read", ReadRow, ("ref",), _read),
    _Kind("refusal", RefusalRow, ("id",), _refusal),
    _Kind("release", ReleaseRow, ("system", "release"), _release),
    _Kind("retirement", RetirementRow, ("system",), _retirement),
    _Kind("system", SystemRow, ("id",), _system),
    _Kind("waiver", WaiverRow, ("id",), _waiver),
)
LISTED: Final = frozenset(one.name for one in _KINDS if "seq" not in table_of(one.table).c)
"""Kinds of which each row is a numbered version, and no row names the place of its entry."""


def recorded_things(
    reading: Reading, entries: Mapping[str, int], numbered: Mapping[tuple[str, str], Sequence[Said]]
) -> Iterator[Recorded]:
    """Yield what entries speak for beside evidence and assessments; then, of each kind, the gaps.

    Args:
        reading: of the store.
        entries: how many there are of each kind.
        numbered: by kind and name, the entries of those kinds of which there are few.
    """
    for kind in _KINDS:
        table = table_of(kind.table)
        placed_ = kind.name not in LISTED
        seen: set[tuple[str, int]] = set()
        sound = 0
        for row, said in placed(reading, table) if placed_ else _numbered(reading, kind, numbered):
            found = _compared(kind, row, said)
            sound += not found.altered
            seen.add((found.ref, row.get("version", 1)) if not placed_ else ("", 0))
            yield found
        if sound < entries.get(kind.name, 0):
            gaps = unplaced(reading, kind.name, table) if placed_ else _unseen(kind, numbered, seen)
            yield from (Recorded(kind.name, ref, GONE) for ref in gaps)


def _unseen(
    kind: _Kind, numbered: Mapping[tuple[str, str], Sequence[Said]], seen: set[tuple[str, int]]
) -> Iterator[str]:
    """Yield the names in entries of a kind whose rows were not met."""
    for (name, ref), entries in sorted(numbered.items()):
        if name == kind.name:
            yield from (ref for number in range(1, len(entries) + 1) if (ref, number) not in seen)


def _compared(kind: _Kind, row: Values, said: Said | None) -> Recorded:
    ref = _ref(kind, row)
    told = (kind.name, ref, digest_of(str(row["body"]).encode()))
    if said is None or (said.kind, said.ref, said.digest) != told:
        return Recorded(kind.name, ref, UNTOLD)
    try:
        made = kind.made(row)
    except (ValueError, KeyError, TypeError):
        return Recorded(kind.name, ref, UNREADABLE)
    return Recorded(kind.name, ref, "" if said.agrees(row, made) else "changed: its row")


def _ref(kind: _Kind, row: Values) -> str:
    return "/".join(str(row[name]) for name in kind.ref)


def _numbered(
    reading: Reading, kind: _Kind, numbered: Mapping[tuple[str, str], Sequence[Said]]
) -> Iterator[tuple[Values, Said | None]]:
    """Yield the rows of a table of numbered versions, each with the entry of its number."""
    table = table_of(kind.table)
    query = select(*table.c)
    if "body" not in table.c:
        # The end of a key: its entry holds the digest of the key.
        keys = table_of(ApiKeyRow)
        query = query.add_columns(keys.c["body"]).join_from(
            table, keys, keys.c["id"] == table.c["id"]
        )
    names = [column.name for column in query.selected_columns]
    for values in streamed(reading, query.order_by(*table.primary_key.columns)):
        row = dict(zip(names, values, strict=True))
        mine, number = numbered.get((kind.name, _ref(kind, row)), ()), row.get("version", 1)
        yield row, mine[number - 1] if 1 <= number <= len(mine) else None
