"""``assay serve``: the service over HTTP."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Final

import typer

from assaybook.cli.listing import errors_spoken
from assaybook.cli.options import Database

_SERVER: Final = "assaybook.api.server"
_MOST_WORKERS: Final = 4
"""Beyond these one writer after the other is what there is to wait for."""


def serve(
    host: Annotated[str, typer.Option("--host", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any free one.")] = 8321,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", metavar="DIR", help="Keys of the log; without it, ASSAY_KEYS."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            max=64,
            metavar="N",
            help="Processes that answer; without it, one for each processor, up to 4.",
        ),
    ] = None,
    database: Database = None,
) -> None:
    """Serve the API and the console until SIGTERM; a new database file is made, and that is told.

    The environment says the rest: ASSAY_POLICIES, ASSAY_OVERLAYS, ASSAY_SCOPE and ASSAY_TRUST
    name what is judged by, ASSAY_OIDC who is known, ASSAY_MAX_BODY and ASSAY_RATE the limits.
    With keys of the log, it also signs its state and proves what is in it.
    The first key: assay key create --role admin --name NAME --kind person
    """
    from assaybook.cli.stored import tell
    from assaybook.settings import Settings, now, processors

    with errors_spoken():
        settings = Settings.from_environment()
        if database is not None:
            settings = settings.model_copy(update={"database": database})
        if keys is not None:
            settings = settings.model_copy(update={"keys": keys})
        # Faces do not import each other: a command starts the server by its name, as an operator
        # would.
        many = workers or min(_MOST_WORKERS, processors())
        import_module(_SERVER).serve(settings, now, host=host, port=port, processes=many, tell=tell)
