"""``assay trust``: whose signatures count."""

import shlex
from pathlib import Path
from typing import Annotated, Final

import typer

from assaybook.cli.listing import ListingFormat, Style, errors_spoken, print_rows
from assaybook.cli.options import instant_of

app = typer.Typer(no_args_is_help=True)
_Trust = Annotated[Path, typer.Option("--trust", help="The trust file, as a rule trust.yaml.")]
_Key = Annotated[
    str | None, typer.Option("--key", help="Public key: a PEM file, or Ed25519 as text.")
]
_Certificate = Annotated[
    Path | None, typer.Option("--certificate", help="Certificate of an authority (PEM).")
]
_Roles = Annotated[list[str] | None, typer.Option("--role", help="Role of a person; repeatable.")]
_Identities = Annotated[
    list[str] | None,
    typer.Option("--identity", help="E-mail or URI in expected certificates; repeatable."),
]
_Issuer = Annotated[
    str | None, typer.Option("--issuer", help="Who must have authenticated them (URL).")
]
_Builders = Annotated[
    list[str] | None,
    typer.Option("--builder", help="Builder whose provenance they may sign; repeatable."),
]
_Since = Annotated[
    str | None, typer.Option("--from", metavar="INSTANT", help="When it begins to count.")
]
_Until = Annotated[
    str | None, typer.Option("--until", metavar="INSTANT", help="When it stops counting.")
]
_COLUMNS: Final = {
    "kind": "Kind",
    "id": "Id",
    "name": "Name",
    "roles": "Roles",
    "identities": "Identities",
    "issuer": "Issuer",
    "builders": "Builders",
    "valid_from": "From",
    "valid_until": "Until",
    "key": "Key",
}


@app.callback()
def _trust() -> None:
    """Whose signatures count: persons, other signers, and authorities."""


@app.command("key")
def make_key(
    person: Annotated[str, typer.Option("--person", help="Id of the person.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Where the private key goes.")],
    role: Annotated[
        list[str] | None,
        typer.Option(
            "--role",
            help="What they may sign: waiver-approver, or a role that rules ask for; without it,"
            " release-approver. Repeatable.",
        ),
    ] = None,
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
        roles = role or ["release-approver"]
        public = public_text(key)
        entry = (
            f"persons:\n  - id: {person}\n    name: {person}\n"
            f"    roles: [{', '.join(roles)}]\n    key: {public}"
        )
        # Nobody gets a key for a name that no trust file takes.
        _refuse_unreadable(f"{entry}\n")
        write_private(out, private_pem(key))
        typer.echo(f"the private key is in {out}; keep it to yourself", err=True)
        # Appended to a file with people in it, the entry would be a second list of persons.
        added = shlex.join(["assay", "trust", "add", person, "--key", public])
        given = "".join(f" --role {shlex.quote(one)}" for one in roles)
        typer.echo(f"into a trust file that has people: {added}{given} --trust FILE", err=True)
        typer.echo(entry)


def _refuse_unreadable(entry: str) -> None:
    """Refuse an entry that no trust file could hold.

    Raises:
        UsageError: ``bad-form`` and the like, as for a trust file.
    """
    from assaybook.domain.errors import AuthorError, UsageError
    from assaybook.language.document_problems import problems_of
    from assaybook.language.document_trust import load_trust
    from assaybook.language.source import read_text

    try:
        load_trust(read_text(entry, "--person"))
    except AuthorError as error:
        first = problems_of(error)[0]
        message = first.message.removeprefix("persons[1].")
        hint = first.hint or "Write an id, such as jonas.weber, by which other commands name them."
        raise UsageError(first.code, message, where="--person", hint=hint) from error


@app.command("add")
def add(  # noqa: PLR0913, PLR0917 - each is an option
    holder: Annotated[str, typer.Argument(metavar="ID", help="What they are called.")],
    trust: _Trust,
    key: _Key = None,
    certificate: _Certificate = None,
    name: Annotated[str, typer.Option("--name", help="Name of a person.")] = "",
    role: _Roles = None,
    identity: _Identities = None,
    issuer: _Issuer = None,
    builder: _Builders = None,
    since: _Since = None,
    until: _Until = None,
) -> None:
    """Trust a person (--role), a signer (--key) or an authority (--certificate)."""
    from assaybook.service.files import read_bytes
    from assaybook.service.trust_file import Newcomer, add_trusted, key_given

    with errors_spoken():
        newcomer = Newcomer(
            id=holder,
            name=name,
            key=key_given(key) if key else b"",
            certificate=read_bytes(certificate) if certificate else b"",
            roles=tuple(role or ()),
            identities=tuple(identity or ()),
            issuer=issuer,
            builders=tuple(builder or ()),
            valid_from=instant_of(since, "--from") if since else None,
            valid_until=instant_of(until, "--until") if until else None,
        )
        section = add_trusted(trust, newcomer)
        typer.echo(f"{holder} is in {trust}, among its {section}", err=True)


@app.command("list")
def list_trusted(
    trust: _Trust,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Show whose signatures count, and since when and until when."""
    from assaybook.service.trust_file import listed_trust

    with errors_spoken():
        print_rows(listed_trust(trust), _COLUMNS, style)


@app.command("remove")
def remove(
    holder: Annotated[str, typer.Argument(metavar="ID", help="Who is trusted no longer.")],
    trust: _Trust,
) -> None:
    """Take every key and certificate of an id out of a trust file."""
    from assaybook.service.trust_file import remove_trusted

    with errors_spoken():
        found = remove_trusted(trust, holder)
        typer.echo(f"{holder} is no longer in {trust} ({', '.join(found)})", err=True)
