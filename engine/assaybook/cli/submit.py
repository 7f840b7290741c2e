"""``assay submit``: put evidence into the store."""

import os
import sys
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
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
_PIPE: Final = "-"
_STATES: Final = ("accepted", "duplicate", "not recognised", "refused")
_Outcome = tuple[list[dict[str, object]], tuple[Problem, ...]]
"""A row for each document and file, and what could not be read."""


def submit(  # noqa: PLR0913, PLR0917 - each is an option
    evidence: Annotated[
        list[Path],
        typer.Argument(metavar="EVIDENCE...", help="Files, folders, patterns; - is a pipe."),
    ],
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

    With --server (or ASSAY_SERVER) a server records it, for whoever the key stands for. A run that
    was broken off can be repeated: what is recorded already is a duplicate, which is told by its
    digest and not read again. Many large files are read by several processes. Exit 0: all was
    recorded. 5: a file was refused; the others were recorded.
    """
    from assaybook.cli.remote import refuse_local, server_named
    from assaybook.service.people import read_trust
    from assaybook.service.submit_files import Submission, matched

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
        print_rows(rows, ["evidence", "state", "received"], style)
        _tell_sum(rows, problems)
        if problems:
            raise typer.Exit(_UNREAD)


def _piped() -> bytes:
    """Return what comes through the pipe, of which never more than can be read is held."""
    from assaybook.intake.limits import Limits

    return sys.stdin.buffer.read(Limits().size + 1)


def _recorded(submission: "Submission", database: str | None) -> _Outcome:
    """Record a submission in the store of this machine."""
    from assaybook.cli.stored import database_of, tell
    from assaybook.service.submit_files import submit_in_parts
    from assaybook.settings import now

    rows: list[dict[str, object]] = []
    problems: list[Problem] = []
    try:
        with _files_shown(submission.paths) as seen:
            for done in submit_in_parts(database_of(database), submission, now, tell, seen=seen):
                rows += _rows(done.report, done)
                problems += done.problems
    except KeyboardInterrupt:
        _tell_sum(rows, problems)
        tell("Broken off: what was accepted stays. Run it again for the rest.")
        raise
    return rows, tuple(problems)


@contextmanager
def _files_shown(paths: Sequence[Path]) -> Generator[Callable[[int], None]]:
    """Show on a terminal how many files were read; elsewhere, nothing."""
    if not sys.stderr.isatty():
        yield lambda _more: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    total = sum(len(names) for path in paths for _, _, names in os.walk(path))
    total += sum(path.is_file() for path in paths)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("submitting", total=total)
        yield lambda more: bar.advance(task, more)


def _sent(url: str, key_file: Path | None, submission: "Submission") -> _Outcome:
    """Have a submission recorded by a server."""
    from assaybook.cli.remote import line_to, progress_shown
    from assaybook.service.remote import submit_to
    from assaybook.service.remote_files import gather, with_piped
    from assaybook.settings import now

    with line_to(url, key_file) as line, progress_shown("submitting") as progress:
        found = gather(
            submission.paths,
            manifest=submission.manifest,
            declared_format=submission.declared_format,
            received_at=now(),
        )
        if submission.piped is not None:
            found = with_piped(found, submission.piped, submission.declared_format)
        done = submit_to(
            line, found, system=submission.system, release=submission.release, progress=progress
        )
    return _rows(done, done), done.problems


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
    tell(f"{', '.join(said) or 'nothing'}{f' ({why})' if why else ''}")


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
