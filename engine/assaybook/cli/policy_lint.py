"""What ``assay policy lint`` writes, in each of its forms."""

from collections.abc import Sequence
from enum import StrEnum
from textwrap import fill
from typing import TYPE_CHECKING, Final

import typer

from assaybook.cli.listing import ListingFormat, from_here, harmless, print_json, print_rows, spoken
from assaybook.domain.errors import AuthorError, UsageError

if TYPE_CHECKING:
    from assaybook.language.library import Loaded
    from assaybook.language.library_lint import Linted

_WIDTH: Final = 100
_COLUMNS: Final = ("level", "code", "where", "message", "hint")


class LintFormat(StrEnum):
    """How the findings of lint are written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    SARIF = "sarif"
    JUNIT = "junit"
    GITHUB = "github"


def write_lint(linted: "Linted", style: LintFormat) -> None:
    """Write what lint found to stdout, and how much it was to stderr."""
    counted = (
        f"{_of(len(linted.files), 'file')} read, {_of(len(linted.problems), 'problem')}, "
        f"{_of(len(linted.warnings), 'warning')}"
    )
    match style:
        case LintFormat.TABLE:
            _print_page(linted)
        case LintFormat.JSON:
            print_json(_record(linted))
        case LintFormat.CSV | LintFormat.MARKDOWN:
            rows = [*_rows("error", linted.problems), *_rows("warning", linted.warnings)]
            print_rows(rows, _COLUMNS, ListingFormat(style.value))
        case _:
            typer.echo(_report(linted, style, counted), nl=False)
    typer.echo(counted, err=True)
    if linted.problems and style is LintFormat.TABLE:
        code = linted.problems[0].code
        typer.echo(f"more of a code: assay policy lint --explain {code}", err=True)


def _of(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def print_rule(code: str) -> None:
    """Write what a code means, with an example that fails and one that passes.

    Raises:
        UsageError: ``code-unknown``.
    """
    from assaybook.language.document_problems import unknown_word
    from assaybook.language.rules.page import rule_page
    from assaybook.language.rules.registry import RULES

    if code not in RULES:
        error = unknown_word("code-unknown", "code", code, RULES, "--explain")
        near = error.hint if error.hint.startswith("Did") else "docs/reference/lint.md lists them."
        raise UsageError(error.code, error.message, where=error.where, hint=near)
    typer.echo(rule_page(RULES[code]))


def _record(linted: "Linted") -> dict[str, object]:
    return {
        "checked": [{"file": name, "kind": kind} for name, kind in linted.files],
        "policies": [_sentences(one) for one in linted.loaded],
        "problems": _rows("error", linted.problems),
        "warnings": _rows("warning", linted.warnings),
    }


def _rows(level: str, errors: Sequence[AuthorError]) -> list[dict[str, object]]:
    return [
        {
            "level": level,
            "code": each.code,
            "where": each.where,
            "message": each.message,
            "hint": each.hint,
        }
        for each in errors
    ]


def _sentences(one: "Loaded") -> dict[str, object]:
    from assaybook.language.sentence import applies_sentence

    return {
        "policy": one.policy.id,
        "title": one.policy.title,
        "file": one.file,
        "applies_when": applies_sentence(one.policy),
        "rules": [{"rule": rule.id, "sentence": rule.sentence} for rule in one.policy.rules],
    }


def _print_page(linted: "Linted") -> None:
    from assaybook.language.sentence import applies_sentence, uncapped

    for one in linted.loaded:
        typer.echo(harmless(f"{one.policy.id}  {one.policy.title}"))
        applies = applies_sentence(one.policy)
        if applies is not None:
            typer.echo(harmless(_hanging(f"applies when: {uncapped(applies)}.")))
        for rule in one.policy.rules:
            typer.echo(harmless(_hanging(f"{rule.id}: {rule.sentence}")))
        typer.echo("")
    for warning in linted.warnings:
        typer.echo(spoken(warning).replace("error[", "warning[", 1))
    for problem in linted.problems:
        typer.echo(spoken(problem))


def _hanging(text: str) -> str:
    return fill(text, _WIDTH, initial_indent="  ", subsequent_indent="    ")


def _report(linted: "Linted", style: LintFormat, counted: str) -> str:
    from assaybook import __version__
    from assaybook.reporting.lint import lint_annotations, lint_junit, lint_sarif, told

    found = told(_from_here(linted.problems), _from_here(linted.warnings))
    if style is LintFormat.SARIF:
        return lint_sarif(found, f"assaybook {__version__}")
    if style is LintFormat.GITHUB:
        return lint_annotations(found, counted)
    files = {from_here(name): str(kind) for name, kind in linted.files}
    return lint_junit(files, found, counted)


def _from_here(errors: Sequence[AuthorError]) -> list[AuthorError]:
    """Return errors whose files are told from the working folder, as code hosts want them."""
    return [
        AuthorError(each.code, each.message, where=from_here(each.where), hint=each.hint)
        for each in errors
    ]
