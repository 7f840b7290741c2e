"""``assay ledger keys``: the keys of the log, in a folder that only their owner reads."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import ListingFormat, Style, errors_spoken, print_rows
from assaybook.cli.options import instant_of
from assaybook.cli.stored import tell

if TYPE_CHECKING:
    from assaybook.ledger.root import Root, RootKey

app = typer.Typer(no_args_is_help=True)

Keys = Annotated[Path, typer.Option("--keys", metavar="DIR", help="Folder of the log's keys.")]
_Days = Annotated[
    int | None,
    typer.Option("--days", min=1, max=36_500, help="How long a new key holds, as a rule 3 years."),
]
_RootKeys = Annotated[
    list[Path] | None,
    typer.Option("--root-key", metavar="FILE", help="A root key kept elsewhere; repeatable."),
]
_By = Annotated[str, typer.Option("--by", help="Who does it, for the log.")]
_Store = Annotated[
    str | None,
    typer.Option("--database", help="Record it now; without it, a server does at its next start."),
]
_Key = Annotated[
    str, typer.Argument(metavar="KEY", help="A role that one key has, or digits of an id.")
]
_LOG: Final = "assaybook.local/log"


@app.callback()
def _keys() -> None:
    """The keys of the log: who may sign what, and when."""


@app.command("init")
def init(  # noqa: PLR0913, PLR0917 - each is an option
    keys: Keys,
    log: Annotated[str, typer.Option("--log", help="Name of the log in checkpoints.")] = _LOG,
    days: _Days = None,
    root_keys: Annotated[int, typer.Option("--root-keys", help="Who may change keys.")] = 1,
    threshold: Annotated[int, typer.Option("--threshold", help="How many of them must.")] = 1,
    by: _By = "operator",
    database: _Store = None,
) -> None:
    """Make a key for each role, and root.json, which says what each may sign and until when.

    Hand root.json to auditors, and its printed digest by a way that they trust. Root keys only
    change the others: move their files to a safe place.
    """
    from assaybook.service.ledger_keys import Change, make_keys
    from assaybook.settings import now

    with errors_spoken():
        root = make_keys(keys, log, Change(now(), days), root_keys=root_keys, threshold=threshold)
        _recorded(root, database, by, "keys of the log made")
        typer.echo(root.digests[0])
        typer.echo(f"the keys of {log} are in {keys}; the digest above is of its root", err=True)


@app.command("rotate")
def rotate(  # noqa: PLR0913, PLR0917 - each is an option
    key: _Key,
    keys: Keys,
    days: _Days = None,
    root_key: _RootKeys = None,
    by: _By = "operator",
    database: _Store = None,
) -> None:
    """Let a new key take over; what the old one signed stays good, and its private half goes."""
    from assaybook.service.ledger_keys import Change, rotate_key
    from assaybook.settings import now

    with errors_spoken():
        root = rotate_key(keys, key, Change(now(), days, tuple(root_key or ())))
        _recorded(root, database, by, f"{key} replaced")
        _told(root)


@app.command("revoke")
def revoke(  # noqa: PLR0913, PLR0917 - each is an option
    key: _Key,
    keys: Keys,
    reason: Annotated[str, typer.Option("--reason", help="Why, for whoever checks.")],
    since: Annotated[
        str | None, typer.Option("--since", metavar="INSTANT", help="From when; as a rule now.")
    ] = None,
    days: _Days = None,
    root_key: _RootKeys = None,
    by: _By = "operator",
    database: _Store = None,
) -> None:
    """Let nothing count that a key signed from an instant on; another takes over its work."""
    from assaybook.service.ledger_keys import Change, revoke_key
    from assaybook.settings import now

    with errors_spoken():
        begins = instant_of(since, "--since") if since else None
        change = Change(now(), days, tuple(root_key or ()))
        root = revoke_key(keys, key, change, reason=reason, since=begins)
        _recorded(root, database, by, reason)
        _told(root)


@app.command("show")
def show(
    root: Annotated[Path, typer.Argument(metavar="ROOT", help="A root.json.")],
    style: Style = ListingFormat.TABLE,
) -> None:
    """Check a root, and show every key that it names; as JSON also how notes name it."""
    from assaybook.ledger.root import read_root
    from assaybook.service.files import read_bytes

    with errors_spoken():
        found = read_root(read_bytes(root), str(root))
        rows = [_row(found, key) for key in found.current.keys]
        print_rows(rows, ("id", "role", "not_before", "not_after", "revoked_at", "reason"), style)
        last = found.current
        typer.echo(f"{found.log}: version {last.version} of its keys; {found.digests[0]}", err=True)


def _row(root: "Root", key: "RootKey") -> dict[str, object]:
    from assaybook.ledger.log import log_key_of

    row = key.model_dump(mode="json", exclude={"public_key", "certificate"})
    named = log_key_of(key, root.log).text() if key.role == "checkpoint" else ""
    return {**row, "note_key": named}


def _recorded(root: "Root", database: str | None, person: str, reason: str) -> None:
    from assaybook.service.ledger import record_keys
    from assaybook.service.store_access import writing
    from assaybook.settings import now

    if database is not None:
        with writing(database, now, tell) as work:
            record_keys(work, root, person=person, reason=reason)


def _told(root: "Root") -> None:
    last = root.current
    typer.echo(root.digests[-1])
    typer.echo(f"version {last.version} of the keys of {root.log}: hand root.json on", err=True)
