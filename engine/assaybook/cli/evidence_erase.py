"""``assay evidence erase``: a person has the bytes of a document removed for good."""

from typing import Annotated

import typer

from assaybook.cli.listing import errors_spoken
from assaybook.cli.options import Database


def erase(
    evidence: Annotated[str, typer.Argument(metavar="ID", help="Id of the evidence.")],
    person: Annotated[str, typer.Option("--person", help="Who erases.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays, so name nobody in it.")],
    database: Database = None,
) -> None:
    """Erase the bytes of a document; its digest, its proof and the reason stay in the log.

    What was read out of it stays too, redacted as it was at intake. Backups keep their copy, and
    equal bytes are never taken again.
    """
    from assaybook.cli.stored import database_of, tell
    from assaybook.service.erase_evidence import erase_evidence
    from assaybook.service.store_access import adding
    from assaybook.settings import now

    with errors_spoken(), adding(database_of(database), now) as work:
        done = erase_evidence(work, evidence, person=person, reason=reason)
        for one in done.evidence:
            typer.echo(one)
        tell(f"{done.blob} is erased; entry {done.erasure.seq} of the log says so")
