"""``assay db``: bring the database up to date, or say how it stands."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import ListingFormat, Style, errors_spoken, print_rows, spoken
from assaybook.cli.options import Database
from assaybook.cli.stored import database_of
from assaybook.domain.errors import OperatorError

if TYPE_CHECKING:
    from assaybook.store.schema import SchemaStatus

app = typer.Typer(no_args_is_help=True)

_MEGABYTE: Final = 1024 * 1024
_COLUMNS: Final = ("database", "state", "revision", "needed")


@app.callback()
def _db() -> None:
    """Keep the database up to date."""


@app.command("upgrade")
def upgrade(database: Database = None, style: Style = ListingFormat.TABLE) -> None:
    """Bring the tables to the revision of this engine; a file that is not there is made.

    Room in a file of SQLite that holds nothing any more is given back.
    """
    from assaybook.service.store_access import upgrade_database

    with errors_spoken():
        url = database_of(database)
        before, after = upgrade_database(url)
        was = None if before is None else before.revision
        if was == after.revision:
            typer.echo("nothing to do", err=True)
        else:
            typer.echo(f"upgraded from {was or 'nothing'} to {after.revision}", err=True)
        _shrink(url)
        print_rows([_row(after)], _COLUMNS, style)


@app.command("copy")
def copy(
    to: Annotated[str, typer.Option("--to", metavar="URL", help="A new or empty database.")],
    database: Database = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Copy all that is recorded to another database: as a backup, or to change the kind.

    A server may go on meanwhile: the copy is as of one instant, and its log has the same root. To
    move for good, stop the server first.
    """
    from assaybook.cli.stored import tell
    from assaybook.service.store_access import copy_database, database_status
    from assaybook.settings import now

    with errors_spoken():
        url = database_of(database)
        before = database_status(url).database
        found = copy_database(url, to, now, tell)
        row = {
            "from": before,
            "to": database_status(to).database,
            "rows": found.rows,
            "entries": found.entries,
            "root": found.root.hex(),
        }
        print_rows([row], tuple(row), style)


@app.command("status")
def status(database: Database = None, style: Style = ListingFormat.TABLE) -> None:
    """Say which revision the tables have; exits 2 unless it is the one that is needed."""
    from assaybook.service.store_access import database_status, unused_bytes

    with errors_spoken():
        url = database_of(database)
        found = database_status(url)
        print_rows([_row(found)], _COLUMNS, style)
        if found.state == "current" and (unused := unused_bytes(url)):
            held = f"{unused / _MEGABYTE:.1f} MB of the file hold nothing any more"
            typer.echo(f"{held}: assay db upgrade gives them back", err=True)
        if found.state != "current":
            remedy = "Install the newer Assaybook that made it."
            typer.echo(
                remedy if found.state == "newer" else "Run: assay db upgrade",
                err=True,
            )
            raise typer.Exit(2)


def _shrink(url: str) -> None:
    """Give unused room back; what hinders it leaves all as it was, and the upgrade stands."""
    from assaybook.service.store_access import shrink, unused_bytes

    unused = unused_bytes(url)
    if not unused:
        return
    typer.echo(f"giving back {unused / _MEGABYTE:.1f} MB that hold nothing any more", err=True)
    try:
        shrink(url)
    except OperatorError as error:
        typer.echo(spoken(error), err=True)
        typer.echo("The file is as large as it was, and as good: try again later.", err=True)


def _row(found: "SchemaStatus") -> dict[str, object]:
    return found.model_dump(mode="json")
