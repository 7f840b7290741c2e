"""``assay verify``: check an audit pack without a server, a database or a network."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from assaybook.cli.listing import (
    ListingFormat,
    errors_spoken,
    harmless,
    print_fields,
    print_json,
    print_rows,
)

if TYPE_CHECKING:
    from assaybook.service.verify_report import Verification

_COLUMNS: Final = ["standing", "step", "code", "where", "message"]
_ANCHORS: Final = {
    "auditor": "the root that you gave",
    "pack": "the pack's own word; give --root with keys that you have by another way",
    "nobody": "nobody's",
}


def verify(
    pack: Annotated[Path, typer.Argument(metavar="FILE.pdf", help="The audit pack.")],
    root: Annotated[
        Path | None,
        typer.Option("--root", metavar="FILE", help="root.json, by a way that you trust."),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option("--checkpoint", metavar="FILE", help="A state of the log that you hold."),
    ] = None,
    style: Annotated[
        ListingFormat, typer.Option("--format", help="How the steps are listed.")
    ] = ListingFormat.TABLE,
) -> None:
    """Check an audit pack offline. Exit 0: good. 1: bad. 3: nobody can tell. 5: not judged.

    5 is a root or a checkpoint that you gave and that is none, or is not signed as it must be.

    Its signatures, keys and proofs are checked, every finding is judged again from the facts that
    it carries, and the words on its pages are held against the findings.
    """
    from assaybook.service.files import read_bytes
    from assaybook.service.verify import verify_pack

    with errors_spoken():
        found = verify_pack(
            read_bytes(pack),
            root=read_bytes(root) if root else None,
            checkpoint=read_bytes(checkpoint) if checkpoint else None,
        )
        _told(pack, found, style)
    raise typer.Exit(found.exit)


def _told(file: Path, found: "Verification", style: ListingFormat) -> None:
    if style is ListingFormat.JSON:
        print_json({"file": str(file), **found.model_dump(mode="json")})
    else:
        _listed(file, found, style)
    first = found.first
    if first is not None:
        link = "broken" if found.exit == 1 else "open"
        told = f"error[{first.code}] {first.where}: {first.message}\n  {first.hint}"
        typer.echo(harmless(f"the first {link} link: {told}"), err=True)


def _listed(file: Path, found: "Verification", style: ListingFormat) -> None:
    if style is not ListingFormat.CSV:
        fields = {
            "Pack": found.pack,
            "Verdict": found.verdict.upper(),
            "Keys by the word of": _ANCHORS[found.anchor],
            "Not checked": " ".join(found.unchecked),
        }
        print_fields(f"Check of {file.name}", fields, style)
    print_rows([one.model_dump(mode="json") for one in found.steps], _COLUMNS, style)
