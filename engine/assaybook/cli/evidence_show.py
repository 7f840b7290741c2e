"""``assay evidence show``: one recorded document, and what was read out of it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assaybook.cli.listing import (
    ListingFormat,
    Style,
    errors_spoken,
    plain,
    print_fields,
    print_json,
    print_rows,
)
from assaybook.cli.options import Database, KeyFile, ServerUrl

if TYPE_CHECKING:
    from assaybook.service.show_evidence import EvidenceShown


def show(
    evidence: Annotated[
        str, typer.Argument(metavar="ID", help="As `submit` and `evidence list` give it.")
    ],
    style: Style = ListingFormat.TABLE,
    database: Database = None,
    server: ServerUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Show one recorded document: who submitted it, about what, and its facts.

    With --server (or ASSAY_SERVER) one of that server, where it is recorded who read it.
    """
    from assaybook.cli.evidence_read import FACTS, fact_row

    with errors_spoken():
        shown = _shown(evidence, database, server, key_file)
        if style is ListingFormat.JSON:
            print_json(shown.model_dump(mode="json", by_alias=True))
            return
        if style is not ListingFormat.CSV:
            print_fields(evidence, _fields(shown), style)
        rows = [fact_row(one) for one in shown.evidence.facts]
        print_rows(rows, {key: words for key, words in FACTS.items() if key != "file"}, style)


def _shown(
    evidence: str, database: str | None, server: str | None, key_file: Path | None
) -> "EvidenceShown":
    from assaybook.cli.remote import line_to, server_named
    from assaybook.cli.stored import database_of
    from assaybook.service.remote_evidence import shown_at
    from assaybook.service.show_evidence import recorded
    from assaybook.service.store_access import reading

    where = server_named(server, database)
    if where is not None:
        with line_to(where, key_file) as line:
            return shown_at(line, evidence)
    with reading(database_of(database)) as store:
        return recorded(store, evidence)


def _fields(shown: "EvidenceShown") -> dict[str, str]:
    """Return what is known of a document, by the words of the list."""
    envelope = shown.evidence.envelope
    subject = envelope.subject
    return {
        "File": envelope.name,
        "Format": f"{envelope.format} {envelope.format_version}".strip(),
        "About": f"{subject.system or ''} {subject.release or ''}".strip(),
        "Artifacts": plain([one.digest for one in subject.artifacts]),
        "Produced": plain(envelope.produced_at),
        "Received": plain(shown.receipt.received_at),
        "Submitted by": envelope.submitted_by,
        "Assurance": envelope.assurance.value,
        "Declared": plain(list(envelope.declared)),
        "Removed": plain(list(envelope.redactions)),
        "Looked for": plain([row.question for row in shown.evidence.coverage]),
        "Digest of its bytes": envelope.blob,
        "Entry of the log": str(shown.receipt.seq),
        "Erased": shown.erased.words() if shown.erased else "",
    }
