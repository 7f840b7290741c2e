"""Write a judgement: data to stdout, talk to stderr, the verdict as the exit code."""

import sys
from pathlib import Path
from typing import NoReturn

import typer

from assaybook.cli.listing import harmless, print_json
from assaybook.cli.options import FindingsFormat
from assaybook.domain.documents import Problem
from assaybook.service.judge import Judgement


def write_out(judgement: Judgement, style: FindingsFormat) -> None:
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
    place = f"{problem.file}: {problem.where}" if problem.where else problem.file
    hint = f"\n  {problem.hint}" if problem.hint else ""
    typer.echo(harmless(f"error[{problem.code}] {place}: {problem.message}{hint}"), err=True)


def write_pdf(judgement: Judgement, target: Path, organisation: str) -> None:
    """Write the audit pack and say where it is."""
    from assaybook.service.packs import write_pack

    write_pack(judgement, target, organisation=organisation)
    typer.echo(f"audit pack: {target}", err=True)


def leave(judgement: Judgement) -> NoReturn:
    """End with the exit code of the gate."""
    raise typer.Exit(judgement.assessment.gate.exit)
