"""``assay ledger``: the log of everything accepted, for whoever believes nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import ListingFormat, errors_spoken, print_fields, print_json, print_rows
from assaybook.cli.options import Database
from assaybook.cli.stored import database_of

if TYPE_CHECKING:
    from assaybook.ledger.checkpoint import LogKey
    from assaybook.service.ledger import Audit

app = typer.Typer(no_args_is_help=True)

_FAULTY: Final = 1
_Key = Annotated[Path, typer.Option("--key", metavar="FILE", help="Private key of the log (PEM).")]
_Origin = Annotated[str, typer.Option("--origin", help="Name of the log.")]
_LogKey = Annotated[
    Path, typer.Option("--log-key", metavar="FILE", help="Key of the log, as `key` printed it.")
]
_Held = Annotated[
    Path | None, typer.Option("--checkpoint", metavar="FILE", help="One that you hold.")
]
_Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where it goes.")]
_ORIGIN: Final = "assaybook.local/log"


@app.callback()
def _ledger() -> None:
    """The log of everything accepted: sign its state, prove an entry, audit the store."""


@app.command("key")
def make_key(out: _Out, origin: _Origin = _ORIGIN) -> None:
    """Make the key of a log, and print its public half for whoever checks."""
    from assaybook.domain.errors import UsageError
    from assaybook.ledger.checkpoint import log_key
    from assaybook.ledger.keys import new_key, private_pem
    from assaybook.service.files import write_private

    with errors_spoken():
        if out.exists():
            message = "the file exists; a key is never overwritten"
            raise UsageError("key-exists", message, where=str(out), hint="Name another file.")
        key = new_key()
        public = log_key(key, origin).text()
        write_private(out, private_pem(key))
        typer.echo(public)
        typer.echo(f"the private key is in {out}; keep it to yourself", err=True)


@app.command("checkpoint")
def checkpoint(key: _Key, out: _Out, origin: _Origin = _ORIGIN, database: Database = None) -> None:
    """Sign the size and root of the log as they are now; hand it to auditors."""
    from assaybook.ledger.keys import private_key
    from assaybook.service.files import read_bytes, write_bytes
    from assaybook.service.ledger import make_checkpoint
    from assaybook.service.store_access import reading

    with errors_spoken():
        signer = private_key(read_bytes(key), str(key))
        with reading(database_of(database)) as store:
            note = make_checkpoint(store, signer, origin)
        write_bytes(out, note.encode())
        typer.echo(note, nl=False)


@app.command("prove")
def prove(
    seq: Annotated[int, typer.Argument(help="Place of the entry, as its receipt says.")],
    held: Annotated[Path, typer.Option("--checkpoint", metavar="FILE", help="A signed note.")],
    log_key: _LogKey,
    out: _Out,
    database: Database = None,
) -> None:
    """Write the proof that an entry is in the log of a checkpoint."""
    from assaybook.ledger.checkpoint import read_checkpoint
    from assaybook.service.files import read_bytes, write_bytes
    from assaybook.service.ledger import prove as proof_of
    from assaybook.service.store_access import reading

    with errors_spoken():
        note = read_bytes(held).decode(errors="replace")
        state = read_checkpoint(note, _public(log_key), str(held))
        with reading(database_of(database)) as store:
            receipt = proof_of(store, seq, state, note)
        write_bytes(out, receipt.model_dump_json(indent=1).encode() + b"\n")
        typer.echo(f"entry {seq} of {state.size} is proven in {out}", err=True)


@app.command("check")
def check(
    receipt: Annotated[Path, typer.Argument(metavar="RECEIPT", help="As `prove` wrote it.")],
    log_key: _LogKey,
) -> None:
    """Check a receipt without a store. Exit 0: the entry is in the signed log. 1: it is not."""
    from assaybook.ledger.checkpoint import read_checkpoint
    from assaybook.service.files import read_bytes
    from assaybook.service.ledger import read_receipt, receipt_holds

    with errors_spoken():
        found = read_receipt(read_bytes(receipt), str(receipt))
        state = read_checkpoint(found.checkpoint, _public(log_key), str(receipt))
        if not receipt_holds(found, state):
            typer.echo("the receipt does not prove its entry", err=True)
            raise typer.Exit(_FAULTY)
        typer.echo(found.entry)
        typer.echo(f"entry {found.seq} is in the log of {state.size} entries", err=True)


@app.command("audit")
def audit_store(
    held: _Held = None,
    log_key: Annotated[
        Path | None, typer.Option("--log-key", metavar="FILE", help="Key of the log.")
    ] = None,
    style: Annotated[ListingFormat, typer.Option("--format")] = ListingFormat.TABLE,
    database: Database = None,
) -> None:
    """Compare all that is recorded with the log. Exit 0: all agrees. 1: something does not.

    With a checkpoint that you hold, the log must also be a continuation of what was signed.
    """
    from assaybook.domain.errors import UsageError
    from assaybook.ledger.checkpoint import read_checkpoint
    from assaybook.service.files import read_bytes
    from assaybook.service.ledger import audit
    from assaybook.service.store_access import reading

    with errors_spoken():
        if held is not None and log_key is None:
            message = "without the key of the log a checkpoint proves nothing"
            raise UsageError("log-key-missing", message, hint="Give --log-key.")
        state = None
        if held is not None and log_key is not None:
            note = read_bytes(held).decode(errors="replace")
            state = read_checkpoint(note, _public(log_key), str(held))
        with reading(database_of(database)) as store:
            found = audit(store, state)
        _told(found, style)
        if found.faults:
            raise typer.Exit(_FAULTY)


def _told(found: "Audit", style: ListingFormat) -> None:
    rows = [{"code": e.code, "where": e.where, "message": e.message} for e in found.faults]
    counts: dict[str, object] = {
        "entries": found.size,
        "root": found.root.hex(),
        "records": found.things,
        "kept files": found.blobs,
        "erased files": found.erased,
        "faults": len(rows),
    }
    if style is ListingFormat.JSON:
        print_json({**counts, "faults": rows})
        return
    if style is ListingFormat.TABLE:
        told = {name.capitalize(): str(value) for name, value in counts.items()}
        print_fields("Audit of the store", told, style)
    print_rows(rows, ["code", "where", "message"], style)


def _public(file: Path) -> "LogKey":
    from assaybook.ledger.checkpoint import read_log_key
    from assaybook.service.files import read_bytes

    return read_log_key(read_bytes(file).decode(errors="replace"))
