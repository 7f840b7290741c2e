"""``assay control coverage``: which policies bear on which controls, and what never fires."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import ListingFormat, harmless, print_json, print_rows
from assaybook.cli.options import (
    AsOf,
    Database,
    Globs,
    Overlays,
    Policies,
    ScopeFile,
    SystemFile,
    TrustFile,
    judged_at,
)
from assaybook.domain.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from assaybook.reporting.matrix import Matrix, MatrixControl
    from assaybook.service.bundles import Ruling
    from assaybook.service.controls_tried import RuleTried, Tried
    from assaybook.service.judge import Judgement

_WIDTH: Final = 100
_JOINED: Final = "\N{NO-BREAK SPACE}"
_SHOWN: Final = {"catalog": "Catalog", "control": "Control", "title": "Title", "policies": "Rules"}


class MatrixFormat(StrEnum):
    """How the matrix is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    MARKDOWN = "markdown"
    SVG = "svg"


_Evidence = Annotated[
    list[Path] | None,
    typer.Option(
        "--evidence", metavar="DIR", help="Try rules by it: a folder for each release; repeatable."
    ),
]
_Store = Annotated[
    bool, typer.Option("--store", help="Try rules by every release that the store holds.")
]
_Catalogs = Annotated[
    list[str] | None,
    typer.Option("--catalog", help="Id of a catalog; without it, those in scope. Repeatable."),
]


def coverage(  # noqa: PLR0913, PLR0917 - each is an option
    policies: Policies = None,
    globs: Globs = None,
    overlays: Overlays = None,
    scope: ScopeFile = None,
    catalog: _Catalogs = None,
    evidence: _Evidence = None,
    system: SystemFile = Path("system.yaml"),
    store: _Store = False,  # noqa: FBT002 - a flag of the command line
    database: Database = None,
    trust: TrustFile = None,
    as_of: AsOf = None,
    style: Annotated[MatrixFormat, typer.Option("--format")] = MatrixFormat.TABLE,
) -> None:
    """Show which policies bear on which controls, and which controls have no rule.

    With --evidence or --store every release is judged too, and nothing is recorded: rules that
    fire on 0 % or on 100 % of the releases are named, and needs that no release meets.

    Exit 0; 5 where a file could not be read.
    """
    from assaybook.catalogs.load import find_catalog
    from assaybook.cli.report import leave_unread, verdicts_spoken
    from assaybook.service.bundles import BundleFiles, read_ruling
    from assaybook.service.controls import shipped_catalogs
    from assaybook.service.controls_tried import matrix_of, tried

    with verdicts_spoken():
        if evidence and store:
            told = "--evidence and --store both say what to try the rules by"
            raise UsageError("option-twice", told, hint="Name one of them.")
        files = BundleFiles(tuple(policies or ()), tuple(globs or ()), tuple(overlays or ()), scope)
        ruling = read_ruling(files)
        chosen = [find_catalog(shipped_catalogs(), name) for name in catalog or ()]
        matrix = matrix_of(ruling, chosen)
        found: Tried | None = None
        judgements: list[Judgement] = []
        if evidence or store:
            at = judged_at(as_of)
            judgements = list(_judgements(ruling, evidence, system, database, trust, at))
            found = tried([one.assessment for one in judgements], ruling.bundle.policies)
        _write(matrix, found, style)
        for line in () if chosen else _unshown(ruling, matrix):
            typer.echo(line, err=True)
        leave_unread([each for one in judgements for each in one.problems])


def _judgements(  # noqa: PLR0913, PLR0917 - each is an option
    ruling: "Ruling",
    evidence: list[Path] | None,
    system: Path,
    database: str | None,
    trust: Path | None,
    at: "datetime",
) -> "Iterator[Judgement]":
    from assaybook.domain.trust import Trust
    from assaybook.service.controls_tried import judged_in_folders, judged_in_store
    from assaybook.service.people import read_trust

    if evidence:
        people = read_trust(trust) if trust else Trust()
        yield from judged_in_folders(ruling, evidence, system, as_of=at, trust=people)
        return
    from assaybook.cli.stored import database_of
    from assaybook.service.store_access import reading

    with reading(database_of(database)) as opened:
        yield from judged_in_store(ruling, opened, as_of=at)


