"""``assay waiver``: what was accepted, by whom, until when."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from assaybook.cli.listing import ListingFormat, errors_spoken, print_rows
from assaybook.cli.options import AsOf, TrustFile, instant_of

app = typer.Typer(no_args_is_help=True)
_File = Annotated[Path, typer.Argument(metavar="FILE", help="A file of waivers.")]


@app.callback()
def _waiver() -> None:
    """Decisions to accept a fail for a time."""


@app.command("list")
def list_waivers(
    file: _File,
    trust: TrustFile = None,
    as_of: AsOf = None,
    style: Annotated[ListingFormat, typer.Option("--format")] = ListingFormat.TABLE,
) -> None:
    """Show each waiver with its state; only a verified approval puts one in force."""
    from assaybook.domain.trust import Trust
    from assaybook.service.people import read_trust
    from assaybook.service.waivers import listed_waivers, read_waivers
    from assaybook.settings import now

    with errors_spoken():
        at = instant_of(as_of, "--as-of") if as_of else now()
        people = read_trust(trust) if trust else Trust()
        rows = listed_waivers(read_waivers(file, people), at)
        columns = [
            "id",
            "state",
            "policy",
            "rule",
            "rows",
            "requester",
            "approver",
            "expires",
            "note",
        ]
        print_rows(rows, columns, style)


@app.command("approve")
def approve(  # noqa: PLR0913, PLR0917 - each is an option
    file: _File,
    waiver: Annotated[str, typer.Argument(metavar="ID", help="Id of the waiver.")],
    person: Annotated[str, typer.Option("--person", help="Id of the approver.")],
    key: Annotated[Path, typer.Option("--key", help="Private key of the approver (PEM).")],
    answer: Annotated[Literal["yes", "no"], typer.Option(help="no revokes it.")] = "yes",
    at: Annotated[
        str | None, typer.Option("--at", metavar="INSTANT", help="When it is signed.")
    ] = None,
) -> None:
    """Sign a waiver that another person asked for; a later no revokes it."""
    from assaybook.ledger.keys import private_key
    from assaybook.service.files import read_bytes
    from assaybook.service.waivers import approve_waiver
    from assaybook.settings import now

    with errors_spoken():
        signer = private_key(read_bytes(key), str(key))
        instant = instant_of(at, "--at") if at else now()
        beside = approve_waiver(file, waiver, person=person, answer=answer, key=signer, at=instant)
        typer.echo(f"signed in {beside}", err=True)
