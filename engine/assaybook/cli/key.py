"""``assay key``: keys by which a server knows its callers, made on the database itself."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from assaybook.cli.listing import ListingFormat, Style, errors_spoken, print_rows
from assaybook.cli.options import Database
from assaybook.cli.stored import database_of, tell
from assaybook.domain.policy import Assurance
from assaybook.domain.principal import PrincipalKind, Role

if TYPE_CHECKING:
    from assaybook.store.keys import KeyState

app = typer.Typer(no_args_is_help=True)

_Name = Annotated[str, typer.Option("--name", help="Of the person or pipeline it is for.")]
_Kind = Annotated[PrincipalKind, typer.Option("--kind", help="A person decides; a pipeline sends.")]
_Roles = Annotated[list[Role], typer.Option("--role", help="What it may do; repeatable.")]
_Systems = Annotated[
    list[str] | None, typer.Option("--system", metavar="ID", help="Only these; without, all.")
]
_Ci = Annotated[
    bool, typer.Option("--ci", help="What this pipeline submits counts as of the assurance ci.")
]
_Days = Annotated[int, typer.Option("--days", help="How long it lives.")]
_By = Annotated[str, typer.Option("--by", help="Who does it, for the journal.")]


@app.callback()
def _key() -> None:
    """Keys by which a server knows its callers."""


@app.command("create")
def create(  # noqa: PLR0913, PLR0917 - each is an option
    name: _Name,
    role: _Roles,
    kind: _Kind = "person",
    system: _Systems = None,
    ci: _Ci = False,  # noqa: FBT002 - a flag of the command line
    days: _Days = 90,
    person: _By = "operator",
    database: Database = None,
) -> None:
    """Make a key and print it; it is stored nowhere."""
    from assaybook.service.keys import Wanted, create_key, new_secret
    from assaybook.service.store_access import writing
    from assaybook.settings import now

    with errors_spoken():
        wanted = Wanted(
            name=name,
            kind=kind,
            roles=role,
            systems=system,
            assurance=Assurance.CI if ci else Assurance.SELF,
            life=timedelta(days=days),
        )
        with writing(database_of(database), now, tell) as work:
            made = create_key(work, wanted, new_secret(), person=person)
        typer.echo(made.text)
        typer.echo(f"key {made.key.id} of {name} until {made.key.expires_at:%Y-%m-%d}", err=True)


@app.command("list")
def list_all(
    style: Style = ListingFormat.TABLE,
    database: Database = None,
) -> None:
    """List every key that was made, and how it stands."""
    from assaybook.service.store_access import reading
    from assaybook.settings import now
    from assaybook.store.keys import list_keys

    with errors_spoken():
        with reading(database_of(database)) as store:
            rows = [_row(one, counts=one.counts_at(now())) for one in list_keys(store)]
        print_rows(
            rows, ["key", "name", "kind", "roles", "systems", "state", "until", "used"], style
        )


@app.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Public part, as `list` shows it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it ends now.")],
    person: _By = "operator",
    database: Database = None,
) -> None:
    """End a key before its time."""
    from assaybook.service.store_access import adding
    from assaybook.settings import now
    from assaybook.store.keys import revoke_key

    with errors_spoken():
        with adding(database_of(database), now) as work:
            revoke_key(work, key, person=person, reason=reason)
        typer.echo(f"key {key} counts no more", err=True)


def _row(one: "KeyState", *, counts: bool) -> dict[str, object]:
    key = one.key
    ended = "revoked" if one.revoked_at is not None else "expired"
    return {
        "key": key.id,
        "name": key.name,
        "kind": key.kind,
        "roles": [role.value for role in key.roles],
        "systems": "all" if key.systems is None else list(key.systems),
        "state": "counts" if counts else ended,
        "until": key.expires_at,
        "used": one.used_at,
    }
