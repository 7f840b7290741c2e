"""``assay policy``: check policies, show and list them, and print the shapes of their files."""

import json
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from pydantic import BaseModel

from assaybook.cli.listing import (
    ListingFormat,
    Style,
    errors_spoken,
    harmless,
    print_fields,
    print_json,
    print_rows,
    spoken,
)
from assaybook.cli.policy_lint import LintFormat
from assaybook.domain.errors import AuthorError, UsageError
from assaybook.domain.policy import Overlay, Policy
from assaybook.language.build import References
from assaybook.language.document import DocumentKind
from assaybook.language.document_problems import problems_of, unknown_word
from assaybook.language.library import Folder, Found, Library, Loaded
from assaybook.shelf import shelf

app = typer.Typer(help="Check, show and list policies.", no_args_is_help=True)

_SHIPPED: Final = "policies"
_UNUSABLE: Final = 5
_NAME_A_FILE: Final = "Such as: assay policy lint policies"
_LISTED: Final = {
    "policy": "Policy",
    "severity": "Severity",
    "rules": "Rules",
    "controls": "Controls",
    "title": "Title",
    "file": "File",
}

_Folders = Annotated[
    list[Path] | None,
    typer.Option(
        "--policies", metavar="DIR", help="Folder of policies; without it, the shipped library."
    ),
]


@app.command("lint")
def lint_files(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(metavar="FILE|DIR", help="Policies, cases, overlays, scopes, waivers."),
    ] = None,
    style: Annotated[
        LintFormat, typer.Option("--format", help="How to write it.")
    ] = LintFormat.TABLE,
    explain: Annotated[
        str | None, typer.Option("--explain", metavar="CODE", help="Say what a code means.")
    ] = None,
) -> None:
    """Check files before anything is judged by them. Exit 0 clean, 5 with problems.

    Warnings are advice: they change no verdict and no exit code.
    """
    from assaybook.cli.policy_lint import print_rule, write_lint
    from assaybook.language.library_lint import lint

    with _all_spoken():
        if explain is not None:
            print_rule(explain)
            return
        if not paths:
            raise UsageError("file-missing", "no file and no folder is named", hint=_NAME_A_FILE)
        folders = [Folder(path, path.as_posix()) for path in paths if path.is_dir()]
        files = [_named_file(path) for path in paths if not path.is_dir()]
        linted = lint(folders, files, references(), _shipped())
        write_lint(linted, style)
        if linted.problems:
            raise typer.Exit(_UNUSABLE)


@app.command("list")
def list_policies(folders: _Folders = None, style: Style = ListingFormat.TABLE) -> None:
    """List the policies of the shipped library, or of your folders."""
    with _all_spoken():
        library = _library(folders)
        rows = [_listed(each) for each in library.loaded]
        print_rows(rows, _LISTED, style)
        typer.echo(f"{len(rows)} policies", err=True)


