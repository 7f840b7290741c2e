"""Rows of documents that stand beside each other: within one source a newer row takes its place.

An older document stays beside a newer one whose coverage is not complete, for what the newer one
may have missed. A row that the newer one does give, whole, it has not missed.
"""

from collections.abc import Iterable

from assaybook.domain.policy import Assurance
from assaybook.domain.record import record
from assaybook.evaluation.rows import Key, Reading, key_columns
from assaybook.evaluation.selection import Candidate, Source, source_of


@record
class Placed:
    """A reading with the document that gives it."""

    document: Candidate
    reading: Reading


def current(facts: str, placed: Iterable[Placed]) -> list[Reading]:
    """Return the readings without those that a newer reading of the same row replaces.

    Only a document of the same source, of a later instant and another submission, and at least
    as strong, replaces; and only by a row that has every value that the older one has.
    """
    columns = key_columns(facts)
    rows: dict[tuple[Source, Key], list[Placed]] = {}
    for one in placed:
        key = tuple(one.reading.columns.get(column) for column in columns)
        rows.setdefault((source_of(one.document.evidence), key), []).append(one)
    return [
        one.reading
        for beside in rows.values()
        for one in beside
        if not any(_replaces(other, one) for other in beside)
    ]


def _replaces(newer: Placed, older: Placed) -> bool:
    at, before = newer.document.at, older.document.at
    if at is None or before is None or at <= before:
        return False
    submission = newer.document.evidence.envelope.submission
    if submission and submission == older.document.evidence.envelope.submission:
        return False
    return _is_as_strong(newer.document.strength, older.document.strength) and _is_as_full(
        newer.reading, older.reading
    )


def _is_as_strong(newer: Assurance, older: Assurance) -> bool:
    return newer.rank >= older.rank


def _is_as_full(newer: Reading, older: Reading) -> bool:
    if newer.doubted:
        return False
    return all(
        newer.columns.get(column) is not None
        for column, value in older.columns.items()
        if value is not None
    )
