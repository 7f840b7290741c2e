"""The log of everything accepted: its size and signed state, its last entries, how to verify it."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Final, get_args

from starlette.requests import Request
from starlette.responses import Response

from assaybook.console import asked, links
from assaybook.console.backend import Backend, backend_of, principal_of, reading
from assaybook.console.frame import HEADERS, page
from assaybook.console.routing import Page
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import Instant
from assaybook.domain.principal import Action, Principal
from assaybook.domain.record import record
from assaybook.service.ledger import SignedState, latest_entries, prove, signing
from assaybook.store.journal import EntryRecord, Kind
from assaybook.store.unit_of_work import Reading

KINDS: Final[tuple[str, ...]] = get_args(Kind)
_ON_A_PAGE: Final = 50
_PROOF: Final = re.compile(r"([1-9][0-9]{0,17})\.json")


@record
class EntryRow:
    """An entry of the log: what was accepted, when, by whom, why.

    Attributes:
        person: who did it; empty where that is not known.
        link: address of the page about it; empty where there is none.
    """

    seq: int
    kind: str
    ref: str
    digest: str
    at: Instant
    person: str
    reason: str
    link: str


def entry_row(entry: EntryRecord) -> EntryRow:
    """Return what a list says of an entry."""
    said = json.loads(entry.body)
    return EntryRow(
        entry.seq,
        entry.kind,
        entry.ref,
        entry.digest,
        entry.at,
        said["person"],
        said["reason"],
        link_of(entry.kind, entry.ref),
    )


def link_of(kind: str, ref: str) -> str:
    """Return the address of the page about what an entry names; empty where there is none."""
    if kind == "release":
        system, _slash, version = ref.partition("/")
        return links.release(system, version)
    if kind == "read":
        return _link_of_read(ref)
    made: Mapping[str, Callable[[str], str]] = {
        "evidence": links.document,
        "assessment": links.assessment,
        "system": links.system,
        "retirement": links.system,
        "pack": links.pack,
        "waiver": links.waiver,
    }
    return made[kind](ref) if kind in made else ""


def _link_of_read(ref: str) -> str:
    if ref.startswith("ev-"):
        return links.document(ref)
    return links.pack(ref) if ref.startswith("pk-") else ""


def ledger(request: Request) -> Response:
    """Show the end of the log."""
    refuse_limited(principal_of(request))
    kind, before = asked.text(request, "kind"), asked.text(request, "before")
    if kind is not None and kind not in KINDS:
        raise UsageError("request-invalid", f"kind must be one of {', '.join(KINDS)}", where="kind")
    with reading(request) as store:
        found = latest_entries(store, before=before, kind=kind, limit=_ON_A_PAGE)
        signed = _signed(backend_of(request), store)
    return page(
        request,
        "ledger.html.j2",
        title="Ledger",
        rows=tuple(map(entry_row, found.items)),
        size=found.size,
        looked_back_to=found.looked_back_to,
        next=links.ledger(kind=kind, before=found.next) if found.next else None,
        kind=kind,
        kinds=KINDS,
        before=before,
        signed=signed,
    )


def refuse_limited(principal: Principal) -> None:
    """Refuse who may not know of every system: an entry names what it is about.

    Raises:
        UsageError: ``not-allowed``.
    """
    if principal.systems is not None:
        raise UsageError(
            "not-allowed",
            "the log is of all systems, and you may not know of all",
            hint="Ask an administrator for a key that reaches all systems.",
        )


def _signed(backend: Backend, store: Reading) -> SignedState | None:
    return None if backend.signer is None else backend.signer.state(store, backend.clock())


def checkpoint(request: Request) -> Response:
    """Return the size and root of the log as a signed note; keep each that you get."""
    signer = signing(backend_of(request).signer)
    with reading(request) as store:
        note = signer.state(store, backend_of(request).clock()).note
    return _download(note.encode(), "checkpoint.note", "text/plain; charset=utf-8")


def root(request: Request) -> Response:
    """Return the keys of the log, whose first version a reader must have by another way."""
    return _download(signing(backend_of(request).signer).root(), "root.json", "application/json")


def proof(request: Request) -> Response:
    """Return the proof that an entry is in the log."""
    refuse_limited(principal_of(request))
    backend, name = backend_of(request), request.path_params["entry"]
    found = _PROOF.fullmatch(name)
    if found is None:
        raise UsageError("entry-unknown", f"no entry of the log is for {name[:100]}")
    seq, signer = int(found[1]), signing(backend.signer)
    with reading(request) as store:
        receipt = prove(store, seq, signer.state(store, backend.clock(), seq=seq))
    return _download(receipt.model_dump_json().encode(), f"proof-{seq}.json", "application/json")


def _download(content: bytes, name: str, media_type: str) -> Response:
    said = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=said)


PAGES: Final = (
    Page("/ledger", ledger, Action.LEDGER_READ),
    Page("/ledger/checkpoint.note", checkpoint, Action.LEDGER_READ),
    Page("/ledger/root.json", root, Action.LEDGER_READ),
    Page("/ledger/proofs/{entry}", proof, Action.LEDGER_READ),
)
