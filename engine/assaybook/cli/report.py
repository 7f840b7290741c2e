"""Write a judgement: data to stdout, talk to stderr, the verdict as the exit code."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import typer

from assaybook.cli.listing import errors_spoken, harmless, print_json, spoken
from assaybook.cli.options import FindingsFormat
from assaybook.domain.documents import Problem
from assaybook.domain.errors import AuthorError
from assaybook.language.document_problems import problems_of

if TYPE_CHECKING:
    from assaybook.service.judge import Judgement

_MISUSED: Final = 2
_NOTHING: Final = 4
_UNREAD: Final = 5
_NO_POLICY: Final = frozenset({"folder-empty", "policy-unmatched"})
"""Codes for which there is no policy to judge by. A pattern that matches nothing is one of them
and no misuse: the pipeline learns by one exit code that nothing was judged, whether the library
was emptied or a policy was renamed."""
_NOT_THERE: Final = frozenset({"folder-missing"})
"""Codes of an option that names what is not there, as for a file that is missing."""


@contextmanager
def verdicts_spoken() -> Generator[None]:
    """Turn an error into messages on stderr and the exit code that the gate has for it.

    2: what was asked for cannot be. 4: there is no policy to judge by. 5: a file could not be read
    or used; each of its faults is told.
    """
    with errors_spoken():
        try:
            yield
        except AuthorError as error:
            problems = problems_of(error)
            for problem in problems:
                typer.echo(spoken(problem), err=True)
            raise typer.Exit(_exit_of({problem.code for problem in problems})) from error


def _exit_of(codes: set[str]) -> int:
    if codes <= _NOT_THERE:
        return _MISUSED
    return _NOTHING if codes <= _NO_POLICY else _UNREAD


def write_out(judgement: "Judgement", style: FindingsFormat) -> None:
    """Write an assessment to stdout in one of its forms; problems go to stderr as well."""
    found, problems = judgement.assessment, judgement.problems
    if style is FindingsFormat.JSON:
        from assaybook.reporting.json import findings_value

        value = findings_value(found)
        shown = [one.model_dump(mode="json") for one in problems]
        print_json({**value, "problems": shown} if isinstance(value, dict) else value)
    elif style is FindingsFormat.CSV:
        from assaybook.reporting.csv_ import findings_csv

        sys.stdout.write(findings_csv(found))
    elif style is FindingsFormat.MARKDOWN:
        from assaybook.reporting.markdown import assessment_markdown

        sys.stdout.write(assessment_markdown(found, problems))
    else:
        from rich.console import Console

        from assaybook.reporting.terminal import print_assessment

        print_assessment(found, Console(width=None if sys.stdout.isatty() else 140), problems)
    for problem in problems:
        tell_problem(problem)


def tell_problem(problem: Problem) -> None:
    """Say on stderr that a file could not be read, where, why, and what to do."""
    place = _place(problem.file, problem.where)
    hint = f"\n  {problem.hint}" if problem.hint else ""
    typer.echo(harmless(f"error[{problem.code}] {place}: {problem.message}{hint}"), err=True)


def _place(file: str, where: str) -> str:
    """Return where in a file a problem is; the end of its path is not said twice."""
    steps = file.split("/")
    for start in range(len(steps)):
        name = "/".join(steps[start:])
        if where.startswith(name):
            return file + where.removeprefix(name)
    return f"{file}: {where}" if where else file


def write_pdf(judgement: "Judgement", target: Path, organisation: str) -> None:
    """Write the audit pack and say where it is."""
    from assaybook.service.packs import write_pack

    write_pack(judgement, target, organisation=organisation)
    typer.echo(f"audit pack: {target}", err=True)


def leave(judgement: "Judgement") -> NoReturn:
    """End with the exit code of the gate."""
    raise typer.Exit(judgement.assessment.gate.exit)
