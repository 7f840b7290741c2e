"""The log of everything accepted: its signed state, its entries, and proofs of both."""

from typing import Annotated, Any, Final

from fastapi import Depends, Path, Query, Response

from assaybook.api.access import needs
from assaybook.api.problems import answers
from assaybook.api.routing import PAGE, Cursor, Limit, a_router
from assaybook.api.shapes.ledger import LogPage
from assaybook.api.state import ServiceHere, reading
from assaybook.domain.errors import UsageError
from assaybook.domain.ids import SystemId
from assaybook.domain.principal import Action, Principal
from assaybook.ledger.log import Growth, Receipt
from assaybook.service.ledger import (
    list_entries,
    prove,
    prove_growth,
    seq_of,
    signing,
)

router = a_router("ledger")

_Reader = Annotated[Principal, Depends(needs(Action.LEDGER_READ))]
_Entry = Annotated[
    str,
    Path(pattern=r"^([1-9][0-9]{0,17}|sha256:[0-9a-f]{64})$", description="Place, or digest."),
]
_Size = Annotated[
    int, Query(alias="from", ge=1, lt=2**53, description="Entries of a log that you hold.")
]
_NOTE: Final[dict[str, Any]] = {"content": {"text/plain": {"schema": {"type": "string"}}}}
_ROOT: Final[dict[str, Any]] = {"content": {"application/json": {"schema": {"type": "object"}}}}


@router.get("/ledger/checkpoint", response_class=Response, responses={200: _NOTE, **answers(404)})
def checkpoint(service: ServiceHere, principal: _Reader) -> Response:
    """Return the size and root of the log as a signed note (C2SP); keep each that you get."""
    del principal
    signer = signing(service.signer)
    with reading(service) as store:
        note = signer.state(store, service.clock()).note
    return Response(note, media_type="text/plain; charset=utf-8")


@router.get("/ledger/root", response_class=Response, responses={200: _ROOT, **answers(404)})
def root(service: ServiceHere, principal: _Reader) -> Response:
    """Return the keys of the log, whose first version you must have by a way that you trust."""
    del principal
    return Response(signing(service.signer).root(), media_type="application/json")


@router.get("/ledger/entries")
def entries(
    service: ServiceHere,
    principal: _Reader,
    system: Annotated[SystemId | None, Query(description="Only those about it.")] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE,
) -> LogPage:
    """List the log in its order; the body of an entry is the leaf of the tree.

    Entries about one system are numbered without a gap, so that none can be missing unseen.
    """
    _refuse_limited(principal)
    with reading(service) as store:
        page = list_entries(store, after=cursor, limit=limit, system=system)
    return LogPage(items=page.items, next=page.next)


@router.get("/ledger/proof/{entry}", responses=answers(404))
def proof(entry: _Entry, service: ServiceHere, principal: _Reader) -> Receipt:
    """Prove that an entry is in the log, by its place or by the digest of what was accepted."""
    _refuse_limited(principal)
    signer = signing(service.signer)
    with reading(service) as store:
        seq = seq_of(store, entry)
        return prove(store, seq, signer.state(store, service.clock(), seq=seq))


@router.get("/ledger/consistency", responses=answers(404))
def consistency(service: ServiceHere, principal: _Reader, size: _Size) -> Growth:
    """Prove that the log goes on from the first so many entries, as a checkpoint signed them."""
    del principal
    signer = signing(service.signer)
    with reading(service) as store:
        return prove_growth(store, size, signer.state(store, service.clock(), seq=size))


def _refuse_limited(principal: Principal) -> None:
    """Refuse who may not know of every system: an entry names what it is about."""
    if principal.systems is not None:
        raise UsageError(
            "not-allowed",
            "the log is of all systems, and this caller may not know of all",
            hint="Ask an administrator for a key that reaches all systems.",
        )
