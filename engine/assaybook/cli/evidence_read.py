"""``assay evidence read`` and ``adapters``: what files are, and what is read out of them."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from assaybook import settings
from assaybook.cli.listing import (
    ListingFormat,
    Style,
    errors_spoken,
    plain,
    print_json,
    print_rows,
)
from assaybook.cli.report import tell_problem
from assaybook.domain.evidence import Envelope
from assaybook.domain.fact_types import FACT_TYPES, columns_of
from assaybook.domain.facts import Fact
from assaybook.intake.describe import Description, describe
from assaybook.intake.read import Receipt
from assaybook.intake.registry import adapters
from assaybook.reporting.words import shortened
from assaybook.service.read_evidence import ReadFile, ReadPaths, read_paths
from assaybook.service.said_of_files import usable_format

_ROWS: Final = {
    "file": "File",
    "format": "Format",
    "run": "Run",
    "produced_at": "Produced",
    "facts": "Facts",
    "coverage": "Coverage",
    "notes": "Notes",
}
FACTS: Final = {
    "file": "File",
    "fact": "Fact",
    "about": "About",
    "says": "Says",
    "not": "Does not say",
    "pointer": "From",
}
_MOST_FACTS: Final = 40
_ADAPTERS: Final = {
    "name": "Format",
    "versions": "Versions",
    "facts": "Facts",
    "questions": "Questions",
    "also": "Also called",
    "from": "From",
}

_Files = Annotated[list[Path], typer.Argument(metavar="FILE", help="Files, or folders of them.")]


def read(
    files: _Files,
    declared: Annotated[
        str | None, typer.Option("--as", help="Format of the files, where they do not say it.")
    ] = None,
    manifest: Annotated[
        Path | None, typer.Option("--manifest", help="What the files do not say: evidence.yaml.")
    ] = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Say what files are and read their facts; exits 5 where one could not be read."""
    with errors_spoken():
        usable_format(declared, files)
        receipt = Receipt(settings.now())
        found = read_paths(files, receipt=receipt, manifest=manifest, declared_format=declared)
    if style is ListingFormat.JSON:
        print_json(_objects(found))
    else:
        rows = [_row(*one) for one in _runs(found)]
        if rows or style is not ListingFormat.TABLE:
            print_rows(rows, _ROWS, style)
        if style is ListingFormat.TABLE:
            _tell_facts(found)
        for problem in found.problems:
            tell_problem(problem)
        for file in found.unrecognised:
            typer.echo(f"not recognised: {file}", err=True)
        if not found.documents and not found.problems:
            typer.echo("no document was found: nothing was read", err=True)
    if found.problems:
        raise typer.Exit(5)


def list_adapters(style: Style = ListingFormat.TABLE) -> None:
    """List the formats that can be read, and what is read out of them."""
    with errors_spoken():
        rows = [_adapter(describe(one)) for one in adapters()]
        print_rows(rows, _ADAPTERS, style)


def _adapter(said: Description) -> dict[str, object]:
    return {
        "name": said.name,
        "version": said.version,
        "versions": ["any" if each == "*" else each for each in said.versions],
        "facts": list(said.facts),
        "questions": list(said.questions),
        "also": list(said.also),
        "from": said.publisher,
        "about": said.about,
        "recognised": said.recognised,
        "removed": list(said.removed),
    }


def _runs(found: ReadPaths) -> list[tuple[ReadFile, int]]:
    return [(one, run) for one in found.documents for run in range(len(one.opened.evidence))]


def _objects(found: ReadPaths) -> list[dict[str, Any]]:
    """Return one object for each run of a file, one for each problem and unrecognised file."""
    objects: list[dict[str, Any]] = []
    for document, run in _runs(found):
        evidence = document.opened.evidence[run]
        said = evidence.model_dump(mode="json", by_alias=True)
        detected = document.opened.detected.model_dump(mode="json")
        objects.append({"file": document.file, "detected": detected, **said})
    for problem in found.problems:
        said = problem.model_dump(mode="json", exclude={"file"})
        objects.append({"file": problem.file, "problem": said})
    objects.extend({"file": file, "unrecognised": True} for file in found.unrecognised)
    return objects


def _row(document: ReadFile, run: int) -> dict[str, object]:
    evidence = document.opened.evidence[run]
    envelope = evidence.envelope
    counted: dict[str, int] = {}
    for fact in evidence.facts:
        counted[fact.type] = counted.get(fact.type, 0) + 1
    return {
        "file": document.file,
        "format": f"{envelope.format} {envelope.format_version}".strip(),
        "run": envelope.run,
        "produced_at": envelope.produced_at,
        "facts": [f"{count} {name}" for name, count in counted.items()],
        "coverage": [row.question for row in evidence.coverage],
        "notes": _notes(envelope),
    }


def _tell_facts(found: ReadPaths) -> None:
    """Write what was read out of each file and from where, the first rows of it."""
    rows = [
        {"file": document.file, **fact_row(fact)}
        for document, run in _runs(found)
        for fact in document.opened.evidence[run].facts[:_MOST_FACTS]
    ]
    if rows:
        typer.echo()
        print_rows(rows, FACTS, ListingFormat.TABLE)
    for document, run in _runs(found):
        more = len(document.opened.evidence[run].facts) - _MOST_FACTS
        if more > 0:
            typer.echo(f"{document.file}: {more} more facts; --format json has all.", err=True)


def fact_row(fact: Fact) -> dict[str, object]:
    """Return a fact as a row: what it is about, what it says, and where it stands."""
    kind, columns = FACT_TYPES[fact.type], columns_of(fact)
    known = {name: value for name, value in columns.items() if value not in {None, ""}}
    return {
        "fact": fact.type,
        "about": [f"{name}={plain(known[name])}" for name in kind.key if name in known],
        "says": [f"{n}={shortened(plain(v), 80)}" for n, v in known.items() if n not in kind.key],
        "not": [name for name in kind.values if columns[name] is None],
        "pointer": fact.pointer,
    }


def _notes(envelope: Envelope) -> list[str]:
    declared = [f"declared: {' '.join(envelope.declared)}"] if envelope.declared else []
    redacted = [f"removed {one}" for one in envelope.redactions]
    partly = ["only a part could be read"] if envelope.malformed else []
    return [*declared, *redacted, *partly, *(one.message for one in envelope.warnings)]
