"""``assay ledger``: the log of everything accepted, for whoever believes nothing."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli import ledger_keys
from assaybook.cli.listing import (
    ListingFormat,
    Style,
    errors_spoken,
    print_fields,
    print_json,
    print_rows,
    spoken,
)
from assaybook.cli.options import Database
from assaybook.cli.stored import database_of

if TYPE_CHECKING:
    from assaybook.ledger.log import Growth, Receipt, State
    from assaybook.ledger.root import Root
    from assaybook.service.ledger_audit import Audit
    from assaybook.service.notes import NoteKind

app = typer.Typer(no_args_is_help=True)
app.add_typer(
    ledger_keys.app, name="keys", help="The keys of the log: who may sign what, and when."
)

_FAULTY: Final = 1
_Root = Annotated[
    Path, typer.Option("--root", metavar="FILE", help="The root.json that you trust.")
]
_Note = Annotated[Path, typer.Option("--checkpoint", metavar="FILE", help="A signed note.")]
_Held = Annotated[
    Path | None, typer.Option("--checkpoint", metavar="FILE", help="One that you hold.")
]
_Out = Annotated[Path, typer.Option("-o", "--out", metavar="FILE", help="Where it goes.")]


@app.callback()
def _ledger() -> None:
    """The log of everything accepted: sign its state, prove an entry, audit the store."""


@app.command("checkpoint")
def checkpoint(keys: ledger_keys.Keys, out: _Out, database: Database = None) -> None:
    """Sign the size and root of the log as they are now; hand it to auditors.

    The keys sign no log that does not go on from what they signed last.
    """
    from assaybook.service.files import write_bytes
    from assaybook.service.ledger import sign_log
    from assaybook.service.store_access import reading
    from assaybook.settings import now

    with errors_spoken():
        with reading(database_of(database)) as store:
            note = sign_log(store, keys, now()).note
        write_bytes(out, note.encode())
        typer.echo(note, nl=False)


@app.command("prove")
def prove(  # noqa: PLR0913, PLR0917 - each is an option
    held: _Note,
    root: _Root,
    out: _Out,
    entry: Annotated[
        str | None,
        typer.Argument(metavar="ENTRY", help="Place of an entry, or the digest that it has."),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option("--since", metavar="FILE", help="An earlier note: prove that this goes on."),
    ] = None,
    database: Database = None,
) -> None:
    """Prove that an entry is in the log of a checkpoint, or that it goes on from an earlier one."""
    from assaybook.domain.errors import UsageError
    from assaybook.ledger.root import read_root
    from assaybook.service.files import read_bytes, write_bytes
    from assaybook.service.ledger import SignedState, prove_growth, seq_of
    from assaybook.service.ledger import prove as proof_of
    from assaybook.service.store_access import reading

    with errors_spoken():
        if (entry is None) is (since is None):
            message = "either an entry is proven, or that the log goes on"
            raise UsageError("proof-unnamed", message, hint="Name an entry, or give --since.")
        keys = read_root(read_bytes(root), str(root))
        state, note = _state(held, keys)
        signed = SignedState(state.checkpoint, note)
        proof: Receipt | Growth
        with reading(database_of(database)) as store:
            if since is not None:
                earlier = _state(since, keys)[0].checkpoint
                proof, said = prove_growth(store, earlier.size, signed), f"from {earlier.size}"
            else:
                seq = seq_of(store, entry or "")
                proof, said = proof_of(store, seq, signed), f"entry {seq}"
        write_bytes(out, proof.model_dump_json(indent=1).encode() + b"\n")
        typer.echo(f"{said} of {state.checkpoint.size} is proven in {out}", err=True)


@app.command("check")
def check(
    proof: Annotated[Path, typer.Argument(metavar="PROOF", help="As `prove` wrote it.")],
    root: _Root,
    held: _Held = None,
) -> None:
    """Check a proof without a store. Exit 0: it holds. 1: it does not. 5: it cannot be read.

    A proof of an entry needs no more; that the log goes on is proven to who holds a checkpoint.
    """
    from assaybook.domain.errors import SubmitterError, UsageError
    from assaybook.ledger.checkpoint import parsed_checkpoint
    from assaybook.ledger.log import Receipt, check_proof, read_proof
    from assaybook.ledger.root import read_root
    from assaybook.service.files import read_bytes
    from assaybook.settings import now

    with errors_spoken():
        keys = read_root(read_bytes(root), str(root))
        found = read_proof(read_bytes(proof), str(proof))
        note = read_bytes(held).decode(errors="replace") if held is not None else None
        if note is not None:
            parsed_checkpoint(note, str(held))
        if note is not None and isinstance(found, Receipt):
            raise UsageError(
                "checkpoint-unasked",
                "a proof of one entry says nothing of a checkpoint that you hold",
                where=str(held),
                hint="Leave --checkpoint out, or check the proof that the log goes on from it.",
            )
    try:
        state = check_proof(found, keys, note, now=now())
    except SubmitterError as error:
        typer.echo(spoken(error), err=True)
        raise typer.Exit(_FAULTY) from error
    size = state.checkpoint.size
    if isinstance(found, Receipt):
        typer.echo(found.entry)
        typer.echo(f"entry {found.seq} is in the log of {size} entries", err=True)
    else:
        typer.echo(found.checkpoint, nl=False)
        typer.echo(f"the log of {size} entries goes on from the {found.old} signed", err=True)


@app.command("audit")
def audit_store(
    held: _Held = None,
    root: Annotated[
        Path | None, typer.Option("--root", metavar="FILE", help="The root.json that you trust.")
    ] = None,
    style: Style = ListingFormat.TABLE,
    database: Database = None,
) -> None:
    """Compare all that is recorded with the log. Exit 0: all agrees. 1: something does not.

    With a checkpoint that you hold, the log must also be a continuation of what was signed.
    """
    from assaybook.domain.errors import UsageError
    from assaybook.ledger.root import read_root
    from assaybook.service.files import read_bytes
    from assaybook.service.ledger_audit import audit
    from assaybook.service.store_access import reading

    with errors_spoken():
        state = None
        if held is not None:
            if root is None:
                message = "without the keys of the log a checkpoint proves nothing"
                raise UsageError("root-missing", message, hint="Give --root.")
            state = _state(held, read_root(read_bytes(root), str(root)))[0]
        with reading(database_of(database)) as store:
            found = audit(store, state)
        _told(found, style)
        if found.faults:
            raise typer.Exit(_FAULTY)


@app.command("note")
def note(  # noqa: PLR0913, PLR0917 - each is an option
    assessment: Annotated[str, typer.Argument(metavar="DIGEST", help="Of the assessment.")],
    person: Annotated[str, typer.Option("--person", help="Who reviews.")],
    words: Annotated[str, typer.Option("--words", help="What is to be on record.")],
    rule: Annotated[
        str, typer.Option("--rule", metavar="POLICY/RULE", help="Whose finding; else the whole.")
    ] = "",
    sign_off: Annotated[bool, typer.Option("--sign-off", help="Approve of the whole.")] = False,  # noqa: FBT002 - a flag
    database: Database = None,
) -> None:
    """Record that a reviewer disagrees, or signs off; no outcome changes, and it stays."""
    from assaybook.cli.stored import tell
    from assaybook.service.notes import add_note
    from assaybook.service.store_access import adding
    from assaybook.settings import now

    with errors_spoken(), adding(database_of(database), now) as work:
        kind: NoteKind = "sign-off" if sign_off else "disagreement"
        seq = add_note(work, assessment, kind=kind, person=person, words=words, rule=rule)
        typer.echo(seq)
        tell(f"entry {seq} of the log: {kind} by {person}")


@app.command("notes")
def notes(
    assessment: Annotated[str, typer.Argument(metavar="DIGEST", help="Of the assessment.")],
    style: Style = ListingFormat.TABLE,
    database: Database = None,
) -> None:
    """Show what reviewers have said of an assessment."""
    from assaybook.service.notes import notes_of
    from assaybook.service.store_access import reading

    with errors_spoken(), reading(database_of(database)) as store:
        rows = [one.model_dump(mode="json") for one in notes_of(store, assessment)]
        print_rows(rows, ("seq", "at", "kind", "rule", "person", "words"), style)


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


def _state(file: Path, root: "Root") -> tuple["State", str]:
    """Return the state that the note of a file proves, and the note."""
    from assaybook.ledger.log import read_state
    from assaybook.service.files import read_bytes
    from assaybook.settings import now

    note = read_bytes(file).decode(errors="replace")
    return read_state(note, root, str(file), now=now()), note
