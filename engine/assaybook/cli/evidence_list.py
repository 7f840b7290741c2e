"""``assay evidence list``: what was recorded as evidence."""

from typing import Annotated, Final

import typer

from assaybook.cli.listing import ListingFormat, errors_spoken, print_rows
from assaybook.cli.options import Database
from assaybook.domain.evidence import Envelope

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
    limit: Annotated[int, typer.Option("--limit", help="How many, 1 to 1000.")] = 100,
    after: Annotated[
        str | None, typer.Option("--after", metavar="CURSOR", help="Those after an earlier list.")
    ] = None,
    style: Annotated[
        ListingFormat, typer.Option("--format", help="How to write it.")
    ] = ListingFormat.TABLE,
    database: Database = None,
) -> None:
    """List what was submitted and recorded, the earliest first."""
    from assaybook.cli.stored import database_of, tell
    from assaybook.service.list_evidence import recorded_evidence
    from assaybook.service.store_access import reading

    with errors_spoken():
        with reading(database_of(database)) as store:
            page = recorded_evidence(
                store, system=system, release=release, form=form, after=after, limit=limit
            )
        print_rows([_row(one) for one in page.items], _COLUMNS, style)
        if page.next is not None:
            tell(f"there are more: --after {page.next}")


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
