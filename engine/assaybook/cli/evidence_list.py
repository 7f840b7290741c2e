"""``assay evidence list``: what was recorded as evidence, or refused."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import ListingFormat, Style, errors_spoken, print_rows
from assaybook.cli.options import Database, KeyFile, ServerUrl
from assaybook.domain.errors import UsageError
from assaybook.domain.evidence import Envelope
from assaybook.domain.refusal import Refusal

if TYPE_CHECKING:
    from assaybook.service.list_evidence import Wanted
    from assaybook.store.paging import Page

    _Page = Page[Envelope] | Page[Refusal]

_COLUMNS: Final = {
    "evidence": "Evidence",
    "name": "File",
    "format": "Format",
    "system": "System",
    "release": "Release",
    "produced": "Produced",
    "received": "Received",
    "assurance": "Assurance",
    "by": "By",
}
_REFUSED: Final = {
    "refusal": "Refusal",
    "name": "File",
    "code": "Reason",
    "format": "Format",
    "system": "System",
    "release": "Release",
    "received": "Received",
    "size": "Bytes",
    "by": "By",
}


def list_recorded(  # noqa: PLR0913, PLR0917 - each is an option
    system: Annotated[
        str | None, typer.Option("--system", metavar="ID", help="Of it only.")
    ] = None,
    release: Annotated[
        str | None, typer.Option("--release", metavar="VERSION", help="About it only.")
    ] = None,
    form: Annotated[
        str | None, typer.Option("--as", metavar="FORMAT", help="Of that format only.")
    ] = None,
    refused: Annotated[bool, typer.Option("--refused", help="What could not be read.")] = False,  # noqa: FBT002 - a flag
    limit: Annotated[int, typer.Option("--limit", help="How many, 1 to 1000.")] = 100,
    after: Annotated[
        str | None, typer.Option("--after", metavar="CURSOR", help="Those after an earlier list.")
    ] = None,
    style: Style = ListingFormat.TABLE,
    database: Database = None,
    server: ServerUrl = None,
    key_file: KeyFile = None,
) -> None:
    """List what was submitted and recorded, the earliest first.

    With --refused, what was submitted and could not be read: its bytes are not kept. With --server
    (or ASSAY_SERVER) of what the key may see there.
    """
    from assaybook.cli.remote import server_named
    from assaybook.service.list_evidence import Wanted

    with errors_spoken():
        wanted = Wanted(system, release, form, after, limit)
        if refused:
            _refuse_format(form)
        where = server_named(server, database)
        if where is None:
            page = _recorded(database, wanted, refused=refused)
        else:
            page = _listed_there(where, key_file, wanted, refused=refused)
        rows = [_refusal(x) if isinstance(x, Refusal) else _row(x) for x in page.items]
        print_rows(rows, _REFUSED if refused else _COLUMNS, style)
        _tell_more(page.next)


def _recorded(database: str | None, wanted: "Wanted", *, refused: bool) -> "_Page":
    """Return a page of what the store of this machine holds."""
    from assaybook.cli.stored import database_of
    from assaybook.service.list_evidence import recorded_evidence, recorded_refusals
    from assaybook.service.store_access import reading

    system, release, after, limit = wanted.system, wanted.release, wanted.after, wanted.limit
    with reading(database_of(database)) as store:
        if refused:
            return recorded_refusals(
                store, system=system, release=release, after=after, limit=limit
            )
        return recorded_evidence(
            store, system=system, release=release, form=wanted.form, after=after, limit=limit
        )


def _listed_there(url: str, key_file: Path | None, wanted: "Wanted", *, refused: bool) -> "_Page":
    """Return a page of what a server holds."""
    from assaybook.cli.remote import line_to
    from assaybook.service.remote_evidence import evidence_at, refusals_at

    with line_to(url, key_file) as line:
        return refusals_at(line, wanted) if refused else evidence_at(line, wanted)


def _tell_more(cursor: str | None) -> None:
    from assaybook.cli.stored import tell

    if cursor is not None:
        tell(f"there are more: --after {cursor}")


def _refuse_format(form: str | None) -> None:
    if form is not None:
        raise UsageError(
            "refusal-of-no-format",
            "what could not be read is of no format for certain",
            where="--as",
            hint="Leave out --as; the list shows what each was taken for.",
        )


def _row(envelope: Envelope) -> dict[str, object]:
    subject = envelope.subject
    return {
        "evidence": envelope.id,
        "name": envelope.name,
        "format": f"{envelope.format} {envelope.format_version}".strip(),
        "system": subject.system,
        "release": subject.release,
        "produced": envelope.produced_at,
        "received": envelope.received_at,
        "assurance": envelope.assurance.value,
        "by": envelope.submitted_by,
        "blob": envelope.blob,
    }


def _refusal(refusal: Refusal) -> dict[str, object]:
    return {
        "refusal": refusal.id,
        "name": refusal.name,
        "code": refusal.code,
        "format": refusal.detected or refusal.declared,
        "system": refusal.system,
        "release": refusal.release,
        "received": refusal.received_at,
        "size": refusal.size,
        "by": refusal.submitted_by,
        "digest": refusal.digest,
        "declared": refusal.declared,
    }
