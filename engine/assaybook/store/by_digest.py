"""What goes by a digest, found by the beginning of it."""

from collections.abc import Collection, Iterator
from typing import Final, Literal

from sqlalchemy import ColumnElement, Executable, null, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from assaybook.domain.record import record
from assaybook.store.tables import AssessmentRow, BlobRow, BundleRow, EvidenceRow, ReleaseRow
from assaybook.store.tables_jobs import PackRow
from assaybook.store.unit_of_work import Reading

Thing = Literal["evidence", "assessment", "pack", "bundle"]
_BEHIND: Final = "g"
"""It stands behind every digit of a digest."""
_MOST: Final = 100
"""Rows of each kind that are looked at; a longer beginning finds the others."""


@record
class Digested:
    """Something that goes by a digest: evidence, assessment, pack or bundle.

    Attributes:
        ref: its name: id or digest.
        digest: what was found of it: its id, or the digest of its bytes.
        system: what it is about; None where it does not say, or is about none in particular.
    """

    thing: Thing
    ref: str
    digest: str
    system: str | None
    release: str | None


def things_by_digest(reading: Reading, digits: str) -> tuple[Digested, ...]:
    """Return what goes by a digest that begins with some digits, each thing once.

    Evidence goes by its id and by the digest of its bytes, a pack by its id and by the digest of
    its document.

    Args:
        reading: of the store.
        digits: hexadecimal, in lower case.
    """
    found: dict[tuple[Thing, str], Digested] = {}
    blobs = _blobs(reading, digits)
    for thing, query in _queries(digits, blobs):
        for ref, digest, system, release in reading.connection.execute(query):
            found.setdefault((thing, ref), Digested(thing, ref, digest, system, release))
    return tuple(found.values())


def releases_holding(
    reading: Reading, text: str, *, among: Collection[str] | None, most: int
) -> tuple[tuple[str, str], ...]:
    """Return system and version of releases of which some record holds a text, in any case.

    ``among`` are the systems that the reader may see, None for all. An earlier record may hold
    what the newest does not.
    """
    system, release = col(ReleaseRow.system), col(ReleaseRow.release)
    query = select(system, release).where(col(ReleaseRow.body).icontains(text, autoescape=True))
    if among is not None:
        query = query.where(system.in_(sorted(among)))
    rows = reading.connection.execute(query.distinct().order_by(system, release).limit(most))
    return tuple((row[0], row[1]) for row in rows)


def _blobs(reading: Reading, digits: str) -> list[str]:
    """Return the digests of bytes; few rows name one, and no index leads from it to them."""
    key = col(BlobRow.digest)
    query = select(key).where(*_begins(key, f"sha256:{digits}")).limit(_MOST)
    return list(reading.connection.execute(query).scalars())


def _queries(digits: str, blobs: list[str]) -> Iterator[tuple[Thing, Executable]]:
    """Yield a query of name, digest, system and release for each way to go by a digest."""
    name, blob = col(EvidenceRow.id), col(EvidenceRow.blob)
    about = col(EvidenceRow.system), col(EvidenceRow.release)
    pack, document = col(PackRow.id), col(PackRow.blob)
    mine = col(PackRow.system), col(PackRow.release)
    judged, bundle = col(AssessmentRow.digest), col(BundleRow.digest)
    of = col(AssessmentRow.system), col(AssessmentRow.release)
    none = null().label("system"), null().label("release")
    written = f"sha256:{digits}"
    yield "evidence", select(name, name, *about).where(*_begins(name, f"ev-{digits}")).limit(_MOST)
    yield "assessment", select(judged, judged, *of).where(*_begins(judged, written)).limit(_MOST)
    yield "pack", select(pack, pack, *mine).where(*_begins(pack, f"pk-{digits}")).limit(_MOST)
    yield "bundle", select(bundle, bundle, *none).where(*_begins(bundle, written)).limit(_MOST)
    if blobs:
        yield "evidence", select(name, blob, *about).where(blob.in_(blobs)).limit(_MOST)
        yield "pack", select(pack, document, *mine).where(document.in_(blobs)).limit(_MOST)


def _begins(key: Mapped[str], written: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions of a key that begins so; they go by its index, on both databases."""
    return key >= written, key < written + _BEHIND
