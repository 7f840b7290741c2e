"""``assay init`` and ``assay policy new``: files to start from, which work as they are."""

from pathlib import Path
from shlex import quote
from typing import Annotated

import typer

from assaybook.cli.listing import errors_spoken


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where; made if missing.")] = Path(),
) -> None:
    """Write a repository of policies that works at once: policy, cases, evidence, checks."""
    from assaybook.service.scaffold import init_repository
    from assaybook.settings import now

    with errors_spoken():
        for name in init_repository(folder, now()):
            typer.echo((folder / name).as_posix())
    at = "" if folder == Path() else f"cd {quote(str(folder))} && "
    typer.echo(
        f"next: {at}assay policy test policies && "
        "assay check evidence --policies policies --system system.yaml",
        err=True,
    )


def new(
    policy: Annotated[str, typer.Argument(metavar="ID", help="Such as quality.accuracy.")],
    folder: Annotated[
        Path, typer.Option("--policies", metavar="DIR", help="Folder of policies.")
    ] = Path("policies"),
) -> None:
    """Write a policy with its cases and a page about it, ready to be changed."""
    from assaybook.service.scaffold import new_policy

    with errors_spoken():
        for name in new_policy(policy, folder):
            typer.echo((folder / name).as_posix())
    at = quote(str(folder))
    typer.echo(
        f"next: write what stands in <...>, then assay policy lint {at} && assay policy test {at}",
        err=True,
    )
