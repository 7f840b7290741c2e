"""Write a judgement: data to stdout, talk to stderr, the verdict as the exit code."""

import sys
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, Protocol

import typer

from assaybook.cli.listing import errors_spoken, from_here, harmless, spoken
from assaybook.cli.options import FindingsFormat, Target
from assaybook.domain.documents import Problem
from assaybook.domain.errors import AuthorError
from assaybook.domain.finding import Assessment
from assaybook.intake.manifest import MANIFEST
from assaybook.language.document_problems import problems_of
from assaybook.reporting.spoken import defused
from assaybook.service.files import forget_file, make_room, write_bytes

if TYPE_CHECKING:
    from assaybook.reporting.pdf import Press
    from assaybook.service.judge import Judgement

_PIPED_WIDTH: Final = 140
_SPELLED: Final = "backslashreplace"  # as stdout does with what is no text
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


def prepared(outputs: Sequence[Target] | None) -> tuple[Target, ...]:
    """Return the files to write, once it is known that there is room for them.

    What an earlier run wrote there goes: a run that ends before it can judge must leave no report
    of another one, which may be green.

    Raises:
        UsageError: ``file-unwritable``, before any work is done.
    """
    for target in outputs or ():
        make_room(target.file)
        forget_file(target.file)
    return tuple(outputs or ())


class Judged(Protocol):
    """What is written: an assessment, what could not be read, and the files behind it.

    ``files`` gives the path of a piece of evidence by its id.
    """

    @property
    def assessment(self) -> Assessment:
        """Return what was judged."""
        ...

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return what could not be read."""
        ...

    @property
    def files(self) -> Mapping[str, str]:
        """Return the path of each piece of evidence."""
        ...


def write_out(judged: Judged, style: FindingsFormat, outputs: Sequence[Target] = ()) -> None:
    """Write an assessment to stdout and to files; problems go to stderr as well.

    Raises:
        UsageError: ``file-unwritable``.
    """
    if style is FindingsFormat.TABLE and sys.stdout.isatty():
        from rich.console import Console

        from assaybook.reporting.terminal import print_assessment

        print_assessment(judged.assessment, Console(), judged.problems)
    else:
        sys.stdout.write(rendered(judged, style))
    for target in outputs:
        write_bytes(target.file, rendered(judged, target.style).encode(errors=_SPELLED))
    for problem in judged.problems:
        tell_problem(problem)
    for file in dict.fromkeys(one.file for one in judged.problems if _is_manifest(one)):
        told = f"{file} was not read, and nothing that it says counts: mend it first."
        typer.echo(harmless(told), err=True)


def _is_manifest(problem: Problem) -> bool:
    """Tell whether a manifest could not be read, which others may only follow from."""
    return problem.code == "manifest-invalid" or Path(problem.file).name == MANIFEST


def rendered(judged: Judged, style: FindingsFormat) -> str:  # noqa: PLR0911 - one for each form
    """Return an assessment in one of its forms, in whose lines no build runner finds a command."""
    found, problems, files = judged.assessment, judged.problems, judged.files
    match style:
        case FindingsFormat.JSON:
            from assaybook.reporting.json import judgement_json

            return judgement_json(found, problems, files)
        case FindingsFormat.CSV:
            from assaybook.reporting.csv_ import findings_csv

            return defused(findings_csv(found))
        case FindingsFormat.MARKDOWN:
            from assaybook.reporting.markdown import assessment_markdown

            return assessment_markdown(found, problems)
        case FindingsFormat.SARIF:
            from assaybook.reporting.sarif import assessment_sarif

            near = {key: from_here(file) for key, file in files.items()}
            return assessment_sarif(found, [_from_here(one) for one in problems], files=near)
        case FindingsFormat.JUNIT:
            from assaybook.reporting.junit import assessment_junit

            return assessment_junit(found, problems)
        case FindingsFormat.GITHUB:
            from assaybook.reporting.github import assessment_annotations

            return assessment_annotations(found, problems, files=files)
        case FindingsFormat.OSCAL:
            from assaybook.service.oscal import results_oscal

            return results_oscal(judged)
        case FindingsFormat.TABLE:
            return _tables(judged)


def _from_here(problem: Problem) -> Problem:
    return problem.model_copy(update={"file": from_here(problem.file)})


def _tables(judged: Judged) -> str:
    from rich.console import Console

    from assaybook.reporting.terminal import print_assessment

    page = StringIO()
    console = Console(file=page, width=_PIPED_WIDTH, color_system=None)
    print_assessment(judged.assessment, console, judged.problems)
    return defused("".join(f"{line.rstrip()}\n" for line in page.getvalue().splitlines()))


def tell_problem(problem: Problem) -> None:
    """Say on stderr that a file could not be read, where, why, and what to do."""
    from assaybook.reporting.summary import place_of

    hint = f"\n  {problem.hint}" if problem.hint else ""
    told = harmless(f"error[{problem.code}] {place_of(problem)}: {problem.message}{hint}")
    typer.echo(defused(told), err=True)


def leave_unread(problems: Sequence[Problem]) -> None:
    """Name the files that could not be read, and end with the code for them.

    Raises:
        Exit: there are some.
    """
    for problem in problems:
        tell_problem(problem)
    if problems:
        raise typer.Exit(_UNREAD)


def press_started() -> "Press":
    """Return what lays out a pack, to be entered before there is anything to lay out."""
    from assaybook.reporting.pdf import PdfLimits, Press
    from assaybook.settings import cache_folder

    return Press(limits=PdfLimits(), cache=cache_folder())


def write_pdf(judgement: "Judgement", target: Path, organisation: str, press: "Press") -> None:
    """Write the audit pack of a judgement without a store, which nobody signs, and say so."""
    from assaybook.service.packs import Edition, write_pack

    write_pack(judgement, target, Edition(organisation), press=press)
    typer.echo(f"audit pack: {target} (from files: without a log, and signed by nobody)", err=True)


def leave(judged: Judged) -> NoReturn:
    """End with the exit code of the gate."""
    raise typer.Exit(judged.assessment.gate.exit)
