"""``assay submit``: put evidence into the store."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import ListingFormat, errors_spoken, print_rows
from assaybook.cli.options import (
    Assured,
    Database,
    DeclaredFormat,
    KeyFile,
    ManifestFile,
    ReleaseVersion,
    ServerUrl,
    SystemId,
    TrustFile,
)
from assaybook.domain.documents import Problem
from assaybook.domain.policy import Assurance

if TYPE_CHECKING:
    from assaybook.service.remote import Sent
    from assaybook.service.submit_documents import Submitted
    from assaybook.service.submit_evidence import SubmitReport
    from assaybook.service.submit_files import Submission

_UNREAD: Final = 5
_Outcome = tuple[list[dict[str, object]], tuple[Problem, ...]]
"""A row for each document and file, and what could not be read."""


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
    server: ServerUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Record evidence about a registered release; the same bytes again are one record.

    With --server (or ASSAY_SERVER) a server records it, for whoever the key stands for. Exit 0:
    all was recorded. 5: a file could not be read; the others were recorded.
    """
    from assaybook.cli.remote import refuse_local, server_named
    from assaybook.cli.report import tell_problem
    from assaybook.service.people import read_trust
    from assaybook.service.submit_files import Submission

    with errors_spoken():
        submission = Submission(tuple(evidence), system, release, declared_format, manifest)
        submission = replace(submission, assurance=assurance, submitted_by=person)
        where = server_named(server, database)
        if where is None:
            known = replace(submission, trust=read_trust(trust)) if trust else submission
            rows, problems = _recorded(known, database)
        else:
            ours = {"--by": person, "--trust": trust}
            refuse_local({**ours, "--assurance": assurance is not Assurance.SELF})
            rows, problems = _sent(where, key_file, submission)
        print_rows(rows, ["evidence", "state", "received"], style)
        for problem in problems:
            tell_problem(problem)
        if problems:
            raise typer.Exit(_UNREAD)


def _recorded(submission: "Submission", database: str | None) -> _Outcome:
    """Record a submission in the store of this machine."""
    from assaybook.cli.stored import database_of, tell
    from assaybook.service.store_access import writing
    from assaybook.service.submit_files import submit_files
    from assaybook.settings import now

    with writing(database_of(database), now, tell) as work:
        done = submit_files(work, submission)
    return _rows(done.report, done), done.problems


def _sent(url: str, key_file: Path | None, submission: "Submission") -> _Outcome:
    """Have a submission recorded by a server."""
    from assaybook.cli.remote import line_to, progress_shown
    from assaybook.service.remote import submit_to
    from assaybook.service.remote_files import gather
    from assaybook.settings import now

    with line_to(url, key_file) as line, progress_shown("submitting") as progress:
        found = gather(
            submission.paths,
            manifest=submission.manifest,
            declared_format=submission.declared_format,
            received_at=now(),
        )
        done = submit_to(
            line, found, system=submission.system, release=submission.release, progress=progress
        )
    return _rows(done, done), done.problems


def _rows(report: "SubmitReport | Sent", done: "Submitted | Sent") -> list[dict[str, object]]:
    """Return each document and file with what became of it."""
    rows: list[dict[str, object]] = [
        {"evidence": one.evidence, "state": state, "received": one.received_at}
        for state, receipts in (("accepted", report.accepted), ("duplicate", report.duplicates))
        for one in receipts
    ]
    rows.extend({"evidence": one, "state": "not recognised"} for one in done.unrecognised)
    rows.extend({"evidence": one.file, "state": "refused"} for one in done.problems)
    return rows
