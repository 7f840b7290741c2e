"""``assay trust``: keys of persons."""

from pathlib import Path
from typing import Annotated

import typer

from assaybook.cli.listing import errors_spoken

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _trust() -> None:
    """Persons whose signatures count."""


@app.command("key")
def make_key(
    person: Annotated[str, typer.Option("--person", help="Id of the person.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the private key goes.")],
    role: Annotated[list[str] | None, typer.Option("--role", help="A role; repeatable.")] = None,
) -> None:
    """Make a key and print the entry that a trust file needs."""
    from assaybook.domain.errors import UsageError
    from assaybook.ledger.keys import new_key, private_pem, public_text
    from assaybook.service.files import write_private

    with errors_spoken():
        if out.exists():
            message = "the file exists; a key is never overwritten"
            raise UsageError("key-exists", message, where=str(out), hint="Name another file.")
        key = new_key()
        write_private(out, private_pem(key))
        typer.echo(f"the private key is in {out}; keep it to yourself", err=True)
        roles = ", ".join(role or ["release-approver"])
        typer.echo(
            f"persons:\n  - id: {person}\n    name: {person}\n"
            f"    roles: [{roles}]\n    key: {public_text(key)}"
        )
