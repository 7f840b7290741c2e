"""``assay submit``: put evidence into the store."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import ListingFormat, errors_spoken, print_rows
from assaybook.cli.options import (
    Assured,
    Database,
    DeclaredFormat,
    ManifestFile,
    ReleaseVersion,
    SystemId,
    TrustFile,
)
from assaybook.domain.policy import Assurance

if TYPE_CHECKING:
    from assaybook.service.submit_files import Submitted

_UNREAD: Final = 5


def submit(  # noqa: PLR0913, PLR0917 - each is an option
    evidence: Annotated[list[Path], typer.Argument(metavar="EVIDENCE...", help="Files, folders.")],
    system: SystemId,
    release: ReleaseVersion,
    declared_format: DeclaredFormat = None,
    manifest: ManifestFile = None,
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
        print_rows(_rows(done), ["evidence", "state", "received"], style)
        for problem in done.problems:
            tell_problem(problem)
        if done.problems:
            raise typer.Exit(_UNREAD)


def _rows(done: "Submitted") -> list[dict[str, object]]:
    """Return each document and file with what became of it."""
    recorded = (("accepted", done.report.accepted), ("duplicate", done.report.duplicates))
    rows: list[dict[str, object]] = [
        {"evidence": one.evidence, "state": state, "received": one.received_at}
        for state, receipts in recorded
        for one in receipts
    ]
    rows.extend({"evidence": one, "state": "not recognised"} for one in done.unrecognised)
    rows.extend({"evidence": one.file, "state": "refused"} for one in done.problems)
    return rows
