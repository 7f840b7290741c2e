"""``assay control``: what the catalogs hold, and what is related to what."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Final

import typer

from assaybook.catalogs.crosswalk import Related, load_crosswalks, related
from assaybook.catalogs.load import find_catalog, load_catalogs
from assaybook.cli.control_exchange import export_catalog, import_catalog
from assaybook.cli.listing import (
    ListingFormat,
    Style,
    errors_spoken,
    print_fields,
    print_json,
    print_rows,
)
from assaybook.domain.control import Catalog, Control, token
from assaybook.domain.errors import UsageError, did_you_mean
from assaybook.service.controls import catalog_row, control_record, control_row, related_row

app = typer.Typer(help="List, show and search the controls of the catalogs.", no_args_is_help=True)
app.command("export")(export_catalog)
app.command("import")(import_catalog)

_CONTROLS: Final = {"control": "Control", "alias": "Alias", "kind": "Kind", "title": "Title"}
_CATALOGS: Final = {
    "catalog": "Catalog",
    "title": "Title",
    "version": "Version",
    "nodes": "Nodes",
    "judgeable": "Judgeable",
    "text": "Text",
}
_RELATED: Final = {
    "catalog": "Catalog",
    "control": "Control",
    "title": "Title",
    "relationship": "Relationship",
    "basis": "Basis",
    "confidence": "Confidence",
    "reviewer": "Reviewer",
    "said_by": "Said by",
}
_PLACES: Final = ("id", "title", "text")
_BESIDE: Final = {
    "catalog": "Catalog",
    "control": "Control",
    "title": "Title",
    "relationship": "Relationship",
    "grounds": "Basis",
}

_Catalogs = Annotated[
    list[str] | None, typer.Option("--catalog", help="Id of a catalog; may be repeated.")
]


@app.command("list")
def list_controls(
    catalog: _Catalogs = None,
    kind: Annotated[str | None, typer.Option("--kind", help="Only nodes of this kind.")] = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """List the catalogs, or the controls of those that are named."""
    with errors_spoken():
        catalogs = load_catalogs()
        if not catalog and not kind:
            print_rows([catalog_row(each) for each in catalogs.values()], _CATALOGS, style)
            typer.echo("The controls of one: assay control list --catalog ID", err=True)
            return
        chosen = _chosen(catalogs, catalog)
        rows = [
            control_row(each, control)
            for each in chosen
            for control in each.controls
            if kind is None or control.kind == kind
        ]
        if kind and not rows:
            raise _no_such_kind(kind, chosen)
        print_rows(rows, _columns(chosen), style)
        typer.echo(f"{len(rows)} nodes", err=True)


@app.command("show")
def show_control(
    control: Annotated[
        str,
        typer.Argument(metavar="CONTROL", help="Id, slug or alias, as MEASURE 2.11 or MS-2.11."),
    ],
    catalog: Annotated[str | None, typer.Option("--catalog", help="Id of its catalog.")] = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Show one control: its text, what it is part of, and what is related to it."""
    with errors_spoken():
        catalogs = load_catalogs()
        home = find_catalog(catalogs, catalog) if catalog else _home_of(control, catalogs)
        found = home.find(control)
        beside = related(home.id, found.id, load_crosswalks(catalogs=catalogs), catalogs)
        rows = [related_row(each) for each in beside]
        if style is ListingFormat.JSON:
            print_json(control_record(home, found, beside))
        elif style is ListingFormat.CSV:
            print_rows(rows, _RELATED, style)
        else:
            print_fields(f"{found.id}  {found.title}", _fields(home, found), style)
            _print_related(beside, rows, style)


def _print_related(
    beside: Sequence[Related], rows: Sequence[Mapping[str, object]], style: ListingFormat
) -> None:
    """Write what is related; a terminal is too narrow for who says so, which stands below."""
    if not rows:
        return
    print_rows(rows, _BESIDE if style is ListingFormat.TABLE else _RELATED, style)
    if style is ListingFormat.TABLE:
        said = {
            f"{each.basis}, {each.crosswalk}": ", ".join(
                filter(None, (each.provenance.author, each.provenance.document))
            )
            for each in beside
        }
        typer.echo()
        print_fields("Said by", said, style)
    typer.echo("Related controls carry no verdict from one to another.", err=True)


