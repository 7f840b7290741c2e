"""``assay policy docs``: what policies ask, as pages that anybody can open."""

from pathlib import Path
from typing import Annotated

import typer

from assaybook.cli.options import Globs, Overlays, ScopeFile

_Folders = Annotated[
    list[Path] | None,
    typer.Argument(metavar="DIR", help="Folders of policies; none: the shipped library."),
]


def docs(  # noqa: PLR0913, PLR0917 - each is an option
    folders: _Folders = None,
    out: Annotated[Path, typer.Option("-o", "--out", metavar="DIR", help="Where.")] = Path("site"),
    name: Annotated[
        str, typer.Option("--name", help="What the pages call themselves.")
    ] = "Assaybook",
    globs: Globs = None,
    overlays: Overlays = None,
    scope: ScopeFile = None,
) -> None:
    """Write a page for each policy, an index, and the matrix of controls, as plain HTML files."""
    from assaybook.cli.report import verdicts_spoken
    from assaybook.service.bundles import BundleFiles
    from assaybook.service.policy_docs import write_policy_pages

    with verdicts_spoken():
        files = BundleFiles(tuple(folders or ()), tuple(globs or ()), tuple(overlays or ()), scope)
        for file in write_policy_pages(files, out, name):
            typer.echo((out / file).as_posix())
    typer.echo(f"next: open {(out / 'index.html').as_posix()}", err=True)
