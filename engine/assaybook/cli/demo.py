"""``assay demo``: the whole way, from real evidence files to two audit packs."""

from pathlib import Path
from typing import Annotated

import typer

from assaybook.cli.listing import errors_spoken
from assaybook.cli.options import FindingsFormat


def demo(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="A new folder for everything.")
    ] = Path("assay-demo"),
) -> None:
    """Judge a sound and a flawed release of an example, and write both audit packs."""
    from assaybook.cli.report import write_out
    from assaybook.cli.stored import tell
    from assaybook.service.demo import EXAMPLE, FLAWED, SOUND, demonstrate
    from assaybook.settings import cache_folder

    with errors_spoken():
        exits: dict[str, int] = {}
        for shown in demonstrate(out, tell, cache=cache_folder()):
            typer.echo(f"\n{'=' * 20} {shown.release} {'=' * 20}\n")
            write_out(shown.judgement, FindingsFormat.TABLE)
            typer.echo(f"\naudit pack  {shown.pack}\nfindings    {shown.findings}, {shown.table}")
            exits[shown.release] = shown.judgement.assessment.gate.exit
        typer.echo(_what_next(out, EXAMPLE, SOUND))
        if exits != {SOUND: 0, FLAWED: 1}:
            tell(f"error[demo-unexpected] the gates came to {exits}; please report this")
            raise typer.Exit(5)


def _what_next(out: Path, example: str, sound: str) -> str:
    """Say which commands a reader can try on what the demonstration has made."""
    database, root = f"sqlite:///{out / 'assaybook.db'}", out / "keys" / "root.json"
    signed = f"  assay verify {out / sound}.pdf --root {root}\n"
    return (
        "\nTry next:\n"
        f"{signed if root.exists() else ''}"
        f"  assay policy show fairness.slice-floor\n"
        f"  assay control show 'MEASURE 2.11'\n"
        f"  assay system list --database {database}\n"
        f"  assay check YOUR-EVIDENCE --system system.yaml --release VERSION\n"
        f"The example's files are in examples/{example}; {sound} is the release that passes."
    )
