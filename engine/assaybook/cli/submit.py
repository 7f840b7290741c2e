"""``assay submit``: put evidence into the store."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import ListingFormat, Style, errors_spoken, print_rows
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
    from assaybook.service.remote import SubmittedThere
    from assaybook.service.submission import Submission
    from assaybook.service.submit_documents import Submitted

_NOTHING: Final = 4
_UNREAD: Final = 5
_PIPE: Final = "-"
_STATES: Final = ("accepted", "duplicate", "not recognised", "refused")
_COLUMNS: Final = {
    "file": "File",
    "state": "State",
    "evidence": "Evidence",
    "received": "Received",
}
_Outcome = tuple[list[dict[str, object]], tuple[Problem, ...]]
"""A row for each document and file, and what could not be read."""


def submit(  # noqa: PLR0913, PLR0917 - each is an option
    evidence: Annotated[
        list[Path],
        typer.Argument(metavar="EVIDENCE", help="Files, folders, patterns; - is a pipe."),
    ],
    system: SystemId,
    release: ReleaseVersion,
    declared_format: DeclaredFormat = None,
    manifest: ManifestFile = None,
    assurance: Assured = Assurance.SELF,
    trust: TrustFile = None,
    person: Annotated[str, typer.Option("--by", help="Who submits.")] = "",
    style: Style = ListingFormat.TABLE,
    database: Database = None,
    server: ServerUrl = None,
    key_file: KeyFile = None,
) -> None:
    """Record evidence about a registered release; the same bytes again are one record.

    With --server (or ASSAY_SERVER) a server records it, for whoever the key stands for. A run that
    was broken off can be repeated: what is recorded already is a duplicate, which is told by its
    digest and not read again. Many large files are read by several processes.

    Exit 0: all was recorded. 4: there was no document. 5: a file was refused; the others were
    recorded. 2: the command was misused, or the store cannot be used.
    """
    from assaybook.cli.remote import refuse_local, server_named
    from assaybook.service.people import read_trust
    from assaybook.service.submission import Submission, matched

    with errors_spoken():
        named = [path for path in evidence if str(path) != _PIPE]
        piped = _piped() if len(named) < len(evidence) else None
        submission = Submission(matched(named), system, release, declared_format, manifest)
        submission = replace(submission, assurance=assurance, submitted_by=person, piped=piped)
        where = server_named(server, database)
        if where is None:
            known = replace(submission, trust=read_trust(trust)) if trust else submission
            rows, problems = _recorded(known, database)
        else:
            ours = {"--by": person, "--trust": trust}
            refuse_local({**ours, "--assurance": assurance is not Assurance.SELF})
            rows, problems = _sent(where, key_file, submission)
        _leave(rows, problems, style)


def _piped() -> bytes:
    """Return what comes through the pipe, of which never more than can be read is held."""
    from assaybook.intake.limits import Limits

    return sys.stdin.buffer.read(Limits().size + 1)


def _recorded(submission: "Submission", database: str | None) -> _Outcome:
    """Record a submission in the store of this machine."""
    from assaybook.cli.progress import files_shown
    from assaybook.cli.stored import database_of, tell
    from assaybook.service.submit_files import submit_in_parts
    from assaybook.settings import now

    rows: list[dict[str, object]] = []
    problems: list[Problem] = []
    try:
        with files_shown("submitting", submission.paths) as seen:
            for done in submit_in_parts(database_of(database), submission, now, seen=seen):
                rows += _rows(done)
                problems += done.problems
    except KeyboardInterrupt:
        _tell_sum(rows, problems)
        tell("Broken off: what was accepted stays. Run it again for the rest.")
        raise
    return rows, tuple(problems)


def _sent(url: str, key_file: Path | None, submission: "Submission") -> _Outcome:
    """Have a submission recorded by a server."""
    from assaybook.cli.progress import files_shown, transfer_shown
    from assaybook.cli.remote import line_to
    from assaybook.service.remote import submit_to
    from assaybook.service.remote_files import gather, with_piped
    from assaybook.settings import now

    form, about = submission.declared_format, (submission.system, submission.release)
    with line_to(url, key_file) as line:
        with files_shown("reading", submission.paths) as seen:
            found = gather(
                submission.paths,
                manifest=submission.manifest,
                declared_format=form,
                received_at=now(),
                seen=seen,
            )
        if submission.piped is not None:
            found = with_piped(found, submission.piped, form)
        with transfer_shown("submitting") as progress:
            done = submit_to(line, found, system=about[0], release=about[1], progress=progress)
    return _rows(done), done.problems


def _tell_sum(rows: Sequence[Mapping[str, object]], problems: Sequence[Problem]) -> None:
    """Say on stderr why files were refused, and what became of all."""
    from assaybook.cli.report import tell_problem
    from assaybook.cli.stored import tell

    for problem in problems:
        tell_problem(problem)
    states = Counter(str(row["state"]) for row in rows)
    codes = Counter(problem.code for problem in problems)
    why = ", ".join(f"{times} {code}" for code, times in sorted(codes.items()))
    said = [f"{states[state]} {state}" for state in _STATES if states[state]]
    if said:
        tell(f"{', '.join(said)}{f' ({why})' if why else ''}")


def _leave(
    rows: Sequence[Mapping[str, object]], problems: Sequence[Problem], style: ListingFormat
) -> None:
    """Say what became of all, and end otherwise than well where not all of it was recorded."""
    print_rows(rows, _COLUMNS, style)
    _tell_sum(rows, problems)
    if problems:
        raise typer.Exit(_UNREAD)
    if not any("evidence" in row for row in rows):
        from assaybook.cli.stored import tell

        tell("No document was found where the evidence should be: nothing was recorded.")
        if rows:
            tell("The formats are listed by: assay evidence adapters")
        raise typer.Exit(_NOTHING)


def _rows(done: "Submitted | SubmittedThere") -> list[dict[str, object]]:
    """Return each document and file with what became of it."""
    report = done.report
    received = {one.evidence: one.received_at for one in (*report.accepted, *report.duplicates)}
    new = {one.evidence for one in report.accepted}
    rows: list[dict[str, object]] = []
    for evidence, file in done.files:
        if evidence in received:
            # Of equal files the first was accepted.
            state = "accepted" if evidence in new else "duplicate"
            new.discard(evidence)
            said = {"evidence": evidence, "received": received[evidence]}
            rows.append({"file": file, "state": state, **said})
    rows.extend({"file": one, "state": "not recognised"} for one in done.unrecognised)
    rows.extend({"file": x.file, "state": "refused", "code": x.code} for x in done.problems)
    return rows
