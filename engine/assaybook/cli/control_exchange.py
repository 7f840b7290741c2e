"""``assay control export|import``: catalogs from and to other tools."""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from assaybook.cli.listing import ListingFormat, Style, errors_spoken, print_rows
from assaybook.domain.control import TextPolicy
from assaybook.service.controls import catalog_row, control_row
from assaybook.service.exchange_catalogs import CatalogForm

_COLUMNS: Final = {
    "control": "Control",
    "kind": "Kind",
    "title": "Title",
    "parent": "Part of",
    "judgeable": "Judgeable",
}
_Id = Annotated[str | None, typer.Option("--id", help="Id of the catalog; without it, its title.")]
_Text = Annotated[
    TextPolicy | None,
    typer.Option("--text", help="What of the wording the licence allows; without it, titles."),
]


def export_catalog(
    catalog: Annotated[str, typer.Argument(metavar="CATALOG", help="Id of a catalog.")],
    style: Annotated[
        CatalogForm, typer.Option("--format", help="OSCAL 1.2.1, or the YAML of our own catalogs.")
    ] = CatalogForm.OSCAL,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Where it goes; else stdout.")
    ] = None,
) -> None:
    """Write a catalog for other tools. Wording that its publisher keeps to itself is not in it."""
    from assaybook.service.exchange_catalogs import written_catalog
    from assaybook.service.files import write_bytes

    with errors_spoken():
        content = written_catalog(catalog, style)
        if out is None:
            sys.stdout.write(content.decode())
        else:
            write_bytes(out, content)


def import_catalog(  # noqa: PLR0913, PLR0917 - each is an option
    file: Annotated[Path, typer.Argument(metavar="FILE", help="An OSCAL catalog, as JSON.")],
    catalog_id: _Id = None,
    source: Annotated[str | None, typer.Option("--source", help="Where it was taken from.")] = None,
    licence: Annotated[
        str | None, typer.Option("--licence", help="What allows it to be used.")
    ] = None,
    text: _Text = None,
    keep: Annotated[
        Path | None,
        typer.Option("-o", "--out", metavar="DIR", help="Folder of catalogs to write it into."),
    ] = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Read an OSCAL catalog, list its controls, and write it as a catalog of ours with --out.

    What is not understood is refused with its place in the file. Without --text the wording of
    the controls is left behind, for nobody said that it may be carried.
    """
    from assaybook.catalogs.oscal_in import Told
    from assaybook.service.exchange_catalogs import keep_catalog, read_catalog_file
    from assaybook.settings import now

    with errors_spoken():
        told = Told(
            retrieved=now().date().isoformat(),
            catalog_id=catalog_id,
            source=source,
            licence=licence,
            text_policy=text,
        )
        catalog = read_catalog_file(file, told)
        print_rows([control_row(catalog, one) for one in catalog.controls], _COLUMNS, style)
        row = catalog_row(catalog)
        said = f"{catalog.id}: {row['nodes']} nodes, {row['judgeable']} to be judged"
        typer.echo(said, err=True)
        if keep is not None:
            typer.echo(f"catalog: {keep_catalog(catalog, keep)}", err=True)
