"""``assay submit``: put evidence into the store."""

from pathlib import Path
from typing import Annotated

import typer

from assaybook.cli.listing import ListingFormat, errors_spoken, print_rows
from assaybook.cli.options import Assured, Database, ReleaseVersion, SystemId, TrustFile
from assaybook.domain.policy import Assurance


def submit(  # noqa: PLR0913, PLR0917 - each is an option
    evidence: Annotated[list[Path], typer.Argument(metavar="EVIDENCE...", help="Files, folders.")],
    system: SystemId,
    release: ReleaseVersion,
    declared_format: Annotated[
        str | None, typer.Option("--as", metavar="FORMAT", help="Format of the files.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", metavar="FILE", help="What the files do not say.")
    ] = None,
    assurance: Assured = Assurance.SELF,
    trust: TrustFile = None,
    person: Annotated[str, typer.Option("--by", help="Who submits.")] = "",
    style: Annotated[ListingFormat, typer.Option("--format")] = ListingFormat.TABLE,
    database: Database = None,
) -> None:
    """Record evidence about a registered release; the same bytes again are one record.

    Exit 0: all was recorded. 5: a file could not be read; the others were recorded.
    """
    from assaybook.cli.report import tell_problem
    from assaybook.cli.stored import database_of, tell
    from assaybook.domain.trust import Trust
    from assaybook.service.people import read_trust
    from assaybook.service.store_access import writing
    from assaybook.service.submit_files import Submission, submit_files
    from assaybook.settings import now

    with errors_spoken():
        submission = Submission(
            paths=tuple(evidence),
            system=system,
            release=release,
            declared_format=declared_format,
            manifest=manifest,
            assurance=assurance,
            submitted_by=person,
            trust=read_trust(trust) if trust else Trust(),
        )
        with writing(database_of(database), now, tell) as work:
            done = submit_files(work, submission)
        rows = [
            {"evidence": one.evidence, "state": state, "received": one.received_at}
            for state, receipts in (
                ("accepted", done.report.accepted),
                ("duplicate", done.report.duplicates),
            )
            for one in receipts
        ]
        rows += [{"evidence": one, "state": "not recognised"} for one in done.unrecognised]
        rows += [{"evidence": one.file, "state": "refused"} for one in done.problems]
        print_rows(rows, ["evidence", "state", "received"], style)
        for problem in done.problems:
            tell_problem(problem)
        if done.problems:
            raise typer.Exit(5)