@app.command("search")
def search_controls(
    words: Annotated[list[str], typer.Argument(metavar="WORD", help="Every word must be found.")],
    catalog: _Catalogs = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Search the ids, titles and texts of the controls."""
    with errors_spoken():
        chosen = _chosen(load_catalogs(), catalog)
        found = sorted(_hits(chosen, words), key=lambda hit: hit[0])
        columns = {"catalog": "Catalog", **_CONTROLS, "found_in": "Found in"}
        rows = [
            {**control_row(home, control), "found_in": _PLACES[place]}
            for place, home, control in found
        ]
        print_rows(rows, columns, style)
        typer.echo(f"{len(rows)} found", err=True)


def _hits(
    catalogs: Iterable[Catalog], words: Iterable[str]
) -> Iterator[tuple[int, Catalog, Control]]:
    """Yield each control that has every word, with the last place that was needed for it."""
    wanted = [word.casefold() for each in words for word in each.split()]
    for catalog in catalogs:
        for control in catalog.controls:
            names = f"{control.id} {control.slug} {control.alias or ''}"
            seen = ""
            for place, text in enumerate((names, control.title, control.text or "")):
                seen = f"{seen} {text.casefold()}"
                if all(word in seen for word in wanted):
                    yield place, catalog, control
                    break


def _chosen(catalogs: Mapping[str, Catalog], names: list[str] | None) -> list[Catalog]:
    return [find_catalog(catalogs, name) for name in names] if names else list(catalogs.values())


def _home_of(name: str, catalogs: Mapping[str, Catalog]) -> Catalog:
    """Return the one catalog that has the control; a profile yields to what it profiles."""
    found = {each.id: each for each in catalogs.values() if each.resolve(name) is not None}
    homes = [each for each in found.values() if each.profile_of not in found]
    if len(homes) == 1:
        return homes[0]
    if homes:
        listed = ", ".join(each.id for each in homes)
        message = f"{name!r} is a control of {len(homes)} catalogs: {listed}"
        raise UsageError("control-ambiguous", message, where="CONTROL", hint="Add --catalog ID.")
    apart = next((each for each in catalogs if re.match(rf"{re.escape(each)}[ /:]", name)), "")
    if apart:
        hint = f"Write assay control show '{name[len(apart) + 1 :].strip()}' --catalog {apart}."
    else:
        hint = did_you_mean(_near(name, catalogs)) or "Look for it: assay control search WORDS"
    message = f"no catalog has a control {name!r}"
    raise UsageError("control-unknown", message, where="CONTROL", hint=hint)


def _near(name: str, catalogs: Mapping[str, Catalog]) -> list[str]:
    """Return what resembles the name in any catalog, a catalog before its profiles."""
    known: dict[str, str] = {}
    for home in sorted(catalogs.values(), key=lambda each: each.profile_of is not None):
        for other, control in home.by_token.items():
            known.setdefault(other, f"{control.id} ({home.id})")
    return [known[each] for each in get_close_matches(token(name), known, n=3)]


def _no_such_kind(kind: str, catalogs: Iterable[Catalog]) -> UsageError:
    kinds = sorted({control.kind for catalog in catalogs for control in catalog.controls})
    message = f"no node is of the kind {kind!r}"
    return UsageError(
        "kind-unknown", message, where="--kind", hint=f"There are {', '.join(kinds)}."
    )


def _columns(catalogs: list[Catalog]) -> dict[str, str]:
    return _CONTROLS if len(catalogs) == 1 else {"catalog": "Catalog", **_CONTROLS}


def _fields(home: Catalog, control: Control) -> dict[str, str]:
    """Return what is known of a control, by the words of the page."""
    chain = " > ".join(f"{each.id} {each.title}" for each in reversed(home.ancestors(control.id)))
    return {
        "Catalog": f"{home.id}, {home.title}, {home.version}",
        "Part of": chain,
        "Kind": control.kind if control.judgeable else f"{control.kind} (not judged itself)",
        "Also known as": ", ".join(filter(None, (control.alias, control.slug))),
        "Text": control.text or f"not carried: {home.licence}",
        "Earlier wording": control.earlier_wording or "",
        "Actors": ", ".join(control.actors),
        "Topics": ", ".join(control.topics),
        "Risks": ", ".join(control.risks),
        "Risks as printed": ", ".join(control.risk_labels),
        "Printed as": control.printed_id or "",
        "Characteristics": ", ".join(control.characteristics),
        "Also under": ", ".join(each for each in control.groups if each != control.parent),
        "Applies to": control.applies_to or "",
        "About": control.about or "",
        "Remarks": "; ".join(control.remarks),
        "Holds": ", ".join(each.id for each in home.children(control.id)),
        "Source": home.source,
        "Verification": home.verification,
    }