def _write(matrix: "Matrix", found: "Tried | None", style: MatrixFormat) -> None:
    from assaybook.reporting.matrix import matrix_csv, matrix_markdown, matrix_svg

    match style:
        case MatrixFormat.JSON:
            value: dict[str, object] = matrix.model_dump(mode="json")
            if found is not None:
                value["tried"] = found.model_dump(mode="json")
                value["vacuous"] = [one.model_dump(mode="json") for one in found.vacuous]
                value["unmet"] = [one.model_dump(mode="json") for one in found.unmet]
            print_json(value)
        case MatrixFormat.CSV:
            typer.echo(matrix_csv(matrix), nl=False)
        case MatrixFormat.SVG:
            typer.echo(matrix_svg(matrix), nl=False)
        case MatrixFormat.MARKDOWN:
            typer.echo(matrix_markdown(matrix), nl=False)
            _print_tried(found, ListingFormat.MARKDOWN)
        case MatrixFormat.TABLE:
            _print_table(matrix)
            _print_tried(found, ListingFormat.TABLE)
    for line in _summary(matrix, found, style):
        typer.echo(line, err=True)


def _print_table(matrix: "Matrix") -> None:
    from assaybook.reporting.words import count

    rows = [_row(one) for one in matrix.controls if one.state == "covered"]
    print_rows(rows, _SHOWN, ListingFormat.TABLE)
    for name, controls in matrix.catalogs.items():
        gaps = [one.control for one in controls if one.state == "gap"]
        _print_ids(f"No rule bears on {count(len(gaps), 'control')} of {name}", gaps)
        reasons = dict.fromkeys(one.left_out for one in controls if one.state == "left_out")
        for reason in reasons:
            out = [one.control for one in controls if one.left_out == reason]
            told = f"The scope leaves out {count(len(out), 'control')} of {name}"
            _print_ids(f"{told} ({harmless(reason.rstrip('.'))})", out)
    typer.echo("")


def _print_ids(said: str, controls: Sequence[str]) -> None:
    if controls:
        kept = ", ".join(each.replace(" ", _JOINED) for each in controls)
        listed = fill(kept, _WIDTH, initial_indent="  ", subsequent_indent="  ")
        typer.echo(f"\n{said}:\n{listed.replace(_JOINED, ' ')}")


def _unshown(ruling: "Ruling", matrix: "Matrix") -> Iterator[str]:
    """Yield which catalogs the matrix leaves out, and why: silence would look like none."""
    from assaybook.service.controls import shipped_catalogs

    cited = {link.catalog for policy in ruling.bundle.policies for link in policy.controls}
    aside = sorted(cited - set(matrix.catalogs))
    if aside:
        yield f"cited by a policy, and not in the scope: {', '.join(aside)}"
    silent = sorted(set(shipped_catalogs()) - cited - set(matrix.catalogs))
    if silent:
        yield f"no policy cites: {', '.join(silent)}"


def _row(one: "MatrixControl") -> dict[str, object]:
    names = [f"{policy} ({relation})" for policy, relation in sorted(one.reach.items())]
    return {
        "catalog": one.catalog,
        "control": one.control,
        "title": one.title,
        "policies": ", ".join(names),
    }


def _print_tried(found: "Tried | None", style: ListingFormat) -> None:
    """Write every rule with what it came to; what a person should look at stands in one column."""
    if found is None:
        return
    columns = {
        "rule": "Rule",
        "pass": "Pass",
        "fail": "Fail",
        "inconclusive": "Undecided",
        "not_applicable": "Not applicable",
        "fires": "Fires",
        "vacuous": "To look at",
    }
    print_rows([_tried_row(one) for one in found.rules], columns, style)
    typer.echo("")
    needs = [
        {"need": f"{one.policy} {one.need}", "facts": one.facts, "met": f"{one.met} of {one.asked}"}
        for one in found.needs
    ]
    print_rows(needs, {"need": "Need", "facts": "Facts", "met": "Met"}, style)


def _tried_row(one: "RuleTried") -> dict[str, object]:
    counts = {outcome.value: count for outcome, count in one.outcomes.items()}
    undecided = counts.get("inconclusive", 0) + counts.get("error", 0)
    return {
        "rule": f"{one.policy}/{one.rule}",
        "pass": counts.get("pass", 0),
        "fail": counts.get("fail", 0),
        "inconclusive": undecided,
        "not_applicable": counts.get("not_applicable", 0),
        "fires": "" if one.fires is None else f"{one.fires:.0%}",
        "vacuous": one.vacuous,
    }


def _summary(matrix: "Matrix", found: "Tried | None", style: MatrixFormat) -> Sequence[str]:
    """Return the totals, and what the form in which the rest is written has no place for."""
    from assaybook.reporting.matrix import reached_words
    from assaybook.reporting.words import count

    lines = [f"{name}: {reached_words(rows)}" for name, rows in matrix.catalogs.items()]
    if found is None:
        return lines
    lines.append(f"judged: {count(len(found.releases), 'release')}")
    if style not in {MatrixFormat.CSV, MatrixFormat.SVG}:
        return lines
    lines += [f"look at {one.policy}/{one.rule}: {one.vacuous}" for one in found.vacuous]
    lines += [f"never met: need {one.need} of {one.policy} ({one.facts})" for one in found.unmet]
    return lines
