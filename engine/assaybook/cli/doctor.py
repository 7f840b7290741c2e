"""``assay doctor``: what is missing, and how to get it."""

import typer

from assaybook.cli.listing import ListingFormat, Style, errors_spoken, print_rows
from assaybook.cli.options import Database


def doctor(
    database: Database = None,
    style: Style = ListingFormat.TABLE,
) -> None:
    """Say what this installation has and what it lacks; exit 2 where something is lacking.

    Where ASSAY_SERVER names a server, that is looked at in place of the database here.
    """
    from assaybook.cli.remote import server_named
    from assaybook.service.doctor import examine, examine_line
    from assaybook.settings import Settings

    with errors_spoken():
        known, server = Settings.from_environment(), server_named(None, database)
        if server is None:
            checks = examine(database or known.database)
        else:
            checks = examine_line(server, known.api_key)
        rows = [
            {"what": one.what, "state": one.state, "detail": one.detail, "remedy": one.remedy}
            for one in checks
        ]
        print_rows(rows, ["what", "state", "detail", "remedy"], style)
        if any(one.state != "ok" for one in checks):
            raise typer.Exit(2)
