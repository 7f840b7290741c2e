"""One document: its receipt, what was read out of it, and its text with the places of its facts."""

from collections.abc import Mapping, Sequence
from typing import Final

from anyio import from_thread
from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import links
from assaybook.console.backend import backend_of, principal_of
from assaybook.console.frame import page
from assaybook.console.lines import MOST_BYTES, Text, seen, shown_text, text_of
from assaybook.console.pages.evidence import made_at, notes_of, source_of, steps_to
from assaybook.console.routing import Page
from assaybook.domain.evidence import Coverage, Envelope
from assaybook.domain.fact_types import FACT_TYPES, columns_of
from assaybook.domain.facts import Fact
from assaybook.domain.policy import Assurance
from assaybook.domain.principal import Action, Principal, allowed
from assaybook.domain.record import record
from assaybook.domain.values import Scalar
from assaybook.reporting.labels import behind_a_word
from assaybook.reporting.words import assurance_sentence
from assaybook.service.reads import record_read
from assaybook.service.show_evidence import EvidenceShown, show_evidence
from assaybook.store.blobs import load_blob
from assaybook.store.unit_of_work import UnitOfWork

_FACTS: Final = 50
"""Facts that a page shows; the rest is on the next."""
_FIRST: Final = ("value", "unit", "direction", "n", "status", "severity", "present", "count")
"""Columns that a reader looks for before the others of a fact."""
_LONGEST: Final = 160
"""Characters of one value of a fact."""
_MOST_POINTER: Final = 2_000
_MOST_READ: Final = 4 * MOST_BYTES
"""Bytes, as received, of a document whose kept bytes are read for a page."""


@record
class FactLine:
    """A fact: what it is about, what it says and does not say, and where it was read.

    ``line`` is that of the text as it is shown; 0 where it cannot be told.
    """

    type: str
    about: tuple[tuple[str, str], ...]
    says: tuple[tuple[str, str], ...]
    silent: tuple[tuple[str, str], ...]
    pointer: str
    line: int


@record
class Bytes:
    """The bytes of a document: their text, or why it is not shown."""

    text: Text | None
    why: str = ""


@record
class FactPage:
    """Some of the facts of a document, from a place on."""

    lines: tuple[FactLine, ...]
    whole: int
    start: int
    next: int | None


def assured(envelope: Envelope) -> str:
    """Return who vouches for the origin of a document, in words."""
    if envelope.assurance is Assurance.CI and not envelope.authenticated:
        return "Whoever submitted it says that a pipeline made it; nobody checked."
    return assurance_sentence(envelope.assurance)


def fact_line(fact: Fact, places: Mapping[str, int]) -> FactLine:
    """Return a fact as a row; ``places`` are the lines of pointers."""
    kind, columns = FACT_TYPES[fact.type], columns_of(fact)
    said = {name: value_words(value) for name, value in columns.items() if value is not None}
    known = {name: words for name, words in said.items() if words}
    if known.get("raw_name") == known.get("name"):
        known.pop("raw_name", None)
    first = {name: known[name] for name in _FIRST if name in known}
    silent = [(name, "") for name in kind.values if columns[name] is None]
    reasons = {name: str(reason) for name, reason in fact.unknown.items()}
    return FactLine(
        fact.type,
        tuple((name, known[name]) for name in kind.key if name in known),
        tuple((name, words) for name, words in (first | known).items() if name not in kind.key),
        tuple((name, reasons.get(name, "")) for name in dict([*silent, *reasons.items()])),
        fact.pointer,
        places.get(fact.pointer, 0),
    )


