"""Refusals: what was submitted about a release and could not be read stays on record."""

from collections.abc import Iterable
from datetime import datetime

from assaybook.domain.canonical import canonical, digest_of
from assaybook.domain.refusal import LONGEST_NAME, Refusal
from assaybook.intake.refused import RefusedFile


def refusals_in(
    files: Iterable[RefusedFile], about: tuple[str, str], person: str, at: datetime
) -> tuple[Refusal, ...]:
    """Return what is recorded of files that were refused, each of these bytes once.

    ``about`` is the system and the release that they were sent for.
    """
    found = [_refusal(one, about, person, at) for one in files]
    return tuple({one.id: one for one in reversed(found)}.values())[::-1]


def _refusal(one: RefusedFile, about: tuple[str, str], person: str, at: datetime) -> Refusal:
    system, release = about
    name = _plain(one.name)
    # Where the bytes are not known, the name tells one document from another.
    key = canonical([system, release, one.digest, name if one.digest is None else ""])
    return Refusal(
        id=f"rf-{digest_of(key).partition(':')[2][:32]}",
        system=system,
        release=release,
        digest=one.digest,
        size=one.size,
        name=name,
        declared=_plain(one.declared),
        detected=one.detected,
        families=one.families,
        code=one.code,
        received_at=at,
        submitted_by=_plain(person),
    )


def _plain(text: str) -> str:
    """Return a text as every database can keep it, and no longer than a name is."""
    utf8 = text.encode(errors="replace").decode()
    return utf8.replace("\0", "\N{REPLACEMENT CHARACTER}")[:LONGEST_NAME]