@app.command("show")
def show_policy(
    policy: Annotated[str, typer.Argument(metavar="ID", help="Such as fairness.slice-floor.")],
    folders: _Folders = None,
    overlays: Annotated[
        list[Path] | None,
        typer.Option("--overlay", metavar="FILE", help="Show what it sets; repeatable."),
    ] = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Show one policy: claim, reason, rules in words, params, controls, evidence wanted."""
    with _all_spoken():
        known = references()
        library = _library(folders, known)
        found = {each.policy.id: each for each in library.loaded}
        if policy not in found:
            error = unknown_word("policy-unknown", "policy", policy, found, policy)
            raise UsageError(error.code, error.message, where=policy, hint=error.hint)
        set_by = _overlays(overlays or [], library.policies)
        if style is ListingFormat.JSON:
            print_json(_record(found[policy], set_by, known))
            return
        _print_page(found[policy], set_by, known, style)


@app.command("schema")
def print_schema(
    kind: Annotated[
        DocumentKind, typer.Argument(metavar="KIND", help="Which kind of file.")
    ] = "policy",
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="DIR", help="Write those of all kinds into a folder."),
    ] = None,
) -> None:
    """Print the JSON Schema of a kind of file, for editors."""
    from assaybook.language.schema import DOCUMENTS, json_schema

    if into is None:
        print_json(json_schema(kind))
        return
    from assaybook.service.files import write_bytes

    with errors_spoken():
        for each in DOCUMENTS:
            text = json.dumps(json_schema(each), indent=2, ensure_ascii=False)
            write_bytes(into / f"{each}.schema.json", f"{text}\n".encode())
        typer.echo(f"{len(DOCUMENTS)} schemas written into {into}", err=True)


def references() -> References:
    """Return what policies may refer to: the catalogs and metrics that ship."""
    from assaybook.catalogs.load import load_catalogs, load_index
    from assaybook.domain.fact_types import FACT_TYPES
    from assaybook.domain.metrics import METRICS

    return References(load_catalogs(), METRICS, frozenset(FACT_TYPES), load_index())


@contextmanager
def _all_spoken() -> Generator[None]:
    """Speak every problem of a file, not only the first; see ``errors_spoken``."""
    with errors_spoken():
        try:
            yield
        except AuthorError as error:
            for each in problems_of(error):
                typer.echo(spoken(each), err=True)
            raise typer.Exit(_UNUSABLE) from error


def _shipped() -> Folder:
    return Folder(shelf("policies"), _SHIPPED)


def _library(folders: Sequence[Path] | None, known: References | None = None) -> Library:
    from assaybook.language.library import load_policies

    named = [Folder(path, path.as_posix()) for path in folders or []]
    return load_policies(named or [_shipped()], known or references())


def _named_file(path: Path) -> Found:
    if not path.exists():
        hint = "Check the path."
        raise UsageError("file-missing", "there is no such file", where=str(path), hint=hint)
    parent = path.parent.as_posix()
    return Found(Folder(path.parent, "" if parent == "." else parent), path.name, path)


def _overlays(paths: Sequence[Path], policies: Sequence[Policy]) -> list[Overlay]:
    from assaybook.language.overlay import load_overlay
    from assaybook.language.source import read_file

    found = [_named_file(path) for path in paths]
    return [load_overlay(read_file(each.file, each.name), policies=policies) for each in found]


def _listed(one: Loaded) -> dict[str, object]:
    from assaybook.service.policies import policy_line

    line = policy_line(one.policy)
    return {
        "policy": line.policy,
        "version": line.version,
        "severity": line.severity.value,
        "rules": line.rules,
        "controls": [f"{each.catalog} {each.control}" for each in line.controls],
        "title": line.title,
        "file": one.file,
    }


def _record(one: Loaded, overlays: Sequence[Overlay], known: References) -> dict[str, object]:
    tables = _tables(one.policy, overlays, known)
    policy = one.policy
    return {
        **_listed(one),
        "why": policy.why,
        "applies_when": policy.applies_when.text if policy.applies_when else None,
        "controls": tables["Controls"],
        "rules": tables["Rules"],
        "params": tables["Params"],
        "needs": tables["Evidence wanted"],
        "written": policy.source,
    }


def _print_page(
    one: Loaded, overlays: Sequence[Overlay], known: References, style: ListingFormat
) -> None:
    from assaybook.cli.policy_page import page_lines
    from assaybook.service.policies import policy_shown

    policy = one.policy
    applies = policy.applies_when.text if policy.applies_when else "always"
    if style is ListingFormat.TABLE:
        shown = policy_shown(policy, overlays, known.catalogs)
        typer.echo(harmless("\n".join(page_lines(shown, one.file))))
        return
    if style is not ListingFormat.CSV:
        head = {
            "Why": policy.why,
            "Severity": policy.severity.value,
            "Version": str(policy.version),
            "Applies": applies,
            "File": one.file,
        }
        print_fields(f"{policy.id}  {policy.title}", head, style)
    for heading, rows in _tables(policy, overlays, known).items():
        if rows and style is not ListingFormat.CSV:
            typer.echo(f"## {heading}\n" if style is ListingFormat.MARKDOWN else heading)
        if rows:
            print_rows(rows, list(rows[0]), style)


def _tables(
    policy: Policy, overlays: Sequence[Overlay], known: References
) -> dict[str, list[dict[str, object]]]:
    """Return the rows of each table of the page, by its heading."""
    from assaybook.service.policies import policy_shown

    shown = policy_shown(policy, overlays, known.catalogs)
    tables: dict[str, Sequence[BaseModel]] = {
        "Rules": shown.rules,
        "Params": shown.params,
        "Evidence wanted": shown.evidence_wanted,
        "Controls": shown.controls,
    }
    return {
        heading: [
            {key.replace("_", " "): value for key, value in row.model_dump().items()}
            for row in rows
        ]
        for heading, rows in tables.items()
    }