def value_words(value: Scalar) -> str:
    """Return a value of a fact as a reader takes it in."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return behind_a_word(seen(str(value)), _LONGEST)


def facts_from(facts: Sequence[Fact], start: int, places: Mapping[str, int]) -> FactPage:
    """Return a page of facts from a place on."""
    shown = tuple(fact_line(one, places) for one in facts[start : start + _FACTS])
    more = start + _FACTS < len(facts)
    return FactPage(shown, len(facts), start, start + _FACTS if more else None)


def counts_of(row: Coverage) -> tuple[tuple[str, int | None], ...]:
    """Return the counts of coverage under their names; None is unknown, which is not zero."""
    names = ("examined", "passed", "failed", "errored", "skipped")
    return tuple((name, getattr(row, name)) for name in names)


def bytes_shown(content: bytes | None, name: str, pointers: frozenset[str], sought: str) -> Bytes:
    """Return the text of a document that is kept, or why it is not shown."""
    if content is None:
        return Bytes(None, "The bytes were erased on purpose; their digest and proof stay.")
    if len(content) > MOST_BYTES:
        said = f"It has {len(content):,} bytes; a page shows documents of up to {MOST_BYTES:,}."
        return Bytes(None, said)
    text = text_of(content)
    if text is None:
        return Bytes(None, "It is no text, so there are no lines to show.")
    return Bytes(shown_text(text, name, pointers, sought))


def document(request: Request) -> Response:
    """Show one document: its receipt, envelope, coverage, facts and text; each reading is kept."""
    principal = principal_of(request)
    sought = request.query_params.get("pointer", "")[:_MOST_POINTER]
    shown, content = _read(request, principal)
    facts, envelope = shown.evidence.facts, shown.evidence.envelope
    if content is None and shown.erased is None:
        text = Bytes(None, _not_shown(principal, envelope.size))
    else:
        pointers = frozenset(one.pointer for one in facts)
        text = bytes_shown(content, envelope.name, pointers, sought)
    start = _start(request, facts, sought)
    sees_log = allowed(principal, Action.LEDGER_READ) and principal.systems is None
    return page(
        request,
        "document.html.j2",
        title=envelope.name or envelope.id,
        crumbs=_way_to(envelope.subject.system, envelope.subject.release),
        shown=shown,
        envelope=envelope,
        source=source_of(envelope),
        made=made_at(envelope),
        notes=notes_of(envelope),
        assured=assured(envelope),
        coverage=tuple((row, counts_of(row)) for row in shown.evidence.coverage),
        facts=facts_from(facts, start, text.text.places if text.text else {}),
        text=text,
        sought=sought,
        sees_log=sees_log,
        proves=sees_log and backend_of(request).signer is not None,
    )


def _read(request: Request, principal: Principal) -> tuple[EvidenceShown, bytes | None]:
    """Return a document, with its bytes for who may read them, and record that it was read."""
    name: str = request.path_params["evidence"]

    def read(work: UnitOfWork) -> tuple[EvidenceShown, bytes | None]:
        found = show_evidence(work, principal, name)
        record_read(work, principal, "facts", name, request.state.request_id)
        small = found.evidence.envelope.size <= _MOST_READ
        if not (small and found.erased is None and allowed(principal, Action.BLOB_READ)):
            return found, None
        record_read(work, principal, "blob", name, request.state.request_id)
        return found, load_blob(work, found.receipt.blob)

    return from_thread.run(backend_of(request).writer.run, read)


def _not_shown(principal: Principal, size: int) -> str:
    if not allowed(principal, Action.BLOB_READ):
        return "Your roles do not include reading the bytes; what was read out of them is above."
    return f"It had {size:,} bytes; a page shows documents of up to {MOST_BYTES:,}."


def _start(request: Request, facts: Sequence[Fact], sought: str) -> int:
    """Return the first fact of the page: a place that was asked for, or before what is sought."""
    said = request.query_params.get("facts", "")
    if said.isascii() and said.isdigit() and len(said) < 10:  # noqa: PLR2004 - of an index
        return int(said)
    found = next((at for at, one in enumerate(facts) if sought and one.pointer == sought), 0)
    return found // _FACTS * _FACTS


def _way_to(system: str | None, release: str | None) -> tuple[tuple[str, str], ...]:
    """Return the way to a document about a system or release."""
    mine = links.evidence(system=system, release=release if system else None)
    return (*steps_to(system, release), ("Evidence", mine))


PAGES: Final = (Page("/evidence/{evidence}", document, Action.EVIDENCE_READ),)
